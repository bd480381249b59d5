/**
 * One at a time per key, inside this process: for documents that many want at once (an account, a coupon's budget), so that their
 * transactions queue instead of conflicting and running again. Saves work only; the database stays the truth.
 */

/** Runs `work` when all earlier work under the same key has ended, well or badly. Not reentrant: do not ask for a key inside its own work. */
export type KeyedLock = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createKeyedLock(): KeyedLock {
  const last = new Map<string, Promise<void>>();

  return async (key, work) => {
    const before = last.get(key);
    let end = (): void => undefined;
    const mine = new Promise<void>((resolve) => (end = resolve));
    last.set(key, mine);
    try {
      await before;
      return await work();
    } finally {
      end();
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

/** Takes several keys, in their order, so that two who want the same ones never wait for each other in a circle. */
export async function withLocks<T>(lock: KeyedLock, keys: readonly string[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = [...new Set(keys)].sort();
  if (first === undefined) return work();
  return lock(first, () => withLocks(lock, rest, work));
}
