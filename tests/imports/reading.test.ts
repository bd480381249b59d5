/** Files become rows: encodings, quotes, widths, workbooks, and what each broken file costs. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import exceljs from 'exceljs';
import iconv from 'iconv-lite';
import { ImportFormat } from '../../src/contracts/http/imports.js';
import { ImportProblem } from '../../src/imports/problem.js';
import { findFormat, openRows } from '../../src/imports/read.js';
import type { SourceRow } from '../../src/imports/rows.js';
import { detectEncoding } from '../../src/imports/text.js';
import { bomb } from './zip-bomb.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-imports-'));
});

let files = 0;
async function fileOf(content: string | Buffer): Promise<string> {
  const file = join(folder, `file-${(files += 1)}`);
  await writeFile(file, content);
  return file;
}

async function read(content: string | Buffer, format: unknown): Promise<{ header: string[]; rows: SourceRow[] }> {
  const { header, rows } = await openRows(await fileOf(content), ImportFormat.parse(format));
  const all: SourceRow[] = [];
  for await (const row of rows) all.push(row);
  return { header, rows: all };
}

async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return error instanceof ImportProblem ? error.code : String(error);
  }
}

const csv = { type: 'csv' };

describe('text', () => {
  const text = '订单号,金额\r\nA1,3.50\r\n';

  it('is read in UTF-8 with and without its mark, in GBK and in UTF-16', async () => {
    const bytes = [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      iconv.encode(text, 'gbk'),
      Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode(text, 'utf-16le')]),
    ];
    for (const content of bytes) {
      expect(await read(content, csv)).toEqual({
        header: ['订单号', '金额'],
        rows: [{ line: 2, cells: ['A1', '3.50'] }],
      });
    }
  });

  it('is not taken for GBK because a character lies across the end of what is looked at', async () => {
    const long = `a,b\n${'回'.repeat(400_000)},1\n`;
    expect(await detectEncoding(await fileOf(long))).toBe('utf-8');
    expect(await detectEncoding(await fileOf(iconv.encode(long, 'gb18030')))).toBe('gb18030');
  });

  it('can be read in an encoding that was given; what does not fit it marks the row', async () => {
    const { rows } = await read(iconv.encode('号,名\n1,客\n2,b\n', 'gbk'), {
      ...csv,
      encoding: 'utf-8',
      header: false,
    });
    expect(rows.map(({ bad }) => bad)).toEqual(['row.encoding', 'row.encoding', undefined]);
  });

  it('keeps characters whole that lie across two pieces of the file', async () => {
    const cell = '客'.repeat(100_001);
    const { rows } = await read(iconv.encode(`n\n${cell}\n`, 'gb18030'), csv);
    expect(rows[0]?.cells[0]).toBe(cell);
  });
});

describe('CSV', () => {
  it('names the line at which a row begins, also after values with line breaks', async () => {
    const { rows } = await read('a,b\n1,"x\ny"\n\n2,"he said ""hi"", twice"\n', csv);
    expect(rows).toEqual([
      { line: 2, cells: ['1', 'x\ny'] },
      { line: 5, cells: ['2', 'he said "hi", twice'] },
    ]);
  });

  it('loses one row to a quote that is never closed, not the rest of the file', async () => {
    const rest = Array.from({ length: 500 }, (_, i) => `${i},ok`).join('\n');
    const { rows } = await read(`a,b\n1,"open\n${rest}\n`, csv);
    expect(rows[0]).toMatchObject({ line: 2, bad: 'row.unreadable' });
    expect(rows.slice(1).filter(({ bad }) => !bad)).toHaveLength(500);
    expect(rows.at(-1)).toEqual({ line: 502, cells: ['499', 'ok'] });
  });

  it('loses only the rows with a stray quote when two of them look like one long value', async () => {
    const { rows } = await read('a,b\n1,5" disk\n2,fine\n3,7" disk\n4,fine\n', csv);
    expect(rows.map(({ line, bad }) => [line, bad ?? 'good'])).toEqual([
      [2, 'row.unreadable'],
      [3, 'good'],
      [4, 'row.unreadable'],
      [5, 'good'],
    ]);
  });

  it('refuses a row with more cells than columns, pads one with fewer', async () => {
    const { rows } = await read('a,b\n1,2,3\n1,2,,\n1\n', csv);
    expect(rows.map(({ cells, bad }) => [cells.length, bad])).toEqual([
      [3, 'row.cells'],
      [2, undefined],
      [1, undefined],
    ]);
  });

  it('finds the delimiter, also when values hold others', async () => {
    for (const [sign, text] of [
      ['\t', 'a\tb\n1,5\t2\n3,5\t4\n'],
      [';', 'a;b\n1,5;2\n3,5;4\n'],
      ['|', 'a|b\n1|2\n'],
      [',', 'a,b\n"x;y;z",2\n'],
    ] as const) {
      expect(await findFormat(await fileOf(text))).toMatchObject({ type: 'csv', delimiter: sign });
    }
  });

  it('gives names to columns without one, and tells two of one name apart', async () => {
    expect((await read('a,,a\n1,2,3\n', csv)).header).toEqual(['a', '2', 'a (2)']);
    expect((await read('1,2\n', { ...csv, header: false })).header).toEqual(['1', '2']);
  });

  it('throws a line away that has no end, whatever its size', async () => {
    const { rows } = await read(`a,b\n${'x'.repeat(3_000_000)}\n1,2\n`, csv);
    expect(rows.map(({ line, bad }) => [line, bad])).toEqual([
      [2, 'row.tooLong'],
      [3, undefined],
    ]);
  });

  it('reads no further than it is asked', async () => {
    const file = await fileOf(`a,b\n${'1,2\n'.repeat(2_000_000)}`);
    let bytes = 0;
    const { rows } = await openRows(file, ImportFormat.parse({ ...csv, delimiter: ',' }), {
      onBytes: (piece) => void (bytes += piece),
    });
    for await (const row of rows) if (row.line > 100) break;
    expect(bytes).toBeLessThan(2_000_000);
  });
});

describe('fixed widths', () => {
  const format = {
    type: 'fixed',
    columns: [
      { name: 'no', from: 1, to: 4 },
      { name: 'name', from: 5, to: 8 },
    ],
  };
  it('cuts by characters, not by bytes, and trims', async () => {
    expect(await read('0001客户  \r\n0002𠮷野家 \n', format)).toEqual({
      header: ['no', 'name'],
      rows: [
        { line: 1, cells: ['0001', '客户'] },
        { line: 2, cells: ['0002', '𠮷野家'] },
      ],
    });
  });
});

describe('Excel', () => {
  async function book(fill: (sheet: exceljs.Worksheet, workbook: exceljs.Workbook) => void): Promise<Buffer> {
    const workbook = new exceljs.Workbook();
    fill(workbook.addWorksheet('订单'), workbook);
    return Buffer.from(await workbook.xlsx.writeBuffer());
  }

  it('gives dates by the clock of the sheet, formulas as values, numbers without the dust of floats', async () => {
    const content = await book((sheet) => {
      sheet.addRow(['号', '时间', '金额', '公式', '文字']);
      const row = sheet.addRow([
        'A1',
        new Date('2026-01-31T08:30:00Z'),
        0.1 + 0.2,
        { formula: 'C2*2', result: 0.6 },
        '',
      ]);
      row.getCell(2).numFmt = 'yyyy-mm-dd hh:mm:ss';
      row.getCell(5).value = { richText: [{ text: '粗' }, { text: '体' }] };
    });
    expect((await read(content, { type: 'xlsx' })).rows).toEqual([
      { line: 2, cells: ['A1', '2026-01-31 08:30:00', '0.3', '0.6', '粗体'] },
    ]);
  });

  it('shows a number that lost its digits as what it is', async () => {
    const content = await book((sheet) => {
      sheet.addRow(['号']);
      sheet.addRow([1234567890123456800]);
      sheet.addRow([13800138000]);
    });
    const { rows } = await read(content, { type: 'xlsx' });
    expect(rows.map(({ cells }) => cells[0])).toEqual(['1.2345678901234568e+18', '13800138000']);
  });

  it('marks formulas that failed', async () => {
    const content = await book((sheet) => {
      sheet.addRow(['a', 'b']);
      sheet.addRow(['1', { error: '#N/A' }]);
    });
    expect((await read(content, { type: 'xlsx' })).rows).toMatchObject([{ line: 2, bad: 'cell.error' }]);
  });

  it('takes a sheet by name or number and says which there are', async () => {
    const content = await book((sheet, workbook) => {
      sheet.addRow(['first']);
      workbook.addWorksheet('会员 & 客户').addRow(['second']);
    });
    const header = async (sheet?: string | number) => (await read(content, { type: 'xlsx', sheet })).header;
    expect([await header(), await header(2), await header('会员 & 客户')]).toEqual([['first'], ['second'], ['second']]);
    expect(await problemOf(header('none'))).toBe('file.noSheet');
  });

  it('refuses what is no workbook, an old one, and text that is one', async () => {
    expect(await problemOf(read('a,b\n1,2\n', { type: 'xlsx' }))).toBe('file.notXlsx');
    expect(await problemOf(read(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]), csv))).toBe('file.oldExcel');
    expect(await problemOf(read(await book((sheet) => void sheet.addRow(['a'])), csv))).toBe('file.notText');
    expect(await problemOf(read('', csv))).toBe('file.empty');
    const cut = await book((sheet) => void sheet.addRow(['a']));
    expect(await problemOf(read(cut.subarray(0, cut.length - 40), { type: 'xlsx' }))).toBe('file.notXlsx');
  });

  it('stops at a part that unpacks to more than it may, whatever size it claims', async () => {
    const content = bomb(await book((sheet) => void sheet.addRow(['a'])), 'xl/sharedStrings.xml', 97 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    expect(await problemOf(read(content, { type: 'xlsx' }))).toBe('file.tooLarge');
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('streams a large sheet in bounded memory', async () => {
    const file = join(folder, 'large.xlsx');
    const writer = new exceljs.stream.xlsx.WorkbookWriter({ filename: file, useSharedStrings: false });
    const sheet = writer.addWorksheet('a');
    for (let i = 0; i < 20_000; i++) sheet.addRow([`order-${i}`, i, 'x'.repeat(50)]).commit();
    await writer.commit();
    const { rows } = await openRows(file, { type: 'xlsx', header: true });
    let count = 0;
    for await (const row of rows) count += row.cells.length > 0 ? 1 : 0;
    expect(count).toBe(19_999);
  });
});

it('finds a workbook by its content, not by its name', async () => {
  const workbook = new exceljs.Workbook();
  workbook.addWorksheet('a').addRow(['x']);
  const file = await fileOf(Buffer.from(await workbook.xlsx.writeBuffer()));
  expect((await readFile(file)).subarray(0, 2).toString()).toBe('PK');
  expect(await findFormat(file)).toEqual({ type: 'xlsx', header: true });
});
