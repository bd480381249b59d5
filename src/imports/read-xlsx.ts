/**
 * A sheet of an Excel workbook as rows of text, read as a stream by exceljs from a clean copy of the few parts it needs (zip.ts).
 * Dates come out as YYYY-MM-DD HH:mm:ss by the clock on the sheet, formulas as their values, numbers with the 15 digits Excel keeps.
 */
import { Readable } from 'node:stream';
import type { Cell, Row } from 'exceljs';
import type { ImportFormat } from '../contracts/http/imports.js';
import { ImportProblem } from './problem.js';
import { withHeader } from './rows.js';
import type { OpenedRows, SourceRow } from './rows.js';
import type { Reading } from './text.js';
import { cleanZip, measure, zipEntries } from './zip.js';
import type { Part, ZipEntry } from './zip.js';

type XlsxFormat = Extract<ImportFormat, { type: 'xlsx' }>;

const MB = 1024 * 1024;
/** Unpacked sizes. Shared strings and styles are held in memory; a sheet streams through. */
const LIMITS = { book: 2 * MB, styles: 8 * MB, strings: 96 * MB, sheet: 2048 * MB } as const;
const MAX_COLUMNS = 500;

export async function openXlsx(file: string, format: XlsxFormat, reading: Reading = {}): Promise<OpenedRows> {
  const entries = await zipEntries(file);
  const sheet = await findSheet(file, entries, format.sheet);
  const parts = await partsFor(file, entries, sheet);
  return withHeader(sheetRows(Readable.from(counted(cleanZip(file, parts), reading))), format.header);
}

async function* counted(pieces: AsyncIterable<Buffer>, { onBytes, signal }: Reading): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    onBytes?.(piece.length);
    yield piece;
  }
}

/** Entry of the wanted sheet: the workbook's list of sheets has names and ids, its relations tell which entry an id is. */
async function findSheet(file: string, entries: Map<string, ZipEntry>, asked?: string | number): Promise<ZipEntry> {
  const sheets = [...(await textOf(file, entries, 'xl/workbook.xml')).matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)].map(
    ([tag]) => ({ name: attribute(tag, 'name'), id: attribute(tag, 'r:id') }),
  );
  const relations = [
    ...(await textOf(file, entries, 'xl/_rels/workbook.xml.rels')).matchAll(/<(?:\w+:)?Relationship\s[^>]*>/g),
  ].map(([tag]) => ({ id: attribute(tag, 'Id'), target: attribute(tag, 'Target') }));
  const chosen = typeof asked === 'string' ? sheets.find(({ name }) => name === asked) : sheets[(asked ?? 1) - 1];
  const names = sheets.map(({ name }) => name).join(', ');
  if (!chosen) throw new ImportProblem('file.noSheet', `It has: ${names}.`);
  const target = relations.find(({ id }) => id === chosen.id)?.target ?? '';
  const entry = entries.get(target.startsWith('/') ? target.slice(1) : `xl/${target}`);
  if (!entry) throw new ImportProblem('file.noSheet', `It has: ${names}.`);
  return entry;
}

async function textOf(file: string, entries: Map<string, ZipEntry>, name: string): Promise<string> {
  const entry = entries.get(name);
  if (!entry) throw new ImportProblem('file.notXlsx');
  const pieces: Buffer[] = [];
  await measure(file, entry, LIMITS.book, pieces);
  return Buffer.concat(pieces).toString('utf8');
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}\\s*=\\s*"([^"]*)"`).exec(tag)?.[1] ?? '';
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return value.replace(/&(lt|gt|amp|quot|apos);/g, (_, entity: string) => entities[entity] ?? '');
}

/** In the order in which exceljs needs them, so that it never puts a sheet aside; the sheet under the name it looks for. */
async function partsFor(file: string, entries: Map<string, ZipEntry>, sheet: ZipEntry): Promise<Part[]> {
  const part = async (name: string, entry: ZipEntry | undefined, limit: number): Promise<Part[]> =>
    entry ? [{ name, entry, size: await measure(file, entry, limit) }] : [];
  const strings = await part('xl/sharedStrings.xml', entries.get('xl/sharedStrings.xml'), LIMITS.strings);
  return [
    ...(await part('xl/workbook.xml', entries.get('xl/workbook.xml'), LIMITS.book)),
    ...(await part('xl/_rels/workbook.xml.rels', entries.get('xl/_rels/workbook.xml.rels'), LIMITS.book)),
    ...(await part('xl/styles.xml', entries.get('xl/styles.xml'), LIMITS.styles)),
    ...(strings.length > 0 ? strings : [{ name: 'xl/sharedStrings.xml', text: '<sst></sst>' }]),
    ...(await part('xl/worksheets/sheet1.xml', sheet, LIMITS.sheet)),
  ];
}

async function* sheetRows(stream: Readable): AsyncGenerator<SourceRow> {
  // Loaded by the first workbook: a quarter of a second of every start otherwise, and most processes never read one.
  const { default: exceljs } = await import('exceljs');
  const workbook = new exceljs.stream.xlsx.WorkbookReader(stream, {
    worksheets: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    entries: 'ignore',
  });
  try {
    for await (const sheet of workbook) {
      for await (const row of sheet) {
        const read = rowOf(row);
        if (read) yield read;
      }
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new ImportProblem('file.notXlsx', error instanceof Error ? error.message : undefined);
  } finally {
    stream.destroy();
  }
}

/** Undefined for a row without anything in it. */
function rowOf(row: Row): SourceRow | undefined {
  const cells: string[] = [];
  let failed = false;
  for (let column = 1; column <= Math.min(row.cellCount, MAX_COLUMNS); column++) {
    const cell = row.findCell(column);
    const text = cell ? textOfCell(cell) : '';
    failed ||= text === undefined;
    cells.push(text ?? '');
  }
  if (failed) return { line: row.number, cells, bad: 'cell.error' };
  return cells.some((cell) => cell.trim() !== '') ? { line: row.number, cells } : undefined;
}

/** Undefined for a formula that failed. */
function textOfCell(cell: Cell): string | undefined {
  const value: unknown = cell.value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object' || value instanceof Date) return textOfValue(value, cell.numFmt);
  if ('formula' in value) {
    const result = 'result' in value ? value.result : '';
    return typeof result === 'number' && Number.isNaN(result) ? undefined : textOfValue(result ?? '', cell.numFmt);
  }
  if ('error' in value) return undefined;
  if ('richText' in value && Array.isArray(value.richText)) {
    return value.richText.map((run: { text?: string | null }) => run.text ?? '').join('');
  }
  return 'text' in value ? String(value.text) : '';
}

function textOfValue(value: unknown, format: string | undefined): string {
  if (value instanceof Date) return wallClock(value);
  if (typeof value !== 'number') return String(value);
  // exceljs leaves dates that a formula made as numbers of days.
  if (format && isDateFormat(format) && value > 0 && value < 2_958_466) {
    return wallClock(new Date(Date.UTC(1899, 11, 30) + Math.round(value * 86_400) * 1000));
  }
  // Excel keeps 15 digits: of a longer number the rest is lost, and the exponent says so to those who need all of them.
  if (Number.isInteger(value) && Math.abs(value) >= 1e15) return value.toExponential();
  return plainNumber(value);
}

/** 0.1 + 0.2 is 0.3 on the sheet, and so it is here; never in scientific notation. */
function plainNumber(value: number): string {
  const text = String(Number(value.toPrecision(15)));
  return text.includes('e-') ? Number(text).toFixed(20).replace(/0+$/, '') : text;
}

const isDateFormat = (format: string): boolean =>
  /[ymdhs]/i.test(format.replace(/\[[^\]]*\]|"[^"]*"|\\./g, '')) && format !== 'General';

/** exceljs gives what the sheet's clock shows as if it were UTC. Rounded: a time of day is a fraction of a day. */
function wallClock(date: Date): string {
  return new Date(Math.round(date.getTime() / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
