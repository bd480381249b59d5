/** The report of refused rows: a CSV file that opens in a spreadsheet, harmless there, and goes on after a crash where it was certain. */
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasons } from './reasons.js';
import type { BadRow } from './reasons.js';

const HEADER = ['行 line', '列 column', '值 value', '代码 code', '原因 reason', 'reason', '怎么办 remedy', 'remedy'];
const BOM = '\ufeff';

export interface Report {
  /** Writes these rows at `from`, in place of whatever is there. @returns the size of the file with them. */
  put(rows: readonly BadRow[], from: number): Promise<number>;
  close(): Promise<void>;
}

/** `keep`: how many bytes of an earlier beginning are certain; the rest is cut off. */
export async function openReport(file: string, keep: number): Promise<Report> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, keep > 0 ? 'r+' : 'w', 0o600);
  await handle.truncate(keep);
  return {
    put: async (rows, from) => {
      if (rows.length === 0) return from;
      const head = from === 0 ? `${BOM}${csvLine(HEADER)}` : '';
      return from + (await write(handle, head + rows.map(reportLine).join(''), from));
    },
    close: () => handle.close(),
  };
}

async function write(handle: FileHandle, text: string, position: number): Promise<number> {
  const bytes = Buffer.from(text);
  await handle.write(bytes, 0, bytes.length, position);
  return bytes.length;
}

export function reportLine({ line, column, value, reason }: BadRow): string {
  const { title, remedy } = reasons[reason];
  return csvLine([String(line), column, value, reason, title['zh-CN'], title.en, remedy['zh-CN'], remedy.en]);
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** A value that a spreadsheet would run as a formula gets an apostrophe: https://owasp.org/www-community/attacks/CSV_Injection */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
