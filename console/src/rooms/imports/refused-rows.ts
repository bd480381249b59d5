/** The report of refused rows as the server writes it (CSV, both languages), read back for the screen. Pure. */

export interface RefusedRow {
  line: string;
  column: string;
  value: string;
  code: string;
  reason: { 'zh-CN': string; en: string };
  remedy: { 'zh-CN': string; en: string };
}

/** The first `most` rows; what was cut off in the middle of a line is left out. */
export function refusedRowsOf(text: string, most: number): RefusedRow[] {
  const [, ...rows] = csvRows(text.replace(/^\ufeff/, ''));
  return rows.slice(0, most).flatMap((cells) => {
    const [line, column, value, code, zh, en, zhRemedy, enRemedy] = cells;
    if (line === undefined || column === undefined || value === undefined || code === undefined) return [];
    if (zh === undefined || en === undefined || zhRemedy === undefined || enRemedy === undefined) return [];
    const reason = { 'zh-CN': zh, en };
    return [{ line, column, value: unguarded(value), code, reason, remedy: { 'zh-CN': zhRemedy, en: enRemedy } }];
  });
}

/** The apostrophe before what a spreadsheet would run is for spreadsheets. */
const unguarded = (value: string): string => (/^'[=+\-@\t\r]/.test(value) ? value.slice(1) : value);

/** Whole lines only: a last line without its end is not told. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else cell += char;
  }
  return rows;
}

const MOST_BYTES = 256 * 1024;

/** The beginning of a report: it may hold every row of a large file. */
export async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let [text, read] = ['', 0];
  while (read < MOST_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    read += value.length;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
