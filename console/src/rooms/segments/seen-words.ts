/** What was seen of a person, as words beside a condition. */
import type { SegmentCondition } from '../../api/types.js';
import { count, yuan } from '../../format/money.js';
import { shortDate } from '../../format/time.js';
import { i18n } from '../../i18n.js';
import { listed, type Naming } from './rule-words.js';

const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(`rules.${key}`, values);

export function seenWords(condition: SegmentCondition, seen: unknown, { fields }: Naming): string {
  const field = fields.get(condition.field);
  if (seen === null || (Array.isArray(seen) && seen.length === 0)) return t('seenNothing');
  if (typeof seen === 'boolean') return t(seen ? 'yes' : 'no');
  if (field?.kind.startsWith('window:')) return windowWords(seen as Record<string, unknown>);
  if (typeof seen === 'string' && (field?.kind === 'date' || /^\d{4}-\d\d-\d\dT/.test(seen))) return shortDate(seen);
  if (typeof seen === 'object' && !Array.isArray(seen)) return JSON.stringify(seen);
  return listed(seen, field);
}

function windowWords(seen: Record<string, unknown>): string {
  const n = (name: string): string => count(Number(seen[name] ?? 0));
  if ('times' in seen) return t('seenTimes', { n: n('times'), from: seen['from'], to: seen['to'] });
  if ('orders' in seen) {
    const amount = yuan(Number(seen['spent'] ?? 0), { short: true });
    return t('seenOrders', { n: n('orders'), amount, from: seen['from'], to: seen['to'] });
  }
  return seen['days'] === null || seen['days'] === undefined
    ? t('seenNothing')
    : t('seenCycle', { days: n('days'), cycle: n('cycleDays') });
}
