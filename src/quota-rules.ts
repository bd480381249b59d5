/** Which of the dated quota tables holds for an action at a moment. The platform's day begins at midnight in Asia/Shanghai. */
import type { Config } from './config.js';
import type { CreditRules } from './domain/contact/index.js';
import { localTime } from './infra/clock.js';

const PLATFORM_ZONE = 'Asia/Shanghai';

export function creditRules(config: Pick<Config, 'quota'>): CreditRules {
  return (channel, kind, at) => {
    if (channel !== 'official-account' || kind === 'enter' || kind === 'pay') return undefined;
    const today = localTime(at, PLATFORM_ZONE).date;
    const rule = config.quota['official-account'].findLast((table) => table.from <= today)?.[kind];
    return rule && { messages: rule.messages, lastsMs: rule.lastsMs, keptForPeople: rule.keptForPeople };
  };
}
