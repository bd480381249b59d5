/** The mapping's form: which column fills which field, and how cells become values. Pure. */
import type { ImportColumn, ImportFormat, ImportKind, ImportMapping, OrderStatus } from '../../api/types.js';

export const orderFieldGroups = {
  order: ['orderNo', 'status', 'amount', 'paid', 'freight', 'discount', 'refunded'],
  times: ['placedAt', 'paidAt', 'dispatchedAt', 'receivedAt', 'completedAt', 'closedAt', 'closesAt', 'updatedAt'],
  customer: [
    'customer.externalId',
    'customer.phone',
    'customer.phoneVerifiedAt',
    'customer.unionid',
    'customer.openid',
    'customer.name',
  ],
  goods: ['item.sku', 'item.name', 'item.category', 'item.quantity', 'item.price'],
  parcel: ['shipment.carrier', 'shipment.trackingNo'],
} as const;
export const customerFieldGroups = {
  customer: ['externalId', 'name', 'phone', 'phoneVerifiedAt', 'unionid', 'openid', 'createdAt', 'updatedAt'],
  profile: ['gender', 'birthday', 'province', 'city', 'address'],
} as const;

export const fieldGroupsOf = (kind: ImportKind): Readonly<Record<string, readonly string[]>> =>
  kind === 'orders' ? orderFieldGroups : customerFieldGroups;
export const fieldsOf = (kind: ImportKind): string[] => Object.values(fieldGroupsOf(kind)).flat();

export interface ColumnDraft {
  how: 'none' | 'column' | 'value' | 'template';
  /** Name, or number from 1. */
  column: string | number;
  text: string;
}
export interface FormatDraft {
  type: ImportFormat['type'];
  /** Empty: found by itself. */
  delimiter: string;
  quoted: boolean;
  header: boolean;
  encoding: Extract<ImportFormat, { type: 'csv' }>['encoding'];
  sheet: string;
  /** One column a line: `name 1-12`. */
  ranges: string;
}
export interface MappingDraft {
  kind: ImportKind;
  source: string;
  format: FormatDraft;
  columns: Record<string, ColumnDraft>;
  key: 'column' | 'line';
  groups: boolean;
  zone: string;
  /** Separated by commas; empty: the usual ways. */
  dateFormats: string;
  money: 'yuan' | 'fen';
  statuses: Array<{ word: string; status: OrderStatus }>;
  genders: Record<string, 'female' | 'male' | 'other'>;
  defaults: Record<string, string>;
}
export type MappingProblem = 'source' | 'ranges' | 'missing' | 'constant' | 'statuses' | 'groups';

const unset = (): ColumnDraft => ({ how: 'none', column: '', text: '' });

export function toMappingDraft(mapping: ImportMapping): MappingDraft {
  const { kind, source, format, columns, key = 'column', groups = false, transforms = {} } = mapping;
  const { zone = 'Asia/Shanghai', dateFormats = [], money = 'yuan', statuses = {}, genders = {} } = transforms;
  return {
    ...{ kind, source, key, groups, zone, money },
    genders: { ...genders },
    defaults: { ...transforms.defaults },
    format: toFormatDraft(format),
    columns: Object.fromEntries(fieldsOf(kind).map((field) => [field, toColumnDraft(columns[field])])),
    dateFormats: dateFormats.join(', '),
    statuses: Object.entries(statuses).map(([word, status]) => ({ word, status })),
  };
}

function toColumnDraft(column: ImportColumn | undefined): ColumnDraft {
  if (column === undefined) return unset();
  if (typeof column !== 'object') return { how: 'column', column, text: '' };
  return 'value' in column
    ? { how: 'value', column: '', text: column.value }
    : { how: 'template', column: '', text: column.template };
}

function toFormatDraft(format: ImportMapping['format']): FormatDraft {
  const base: FormatDraft = {
    ...{ type: format.type, delimiter: '', quoted: true, encoding: 'auto', sheet: '', ranges: '' },
    header: format.header ?? format.type !== 'fixed',
  };
  switch (format.type) {
    case 'csv':
      return {
        ...base,
        delimiter: format.delimiter ?? '',
        quoted: format.quote !== null,
        encoding: format.encoding ?? 'auto',
      };
    case 'fixed':
      return {
        ...base,
        encoding: format.encoding ?? 'auto',
        ranges: format.columns.map(({ name, from, to }) => `${name} ${from}-${to}`).join('\n'),
      };
    case 'xlsx':
      return { ...base, sheet: format.sheet === undefined ? '' : String(format.sheet) };
  }
}

export interface FileRange {
  name: string;
  from: number;
  to: number;
}
/** Undefined: a line is not `name from-to`, a range ends before it begins, or two share a name. */
export function rangesOf(text: string): FileRange[] | undefined {
  const ranges: FileRange[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (!line) continue;
    const [, name, from, to] = /^(.+?)\s+(\d{1,5})\s*[-–]\s*(\d{1,5})$/.exec(line) ?? [];
    if (!name || Number(from) < 1 || Number(from) > Number(to)) return undefined;
    ranges.push({ name, from: Number(from), to: Number(to) });
  }
  const names = new Set(ranges.map(({ name }) => name));
  return ranges.length > 0 && names.size === ranges.length ? ranges : undefined;
}

function toFormat(draft: FormatDraft): ImportMapping['format'] {
  const { type, delimiter, quoted, header, encoding, sheet, ranges } = draft;
  if (type === 'fixed') return { type, columns: rangesOf(ranges) ?? [], header, encoding };
  if (type === 'xlsx') {
    const named = sheet.trim();
    return { type, header, ...(named ? { sheet: /^\d+$/.test(named) ? Number(named) : named } : {}) };
  }
  return { type, ...(delimiter ? { delimiter } : {}), quote: quoted ? '"' : null, header, encoding };
}

function toColumn({ how, column, text }: ColumnDraft): ImportColumn | undefined {
  if (how === 'column') return column === '' ? undefined : column;
  if (how === 'value') return { value: text.trim() };
  return how === 'template' ? { template: text.trim() } : undefined;
}

export function toMapping(draft: MappingDraft): ImportMapping {
  const { kind, source, key, zone, money, genders, defaults } = draft;
  const columns = Object.fromEntries(
    Object.entries(draft.columns).flatMap(([field, one]) => {
      const column = toColumn(one);
      return column === undefined ? [] : [[field, column]];
    }),
  );
  const dateFormats = draft.dateFormats
    .split(/[,，]/)
    .map((one) => one.trim())
    .filter(Boolean);
  return {
    ...{ kind, key, columns },
    source: source.trim(),
    format: toFormat(draft.format),
    groups: draft.groups && kind === 'orders' && key === 'column',
    transforms: {
      ...{ zone, money, genders, defaults },
      ...(dateFormats.length > 0 ? { dateFormats } : {}),
      statuses: Object.fromEntries(draft.statuses.map(({ word, status }) => [word.trim(), status])),
    },
  };
}

/** Fields still needed before a row can be made; of a choice all that would do. */
export function missingOf(draft: Pick<MappingDraft, 'kind' | 'key' | 'columns' | 'defaults'>): string[][] {
  const { kind, key, columns, defaults } = draft;
  const has = (field: string): boolean => {
    const column = columns[field];
    return (column !== undefined && toColumn(column) !== undefined) || field in defaults;
  };
  const ofOrders = [
    ['placedAt'],
    ['status'],
    ['paid', 'amount'],
    ['customer.externalId', 'customer.phone', 'customer.unionid', 'customer.openid'],
  ];
  const choices = kind === 'orders' ? ofOrders : [];
  if (key === 'column') choices.unshift([kind === 'orders' ? 'orderNo' : 'externalId']);
  return choices.filter((fields) => !fields.some(has));
}

export function mappingProblem(draft: MappingDraft): MappingProblem | undefined {
  if (!draft.source.trim()) return 'source';
  if (draft.format.type === 'fixed' && !rangesOf(draft.format.ranges)) return 'ranges';
  if (missingOf(draft).length > 0) return 'missing';
  const constants = Object.values(draft.columns).filter(({ how }) => how === 'value' || how === 'template');
  if (constants.some(({ text }) => !text.trim())) return 'constant';
  const words = draft.statuses.map(({ word }) => word.trim());
  if (words.some((word) => !word) || new Set(words).size !== words.length) return 'statuses';
  return undefined;
}

/** What can be chosen as a column: names as the file has them, or numbers where the format was changed and nobody has read it yet. */
export function columnChoices(
  draft: FormatDraft,
  header: readonly string[],
  asRead: FormatDraft,
): Array<string | number> {
  if (draft.type === 'fixed') return (rangesOf(draft.ranges) ?? []).map(({ name }) => name);
  const same = JSON.stringify(draft) === JSON.stringify(asRead);
  if (same && draft.header && header.every(Boolean)) return [...new Set(header)];
  const most = Math.max(same ? header.length : 0, same ? 1 : 30);
  return Array.from({ length: most }, (_, index) => index + 1);
}
