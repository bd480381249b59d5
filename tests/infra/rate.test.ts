import { describe, expect, it } from '@jest/globals';
import { createTokenBucket } from '../../src/infra/rate.js';

function bucketAt(options: { perSecond: number; burst?: number }) {
  let at = 0;
  const bucket = createTokenBucket({ ...options, now: () => at });
  return { take: (n?: number) => bucket.take(n), pass: (ms: number) => (at += ms) };
}

describe('the token bucket', () => {
  it('lets the burst through and spaces the rest', () => {
    const { take } = bucketAt({ perSecond: 10, burst: 2 });
    expect([take(), take(), take(), take()]).toEqual([0, 0, 100, 200]);
  });

  it('fills with time, never above the burst', () => {
    const { take, pass } = bucketAt({ perSecond: 10, burst: 2 });
    take(2);
    pass(100);
    expect([take(), take()]).toEqual([0, 100]);
    pass(60_000);
    expect([take(), take(), take()]).toEqual([0, 0, 100]);
  });

  it('takes many at once, in advance', () => {
    const { take, pass } = bucketAt({ perSecond: 20, burst: 20 });
    expect(take(100)).toBe(4000);
    pass(4000);
    expect(take()).toBe(50);
  });

  it('works below one a second', () => {
    const { take } = bucketAt({ perSecond: 0.5 });
    expect([take(), take()]).toEqual([0, 2000]);
  });

  it('never lets more through than rate and burst, whatever the rhythm of asking', () => {
    const { take, pass } = bucketAt({ perSecond: 50, burst: 10 });
    let seed = 7;
    const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    let at = 0;
    const leaves: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const step = Math.floor(random() * 30);
      at += step;
      pass(step);
      leaves.push(at + take());
    }
    const most = Math.max(...leaves.map((start) => leaves.filter((t) => t >= start && t < start + 1000).length));
    expect(most).toBeLessThanOrEqual(50 + 10 + 1);
    expect(most).toBeGreaterThan(40);
  });
});
