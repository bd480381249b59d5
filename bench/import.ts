/**
 * 100,000 orders of 20,000 customers from a CSV file into a fresh embedded database, as history; and orders one by one the way the open
 * API takes them, beside it. Memory is that of the importing process and, apart from it, of the database's: its own heap, and the file it maps.
 */
import { createWriteStream } from 'node:fs';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openForImport } from '../src/cli/open-importer.js';
import { loadConfig } from '../src/config.js';
import { ImportMapping } from '../src/contracts/http/imports.js';
import { OrderInput } from '../src/contracts/index.js';
import { createKeyRing } from '../src/infra/crypto.js';
import { createLogger } from '../src/infra/logger.js';
import { openDatabase } from '../src/infra/mongo.js';

const ORDERS = Number(process.env['HUIKE_BENCH_ORDERS'] ?? 100_000);
const CUSTOMERS = ORDERS / 5;
const SINGLE = Number(process.env['HUIKE_BENCH_SINGLE'] ?? 300);
const MB = 1024 * 1024;

export async function* runImportBench(): AsyncGenerator<Record<string, unknown>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-bench-import-'));
  const log = createLogger({ level: 'silent' });
  const config = loadConfig({ env: { NODE_ENV: 'test', HUIKE_DATA_DIR: dataDir }, cwd: process.cwd() });
  const database = await openDatabase({ dataDir, log });
  try {
    const keys = createKeyRing([`k1:${Buffer.alloc(32, 1).toString('base64')}`]);
    const { importer, reportOrder } = await openForImport({ config, database, keys });
    const file = join(dataDir, 'orders.csv');
    await writeOrders(file);
    const pid = database.embeddedPid();
    const before = { own: await memoryOf(process.pid), database: await memoryOf(pid) };
    const peak = { own: { ...before.own }, database: { ...before.database } };
    const watch = setInterval(() => {
      void Promise.all([memoryOf(process.pid), memoryOf(pid)]).then(([own, other]) => {
        raise(peak.own, own);
        raise(peak.database, other);
      });
    }, 200);
    const cpuBefore = { own: process.cpuUsage(), database: pid ? await cpuSeconds(pid) : 0 };
    const started = performance.now();
    const request = { file, fileName: 'orders.csv', mapping, mode: 'history' as const, dryRun: false, by: 'bench' };
    const outcome = await importer.run(request);
    const seconds = (performance.now() - started) / 1000;
    clearInterval(watch);
    const own = process.cpuUsage(cpuBefore.own);
    const cpu = {
      own: (own.user + own.system) / 1e6,
      database: (pid ? await cpuSeconds(pid) : 0) - cpuBefore.database,
    };
    if (outcome.counts.ok !== ORDERS) throw new Error(`not all went in: ${JSON.stringify(outcome)}`);
    const single = await singleRate(reportOrder);
    const rate = ORDERS / seconds;
    yield line('import-history-seconds', round(seconds), 's');
    yield { ...line('import-history', Math.round(rate), 'orders/s'), baseline: single, ratio: round(rate / single) };
    yield line('import-single', single, 'orders/s');
    yield line('import-cpu', round(cpu.own), 's');
    yield line('import-cpu-database', round(cpu.database), 's');
    yield line('import-memory', Math.round(peak.own.all - before.own.all), 'MB');
    yield line('import-memory-database-heap', Math.round(peak.database.heap - before.database.heap), 'MB');
    yield line('import-memory-database-mapped', Math.round(peak.database.mapped - before.database.mapped), 'MB');
  } finally {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const line = (name: string, value: number, unit: string) => ({ name, value, unit, baseline: null, ratio: null });
const round = (value: number): number => Math.round(value * 10) / 10;

const mapping = ImportMapping.parse({
  kind: 'orders',
  source: 'bench',
  format: { type: 'csv' },
  columns: {
    orderNo: '订单编号',
    status: '订单状态',
    placedAt: '订单创建时间',
    paidAt: '订单付款时间',
    paid: '实付金额',
    freight: '运费',
    'customer.externalId': '会员号',
    'customer.phone': '手机',
    'item.sku': '商品编码',
    'item.name': '商品名称',
    'item.quantity': '数量',
  },
});

async function writeOrders(file: string): Promise<void> {
  const out = createWriteStream(file);
  out.write('\ufeff订单编号,订单状态,订单创建时间,订单付款时间,实付金额,运费,会员号,手机,商品编码,商品名称,数量\r\n');
  for (let i = 0; i < ORDERS; i++) if (!out.write(rowOf(i))) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
}

/** A customer buys five times over two years; the orders stand in the file by time, as exports do. */
function rowOf(i: number): string {
  const customer = (i * 7919) % CUSTOMERS;
  const at = new Date(Date.UTC(2024, 9, 1) + Math.floor((i / ORDERS) * 700) * 86_400_000 + (i % 80_000) * 1000);
  const time = at.toISOString().slice(0, 19).replace('T', ' ');
  const [yuan, item] = [20 + ((i * 37) % 400), i % 50];
  const phone = `139${String(customer).padStart(8, '0')}`;
  return `2024${String(i).padStart(14, '0')},交易成功,${time},${time},${yuan}.${10 + (i % 90)},8.00,m${customer},${phone},sku${item},栖木生活 ${item} 号商品,${1 + (i % 3)}\r\n`;
}

async function singleRate(report: Awaited<ReturnType<typeof openForImport>>['reportOrder']): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < SINGLE; i++) {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString();
    const money = { amount: 9900, paid: 9900, freight: 0, discount: 0 };
    const times = { placedAt: at, paidAt: at, completedAt: at, receivedAt: at, updatedAt: at };
    const items = [{ sku: 'a', name: 'a', category: 'a', quantity: 1, price: 9900 }];
    const customer = { externalId: `m${i % CUSTOMERS}` };
    const order = {
      source: 'bench',
      orderNo: `single-${i}`,
      customer,
      status: 'completed',
      currency: 'CNY',
      ...money,
      items,
      ...times,
    };
    const cause = { door: 'open' as const, keyId: 'bench', requestId: `bench-${i}` };
    const reported = await report(OrderInput.parse(order), { cause, phonesVerified: false });
    if (!reported.ok) throw new Error(JSON.stringify(reported.problems));
  }
  return Math.round(SINGLE / ((performance.now() - started) / 1000));
}

interface Memory {
  all: number;
  /** What the process itself allocated. */
  heap: number;
  /** Pages of the database's file that happen to be in memory; the system takes them back when it needs room. */
  mapped: number;
}

/** In MB; 0 where the system does not tell. */
async function memoryOf(pid: number | undefined): Promise<Memory> {
  const status = pid ? await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '') : '';
  const mb = (name: string): number => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024) / MB;
  return { all: mb('VmRSS'), heap: mb('RssAnon'), mapped: mb('RssFile') };
}

function raise(peak: Memory, now: Memory): void {
  for (const name of ['all', 'heap', 'mapped'] as const) peak[name] = Math.max(peak[name], now[name]);
}

/** User and system time of another process; ticks are hundredths of a second on every Linux. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}
