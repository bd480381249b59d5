/** A token bucket. Owns counting only: the caller waits. One per account and process. */

export interface TokenBucket {
  /** Takes `n` tokens at once, if need be in advance; returns how many milliseconds to wait before using them. */
  take(n?: number): number;
}

/** `burst`: tokens that may be saved up, one second's worth when left out. `now`: a monotonic time in milliseconds. */
export function createTokenBucket(options: { perSecond: number; burst?: number; now?: () => number }): TokenBucket {
  const { perSecond, now = () => performance.now() } = options;
  const burst = options.burst ?? Math.max(1, perSecond);
  let tokens = burst;
  let countedAt = now();
  return {
    take: (n = 1) => {
      const at = now();
      tokens = Math.min(burst, tokens + ((at - countedAt) / 1000) * perSecond) - n;
      countedAt = at;
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000);
    },
  };
}
