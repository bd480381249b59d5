/**
 * When the account may say the next thing: like a person, a few seconds after the last, and not more than so many a day. Nothing waits in
 * here: whoever asks too early is told when to come back, so that the rows behind keep their order and no call outlasts its time.
 */
import type { ChannelPorts, FencedStore } from '../../contracts/index.js';
import type { WechatyAccount } from './account.js';

export interface Pace {
  /** Milliseconds until it may be asked again; 0: it is your turn, now. */
  turn(): number;
}

/** A turn that nobody took for so long is gone, so that the first message after a silence is not answered at once. */
const LAPSE_MS = 15_000;

/** `now` in milliseconds of a steady clock; `random` in 0..1. */
export function createPace(
  [fromSeconds, toSeconds]: readonly [number, number],
  now: () => number,
  random: () => number,
): Pace {
  let due: number | undefined;
  return {
    turn: () => {
      const at = now();
      if (due === undefined || at > due + LAPSE_MS)
        due = at + 1000 * (fromSeconds + random() * (toSeconds - fromSeconds));
      if (at < due) return Math.max(1, Math.ceil(due - at));
      due = undefined;
      return 0;
    },
  };
}

export interface DayCount {
  /** Counts one message of today; false when the day is used up. Before the message is sent, so that a crash never makes it one more. */
  take(): Promise<boolean>;
}

const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** WeChat's day begins at midnight in Asia/Shanghai, which has no summer time. */
export const shanghaiDay = (at: Date): string => new Date(at.getTime() + SHANGHAI_MS).toISOString().slice(0, 10);

/** One caller at a time: the holder of the login. A count that a later holder wrote is not overwritten. */
export function createDayCount(
  { id, limits }: Pick<WechatyAccount, 'id' | 'limits'>,
  { store, now }: Pick<ChannelPorts, 'store' | 'now'>,
  fenced: Pick<FencedStore, 'put'>,
): DayCount {
  const key = `wechaty/${id}/sent`;
  let before: Promise<unknown> = Promise.resolve();
  const count = async (): Promise<boolean> => {
    const at = now();
    const today = shanghaiDay(at);
    const [day, said] = ((await store.get(key))?.value ?? '').split(' ');
    const used = day === today ? Number(said) : 0;
    if (used >= limits.perDay) return false;
    await fenced.put(key, `${today} ${used + 1}`, new Date(at.getTime() + DAY_MS));
    return true;
  };
  return {
    take: () => {
      const counted = before.then(count, count);
      before = counted.catch(() => undefined);
      return counted;
    },
  };
}
