/** A row behind a figure as words. What this file has no word for is shown as it came. */
import type { FigureRow } from '../../api/types.js';
import { yuan } from '../../format/money.js';
import { describeReason } from '../../format/problems.js';
import { currentLocale, textIfAny } from '../../i18n.js';

export const kindOf = ({ kind }: FigureRow): string =>
  textIfAny(`dashboard.kinds.${kind}`) ?? textIfAny(`timeline.${kind}`) ?? kind;

export function detailsOf({ data }: FigureRow): string {
  return Object.entries(data)
    .map(([name, value]) => wordOf(name, value))
    .filter(Boolean)
    .join(' · ');
}

function wordOf(name: string, value: unknown): string {
  if (name === 'title' && typeof value === 'object' && value !== null) {
    const titles = value as Record<string, unknown>;
    return String(titles[currentLocale()] ?? titles['zh-CN'] ?? '');
  }
  if (typeof value === 'number') return name === 'amount' || name === 'paid' ? yuan(value) : String(value);
  if (typeof value !== 'string') return '';
  if (name === 'reason') return describeReason(value);
  if (name === 'state') return textIfAny(`states.${value}`) ?? value;
  if (name === 'type')
    return textIfAny(`behaviour.${value.replace('.', '-')}`) ?? textIfAny(`content.kinds.${value}`) ?? value;
  return textIfAny(`dashboard.words.${value}`) ?? value;
}
