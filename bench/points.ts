/**
 * Movements of points a second: orders earn, lots are released, points are spent, orders are refunded; each one transaction through the
 * membership module with all its checks, on the embedded database, sixteen at a time. Beside it bare transactions of the plain driver
 * with the same writes of the same documents. Rounds alternate, medians count; at the end the ledger must keep every rule.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { loadConfig } from '../src/config.js';
import type { OrderFacts } from '../src/contracts/index.js';
import { createFigures, customerModels } from '../src/domain/customers/index.js';
import { createMembership, membershipModels } from '../src/domain/membership/index.js';
import { createLogger } from '../src/infra/logger.js';
import { openDatabase } from '../src/infra/mongo.js';
import type { Database } from '../src/infra/mongo.js';

export interface PointsLine {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
  movements: number;
  customers: number;
  atOnce: number;
}

const CUSTOMERS = 128;
const AT_ONCE = 16;
const ROUNDS = 3;
const DAY_MS = 86_400_000;
const FIRST_DAY = new Date('2026-01-05T02:00:00Z');

/** One transaction; the moves of one customer follow one another. */
type Move = (tx: ClientSession) => Promise<void>;
type Side = (customer: number) => Move;

/** Takes about `durationMs` for each of three rounds on both sides. */
export async function* runPointsBench({ durationMs = 6_000 } = {}): AsyncGenerator<PointsLine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-bench-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'error' }) });
  try {
    yield await measure(database, durationMs);
  } finally {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measure(database: Database, durationMs: number): Promise<PointsLine> {
  const { connection } = database;
  const models = { people: customerModels(connection), membership: membershipModels(connection) };
  for (const group of Object.values(models)) {
    for (const model of Object.values(group)) await model.createIndexes();
  }
  const ids = await addCustomers(models.people);
  const { membership, side } = throughMembership(models, ids);
  // Everybody once through all four kinds, so that there are patterns of documents.
  await run(database, side, { moves: CUSTOMERS * 4 });
  const bare = await withoutRules(database, models, ids);
  await run(database, bare, { moves: CUSTOMERS * 4 });
  const rates = { ours: [] as number[], base: [] as number[] };
  let movements = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await run(database, side, { durationMs });
    movements += ours.moves;
    rates.ours.push(ours.rate);
    rates.base.push((await run(database, bare, { durationMs })).rate);
  }
  const problems = await membership.check();
  if (problems.length) throw new Error(`the ledger broke its rules: ${problems.slice(0, 3).join('; ')}`);
  const [value, baseline] = [Math.round(median(rates.ours)), Math.round(median(rates.base))];
  const ratio = Math.round((value / baseline) * 100) / 100;
  return {
    ...{ name: 'points', value, unit: 'movements/s', baseline, ratio },
    ...{ movements, customers: CUSTOMERS, atOnce: AT_ONCE },
  };
}

/** Movements a second, for so long or so many; each worker goes round customers of its own, so none waits for another's. */
async function run(
  database: Database,
  side: Side,
  limit: { durationMs?: number; moves?: number },
): Promise<{ moves: number; rate: number }> {
  const { durationMs = Infinity, moves: most = Infinity } = limit;
  const started = performance.now();
  let moves = 0;
  const worker = async (first: number): Promise<void> => {
    const ends = (): boolean => performance.now() - started >= durationMs || moves >= most;
    for (let customer = first; !ends(); customer += AT_ONCE) {
      await database.transaction(side(customer % CUSTOMERS));
      moves += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => worker(first)));
  return { moves, rate: (moves / (performance.now() - started)) * 1000 };
}

async function addCustomers({ customers }: ReturnType<typeof customerModels>): Promise<Types.ObjectId[]> {
  const ids = Array.from({ length: CUSTOMERS }, () => new Types.ObjectId());
  const record = { createdAt: FIRST_DAY, lastSeenAt: FIRST_DAY, followUp: 'none' };
  await customers.collection.insertMany(ids.map((_id) => ({ _id, personId: _id, ...record })));
  return ids;
}

interface Models {
  people: ReturnType<typeof customerModels>;
  membership: ReturnType<typeof membershipModels>;
}

/** Each customer in turn: an order is paid, its points are released, half are spent on it, half of it is refunded; then the next day. */
function throughMembership(models: Models, ids: readonly Types.ObjectId[]) {
  const { points, growth, levels, timeZone } = loadConfig({ env: {}, cwd: process.cwd() });
  const writeFigures = createFigures(models.people);
  const membership = createMembership(models.membership, {
    ...{ writeFigures, timeZone },
    defaults: { points, growth, levels },
  });
  const turns = ids.map(() => 0);
  const orders: OrderFacts[] = [];

  const side: Side = (customer) => {
    const turn = turns[customer] ?? 0;
    turns[customer] = turn + 1;
    const id = ids[customer] ?? new Types.ObjectId();
    const person = { id, customerIds: [id] };
    const day = new Date(FIRST_DAY.getTime() + Math.floor(turn / 4) * 20 * DAY_MS);
    const later = new Date(day.getTime() + 16 * DAY_MS);
    if (turn % 4 === 0) orders[customer] = paidOn(day, id, customer, turn);
    const order = orders[customer] ?? paidOn(day, id, customer, turn);
    switch (turn % 4) {
      case 0:
        return async (tx) => void (await membership.settleOrder(tx, person, order, day));
      case 1: {
        const row = { key: '', kind: 'points.release' as const, customerId: String(id), dueAt: later, data: {} };
        return async (tx) => void (await membership.releaseDue(tx, person, row, later));
      }
      case 2: {
        const request = { amount: Math.floor(order.cash / 200), key: order.orderNo, reason: 'bench', order };
        return async (tx) => {
          const spent = await membership.points.spend(tx, person, request, later);
          if (!spent.ok) throw new Error(spent.reason);
        };
      }
      default: {
        const refund = { refundNo: 'R1', amount: Math.floor(order.cash / 2), at: later };
        return async (tx) => void (await membership.settleOrder(tx, person, { ...order, refunds: [refund] }, later));
      }
    }
  };
  return { membership, side };
}

function paidOn(day: Date, customerId: Types.ObjectId, customer: number, turn: number): OrderFacts {
  return {
    id: String(new Types.ObjectId()),
    source: 'bench',
    orderNo: `${customer}-${turn}`,
    customerId: String(customerId),
    placedAt: day,
    paidAt: day,
    receivedAt: day,
    cash: randomInt(100, 1000) * 100,
    refunds: [],
  };
}

/** The same four writes of documents of the same size: account touched, account replaced, posting added, figures set. */
async function withoutRules({ connection }: Database, { membership }: Models, ids: readonly Types.ObjectId[]) {
  const account = await membership.accounts.collection.findOne({ available: { $gt: 0 } });
  const posting = await membership.postings.collection.findOne({ kind: 'spend' });
  if (!account || !posting) throw new Error('no movement was made that could be a pattern');
  const accounts = connection.collection('bench_accounts');
  const postings = connection.collection('bench_postings');
  const figures = connection.collection('bench_customers');
  // As many indexes to keep as the postings of the ledger have.
  for (const keys of await membership.postings.collection.indexes()) {
    if (keys.name !== '_id_') await postings.createIndex(keys.key, { name: keys.name ?? 'index' });
  }
  await figures.insertMany(ids.map((_id) => ({ _id, figures: { points: 0, growth: 0 } })));
  const { _id: _account, ...state } = account;
  const side: Side = (customer) => async (session) => {
    const _id = ids[customer] ?? new Types.ObjectId();
    const touch = { $inc: { touches: 1 } };
    await accounts.findOneAndUpdate({ _id }, touch, { session, upsert: true, returnDocument: 'after' });
    await accounts.bulkWrite([{ replaceOne: { filter: { _id }, replacement: { ...state } } }], { session });
    const added = { ...posting, _id: new Types.ObjectId(), customerId: _id, key: String(new Types.ObjectId()) };
    await postings.insertMany([added], { session });
    const update = { $set: { 'figures.points': 1, 'figures.growth': 0 } };
    await figures.bulkWrite([{ updateOne: { filter: { _id }, update } }], { session });
  };
  return side;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
