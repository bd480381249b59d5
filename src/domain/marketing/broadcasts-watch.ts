/** When a running broadcast is stopped by itself: too many people leave, or too much is refused. Pure. */
import type { BroadcastRecord } from './campaign-models.js';

/** Since it began to speak. `delivered`: sent, and what a mass send's totals tell as sent. */
export interface WatchFigures {
  delivered: number;
  /** People who stopped following after they were reached. */
  unfollows: number;
  /** Messages the platform refused for what they are or whom they go to. */
  refusals: number;
}

export interface WatchLimits {
  /** Of those delivered. */
  unfollowShare: number;
  /** Of those tried. */
  refusalShare: number;
  /** A share is judged from so many messages on, or once there are so many cases: one of the first ten who leaves proves nothing. */
  minimum: { messages: number; cases: number };
}

export const watchLimits: WatchLimits = {
  unfollowShare: 0.003,
  refusalShare: 0.005,
  minimum: { messages: 100, cases: 3 },
};

export const pauseReasons = ['broadcast.unfollows', 'broadcast.refusals'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** Why this broadcast must be paused now; undefined when it may go on, or does not run. */
export function watch(
  { state }: Pick<BroadcastRecord, 'state'>,
  { delivered, unfollows, refusals }: WatchFigures,
  { unfollowShare, refusalShare, minimum }: WatchLimits = watchLimits,
): PauseReason | undefined {
  if (state !== 'running') return undefined;
  const isAbove = (cases: number, of: number, share: number): boolean =>
    (of >= minimum.messages || cases >= minimum.cases) && cases > of * share;
  if (isAbove(unfollows, delivered, unfollowShare)) return 'broadcast.unfollows';
  if (isAbove(refusals, delivered + refusals, refusalShare)) return 'broadcast.refusals';
  return undefined;
}
