/** How much of a property is tried: a little in `npm test`, a lot in `npm run test:long`. */
export const long = process.env['HUIKE_LONG'] === '1';

export const scaled = (little: number, much: number): number => (long ? much : little);

/** A repeatable source of chance; the seed is printed by the test that uses it. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
