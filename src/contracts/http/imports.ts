/**
 * Imports of customers and orders from files: the mapping of a file's columns to our fields, and the bodies of /console/v1/imports.
 * A mapping is plain JSON and is kept, so that next month's file needs no second thought.
 */
import { z } from 'zod';
import { genders, orderStatuses } from '../commerce.js';
import { page } from './console.js';

const Id = z.string().regex(/^[0-9a-f]{24}$/, 'expected a 24-digit hexadecimal id');
const Time = z.iso.datetime();
const Short = z.string().trim().min(1).max(128);
const count = z.int().min(0);

export const importKinds = ['orders', 'customers'] as const;
export const ImportKind = z.enum(importKinds);
export type ImportKind = z.infer<typeof ImportKind>;

/** `auto`: strict UTF-8 when the first megabyte is that, else GB18030, which contains GBK and GB2312. */
export const importEncodings = ['auto', 'utf-8', 'gb18030', 'gbk', 'utf-16le', 'big5'] as const;
export const ImportEncoding = z.enum(importEncodings);
export type ImportEncoding = z.infer<typeof ImportEncoding>;

const header = z.boolean().default(true);
const encoding = ImportEncoding.default('auto');

/** How the file is read. Rows always end up as cells under column names, or numbers from 1 where there is no header. */
export const ImportFormat = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('csv'),
    /** Absent: found from the first lines, among comma, tab, semicolon and bar. */
    delimiter: z.string().min(1).max(3).optional(),
    /** The character around values that hold the delimiter; null: quotes mean nothing. */
    quote: z.string().length(1).nullable().default('"'),
    header,
    encoding,
  }),
  z.strictObject({
    type: z.literal('fixed'),
    /** Characters from 1, both ends included. */
    columns: z
      .array(z.strictObject({ name: Short, from: z.int().min(1).max(10_000), to: z.int().min(1).max(10_000) }))
      .min(1)
      .max(200)
      .refine((columns) => columns.every(({ from, to }) => from <= to), 'a range ends before it begins')
      .refine(
        (columns) => new Set(columns.map(({ name }) => name)).size === columns.length,
        'two columns share a name',
      ),
    header: z.boolean().default(false),
    encoding,
  }),
  z.strictObject({
    type: z.literal('xlsx'),
    /** Name, or number from 1; absent: the first sheet. */
    sheet: z.union([Short, z.int().min(1).max(1000)]).optional(),
    header,
  }),
]);
export type ImportFormat = z.output<typeof ImportFormat>;

/** A column by name or number, a constant, or text with {column names} in it. */
export const ImportColumn = z.union([
  Short,
  z.int().min(1).max(16_384),
  z.strictObject({ value: z.string().trim().min(1).max(200) }),
  z.strictObject({ template: z.string().trim().min(1).max(200) }),
]);
export type ImportColumn = z.output<typeof ImportColumn>;

export const orderFields = [
  'orderNo',
  'status',
  'placedAt',
  'paidAt',
  'closesAt',
  'dispatchedAt',
  'receivedAt',
  'completedAt',
  'closedAt',
  'updatedAt',
  'amount',
  'paid',
  'freight',
  'discount',
  'refunded',
  'customer.externalId',
  'customer.phone',
  'customer.phoneVerifiedAt',
  'customer.unionid',
  'customer.openid',
  'customer.name',
  'item.sku',
  'item.name',
  'item.category',
  'item.quantity',
  'item.price',
  'shipment.carrier',
  'shipment.trackingNo',
] as const;
export type OrderField = (typeof orderFields)[number];

export const customerFields = [
  'externalId',
  'name',
  'phone',
  'phoneVerifiedAt',
  'gender',
  'birthday',
  'province',
  'city',
  'address',
  'unionid',
  'openid',
  'createdAt',
  'updatedAt',
] as const;
export type CustomerField = (typeof customerFields)[number];
export type ImportField = OrderField | CustomerField;

const zoneOk = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
};
const words = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string().trim().min(1).max(60), value)
    .refine((table) => Object.keys(table).length <= 200, 'expected at most 200 words');

/** How cells become values. What is absent here is recognised from the usual ways of writing. */
export const ImportTransforms = z.strictObject({
  /** Of times without an offset. */
  zone: z.string().refine(zoneOk, 'expected a time zone such as Asia/Shanghai').default('Asia/Shanghai'),
  /** YYYY MM DD HH mm ss, or `unix`, `unix-ms`, `excel`; the first that fits. Absent: year-first dates of all usual kinds. */
  dateFormats: z.array(z.string().trim().min(4).max(40)).max(10).optional(),
  /** What the file's money is written in. */
  money: z.enum(['yuan', 'fen']).default('yuan'),
  /** The file's words for a state, beside those known anyway. */
  statuses: words(z.enum(orderStatuses)).default({}),
  genders: words(z.enum(genders)).default({}),
  /** For cells that are empty. */
  defaults: z.record(z.string(), z.string().trim().min(1).max(200)).default({}),
});
export type ImportTransforms = z.output<typeof ImportTransforms>;

const fieldsOf = { orders: orderFields, customers: customerFields } as const;

export const ImportMapping = z
  .strictObject({
    kind: ImportKind,
    /** The system the file comes from: half of every key, so the same order told by the open API is the same order. */
    source: Short,
    format: ImportFormat,
    columns: z.record(z.string(), ImportColumn),
    /** `line`: the file has no number of its own, so the line's number is the key; `source` must then name this one file. */
    key: z.enum(['column', 'line']).default('column'),
    /** Several rows below each other with one order number are one order with several items. */
    groups: z.boolean().default(false),
    transforms: ImportTransforms.prefault({}),
  })
  .superRefine((mapping, context) => {
    const known: readonly string[] = fieldsOf[mapping.kind];
    const has = (field: string): boolean => field in mapping.columns || field in mapping.transforms.defaults;
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message, input: mapping });
    for (const field of [...Object.keys(mapping.columns), ...Object.keys(mapping.transforms.defaults)]) {
      if (!known.includes(field)) refuse(['columns', field], `there is no field ${field} of ${mapping.kind}`);
    }
    for (const need of missingFields(mapping, has)) refuse(['columns', need], 'this field is needed');
    if (mapping.groups && mapping.key === 'line') refuse(['groups'], 'rows are grouped by an order number');
    if (mapping.groups && mapping.kind === 'customers') refuse(['groups'], 'customers are one row each');
  });
export type ImportMapping = z.output<typeof ImportMapping>;

/** Fields without which no row of this kind can be made; of a choice, the first. */
function missingFields(
  { kind, key }: { kind: ImportKind; key: 'column' | 'line' },
  has: (field: string) => boolean,
): string[] {
  const choices =
    kind === 'customers'
      ? []
      : [
          ['placedAt'],
          ['status'],
          ['paid', 'amount'],
          ['customer.externalId', 'customer.phone', 'customer.unionid', 'customer.openid'],
        ];
  if (key === 'column') choices.unshift([kind === 'orders' ? 'orderNo' : 'externalId']);
  return choices.filter((fields) => !fields.some(has)).map(([first = '']) => first);
}

/** `uploaded` waits for a mapping; `checked`: a dry run ended; `stopped` by staff; `failed`: the file or the machine, see `failure`. */
export const importStates = [
  'uploaded',
  'mapped',
  'checking',
  'checked',
  'running',
  'done',
  'stopped',
  'failed',
] as const;
export const ImportState = z.enum(importStates);
export type ImportState = z.infer<typeof ImportState>;

/** `history`: figures and growth, no points and no messages. `live`: each order as if the shop system had reported it now. */
export const importModes = ['history', 'live'] as const;
export const ImportMode = z.enum(importModes);
export type ImportMode = z.infer<typeof ImportMode>;

export const ImportCounts = z.object({
  /** Rows of the file, without header and empty lines. */
  rows: count,
  /** Rows that went in, as new or changed records. */
  ok: count,
  unchanged: count,
  bad: count,
});
export type ImportCounts = z.infer<typeof ImportCounts>;

export const ImportReason = z.object({ code: z.string(), count, title: z.record(z.string(), z.string()) });

export const ImportView = z.object({
  id: Id,
  kind: ImportKind,
  fileName: z.string(),
  bytes: count,
  state: ImportState,
  /** How much of the file has been read, in per cent. */
  progress: z.int().min(0).max(100),
  mode: ImportMode.nullable(),
  dryRun: z.boolean(),
  counts: ImportCounts,
  /** Why rows were refused, most frequent first. */
  reasons: z.array(ImportReason),
  /** There are refused rows to download. */
  hasReport: z.boolean(),
  failure: z.object({ code: z.string(), detail: z.string() }).nullable(),
  createdAt: Time,
  finishedAt: Time.nullable(),
  by: z.string(),
});
export type ImportView = z.infer<typeof ImportView>;

/** What the mapping screen needs: the columns, some rows as they are in the file, and our proposal. */
export const ImportDetail = ImportView.extend({
  header: z.array(z.string()),
  sample: z.array(z.object({ line: z.int(), cells: z.array(z.string()) })),
  mapping: ImportMapping.nullable(),
  suggested: z.object({
    mapping: z.unknown(),
    /** Fields that are still needed before it can run. */
    missing: z.array(z.string()),
    /** A kept mapping that this header fits, if any; else found from the names of the columns. */
    from: z.enum(['kept', 'names']),
  }),
});
export type ImportDetail = z.infer<typeof ImportDetail>;

export const ImportsPage = page(ImportView);
/** Beside the file in the multipart body. */
export const UploadImportFields = z.strictObject({ kind: ImportKind });
export const PutImportMapping = z.strictObject({ mapping: ImportMapping });
export const StartImport = z.strictObject({ dryRun: z.boolean(), mode: ImportMode.default('history') });
