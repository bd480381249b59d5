/** Rules as sentences in the chosen language. Texts are `rules.*`; fields bring their own names. */
import type { SegmentCondition, SegmentFieldView, SegmentRule, Titles } from '../../api/types.js';
import { count, yuan } from '../../format/money.js';
import { currentLocale, i18n, textIfAny } from '../../i18n.js';
import { isComplete, show } from './rule-draft.js';

export interface Naming {
  fields: ReadonlyMap<string, SegmentFieldView>;
  /** Names of segments, lists by their ids. */
  names: ReadonlyMap<string, string>;
}

const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(`rules.${key}`, values);
export const titleOf = (title: Titles): string => (currentLocale() === 'en' ? title.en : title['zh-CN']);
export const behaviourName = (type: string): string =>
  textIfAny(`behaviour.${type.replace('.', '-')}`) ?? type.replace(/^custom:/, '');

/** The rule in one line; groups in brackets. */
export function ruleWords(rule: SegmentRule, naming: Naming): string {
  const shown = show(rule);
  if (!('group' in shown)) return conditionWords(shown.condition, shown.negated, naming);
  const { kind, children } = shown.group;
  if (children.length === 0) return t((kind === 'all') !== shown.negated ? 'everybody' : 'nobody');
  const parts = children.map((child) => {
    const inner = show(child);
    const words = ruleWords(child, naming);
    return 'group' in inner && !inner.negated && inner.group.children.length > 1 ? t('bracket', { words }) : words;
  });
  const joined = parts.join(t(kind === 'all' ? 'and' : 'or'));
  return shown.negated ? t('except', { words: joined }) : joined;
}

/** `negated`: the opposite of it, as a sentence of its own. */
export function conditionWords(condition: SegmentCondition, negated: boolean, naming: Naming): string {
  const field = naming.fields.get(condition.field);
  const title = field ? titleOf(field.title) : (textIfAny(`rules.fields.${condition.field}`) ?? condition.field);
  if (!isComplete(condition, field)) return t('unfinished', { title });
  const side = negated ? 'no' : 'yes';
  const { op, value } = condition;
  switch (op) {
    case 'known':
      return t(`known.${side}`, { title });
    case 'withinDays':
    case 'beforeDays':
      return t(`${op}.${side}`, { title, days: String(value) });
    case 'in':
      return t(`in.${side}`, { title, name: naming.names.get(String(value)) ?? String(value) });
    case 'inside':
      return insideWords(value, side, field?.kind, title);
    case 'between':
      return t(`between.${side}`, { title, low: amount(at(value, 0), field), high: amount(at(value, 1), field) });
    case 'atLeast':
    case 'atMost':
      return t(`${op}.${side}`, { title, n: amount(value, field) });
    default:
      return typeof value === 'boolean'
        ? t(`flag.${(value === true) !== negated ? 'yes' : 'no'}`, { title })
        : t(`${op}.${side}`, { title, values: listed(value, field) });
  }
}

const at = (value: unknown, index: number): unknown => (Array.isArray(value) ? value[index] : undefined);

function amount(value: unknown, field: SegmentFieldView | undefined): string {
  if (typeof value !== 'number') return String(value);
  if (field?.kind === 'money' || field?.unit === 'fen') return yuan(value, { short: true });
  return field?.unit ? t(`units.${field.unit}`, { n: count(value) }) : count(value);
}

/** Values by the names their field gives them. */
export function listed(value: unknown, field: SegmentFieldView | undefined): string {
  const names = new Map((field?.options ?? []).map((one) => [one.value, titleOf(one.title)]));
  const words = [value]
    .flat()
    .map((one) => names.get(String(one)) ?? (typeof one === 'number' ? amount(one, field) : String(one)));
  return words.join(t('comma'));
}

function insideWords(
  value: unknown,
  side: 'yes' | 'no',
  kind: SegmentFieldView['kind'] | undefined,
  title: string,
): string {
  const asked = value as Record<string, unknown>;
  const days = String(asked['days']);
  if (kind === 'window:repurchase') {
    const share = (part: string): string => `${Math.round(Number(asked[part]) * 100)}%`;
    return t(`repurchase.${side}`, { category: asked['category'], from: share('from'), to: share('to') });
  }
  if (kind === 'window:purchase') return purchaseWords(asked, side, days);
  if (kind !== 'window:behaviour') return t('unfinished', { title });
  const often = Number(asked['times'] ?? 1) > 1 ? 'Often' : '';
  const values = { days, n: count(Number(asked['times'] ?? 1)), what: behaviourName(String(asked['type'])) };
  return t(`${asked['type'] === 'any' ? 'active' : 'did'}${often}.${side}`, values);
}

function purchaseWords(asked: Record<string, unknown>, side: 'yes' | 'no', days: string): string {
  const [orders, spent] = [Number(asked['orders'] ?? 1), Number(asked['spent'] ?? 0)];
  const what = asked['category'] ? t('ofCategory', { category: asked['category'] }) : '';
  const most = spent > 0 ? 'Spent' : orders > 1 ? 'Often' : '';
  return t(`ordered${most}.${side}`, { days, what, n: count(orders), amount: yuan(spent, { short: true }) });
}
