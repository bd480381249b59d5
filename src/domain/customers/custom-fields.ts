/**
 * Fields that the shop adds to what is known of a person: their definitions, and the values on the customer records, which are checked
 * against them. A definition's type never changes, so that no stored value can come to have another meaning.
 */
import type { ClientSession, Types } from 'mongoose';
import { isDeepStrictEqual } from 'node:util';
import type { NewDomainEvent, Titles } from '../../contracts/index.js';
import { notFound } from '../../errors.js';
import type { CustomerModels, CustomerRecord } from './models.js';

export const customFieldTypes = ['text', 'number', 'date', 'boolean', 'choice'] as const;
export type CustomFieldType = (typeof customFieldTypes)[number];

export interface CustomField {
  /** Letters, digits, dash and underscore, at most 40. */
  key: string;
  title: Titles;
  type: CustomFieldType;
  /** Of `choice` only: the values it may have. */
  options?: Array<{ value: string; title: Titles }>;
}

/** As stored on the customer: a date is a Date, a choice the value of its option. */
export type CustomValue = string | number | boolean | Date;
export interface KeptField {
  k: string;
  v: CustomValue;
  /** When it was told; of a person's records the newest word holds. */
  at: Date;
}

/** As told: a date as YYYY-MM-DD or a moment with its offset; null takes the value away. */
export type ToldFields = Readonly<Record<string, string | number | boolean | null>>;

export const MAX_CUSTOM_FIELDS = 100;
export const MAX_TEXT = 200;

export const customFieldProblems = ['field.key', 'field.options', 'field.typeChanged', 'field.tooMany'] as const;
export type CustomFieldProblem = (typeof customFieldProblems)[number];
export type PutCustomField = { ok: true; events: NewDomainEvent[] } | { ok: false; reason: CustomFieldProblem };

export const valueProblems = ['field.unknown', 'field.type', 'field.option', 'field.tooLong'] as const;
export type ValueProblem = (typeof valueProblems)[number];
export type SetFields =
  { ok: true; events: NewDomainEvent[] } | { ok: false; problems: Array<{ key: string; reason: ValueProblem }> };

export type CustomFields = ReturnType<typeof createCustomFields>;

export function createCustomFields({ customers, customFields }: Pick<CustomerModels, 'customers' | 'customFields'>) {
  async function definitions(tx: ClientSession | null = null): Promise<CustomField[]> {
    const found = await customFields.find({}, null, { session: tx }).sort({ _id: 1 }).lean();
    return found.map(({ _id, title, type, options }) => ({ key: _id, title, type, ...(options ? { options } : {}) }));
  }

  /** By key, as rules of segments ask for them. */
  const byKey = async (tx: ClientSession | null = null): Promise<Map<string, CustomField>> =>
    new Map((await definitions(tx)).map((field) => [field.key, field]));

  /** Makes the field or changes its title and options; an option that values may have can be left out, and the values stay. */
  async function put(tx: ClientSession, field: CustomField, by: string, at: Date): Promise<PutCustomField> {
    const known = await byKey(tx);
    const problem = definitionProblem(field, known);
    if (problem) return { ok: false, reason: problem };
    if (isDeepStrictEqual(known.get(field.key), tidy(field))) return { ok: true, events: [] };
    const { key, title, type, options } = tidy(field);
    const change = { $set: { title, type, ...(options ? { options } : {}) }, $setOnInsert: { createdAt: at } };
    await customFields.updateOne({ _id: key }, change, { session: tx, upsert: true });
    return { ok: true, events: [{ kind: 'segment.changed', at, data: { customField: key, by } }] };
  }

  /** Sets the fields that are told and leaves the others. All of them, or none. An older word changes nothing. 404 customer.notFound. */
  async function set(
    tx: ClientSession,
    customerId: Types.ObjectId,
    told: ToldFields,
    by: string,
    at: Date,
  ): Promise<SetFields> {
    if (Object.keys(told).length === 0) return { ok: true, events: [] };
    const known = await byKey(tx);
    const read = Object.entries(told).map(([key, value]) => ({ key, ...readValue(known.get(key), value) }));
    const problems = read.flatMap(({ key, reason }) => (reason ? [{ key, reason }] : []));
    if (problems.length > 0) return { ok: false, problems };
    const customer = await customers
      .findById(customerId, { fields: 1 }, { session: tx })
      .lean<Pick<CustomerRecord, 'fields'>>();
    if (!customer) throw notFound('customer');
    const before = customer.fields ?? [];
    const changed = read.filter(({ key, value }) =>
      isChange(
        before.find(({ k }) => k === key),
        value,
        at,
      ),
    );
    if (changed.length === 0) return { ok: true, events: [] };
    const keys = new Set(changed.map(({ key }) => key));
    const values = changed.flatMap(({ key, value }): KeptField[] =>
      value === undefined ? [] : [{ k: key, v: value, at }],
    );
    const fields = [...before.filter(({ k }) => !keys.has(k)), ...values].sort((a, b) => (a.k < b.k ? -1 : 1));
    await customers.updateOne({ _id: customerId }, { $set: { fields } }, { session: tx });
    const data = { fields: [...keys].sort().map((key) => `custom:${key}`), by };
    return { ok: true, events: [{ kind: 'customer.updated', customerId: String(customerId), at, data }] };
  }

  return { definitions, byKey, put, set };
}

/** What holds over all records of a person: of each field the newest word; by key. */
export function personFields(records: ReadonlyArray<Pick<CustomerRecord, '_id' | 'fields'>>): KeptField[] {
  const newest = new Map<string, KeptField & { of: string }>();
  for (const { _id, fields = [] } of records) {
    for (const field of fields) {
      const [known, of] = [newest.get(field.k), String(_id)];
      const order = known ? field.at.getTime() - known.at.getTime() || (of < known.of ? 1 : -1) : 1;
      if (order > 0) newest.set(field.k, { ...field, of });
    }
  }
  return [...newest.values()].map(({ k, v, at }) => ({ k, v, at })).sort((a, b) => (a.k < b.k ? -1 : 1));
}

function tidy({ key, title, type, options }: CustomField): CustomField {
  return { key, title, type, ...(type === 'choice' && options ? { options } : {}) };
}

function definitionProblem(
  field: CustomField,
  known: ReadonlyMap<string, CustomField>,
): CustomFieldProblem | undefined {
  const { key, type, options = [] } = field;
  if (!/^[a-zA-Z0-9][\w-]{0,39}$/.test(key)) return 'field.key';
  const values = new Set(options.map(({ value }) => value));
  const isBad = values.size !== options.length || options.some(({ value }) => value === '' || value.length > 60);
  if (type === 'choice' && (options.length === 0 || options.length > 200 || isBad)) return 'field.options';
  const before = known.get(key);
  if (before && before.type !== type) return 'field.typeChanged';
  return !before && known.size >= MAX_CUSTOM_FIELDS ? 'field.tooMany' : undefined;
}

/** `value` is absent where the field is to be empty. */
function readValue(
  field: CustomField | undefined,
  value: string | number | boolean | null,
): { value?: CustomValue; reason?: ValueProblem } {
  if (!field) return { reason: 'field.unknown' };
  if (value === null) return {};
  switch (field.type) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? { value } : { reason: 'field.type' };
    case 'boolean':
      return typeof value === 'boolean' ? { value } : { reason: 'field.type' };
    case 'date':
      return readDate(value);
    case 'choice':
      if (typeof value !== 'string') return { reason: 'field.type' };
      return field.options?.some((option) => option.value === value) ? { value } : { reason: 'field.option' };
    case 'text':
      if (typeof value !== 'string' || value.trim() === '') return { reason: 'field.type' };
      return value.length <= MAX_TEXT ? { value: value.trim() } : { reason: 'field.tooLong' };
  }
}

/** A day alone is its midnight in UTC. */
function readDate(value: string | number | boolean): { value?: Date; reason?: ValueProblem } {
  const shape = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  if (typeof value !== 'string' || !shape.test(value)) return { reason: 'field.type' };
  const date = new Date(value);
  const isDay = value.length > 10 || (!Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === value);
  return Number.isNaN(date.getTime()) || !isDay ? { reason: 'field.type' } : { value: date };
}

function isChange(before: KeptField | undefined, value: CustomValue | undefined, at: Date): boolean {
  if (!before) return value !== undefined;
  return before.at <= at && !isDeepStrictEqual(before.v, value);
}
