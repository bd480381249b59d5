/** Opens a file as rows, by its format; and finds the format of a file nobody has described yet. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ImportFormat } from '../contracts/http/imports.js';
import { ImportProblem } from './problem.js';
import { findDelimiter, openCsv } from './read-csv.js';
import { openFixed } from './read-fixed.js';
import { openXlsx } from './read-xlsx.js';
import type { OpenedRows } from './rows.js';
import { detectEncoding, readStart } from './text.js';
import type { Reading } from './text.js';

export const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** @throws ImportProblem when the file cannot be read at all. */
export async function openRows(file: string, format: ImportFormat, reading: Reading = {}): Promise<OpenedRows> {
  await fileSize(file);
  switch (format.type) {
    case 'csv':
      return openCsv(file, format, reading);
    case 'fixed':
      return openFixed(file, format, reading);
    case 'xlsx':
      return openXlsx(file, format, reading);
  }
}

export async function fileSize(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new ImportProblem('file.missing');
  if (found.size === 0) throw new ImportProblem('file.empty');
  if (found.size > MAX_FILE_BYTES) throw new ImportProblem('file.tooLarge', `At most ${MAX_FILE_BYTES} bytes.`);
  return found.size;
}

/** By its content, not by its name: an Excel workbook, else delimited text. Fixed widths are always described by hand. */
export async function findFormat(file: string): Promise<ImportFormat> {
  await fileSize(file);
  const start = await readStart(file, 4);
  if (start.equals(Buffer.from('PK\u0003\u0004', 'latin1'))) return { type: 'xlsx', header: true };
  const encoding = await detectEncoding(file);
  const delimiter = await findDelimiter(file, { encoding, quote: '"' });
  return { type: 'csv', delimiter, quote: '"', header: true, encoding };
}

/** SHA-256 of the content: the same file is the same import. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}

/** The first rows as they are in the file, for a person to look at. */
export async function sampleRows(
  file: string,
  format: ImportFormat,
  count: number,
): Promise<{ header: string[]; sample: Array<{ line: number; cells: string[] }> }> {
  const { header, rows } = await openRows(file, format);
  const sample: Array<{ line: number; cells: string[] }> = [];
  for await (const { line, cells } of rows) {
    sample.push({ line, cells: cells.slice(0, header.length).map((cell) => cell.slice(0, 200)) });
    if (sample.length >= count) break;
  }
  return { header, sample };
}
