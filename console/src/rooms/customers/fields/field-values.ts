/** Values of the shop's own fields: shown as words, and the changes between two sets of them. */
import type { CustomerMarks, CustomFieldView, FieldValues } from '../../../api/types.js';
import { shortDate } from '../../../format/time.js';
import { i18n } from '../../../i18n.js';

type Value = CustomerMarks['fields'][string];

export function valueText(value: Value | undefined): string {
  if (value === undefined) return '—';
  if (typeof value === 'boolean') return i18n.global.t(value ? 'rules.yes' : 'rules.no');
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? shortDate(String(value)) : String(value);
}

/** Only what changed; what was emptied is null. */
export function changesOf(
  fields: readonly Pick<CustomFieldView, 'key'>[],
  before: CustomerMarks['fields'],
  after: Readonly<Record<string, Value | '' | undefined | null>>,
): FieldValues {
  return Object.fromEntries(
    fields.flatMap(({ key }): Array<[string, FieldValues[string]]> => {
      const [old, now] = [before[key] ?? null, after[key] === '' ? null : (after[key] ?? null)];
      return old === now ? [] : [[key, now]];
    }),
  );
}
