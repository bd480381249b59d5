/** The fields a rule may ask of: those the product knows, and the shop's own. The console draws its builder from their views. */
import type { SegmentFieldView } from '../../contracts/index.js';
import { contactFields } from './catalogue-contact.js';
import { membershipFields } from './catalogue-membership.js';
import { profileFields } from './catalogue-profile.js';
import { purchaseFields } from './catalogue-purchase.js';
import { behaviourFields, valueFields } from './catalogue-value.js';
import { custom } from './fields.js';
import type { FieldOption } from './fields.js';
import type { RuleContext, SegmentField } from './question.js';

export const segmentFields: readonly SegmentField[] = [
  ...profileFields,
  ...membershipFields,
  ...purchaseFields,
  ...behaviourFields,
  ...valueFields,
  ...contactFields,
];

const byCode = new Map(segmentFields.map((field) => [field.code, field]));
const CUSTOM = 'custom:';

export function fieldByCode(code: string, { fields }: Pick<RuleContext, 'fields'>): SegmentField | undefined {
  if (!code.startsWith(CUSTOM)) return byCode.get(code);
  const own = fields.get(code.slice(CUSTOM.length));
  return own && custom(own);
}

/** Another segment; its rule takes the condition's place (prepare.ts). */
export const SEGMENT = 'segment';
const segmentView: SegmentFieldView = {
  ...{ code: SEGMENT, title: { 'zh-CN': '属于分群', en: 'In the segment' } },
  ...{ group: 'other', kind: 'segment', ops: ['in'] },
};

/** `choices`: values there are now of fields whose list is open, such as level, tags, coupons. */
export function viewsOf(
  fields: RuleContext['fields'],
  choices: ReadonlyMap<string, readonly FieldOption[]> = new Map(),
): SegmentFieldView[] {
  const all = [...segmentFields, ...[...fields.values()].map(custom)];
  return [...all.map((field) => viewOf(field, choices.get(field.code))), segmentView];
}

function viewOf(
  { code, title, group, kind, ops, options, unit }: SegmentField,
  choices: readonly FieldOption[] | undefined,
): SegmentFieldView {
  const listed = options ?? (choices && [...choices]);
  return { code, title, group, kind, ops, ...(listed ? { options: listed } : {}), ...(unit ? { unit } : {}) };
}
