import { describe, expect, it } from '@jest/globals';
import { createKeyedLock, withLocks } from '../../src/infra/keyed-lock.js';

const soon = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the keyed lock', () => {
  it('lets one at a time through per key, in the order they came, and other keys beside it', async () => {
    const lock = createKeyedLock();
    const order: string[] = [];
    const work = (key: string, name: string) =>
      lock(key, async () => {
        order.push(`${name} in`);
        await soon();
        order.push(`${name} out`);
      });
    await Promise.all([work('a', '1'), work('a', '2'), work('b', '3'), work('a', '4')]);
    expect(order.filter((line) => !line.startsWith('3'))).toEqual(['1 in', '1 out', '2 in', '2 out', '4 in', '4 out']);
    expect(order.indexOf('3 in')).toBeLessThan(order.indexOf('1 out'));
  });

  it('goes on after work that failed, and tells its caller alone', async () => {
    const lock = createKeyedLock();
    const failing = lock('a', () => Promise.reject(new Error('no')));
    const after = lock('a', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await after).toBe('yes');
  });

  it('takes several keys in one order, so that nobody waits in a circle', async () => {
    const lock = createKeyedLock();
    let inside = 0;
    let most = 0;
    const work = (...keys: string[]) =>
      withLocks(lock, keys, async () => {
        most = Math.max(most, (inside += 1));
        await soon(1);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? work('a', 'b', 'a') : work('b', 'a'))));
    expect(most).toBe(1);
    expect(await withLocks(lock, [], () => Promise.resolve(7))).toBe(7);
  });
});
