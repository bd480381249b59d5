/**
 * The CDNOW sample (fixed widths, no header, no order number, equal lines that are different purchases) by the mapping of docs/import.md.
 * HUIKE_CDNOW names the published file (https://www.brucehardie.com/datasets/); without it a file of the same shape is made.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ImportMapping } from '../../src/contracts/http/imports.js';
import { seeded } from '../helpers/scale.js';
import { openImportShop } from './shop.js';

const given = process.env['HUIKE_CDNOW'];
const mappingFile = new URL('../fixtures/imports/cdnow-mapping.json', import.meta.url);

it('comes in whole: fen and counts of each customer are the file’s, equal lines included', async () => {
  const shop = await openImportShop();
  try {
    const text = given ? await readFile(given, 'latin1') : madeSample();
    const file = join(shop.dataDir, 'cdnow.txt');
    await writeFile(file, text, 'latin1');
    const mapping = ImportMapping.parse(JSON.parse(await readFile(mappingFile, 'utf8')));
    const run = { file, fileName: 'cdnow.txt', mapping, mode: 'history' as const, dryRun: false, by: 'test' };
    const expected = plainTotals(text);
    const rows = [...expected.values()].reduce((sum, { count }) => sum + count, 0);
    expect((await shop.importer.run(run)).counts).toEqual({ rows, ok: rows, unchanged: 0, bad: 0 });
    expect(await storedTotals(shop)).toEqual(expected);
    const figures = (await shop.models.customers.find().lean()).reduce(
      (sum, one) => sum + (one.figures?.spent ?? 0),
      0,
    );
    expect(figures).toBe([...expected.values()].reduce((sum, { fen }) => sum + fen, 0));
    expect((await shop.importer.run(run)).counts).toEqual({ rows, ok: 0, unchanged: rows, bad: 0 });
    expect(await storedTotals(shop)).toEqual(expected);
  } finally {
    await shop.close();
  }
}, 120_000);

type Totals = Map<string, { count: number; fen: number; cds: number }>;

/** By splitting at spaces, without any of the code under test. */
function plainTotals(text: string): Totals {
  const totals: Totals = new Map();
  const lines = text.split('\r\n').filter((line) => line.trim());
  expect(lines.length).toBeGreaterThan(new Set(lines).size);
  for (const line of lines) {
    const [customer = '', , , cds = '', dollars = ''] = line.trim().split(/\s+/);
    const [whole = '', cents = ''] = dollars.split('.');
    const known = totals.get(customer) ?? { count: 0, fen: 0, cds: 0 };
    totals.set(customer, {
      count: known.count + 1,
      fen: known.fen + Number(whole) * 100 + Number(cents),
      cds: known.cds + Number(cds),
    });
  }
  return new Map([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function storedTotals(shop: Awaited<ReturnType<typeof openImportShop>>): Promise<Totals> {
  const names = new Map<string, string>();
  for (const { customerId, value } of await shop.models.shopIdentities.find({ kind: 'member' }).lean())
    names.set(String(customerId), value);
  const totals: Totals = new Map();
  for (const { customerId, paid, items } of await shop.models.orders.find().lean()) {
    const name = names.get(String(customerId)) ?? '?';
    const known = totals.get(name) ?? { count: 0, fen: 0, cds: 0 };
    totals.set(name, { count: known.count + 1, fen: known.fen + paid, cds: known.cds + (items[0]?.quantity ?? 0) });
  }
  return new Map([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** 1,200 purchases of 400 customers; some made twice on one day, so that two lines are equal; some free. */
function madeSample(): string {
  const random = seeded(1997);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const lines: string[] = [];
  for (let i = 0; i < 1200; i++) {
    const customer = upTo(400);
    const date = `1997${String(1 + upTo(12)).padStart(2, '0')}${String(1 + upTo(28)).padStart(2, '0')}`;
    const fen = i % 97 === 0 ? 0 : upTo(50_000);
    const money = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
    const no = String(customer * 7 + 4).padStart(5, '0');
    const line = ` ${no} ${String(customer + 1).padStart(4, '0')} ${date} ${String(1 + upTo(12)).padStart(2)} ${money.padStart(7)}`;
    lines.push(...(i % 60 === 0 ? [line, line] : [line]));
  }
  return `${lines.join('\r\n')}\r\n`;
}
