/** The file that shifts business time for server and simulator alike: its content is an offset in milliseconds. */
import { writeFileSync } from 'node:fs';

const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const TEN_MS = 10 * 3_600_000;

export function writeOffset(file: string, offsetMs: number): void {
  writeFileSync(file, `${String(Math.round(offsetMs))}\n`);
}

/** What must be added to `now` so that it is 10:00 of the same day in Shanghai, which has had one offset since 1991. */
export function offsetToTen(now: number): number {
  const sinceMidnight = (((now + SHANGHAI_MS) % DAY_MS) + DAY_MS) % DAY_MS;
  return TEN_MS - sinceMidnight;
}
