/** Every query of commerce goes by an index, those of its writes too: told by the database's own explain, over data in which a scan would read a lot. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose, { Types } from 'mongoose';
import type { ClientSession, Connection } from 'mongoose';
import { commerceModels, createCommerce } from '../../../src/domain/commerce/index.js';
import type { Commerce } from '../../../src/domain/commerce/index.js';
import { startEmbedded } from '../../../src/infra/embedded.js';
import type { Embedded } from '../../../src/infra/embedded.js';
import { createLogger } from '../../../src/infra/logger.js';
import { at, item, now, paidReport } from './reports.js';

const COUNT = 1000;
const customers = Array.from({ length: 100 }, () => new Types.ObjectId());
const [customer = new Types.ObjectId(), linked = new Types.ObjectId()] = customers;
const asking = ['find', 'count', 'aggregate', 'update', 'delete', 'findAndModify'];
const ofTheSession = ['lsid', '$db', '$clusterTime', '$readPreference', 'txnNumber', 'autocommit', 'startTransaction'];

let folder: string;
let embedded: Embedded;
let connection: Connection;
let commerce: Commerce;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-explain-'));
  embedded = await startEmbedded(folder, createLogger({ level: 'silent' }));
  connection = mongoose.createConnection(embedded.uri, { autoIndex: false, autoCreate: false, monitorCommands: true });
  await connection.asPromise();
  const models = commerceModels(connection);
  for (const model of Object.values(models)) {
    await model.createCollection();
    await model.createIndexes();
  }
  const writeFigures = (): Promise<void> => Promise.resolve();
  commerce = createCommerce(models, { writeFigures, closesAfterMinutes: 60, timeZone: 'Asia/Shanghai' });
  await transaction((tx) =>
    commerce.addHistory(
      tx,
      Array.from({ length: COUNT }, (_, i) => historyRow(i)),
      now,
    ),
  );
  for (let i = 0; i < 200; i++) await transaction((tx) => fill(tx, i));
}, 60_000);
afterAll(async () => {
  await connection.close();
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Ten orders a customer, each from its own minute. */
function historyRow(i: number) {
  const change = { orderNo: `A-${i}`, placedAt: at(i), paidAt: at(i), updatedAt: at(i), items: [item(`s${i % 50}`)] };
  return { customerId: customers[i % customers.length] ?? customer, input: paidReport(change) };
}

async function fill(tx: ClientSession, i: number): Promise<void> {
  const product = { sku: `s${i}`, name: 'x', category: `c${i % 20}`, price: 1, status: 'on' as const };
  await commerce.putProduct(tx, product, now);
  const event = { source: 'shop', eventId: `e${i}`, type: 'view', at: at(i), customer: { openid: 'o' } };
  await commerce.recordBehaviour(tx, customers[i % customers.length] ?? customer, event, now);
}

const transaction = <T>(work: (tx: ClientSession) => Promise<T>): Promise<T> =>
  connection.transaction(work) as Promise<T>;

type Command = Record<string, unknown>;

async function commandsOf(work: () => Promise<unknown>): Promise<Command[]> {
  const asked: Command[] = [];
  const client = connection.getClient();
  const note = (event: { commandName: string; command: Command }): void => {
    if (asking.includes(event.commandName)) asked.push(event.command);
  };
  client.on('commandStarted', note);
  await work();
  client.off('commandStarted', note);
  return asked;
}

async function expectIndexed(
  work: () => Promise<unknown>,
  { examined, sorts = false, commands = 1 }: { examined: number; sorts?: boolean; commands?: number },
): Promise<void> {
  const asked = await commandsOf(work);
  expect(asked).toHaveLength(commands);
  for (const command of asked) {
    const plain = Object.fromEntries(
      Object.entries(command).filter(([name]) => !ofTheSession.includes(name) && !/Concern$/.test(name)),
    );
    const told = (await connection.db?.command({ explain: plain, verbosity: 'executionStats' })) as unknown as {
      queryPlanner: { winningPlan: unknown };
      executionStats: { totalDocsExamined: number };
    };
    const plan = JSON.stringify(told.queryPlanner.winningPlan);
    const about = `${JSON.stringify(plain)} ${plan}`;
    const many = told.executionStats.totalDocsExamined > examined;
    const sort = !sorts && /"SORT"/.test(plan);
    expect({ about, scan: plan.includes('COLLSCAN'), sort, many }).toEqual({
      about,
      scan: false,
      sort: false,
      many: false,
    });
  }
}

describe('reads', () => {
  it('orders by key, by id, of a person', async () => {
    await expectIndexed(() => commerce.byKey(null, 'shop', 'A-7'), { examined: 1 });
    await expectIndexed(() => commerce.get(String(new Types.ObjectId())), { examined: 0 });
    const after = { at: at(500), id: 'f'.repeat(24) };
    await expectIndexed(() => commerce.list([customer], { limit: 3 }), { examined: 4 });
    await expectIndexed(() => commerce.list([customer], { limit: 3, after }), { examined: 4 });
    await expectIndexed(() => commerce.list([customer, linked], { limit: 3, after }), { examined: 20, sorts: true });
  });

  it("everybody's orders: all, of a status, of a number", async () => {
    const after = { at: at(500), id: 'f'.repeat(24) };
    await expectIndexed(() => commerce.page({ limit: 3 }), { examined: 4 });
    await expectIndexed(() => commerce.page({ limit: 3, after }), { examined: 4 });
    await expectIndexed(() => commerce.page({ limit: 3, after, status: 'paid' }), { examined: 4 });
    await expectIndexed(() => commerce.page({ limit: 3, status: 'closed' }), { examined: 0 });
    await expectIndexed(() => commerce.page({ limit: 3, orderNo: 'A-7' }), { examined: 1, sorts: true });
    await expectIndexed(() => commerce.page({ limit: 3, orderNo: 'A-7', status: 'paid', after }), {
      examined: 1,
      sorts: true,
    });
  });

  it('bought elsewhere, totals of a person', async () => {
    const order = { _id: new Types.ObjectId(), placedAt: at(900), items: [item('s1')] };
    await expectIndexed(() => commerce.boughtElsewhere(null, [customer, linked], order), { examined: 2 });
    await expectIndexed(() => commerce.totals({ customerIds: [customer, linked] }), { examined: 20 });
  });

  it('products, categories, days of behaviour', async () => {
    await expectIndexed(() => commerce.getProduct('s7'), { examined: 1 });
    await expectIndexed(() => commerce.listProducts({ limit: 5, after: 's1' }), { examined: 6 });
    await expectIndexed(() => commerce.listProducts({ limit: 5, after: 's1', category: 'c1' }), { examined: 6 });
    await expectIndexed(() => commerce.categories(), { examined: 200, sorts: true });
    const days = { from: '2026-03-01', to: '2026-03-31' };
    await expectIndexed(() => commerce.behaviourDaysOf([customer, linked], days), { examined: 4, sorts: true });
  });
});

describe('what writes ask', () => {
  it('a report: the order; and the range of days when one stops counting', async () => {
    const { customerId, input } = historyRow(7);
    const report = (change: object) => () =>
      transaction((tx) => commerce.report(tx, customerId, { ...input, ...change }, now));
    await expectIndexed(report({}), { examined: 1 });
    await expectIndexed(report({ status: 'closed', closedAt: at(99), updatedAt: at(99) }), {
      examined: 10,
      commands: 3,
    });
  });

  it('history: one question for the orders of a batch', async () => {
    const batch = Array.from({ length: 100 }, (_, i) => historyRow(i + 200));
    await expectIndexed(() => transaction((tx) => commerce.addHistory(tx, batch, now)), { examined: 100 });
  });

  it('behaviour and products', async () => {
    const event = { source: 'shop', eventId: 'new', type: 'view', at: at(1), customer: { openid: 'o' } };
    const record = () => transaction((tx) => commerce.recordBehaviour(tx, customer, event, now));
    await expectIndexed(record, { examined: 1, commands: 2 });
    const product = { sku: 's7', name: 'y', category: 'c', price: 1, status: 'on' as const };
    await expectIndexed(() => transaction((tx) => commerce.putProduct(tx, product, now)), { examined: 1, commands: 2 });
  });
});
