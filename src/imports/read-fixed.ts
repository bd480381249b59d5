/** Text in columns of fixed width as rows: each column is a range of characters. */
import type { ImportFormat } from '../contracts/http/imports.js';
import type { OpenedRows, SourceRow } from './rows.js';
import { readLines } from './text.js';
import type { Line, Reading } from './text.js';

type FixedFormat = Extract<ImportFormat, { type: 'fixed' }>;

export function openFixed(file: string, format: FixedFormat, reading: Reading = {}): OpenedRows {
  return {
    header: format.columns.map(({ name }) => name),
    rows: fixedRows(readLines(file, format.encoding, reading), format),
  };
}

async function* fixedRows(lines: AsyncIterable<Line>, format: FixedFormat): AsyncGenerator<SourceRow> {
  let skip = format.header;
  for await (const line of lines) {
    if (line.text.trim() === '') continue;
    if (!skip) yield rowOf(line, format);
    skip = false;
  }
}

function rowOf({ line, text, cut }: Line, { columns }: FixedFormat): SourceRow {
  if (cut) return { line, cells: [text], bad: 'row.tooLong' };
  const chars = isPlain(text) ? text : [...text];
  const cells = columns.map(({ from, to }) => {
    const part = chars.slice(from - 1, to);
    return (typeof part === 'string' ? part : part.join('')).trim();
  });
  return text.includes('\ufffd') ? { line, cells, bad: 'row.encoding' } : { line, cells };
}

/** Without characters that JavaScript counts as two. */
const isPlain = (text: string): boolean => !/[\ud800-\udbff]/.test(text);
