/** The contact policy as the corridor asks it: for many people at once, under the rules and the switch that hold now. */
import type { ClientSession, Types } from 'mongoose';
import type { Message, Origin } from '../contracts/index.js';
import { judge as judgeNow } from '../domain/contact/index.js';
import type {
  ContactRules,
  GatherAsk,
  Judge,
  PromotionSwitch,
  Standing,
  Standings,
  Verdict,
} from '../domain/contact/index.js';
import type { Clock } from '../infra/clock.js';
import { localTime } from '../infra/clock.js';

export type Asking = Pick<Message, 'purpose' | 'variants' | 'variantAccounts'>;
export type More = Pick<GatherAsk, 'addresses' | 'tried' | 'ownRows'>;

export interface Judging {
  /** Standings by customer id. Unknown customers are left out. */
  gather(
    tx: ClientSession | null,
    customerIds: readonly Types.ObjectId[],
    message: Asking,
    more?: More,
  ): Promise<ReadonlyMap<string, Standing>>;
  /** Reads the switch, so that what is judged next sees it. */
  look(): Promise<void>;
  /** `at`: as if it were then; now when left out. */
  judge(message: Asking, standing: Standing, at?: Date): Verdict;
}

export interface JudgingParts {
  standings: Standings;
  promotionSwitch: Pick<PromotionSwitch, 'isStopped'>;
  rules: ContactRules;
  timeZone: string;
  clock: Clock;
  judge?: Judge;
}

/** Always the automation's word: what the staff write themselves is bound by routes and quota alone. */
const origin: Origin = 'automation';

export function createJudging({
  standings,
  promotionSwitch,
  rules,
  timeZone,
  clock,
  judge = judgeNow,
}: JudgingParts): Judging {
  let stopped = true;
  return {
    gather: async (tx, customerIds, message, more = {}) => {
      stopped = await promotionSwitch.isStopped();
      return standings.gather(tx, customerIds, { message, origin, ...more }, clock.now());
    },
    look: async () => {
      stopped = await promotionSwitch.isStopped();
    },
    judge: (message, standing, at = clock.now()) =>
      judge(message, standing, { now: at, local: localTime(at, timeZone), rules, stopped, origin }),
  };
}
