/** Imports into the real domain: what goes in, what comes back, what the same file does a second time, and what a crash leaves. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ImportMapping } from '../../src/contracts/http/imports.js';
import { createImporter } from '../../src/imports/index.js';
import type { HistoryPort, ImportRequest } from '../../src/imports/index.js';
import { openImportShop } from './shop.js';
import type { ImportShop } from './shop.js';

let shop: ImportShop;
beforeEach(async () => {
  shop = await openImportShop();
});
afterEach(() => shop.close());

const mapping = ImportMapping.parse({
  kind: 'orders',
  source: 'old-shop',
  format: { type: 'csv' },
  columns: {
    orderNo: 'no',
    status: { value: 'completed' },
    placedAt: 'at',
    paid: 'paid',
    'customer.externalId': 'who',
  },
});

async function request(lines: string[], change: Partial<ImportRequest> = {}): Promise<ImportRequest> {
  const file = join(shop.dataDir, 'orders.csv');
  await writeFile(file, ['no,at,paid,who', ...lines].join('\n'));
  return { file, fileName: 'orders.csv', mapping, mode: 'history', dryRun: false, by: 'test', ...change };
}
const lines = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `N${i},2026-01-${String((i % 28) + 1).padStart(2, '0')} 10:00,${i % 90}.5,m${i % 7}`,
  );

describe('an import of orders', () => {
  it('takes the good rows, returns the bad ones, and moves figures and growth but no points', async () => {
    const [first = '', ...others] = lines(20);
    const run = await request([first, 'X1,yesterday,1,m1', ...others, 'X2,2026-01-01,1.234,m1']);
    const outcome = await shop.importer.run(run);
    expect(outcome).toMatchObject({
      state: 'done',
      counts: { rows: 22, ok: 20, unchanged: 0, bad: 2 },
      reasons: [
        { code: 'date.invalid', count: 1 },
        { code: 'money.tooFine', count: 1 },
      ],
    });
    const report = await readFile(outcome.report ?? '', 'utf8');
    expect(report.startsWith('\ufeff行 line,')).toBe(true);
    expect(
      report
        .split('\r\n')
        .slice(1, 3)
        .map((line) => line.split(',').slice(0, 4)),
    ).toEqual([
      ['3', 'at', 'yesterday', 'date.invalid'],
      ['23', 'paid', '1.234', 'money.tooFine'],
    ]);
    const figures = (await shop.models.customers.find().lean()).map((customer) => customer.figures);
    expect(figures).toHaveLength(7);
    const paid = Array.from({ length: 20 }, (_, i) => (i % 90) * 100 + 50).reduce((a, b) => a + b);
    expect(figures.reduce((sum, one) => sum + (one?.spent ?? 0), 0)).toBe(paid);
    expect(figures.reduce((sum, one) => sum + (one?.growth ?? 0), 0)).toBeGreaterThan(0);
    expect(figures.every((one) => !one?.points)).toBe(true);
    expect(await shop.models.outbox.countDocuments()).toBe(0);
    const kinds = new Set((await shop.models.events.find().lean()).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['customer.created', 'import.finished', 'order.imported']);
  });

  it('changes nothing when it is the same file again, and takes what is new of a longer one', async () => {
    await shop.importer.run(await request(lines(30)));
    const before = await contents();
    const again = await shop.importer.run(await request(lines(30)));
    expect(again.counts).toEqual({ rows: 30, ok: 0, unchanged: 30, bad: 0 });
    expect(await contents()).toEqual(before);
    const longer = await shop.importer.run(await request(lines(31)));
    expect(longer.counts).toEqual({ rows: 31, ok: 1, unchanged: 30, bad: 0 });
  });

  it('writes nothing in a dry run and reports the same', async () => {
    await shop.importer.run(await request(lines(5)));
    const before = await contents();
    const rows = [...lines(12), 'X,2026-01-01,-3,m1'];
    const dry = await shop.importer.run(await request(rows, { dryRun: true }));
    expect(await contents()).toEqual(before);
    const real = await shop.importer.run(await request(rows));
    expect(dry.counts).toEqual({ rows: 13, ok: 7, unchanged: 5, bad: 1 });
    expect([dry.state, real.state]).toEqual(['checked', 'done']);
    expect([real.counts, real.reasons]).toEqual([dry.counts, dry.reasons]);
    expect(await readFile(real.report ?? '', 'utf8')).toBe(await readFile(dry.report ?? '', 'utf8'));
  });

  it('fails as a whole for a file that is not what the mapping says, and says so', async () => {
    const other = { ...mapping, columns: { ...mapping.columns, paid: 'Betrag' } };
    const outcome = await shop.importer.run(await request(lines(1), { mapping: other }));
    expect(outcome).toMatchObject({ state: 'failed', failure: { code: 'file.noColumn' } });
    expect(outcome.failure?.detail).toContain('Betrag');
    expect(await shop.models.orders.countDocuments()).toBe(0);
  });
});

describe('cut short', () => {
  /** Dies like a process at the n-th batch: before its transaction commits. */
  function dying(after: number): HistoryPort {
    let batches = 0;
    const real = shop.history;
    const count = (): void => {
      if ((batches += 1) > after) throw new Error('killed');
    };
    return {
      orders: async (tx, batch, now) => {
        const result = await real.orders(tx, batch, now);
        count();
        return result;
      },
      customers: real.customers,
    };
  }

  it('goes on where the last transaction ended: nothing lost, nothing doubled, no row reported twice', async () => {
    const rows = lines(1700).flatMap((line, i) => (i % 100 === 50 ? [`bad${i},nonsense,1,m1`, line] : [line]));
    const importer = createImporter({ ...shop.importerParts, history: dying(2) });
    const run = await request(rows);
    await expect(importer.run(run)).rejects.toThrow('killed');
    expect(await shop.models.orders.countDocuments()).toBe(1000);
    const left = await shop.models.imports.findOne().lean();
    expect(left).toMatchObject({ state: 'running', counts: { ok: 1000 } });
    // What a crash may leave behind the last certain byte.
    await writeFile(shop.importer.reportFile(left?._id as never), 'half a li', { flag: 'a' });
    await shop.models.imports.updateMany({}, { $set: { 'lease.until': new Date(0) } });
    const outcome = await shop.importer.run(run);
    expect(outcome).toMatchObject({ state: 'done', counts: { rows: 1717, ok: 1700, unchanged: 0, bad: 17 } });
    expect(outcome.resumedAfterLine).toBe(left?.line);
    expect(await shop.models.orders.countDocuments()).toBe(1700);
    const report = (await readFile(outcome.report ?? '', 'utf8')).trimEnd().split('\r\n');
    expect(report).toHaveLength(18);
    expect(new Set(report).size).toBe(18);
    const spent = (await shop.models.customers.find().lean()).reduce((sum, one) => sum + (one.figures?.spent ?? 0), 0);
    expect(spent).toBe(lines(1700).reduce((sum, line) => sum + Number(line.split(',')[2]) * 100, 0));
  });

  it('is not run by two processes at once', async () => {
    const importer = createImporter({ ...shop.importerParts, history: dying(0) });
    const run = await request(lines(3));
    await expect(importer.run(run)).rejects.toThrow('killed');
    await expect(shop.importer.run(run)).rejects.toMatchObject({ code: 'import.busy' });
  });

  it('by somebody else who took it over, it stops before it writes', async () => {
    const stolen: HistoryPort = {
      ...shop.history,
      orders: async (tx, batch, now) => {
        await shop.models.imports.updateMany({}, { $set: { 'lease.owner': 'another' } });
        return shop.history.orders(tx, batch, now);
      },
    };
    const importer = createImporter({ ...shop.importerParts, history: stolen });
    await expect(importer.run(await request(lines(3)))).rejects.toMatchObject({ code: 'import.busy' });
    expect(await shop.models.orders.countDocuments()).toBe(0);
  });

  it('by a person, it ends as stopped and keeps what went in', async () => {
    const stop = new AbortController();
    const run = await request(lines(1200), { signal: stop.signal, onProgress: () => stop.abort() });
    const outcome = await shop.importer.run(run);
    expect(outcome).toMatchObject({ state: 'stopped', counts: { ok: 500 } });
    const again = await shop.importer.run(await request(lines(1200)));
    expect(again.counts).toEqual({ rows: 1200, ok: 700, unchanged: 500, bad: 0 });
  });
});

describe('an import of customers', () => {
  it('writes profiles, sealed where private, and is unchanged the second time', async () => {
    const file = join(shop.dataDir, 'customers.csv');
    await writeFile(
      file,
      '编号,姓名,手机,性别,生日\n1,林可,13800138000,女,1990-01-02\n2,苏晴,139,女,\n3,周岚,,未知,2月3日\n',
    );
    const customers = ImportMapping.parse({
      kind: 'customers',
      source: 'old-shop',
      format: { type: 'csv' },
      columns: { externalId: '编号', name: '姓名', phone: '手机', gender: '性别', birthday: '生日' },
    });
    const run = {
      file,
      fileName: 'customers.csv',
      mapping: customers,
      mode: 'history' as const,
      dryRun: false,
      by: 'test',
    };
    expect(await shop.importer.run(run)).toMatchObject({ counts: { rows: 3, ok: 2, unchanged: 0, bad: 1 } });
    const stored = await shop.models.customers.find().lean();
    expect(stored.map(({ profile }) => profile?.birthday?.value).sort()).toEqual(['02-03', '1990-01-02']);
    expect(JSON.stringify(stored)).not.toContain('13800138000');
    expect((await shop.importer.run(run)).counts).toEqual({ rows: 3, ok: 0, unchanged: 2, bad: 1 });
  });
});

async function contents(): Promise<unknown> {
  const { customers, orders, growth, accounts, events } = shop.models;
  const all = await Promise.all(
    [customers, orders, growth, accounts].map((model) => model.collection.find().sort({ _id: 1 }).toArray()),
  );
  return [all, await events.countDocuments({ kind: { $ne: 'import.finished' } })];
}
