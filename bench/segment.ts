/**
 * Questions to the portraits of a million people on the embedded database: counts, pages and a long count, each beside the bare driver with the
 * same filter; and what a short request waits while a long count goes past everybody.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Types } from 'mongoose';
import type { SegmentRule } from '../src/contracts/index.js';
import {
  compileRule,
  createSegments,
  portraitIndexes,
  portraitModels,
  segmentModels,
} from '../src/domain/segments/index.js';
import type { PortraitModels, Segments } from '../src/domain/segments/index.js';
import { createLogger } from '../src/infra/logger.js';
import { insertRecords, openDatabase } from '../src/infra/mongo.js';
import type { Database } from '../src/infra/mongo.js';
import { personAt, randomFrom } from './segment-people.js';

export interface SegmentLine {
  name: string;
  value: number;
  unit: 'ms';
  /** The bare driver with the same filter. */
  baseline?: number;
  ratio?: number;
  people: number;
  /** How many the rule is true for. */
  found?: number;
}

export interface SegmentBenchOptions {
  people?: number;
  seed?: number;
  rounds?: number;
}

const BATCH = 5000;
const NOW = new Date('2026-06-01T02:00:00Z');
const PAGE = 50;
const SHORT_REQUESTS = 400;

const active: SegmentRule = { field: 'lastBehaviourAt', op: 'withinDays', value: 30 };
const boughtLately: SegmentRule = { field: 'lastOrderAt', op: 'withinDays', value: 30 };

/** What is asked, and how. */
const counts: Readonly<Record<string, SegmentRule>> = {
  selective: { field: 'city', op: 'is', value: '城市37' },
  'two-conditions': {
    all: [
      { field: 'orders', op: 'atLeast', value: 5 },
      { field: 'level', op: 'is', value: 'gold' },
    ],
  },
  'active-without-order': { all: [active, { not: boughtLately }] },
  'active-or-bought': { any: [active, boughtLately] },
};
const unselective: SegmentRule = { not: { field: 'gender', op: 'is', value: 'male' } };

/** Takes some minutes, most of them for filling. */
export async function* runSegmentBench(options: SegmentBenchOptions = {}): AsyncGenerator<SegmentLine> {
  const { people = 1_000_000, seed = 1, rounds = 5 } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-bench-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'error' }), silentMs: 600_000 });
  try {
    const portraits = portraitModels(database.connection);
    yield* fill(portraits, people, seed);
    const segments = segmentsOf(database, portraits);
    yield* measureCounts(segments, portraits, { people, rounds });
    yield* measurePages(segments, portraits, { people, rounds });
    yield* measureWhy(segments, portraits, { people, rounds });
    yield* measureLong(segments, portraits, people);
  } finally {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function* fill({ portraits }: PortraitModels, people: number, seed: number): AsyncGenerator<SegmentLine> {
  const random = randomFrom(seed);
  const bar = new SingleBar({
    format: 'filling {bar} {value}/{total} {what}',
    stream: process.stderr,
    clearOnComplete: true,
  });
  let started = performance.now();
  bar.start(people, 0, { what: 'people' });
  let stored: Promise<void> = Promise.resolve();
  for (let first = 0; first < people; first += BATCH) {
    const size = Math.min(BATCH, people - first);
    const batch = Array.from({ length: size }, (_, i) => personAt(first + i, random, NOW));
    // While one batch is stored the next is made.
    await stored;
    stored = insertRecords(portraits, batch).then(() => bar.increment(size));
  }
  await stored;
  bar.stop();
  yield { ...line('segment fill', performance.now() - started), people };
  started = performance.now();
  bar.start(portraitIndexes.length, 0, { what: 'indexes' });
  for (const keys of portraitIndexes) {
    await portraits.collection.createIndex({ ...keys });
    bar.increment();
  }
  bar.stop();
  yield { ...line('segment indexes', performance.now() - started), people };
}

function segmentsOf({ connection, now }: Database, portraits: PortraitModels): Segments {
  return createSegments(
    { ...segmentModels(connection), portraits: portraits.portraits },
    {
      ...{ timeZone: 'Asia/Shanghai', cycleDays: () => 60, realNow: now },
      customFields: () => Promise.resolve(new Map()),
    },
  );
}

interface Size {
  people: number;
  rounds: number;
}

async function* measureCounts(
  segments: Segments,
  { portraits }: PortraitModels,
  { people, rounds }: Size,
): AsyncGenerator<SegmentLine> {
  const ctx = await segments.context(NOW);
  for (const [name, rule] of Object.entries(counts)) {
    const filter = compileRule(rule, ctx);
    let found = 0;
    const compared = await beside(
      rounds,
      async () => {
        const counted = await segments.count(rule, NOW, { withinMs: 60_000 });
        found = 'count' in counted ? counted.count : -1;
      },
      () => portraits.collection.countDocuments(filter),
    );
    yield { ...compare(`segment count ${name}`, compared), people, found };
  }
}

/** The first page, and one that begins in the middle of everybody. */
async function* measurePages(
  segments: Segments,
  { portraits }: PortraitModels,
  { people, rounds }: Size,
): AsyncGenerator<SegmentLine> {
  const ctx = await segments.context(NOW);
  const [middle] = await portraits.collection
    .find({}, { projection: { _id: 1 }, sort: { _id: 1 }, skip: people >> 1, limit: 1 })
    .toArray();
  for (const [name, rule] of Object.entries(counts)) {
    for (const [where, after] of Object.entries({ first: undefined, middle: middle?._id })) {
      const behind = { _id: { $gt: after ?? new Types.ObjectId('0'.repeat(24)) } };
      const filter = { $and: [behind, compileRule(rule, ctx)] };
      const compared = await beside(
        rounds,
        () => segments.page(rule, NOW, { limit: PAGE, after: after && String(after) }),
        () => portraits.collection.find(filter, { sort: { _id: 1 }, limit: PAGE }).toArray(),
      );
      yield { ...compare(`segment page ${where} ${name}`, compared), people };
    }
  }
}

async function* measureWhy(
  segments: Segments,
  { portraits }: PortraitModels,
  { people, rounds }: Size,
): AsyncGenerator<SegmentLine> {
  const someone = await portraits.collection.findOne({ orders: 3 });
  if (!someone) throw new Error('nobody has three orders');
  const customerIds = someone['customerIds'][0];
  const compared = await beside(
    rounds * 20,
    () => segments.explain({ all: [active, { not: boughtLately }] }, NOW, String(customerIds)),
    () => portraits.collection.findOne({ customerIds }),
  );
  yield { ...compare('segment why', compared), people };
}

/** A long count of a rule that no index finds; meanwhile somebody asks for one person after the other. */
async function* measureLong(
  segments: Segments,
  { portraits }: PortraitModels,
  people: number,
): AsyncGenerator<SegmentLine> {
  const ids = await portraits.collection.find({}, { projection: { _id: 1 }, limit: SHORT_REQUESTS }).toArray();
  const shortRequest = (n: number): Promise<unknown> => {
    const { _id = new Types.ObjectId() } = ids[n % ids.length] ?? {};
    return portraits.collection.findOne({ _id });
  };
  const until = async (ends: () => boolean): Promise<number[]> => {
    const times: number[] = [];
    while (!ends()) times.push(await timed(() => shortRequest(times.length)));
    return times.sort((a, b) => a - b);
  };
  await until(after(SHORT_REQUESTS));
  const idle = await until(after(SHORT_REQUESTS * 5));
  yield { ...line('segment short request idle p99', percentile(idle, 0.99)), people };
  const filter = compileRule(unselective, await segments.context(NOW));
  const long: Array<[string, () => Promise<number>]> = [
    ['count in batches', () => segments.countInBatches(unselective, NOW, () => true)],
    ['count in one', () => portraits.collection.countDocuments(filter)],
  ];
  for (const [name, run] of long) {
    let isOver = false;
    const started = performance.now();
    const counted = run().finally(() => (isOver = true));
    const meanwhile = await until(() => isOver);
    const found = await counted;
    yield { ...line(`segment ${name}`, performance.now() - started), people, found };
    yield { ...line(`segment short request beside ${name} p99`, percentile(meanwhile, 0.99)), people };
  }
}

function after(times: number): () => boolean {
  let left = times;
  return () => left-- <= 0;
}

interface Compared {
  value: number;
  baseline: number;
}

/** Medians of rounds that alternate, after one each that is not counted. */
async function beside(rounds: number, ours: () => Promise<unknown>, bare: () => Promise<unknown>): Promise<Compared> {
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const [value, baseline] = [await timed(ours), await timed(bare)];
    if (round === 0) continue;
    times.ours.push(value);
    times.bare.push(baseline);
  }
  return { value: median(times.ours), baseline: median(times.bare) };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

const percentile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const rounded = (ms: number): number => Math.round(ms * 100) / 100;
const line = (name: string, ms: number) => ({ name, value: rounded(ms), unit: 'ms' as const });
const compare = (name: string, { value, baseline }: Compared) => ({
  ...line(name, value),
  ...{ baseline: rounded(baseline), ratio: Math.round((value / baseline) * 100) / 100 },
});
