/** The worked example of the scores, the partition of the codes, and a run over stored portraits with its moves. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import { createInsight, defaultInsightRules, insightModels } from '../../../src/domain/insight/index.js';
import { judge } from '../../../src/domain/insight/judge.js';
import { segmentOf } from '../../../src/domain/insight/names.js';
import { rankScores } from '../../../src/domain/insight/scoring.js';
import { portraitModels } from '../../../src/domain/segments/index.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

/** Days, orders, yuan; the codes, names and groups that follow by rank, mean and F0 5, P0 300. */
const example = [
  [3, 12, 4800, '555', 'champions', 'key-value', 'E'],
  [8, 9, 3150, '554', 'champions', 'key-value', 'E'],
  [15, 7, 2800, '444', 'loyal', 'key-value', 'E'],
  [22, 4, 1000, '433', 'potential-loyalist', 'general-develop', 'B'],
  [30, 1, 89, '311', 'about-to-sleep', 'general-develop', 'B'],
  [45, 3, 1260, '333', 'need-attention', 'general-develop', 'C'],
  [60, 1, 399, '212', 'hibernating', 'general-develop', 'C'],
  [95, 6, 5400, '245', 'cannot-lose', 'key-keep', 'E'],
  [180, 1, 129, '111', 'lost', 'general-retain', 'B'],
  [300, 2, 300, '122', 'lost', 'general-retain', 'B'],
] as const;
const rules = { ...defaultInsightRules, groups: { frequency: 5, perOrder: 300_00 } };

describe('scores', () => {
  it('are those of the worked example', () => {
    const figures = {
      recency: Float64Array.from(example, ([days]) => days),
      frequency: Float64Array.from(example, ([, orders]) => orders),
      monetary: Float64Array.from(example, ([, , yuan]) => yuan * 100),
    };
    const judged = judge(figures, rules);
    const found = example.map((_, i) => judged.of(i));
    expect(found.map(({ code, segment, eight, group }) => [code, segment, eight, group])).toEqual(
      example.map((row) => row.slice(3)),
    );
  });

  it('score equal values alike, rise with the value and do not ask for the order', () => {
    const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, (list) => {
        const { scores } = rankScores(Float64Array.from(list), 1);
        const turned = rankScores(Float64Array.from([...list].reverse()), 1).scores;
        list.forEach((value, i) => {
          expect(turned[list.length - 1 - i]).toBe(scores[i]);
          list.forEach((other, j) => {
            if (value <= other) expect(scores[i] ?? 0).toBeLessThanOrEqual(scores[j] ?? 0);
          });
        });
      }),
    );
  });

  it('give every one of the 125 codes one name', () => {
    const five = [1, 2, 3, 4, 5];
    const names = five.flatMap((r) => five.flatMap((f) => five.map((m) => segmentOf(r, f, m))));
    const counts = Object.fromEntries(
      [...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]),
    );
    expect(counts).toEqual({
      champions: 10,
      loyal: 20,
      'potential-loyalist': 28,
      new: 1,
      promising: 1,
      'need-attention': 9,
      'about-to-sleep': 6,
      'at-risk': 32,
      'cannot-lose': 6,
      hibernating: 6,
      lost: 6,
    });
  });
});

describe('a run', () => {
  let folder: string;
  let database: Database;
  let models: ReturnType<typeof portraitModels> & ReturnType<typeof insightModels>;
  const day = 86_400_000;
  const now = new Date('2026-11-22T04:00:00Z');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'huike-scores-'));
    database = await openDatabase({ dataDir: folder, log: createLogger({ level: 'silent' }) });
    models = { ...portraitModels(database.connection), ...insightModels(database.connection) };
    for (const model of Object.values(models)) await model.createIndexes();
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  const person = (orders: number, each: number, daysAgo: number, personalised = true) => {
    const last = new Date(now.getTime() - daysAgo * day);
    const dayOf = (i: number) => new Date(last.getTime() - i * day).toISOString().slice(0, 10);
    const bought = Array.from({ length: orders }, (_, i) => ({ d: dayOf(orders - 1 - i), n: 1, s: each, c: [] }));
    return {
      ...{ _id: new Types.ObjectId(), customerIds: [], createdAt: new Date('2026-01-01'), personalised, orders },
      ...{ spent: orders * each, bought, ...(orders > 0 ? { lastOrderAt: last } : { group: 'A' }) },
    };
  };

  it('says that there are too few people rather than scoring chance', async () => {
    await models.portraits.collection.insertMany([person(2, 10_000, 3), person(1, 5_000, 9)] as never);
    const run = await createInsight(models, { timeZone: 'Asia/Shanghai', rules }).run(new Date(now.getTime() - day));
    expect(run).toMatchObject({ state: 'insufficient', people: 2 });
    expect(await models.scores.countDocuments()).toBe(0);
    await models.portraits.deleteMany({});
  });

  it('scores buyers who allow it, and tells who moved since the run before', async () => {
    const buyers = Array.from({ length: 30 }, (_, i) => person(1 + (i % 7), 8_000 + i * 2_000, 1 + i * 5));
    const others = [person(0, 0, 0), person(0, 0, 0), person(4, 90_000, 2, false)];
    await models.portraits.collection.insertMany([...buyers, ...others] as never);
    const insight = createInsight(models, { timeZone: 'Asia/Shanghai', rules });
    const first = await insight.run(now);
    expect(first).toMatchObject({ state: 'done', people: 30, moves: [] });
    expect(first.groups.reduce((sum, { people }) => sum + people, 0)).toBe(32);
    expect(first.segments.reduce((sum, { people }) => sum + people, 0)).toBe(30);
    expect(await models.portraits.countDocuments({ scores: { $exists: true } })).toBe(30);

    const [waker] = others;
    const bought = [{ d: '2026-11-22', n: 1, s: 50_000, c: [] }];
    const sold = { orders: 1, spent: 50_000, lastOrderAt: now, bought };
    await models.portraits.collection.updateOne({ _id: waker?._id as never }, { $set: sold });
    const [gone] = buyers;
    await models.portraits.collection.updateOne(
      { _id: gone?._id as never },
      { $set: { orders: 0, spent: 0, bought: [] }, $unset: { lastOrderAt: 1 } },
    );
    const second = await insight.run(new Date(now.getTime() + 3_600_000));
    expect(second.moves).toContainEqual({ from: 'A', to: 'C', people: 1 });
    const left = second.moves.filter(({ from, to }) => to === 'A' && from !== 'A');
    expect(left).toEqual([{ from: expect.stringMatching(/^[B-E]$/), to: 'A', people: 1 }]);
    const stayed = second.moves.filter(({ from, to }) => from === to).reduce((sum, { people }) => sum + people, 0);
    // The 29 other buyers, some of whom moved because others did, and the one who never bought.
    const moved = second.moves.filter(({ from, to }) => from !== to).reduce((sum, { people }) => sum + people, 0);
    expect(moved).toBeGreaterThanOrEqual(2);
    expect(stayed + moved).toBe(32);
    expect(await models.portraits.findById(gone?._id).lean()).toMatchObject({ group: 'A' });

    const withdrew = buyers[5]?._id as never;
    await models.portraits.collection.updateOne({ _id: withdrew }, { $set: { personalised: false } });
    const third = await insight.run(new Date(now.getTime() + 7_200_000));
    expect(third.moves.filter(({ to }) => to === 'gone')).toHaveLength(1);
    const stored: Record<string, unknown> = (await models.portraits.collection.findOne({ _id: withdrew })) ?? {};
    expect([stored['scores'], stored['group']]).toEqual([undefined, undefined]);
    expect(await models.scores.countDocuments()).toBe(29);
  });
});
