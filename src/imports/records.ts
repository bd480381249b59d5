/**
 * Rows -> records: one order or customer each, with its lines, or why it is refused. Reads in the file's order and holds one record at
 * a time, besides a number for each key that was seen. Knows nothing of the database.
 */
import type { CustomerInput, OrderInput } from '../contracts/index.js';
import type { ImportMapping } from '../contracts/http/imports.js';
import { createCells } from './cells.js';
import type { Cells } from './cells.js';
import type { Made } from './draft.js';
import { makeCustomer } from './map-customers.js';
import { makeOrder } from './map-orders.js';
import type { Mapping } from './map-orders.js';
import { masked } from './mask.js';
import type { BadRow, ReasonCode } from './reasons.js';
import type { OpenedRows, SourceRow } from './rows.js';
import { tidyKey } from './tidy.js';

export type RecordInput = { kind: 'orders'; input: OrderInput } | { kind: 'customers'; input: CustomerInput };

export interface ReadRecord {
  /** Of its last row: where reading goes on after it. */
  line: number;
  firstLine: number;
  rows: number;
  record?: RecordInput;
  /** Every refused row, so that a corrected file can be made from the report; absent when the record is good. */
  bad?: BadRow[];
}

type Rows = readonly [SourceRow, ...SourceRow[]];
/** A row and the number that names its record. */
interface Keyed {
  row: SourceRow;
  key: string;
}

/** `scattered`: orders whose rows are not together, as `findScattered` tells. */
export async function* readRecords(
  mapping: ImportMapping,
  opened: OpenedRows,
  { now, scattered }: { now: Date; scattered?: ReadonlySet<number> | undefined },
): AsyncGenerator<ReadRecord> {
  const cells = createCells(mapping, opened.header);
  const parts: Mapping = { mapping, cells, now };
  const seen = new Map<number, number>();
  for await (const group of grouped(opened.rows, mapping, cells)) {
    if ('bad' in group) yield group;
    else yield recordOf(parts, group, seen, scattered);
  }
}

function recordOf(
  parts: Mapping,
  { rows, key }: { rows: Rows; key: string },
  seen: Map<number, number>,
  scattered: ReadonlySet<number> | undefined,
): ReadRecord {
  const hash = hashOf(key);
  const place = placeOf(rows);
  if (scattered?.has(hash)) return { ...place, bad: rows.map((row) => badKey(parts, row, 'group.scattered')) };
  if (seen.has(hash)) return { ...place, bad: rows.map((row) => badKey(parts, row, 'key.repeated')) };
  seen.set(hash, place.firstLine);
  if (parts.mapping.kind === 'orders') {
    const made = makeOrder(parts, rows, key);
    return made.ok
      ? { ...place, record: { kind: 'orders', input: made.input } }
      : { ...place, bad: whole(parts, rows, made) };
  }
  const made = makeCustomer(parts, rows[0], key);
  return made.ok ? { ...place, record: { kind: 'customers', input: made.input } } : { ...place, bad: made.bad };
}

/** What is wrong, and the other rows of the order beside it, which do not go in either. */
function whole(parts: Mapping, rows: Rows, { bad }: Extract<Made<unknown>, { ok: false }>): BadRow[] {
  const named = new Set(bad.map(({ line }) => line));
  const others = rows.filter(({ line }) => !named.has(line)).map((row) => badKey(parts, row, 'group.otherRow'));
  return [...bad, ...others].sort((a, b) => a.line - b.line);
}

const keyField = ({ kind }: ImportMapping): 'orderNo' | 'externalId' => (kind === 'orders' ? 'orderNo' : 'externalId');

function badKey({ mapping, cells }: Pick<Mapping, 'mapping' | 'cells'>, row: SourceRow, reason: ReasonCode): BadRow {
  const field = keyField(mapping);
  return { line: row.line, column: cells.column(field), value: masked(field, cells.raw(field, row)), reason };
}

const placeOf = (rows: Rows) => ({
  firstLine: rows[0].line,
  line: rows.at(-1)?.line ?? rows[0].line,
  rows: rows.length,
});

/** Rows that cannot be read, or have no key, come back as bad at once. */
async function* grouped(
  rows: AsyncIterable<SourceRow>,
  mapping: ImportMapping,
  cells: Cells,
): AsyncGenerator<{ rows: Rows; key: string } | (ReadRecord & { bad: BadRow[] })> {
  let open: { rows: [SourceRow, ...SourceRow[]]; key: string } | undefined;
  for await (const row of rows) {
    const keyed = keyedRow(row, mapping, cells);
    if ('reason' in keyed) {
      if (open) yield open;
      open = undefined;
      yield { ...placeOf([row]), bad: [keyed] };
    } else if (mapping.groups && open?.key === keyed.key) open.rows.push(row);
    else {
      if (open) yield open;
      open = { rows: [row], key: keyed.key };
    }
  }
  if (open) yield open;
}

function keyedRow(row: SourceRow, mapping: ImportMapping, cells: Cells): Keyed | BadRow {
  if (row.bad) {
    return { line: row.line, column: '', value: masked('', row.cells.join(' ').slice(0, 60)), reason: row.bad };
  }
  // The line is the name: two equal lines are two orders, and the file imported again has the same lines.
  if (mapping.key === 'line') return { row, key: `line-${row.line}` };
  const text = cells.text(keyField(mapping), row);
  if (text === '') return badKey({ mapping, cells }, row, 'field.missing');
  const key = tidyKey(text);
  return key.ok ? { row, key: key.value } : badKey({ mapping, cells }, row, key.reason);
}

/** Orders whose rows stand in more than one place: taking the first rows alone would make a wrong order. Reads the whole file. */
export async function findScattered(mapping: ImportMapping, opened: OpenedRows): Promise<ReadonlySet<number>> {
  const cells = createCells(mapping, opened.header);
  const seen = new Set<number>();
  const scattered = new Set<number>();
  let previous: number | undefined;
  for await (const row of opened.rows) {
    const keyed = keyedRow(row, mapping, cells);
    const hash = 'key' in keyed ? hashOf(keyed.key) : undefined;
    if (hash !== undefined && hash !== previous) {
      if (seen.has(hash)) scattered.add(hash);
      seen.add(hash);
    }
    previous = hash;
  }
  return scattered;
}

/**
 * 53 bits of a key, so that millions of them are remembered in little memory and no key keeps the text around it alive. Two different
 * keys of a file of a million meet with a chance of 1 in 18,000; the second is then refused as repeated, never lost in silence.
 */
export function hashOf(key: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
