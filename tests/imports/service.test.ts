/** An import as the console walks through it, over a restart of the server, too. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ImportDetail, ImportMapping, ImportView } from '../../src/contracts/http/imports.js';
import { createImportService } from '../../src/imports/index.js';
import type { ImportService } from '../../src/imports/index.js';
import { createLogger } from '../../src/infra/logger.js';
import { openImportShop } from './shop.js';
import type { ImportShop } from './shop.js';

let shop: ImportShop;
let service: ImportService;
const open = (): ImportService => createImportService({ ...shop, log: createLogger({ level: 'silent' }) });
beforeEach(async () => {
  shop = await openImportShop();
  service = open();
});
afterEach(async () => {
  await service.close();
  await shop.close();
});

async function uploaded(rows: number, kind: 'orders' | 'customers' = 'orders') {
  const path = join(shop.dataDir, 'body');
  const lines = Array.from({ length: rows }, (_, i) => `N${i},已完成,2026-01-01,${i}.00,m${i % 9}`);
  await writeFile(
    path,
    ['订单号,订单状态,下单时间,实付金额,会员号', ...lines, 'X,已完成,2026-01-01,free,m1'].join('\n'),
  );
  return service.upload({ kind, fileName: '一月.csv', path, by: '周岚' });
}
const history = { dryRun: false, mode: 'history' as const, by: '周岚' };
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => 'none').catch((error: { code?: string }) => error.code);

it('goes from the file to the refused rows', async () => {
  const first = await uploaded(30);
  expect(ImportDetail.parse(first)).toMatchObject({ state: 'uploaded', suggested: { missing: [], from: 'names' } });
  expect(first.sample[0]).toEqual({ line: 2, cells: ['N0', '已完成', '2026-01-01', '0.00', 'm0'] });
  expect(await codeOf(service.start(first.id, history))).toBe('import.notMapped');
  await service.putMapping(first.id, ImportMapping.parse(first.suggested.mapping));
  await service.start(first.id, { ...history, dryRun: true });
  await service.idle();
  expect(await service.get(first.id)).toMatchObject({
    state: 'checked',
    counts: { rows: 31, ok: 30, bad: 1 },
    hasReport: true,
  });
  expect(await shop.models.orders.countDocuments()).toBe(0);
  expect(ImportView.parse(await service.start(first.id, history)).state).toBe('running');
  expect(await codeOf(service.start(first.id, history))).toBe('import.running');
  await service.idle();
  expect(await service.get(first.id)).toMatchObject({ state: 'done', progress: 100, counts: { ok: 30, bad: 1 } });
  expect(await text((await service.report(first.id)).stream as Readable)).toContain('32,实付金额,free,money.invalid');
  expect(await codeOf(service.start(first.id, history))).toBe('import.fileGone');
  const second = await uploaded(31);
  expect(second.suggested.from).toBe('kept');
  expect((await service.list({ limit: 10 })).map(({ id }) => id)).toEqual([second.id, first.id]);
});

it('refuses what is no file of rows, and a mapping of the other kind', async () => {
  const path = join(shop.dataDir, 'body');
  await writeFile(path, Buffer.from([0xd0, 0xcf, 0x11, 0xe0]));
  expect(await codeOf(service.upload({ kind: 'orders', fileName: 'a.xls', path, by: 'x' }))).toBe('file.oldExcel');
  const { id, suggested } = await uploaded(1, 'customers');
  const orders = {
    ...(suggested.mapping as object),
    kind: 'orders',
    columns: {
      orderNo: '订单号',
      status: '订单状态',
      placedAt: '下单时间',
      paid: '实付金额',
      'customer.externalId': '会员号',
    },
  };
  expect(await codeOf(service.putMapping(id, ImportMapping.parse(orders)))).toBe('import.wrongKind');
  expect(await codeOf(service.report(id))).toBe('import.noReport');
  expect(await codeOf(service.get('0'.repeat(24)))).toBe('import.notFound');
});

it('goes on after a restart where it was left', async () => {
  const { id, suggested } = await uploaded(2600);
  await service.putMapping(id, ImportMapping.parse(suggested.mapping));
  await service.start(id, history);
  while (((await shop.models.imports.findById(id).lean())?.line ?? 0) === 0)
    await new Promise((done) => setTimeout(done, 5));
  await service.close();
  const left = await shop.models.imports.findById(id).lean();
  expect(left?.state).toBe('running');
  expect(left?.counts.ok).toBeLessThan(2600);
  service = open();
  expect(await service.resume()).toBe(1);
  await service.idle();
  expect(await service.get(id)).toMatchObject({
    state: 'done',
    counts: { rows: 2601, ok: 2600, unchanged: 0, bad: 1 },
  });
  expect(await shop.models.orders.countDocuments()).toBe(2600);
}, 60_000);

it('ends when somebody stops it, and keeps what went in', async () => {
  const { id, suggested } = await uploaded(2600);
  await service.putMapping(id, ImportMapping.parse(suggested.mapping));
  await service.start(id, history);
  await service.stop(id);
  await service.idle();
  const stopped = await service.get(id);
  expect(stopped.state).toBe('stopped');
  expect(await shop.models.orders.countDocuments()).toBe(stopped.counts.ok);
  expect(stopped.counts.ok).toBeLessThan(2600);
}, 60_000);
