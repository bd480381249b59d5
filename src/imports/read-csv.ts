/**
 * Delimited text as rows. Lines are first joined into records by their quotes, so that each row knows its line and a quote that was
 * never closed costs one row, not the rest of the file; csv-parse then divides whole records into cells.
 */
import { parse } from 'csv-parse/sync';
import type { ImportFormat } from '../contracts/http/imports.js';
import { withHeader } from './rows.js';
import type { OpenedRows, SourceRow } from './rows.js';
import { readLines } from './text.js';
import type { Line, Reading } from './text.js';

type CsvFormat = Extract<ImportFormat, { type: 'csv' }>;

/** Of one record: an address with line breaks has few, an open quote has thousands. */
const MAX_RECORD_LINES = 50;
/** csv-parse prepares itself at each call, which costs more than a row; so it gets many. */
const RECORDS_A_CALL = 200;

export async function openCsv(file: string, format: CsvFormat, reading: Reading = {}): Promise<OpenedRows> {
  const delimiter = format.delimiter ?? (await findDelimiter(file, format));
  const rows = csvRows(readLines(file, format.encoding, reading), { delimiter, quote: format.quote });
  return withHeader(rows, format.header);
}

interface Dialect {
  delimiter: string;
  quote: string | null;
}

async function* csvRows(lines: AsyncIterable<Line>, dialect: Dialect): AsyncGenerator<SourceRow> {
  const framer = createFramer(dialect);
  for await (const line of lines) {
    framer.take(line);
    if (framer.ready.length >= RECORDS_A_CALL) yield* divide(framer.ready.splice(0), dialect);
  }
  framer.end();
  yield* divide(framer.ready, dialect);
}

/** Lines that belong together; `bad`: they do not make a record. */
interface Framed {
  lines: Line[];
  bad?: 'row.unreadable' | 'row.tooLong';
}

function createFramer({ quote }: Dialect) {
  const ready: Framed[] = [];
  let open: Line[] = [];
  let inQuotes = false;

  function take(line: Line): void {
    if (line.cut) {
      end();
      ready.push({ lines: [line], bad: 'row.tooLong' });
      return;
    }
    if (open.length === 0 && line.text.trim() === '') return;
    open.push(line);
    if (quote && countOf(line.text, quote) % 2 === 1) inQuotes = !inQuotes;
    if (!inQuotes) {
      ready.push({ lines: open });
      open = [];
    } else if (open.length > MAX_RECORD_LINES) giveUpFirst();
  }

  /** The quote was opened by mistake in the first line: that line is bad, the others get another chance. */
  function giveUpFirst(): void {
    const [first, ...others] = open;
    open = [];
    inQuotes = false;
    if (first) ready.push({ lines: [first], bad: 'row.unreadable' });
    for (const line of others) take(line);
  }

  function end(): void {
    while (open.length > 0) giveUpFirst();
  }

  return { ready, take, end };
}

function countOf(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) count += 1;
  return count;
}

function divide(records: readonly Framed[], dialect: Dialect): SourceRow[] {
  const rows: SourceRow[] = [];
  let whole: Framed[] = [];
  const flush = (): void => {
    rows.push(...divideWhole(whole, dialect));
    whole = [];
  };
  for (const record of records) {
    if (record.bad) {
      flush();
      rows.push(...record.lines.map(({ line, text }) => badRow(line, text, record.bad)));
    } else whole.push(record);
  }
  flush();
  return rows;
}

function divideWhole(records: readonly Framed[], dialect: Dialect): SourceRow[] {
  if (records.length === 0) return [];
  const cells = cellsOf(records.map(textOf).join('\n'), dialect);
  if (cells?.length === records.length) return records.map((record, i) => rowOf(record, cells[i] ?? []));
  if (records.length > 1) return records.flatMap((record) => divideWhole([record], dialect));
  const [record] = records;
  return record ? divideBroken(record, dialect) : [];
}

/** A record that is none: its first line is bad, the lines after it are framed anew by themselves. */
function divideBroken({ lines }: Framed, dialect: Dialect): SourceRow[] {
  const [first, ...others] = lines;
  const framer = createFramer(dialect);
  for (const line of others) framer.take(line);
  framer.end();
  return [...(first ? [badRow(first.line, first.text, 'row.unreadable')] : []), ...divide(framer.ready, dialect)];
}

function cellsOf(text: string, { delimiter, quote }: Dialect): string[][] | undefined {
  try {
    return parse(text, {
      delimiter,
      quote: quote ?? false,
      relax_column_count: true,
      record_delimiter: '\n',
      skip_empty_lines: false,
    });
  } catch {
    return undefined;
  }
}

const textOf = ({ lines }: Framed): string => lines.map(({ text }) => text).join('\n');

function rowOf({ lines }: Framed, cells: string[]): SourceRow {
  const line = lines[0]?.line ?? 0;
  return cells.some((cell) => cell.includes('\ufffd')) ? { line, cells, bad: 'row.encoding' } : { line, cells };
}

function badRow(line: number, text: string, bad: Framed['bad']): SourceRow {
  return { line, cells: [text.slice(0, 200)], ...(bad ? { bad } : {}) };
}

const CANDIDATES = [',', '\t', ';', '|'];
const LINES_TO_LOOK_AT = 20;

/** The sign that divides the first lines into the most columns, the same number in most of them. */
export async function findDelimiter(file: string, format: Pick<CsvFormat, 'encoding' | 'quote'>): Promise<string> {
  const lines: string[] = [];
  for await (const { text } of readLines(file, format.encoding)) {
    if (text.trim() !== '') lines.push(text);
    if (lines.length >= LINES_TO_LOOK_AT) break;
  }
  const scores = CANDIDATES.map((delimiter) => {
    const counts = lines.map((text) => cellsOf(text, { delimiter, quote: format.quote })?.[0]?.length ?? 0);
    const columns = counts[0] ?? 0;
    const alike = counts.filter((count) => count === columns).length;
    return { delimiter, score: columns > 1 ? alike * 1000 + columns : 0 };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).delimiter;
}
