/** Which of the dated quota tables holds for an action at a moment. The platform's day begins at midnight in Asia/Shanghai. */
import type { Config } from './config.js';
import type { CreditKind } from './contracts/index.js';
import type { CreditRules, MassSendsPerMonth } from './domain/contact/index.js';
import { localTime } from './infra/clock.js';

const PLATFORM_ZONE = 'Asia/Shanghai';

export function creditRules(config: Pick<Config, 'quota'>): CreditRules {
  return (channel, kind, at) => {
    const today = localTime(at, PLATFORM_ZONE).date;
    const rule = ruleOf(config.quota, channel, kind, today);
    return rule && { messages: rule.messages, lastsMs: rule.lastsMs, keptForPeople: rule.keptForPeople };
  };
}

/** Mass sends one follower may get in a month; only official accounts have them. */
export function massSendsPerMonth(config: Pick<Config, 'quota'>): MassSendsPerMonth {
  return (channel, at) => {
    if (channel !== 'official-account') return 0;
    const today = localTime(at, PLATFORM_ZONE).date;
    return config.quota['official-account'].findLast((table) => table.from <= today)?.massSendsPerMonth ?? 0;
  };
}

type Quota = Config['quota'];

function ruleOf(quota: Quota, channel: string, kind: CreditKind, today: string) {
  if (channel === 'official-account' && kind !== 'enter' && kind !== 'pay') {
    return quota['official-account'].findLast((table) => table.from <= today)?.[kind];
  }
  if (channel !== 'mini-program' || (kind !== 'message' && kind !== 'enter')) return undefined;
  return quota['mini-program'].findLast((table) => table.from <= today)?.[kind];
}
