/** Finds a field's text in a row, by what the mapping says of it. Pure; made once for a file. */
import type { ImportColumn, ImportField, ImportMapping } from '../contracts/http/imports.js';
import { ImportProblem } from './problem.js';
import type { SourceRow } from './rows.js';
import { tidyText } from './tidy.js';

export interface Cells {
  /** Tidied; the mapping's default where the cell is empty; '' where there is neither. */
  text(field: ImportField, row: SourceRow): string;
  /** As it is in the file, for the report. */
  raw(field: ImportField, row: SourceRow): string;
  /** What a person calls the column. */
  column(field: ImportField): string;
  has(field: ImportField): boolean;
}

type Reader = (row: SourceRow) => string;

/** @throws ImportProblem `file.noColumn` naming every column that the file lacks. */
export function createCells(mapping: ImportMapping, header: readonly string[]): Cells {
  const missing: string[] = [];
  const places = new Map(header.map((name, i) => [name, i]));
  const byName = (name: string): Reader => {
    const at = places.get(name);
    if (at === undefined) missing.push(name);
    return (row) => row.cells[at ?? -1] ?? '';
  };
  const readers = new Map<string, Reader>();
  for (const [field, column] of Object.entries(mapping.columns)) readers.set(field, readerFor(column, byName));
  if (missing.length > 0) {
    throw new ImportProblem('file.noColumn', `Missing: ${missing.join(', ')}. The file has: ${header.join(', ')}.`);
  }
  const { defaults } = mapping.transforms;
  const raw: Cells['raw'] = (field, row) => readers.get(field)?.(row) ?? '';
  return {
    raw,
    text: (field, row) => tidyText(raw(field, row)) || (Object.hasOwn(defaults, field) ? (defaults[field] ?? '') : ''),
    column: (field) => columnTitle(mapping.columns[field]) ?? field,
    has: (field) => readers.has(field) || Object.hasOwn(defaults, field),
  };
}

function readerFor(column: ImportColumn, byName: (name: string) => Reader): Reader {
  if (typeof column === 'string') return byName(column);
  if (typeof column === 'number') return (row) => row.cells[column - 1] ?? '';
  if ('value' in column) return () => column.value;
  // 'CD x {count}' -> text, column, text …
  const parts = column.template
    .split(/\{([^{}]+)\}/)
    .map((part, i) => (i % 2 === 0 ? () => part : trimmed(byName(part))));
  return (row) => parts.map((part) => part(row)).join('');
}

const trimmed =
  (read: Reader): Reader =>
  (row) =>
    read(row).trim();

function columnTitle(column: ImportColumn | undefined): string | undefined {
  if (column === undefined) return undefined;
  if (typeof column === 'string') return column;
  if (typeof column === 'number') return String(column);
  return 'value' in column ? column.value : column.template;
}
