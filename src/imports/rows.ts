/** A row of a file, whatever the file was: cells of text under columns, and the line to name in a report. */
import type { ReasonCode } from './reasons.js';

export interface SourceRow {
  /** Line of a text file, row of a sheet; from 1. */
  line: number;
  cells: string[];
  /** The row could not be read; `cells` then holds its beginning. */
  bad?: ReasonCode;
}

export interface OpenedRows {
  /** Names of the columns, each once; numbers from 1 where the file has none. */
  header: string[];
  /** Only as fast as it is asked; ends the reading when left early. */
  rows: AsyncIterable<SourceRow>;
}

/** Names for the columns: trimmed, `2` for a column without a name, and `name (2)` for the second of a name. */
export function namedColumns(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, i) => {
    const name = cell.replace(/[\u200b\ufeff]/g, '').trim() || String(i + 1);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

/** Takes the header off the front. Rows with more cells than columns are refused: a value with a delimiter in it has moved the rest. */
export async function withHeader(rows: AsyncGenerator<SourceRow>, hasHeader: boolean): Promise<OpenedRows> {
  const first = await rows.next();
  if (first.done) return { header: [], rows };
  const header = hasHeader ? namedColumns(first.value.cells) : first.value.cells.map((_, i) => String(i + 1));
  return { header, rows: rest(rows, hasHeader ? undefined : first.value, header.length) };
}

async function* rest(rows: AsyncGenerator<SourceRow>, first: SourceRow | undefined, columns: number) {
  if (first) yield first;
  for await (const row of rows) yield row.bad ? row : fitted(row, columns);
}

function fitted(row: SourceRow, columns: number): SourceRow {
  if (row.cells.length <= columns) return row;
  const extra = row.cells.slice(columns).some((cell) => cell.trim() !== '');
  return { ...row, cells: extra ? row.cells : row.cells.slice(0, columns), ...(extra ? { bad: 'row.cells' } : {}) };
}
