/** Counts requests by key in this process: a bucket that fills a minute's worth in a minute. Bounded, whoever asks. */
import { RequestProblem } from '../../errors.js';

const MAX_KEYS = 20_000;

export interface RateLimits {
  signInPerMinute: number;
  /** By staff member. */
  consolePerMinute: number;
  /** By address. */
  webhookPerMinute: number;
  /** By key of a shop system; a batch counts once. */
  shopSystemPerMinute: number;
  /** By member of the mini-program. */
  memberPerMinute: number;
  /** By address: many members share one of their phone company, or the shop's. */
  memberSignInPerMinute: number;
}

export const defaultLimits: RateLimits = {
  signInPerMinute: 20,
  consolePerMinute: 600,
  webhookPerMinute: 6000,
  shopSystemPerMinute: 12_000,
  memberPerMinute: 120,
  memberSignInPerMinute: 600,
};

export interface RateLimiter {
  /** 429 request.tooMany with Retry-After when `key` asked more than `perMinute` times in a minute. */
  take(key: string, perMinute: number): void;
}

interface Bucket {
  left: number;
  at: number;
}

/** `now`: a monotonic time in milliseconds. */
export function createRateLimiter(now: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take: (key, perMinute) => {
      const perMs = perMinute / 60_000;
      const at = now();
      const bucket = buckets.get(key) ?? { left: perMinute, at };
      const left = Math.min(perMinute, bucket.left + (at - bucket.at) * perMs);
      // Deleting first keeps the map in order of use, so that the one forgotten is the one longest unused.
      buckets.delete(key);
      buckets.set(key, { left: left < 1 ? left : left - 1, at });
      if (buckets.size > MAX_KEYS) forgetOldest(buckets);
      if (left < 1) throw tooMany(Math.ceil((1 - left) / perMs / 1000));
    },
  };
}

function forgetOldest(buckets: Map<string, Bucket>): void {
  const oldest = buckets.keys().next();
  if (!oldest.done) buckets.delete(oldest.value);
}

function tooMany(retryAfterSeconds: number): RequestProblem {
  return new RequestProblem(429, 'request.tooMany', 'Too many requests; wait a moment.', { retryAfterSeconds });
}
