/**
 * Asks the portraits a rule: how many, which, a few of them, one batch after the other. Requests have a limit of time; whoever needs everybody
 * goes by id in short questions, in bounded memory, and can go on where it stopped. Reads only.
 */
import { randomBytes } from 'node:crypto';
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import type { SegmentRule } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';
import { hasErrorCode } from '../../infra/error-code.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import { compileRule, isSelective } from './compile.js';
import type { PortraitRecord } from './portrait.js';
import type { Filter, RuleContext } from './question.js';

/** `total`: about how many people there are; `after`: the last one asked. */
export interface CountProgress {
  done: number;
  total: number;
  people: number;
  after: Types.ObjectId;
}

export interface PeopleOptions {
  /** People asked by one question of a long count or walk. */
  window?: number;
  /** Up to so many people found by indexes are read by their ids instead of going past everybody. */
  few?: number;
  /** Longest a page or a sample may take, in milliseconds. */
  pageMs?: number;
}

const TIME_LIMIT = 50;
const isLate = (error: unknown): boolean => hasErrorCode(error, TIME_LIMIT);
const byId = { _id: 1 } as const;
const FIRST = new Types.ObjectId('0'.repeat(24));
const onlyId = { projection: { _id: 1 } } as const;

/** Of an ObjectId, in hexadecimal: behind the second and the process that made it. */
const COUNTER_DIGITS = 6;

export type People = ReturnType<typeof createPeople>;

export function createPeople(
  portraits: Model<PortraitRecord>,
  { window = 2000, few = 20_000, pageMs = 5000 }: PeopleOptions = {},
) {
  const { collection } = portraits;
  const read = (found: unknown): PortraitRecord[] => found as PortraitRecord[];

  /** `late`: not counted within the time; countInBatches takes as long as it takes. */
  async function count(
    rule: SegmentRule,
    ctx: RuleContext,
    { withinMs }: { withinMs: number },
  ): Promise<{ count: number } | { late: true }> {
    try {
      return { count: await collection.countDocuments(compileRule(rule, ctx), { maxTimeMS: withinMs }) };
    } catch (error) {
      if (isLate(error)) return { late: true };
      throw error;
    }
  }

  /**
   * Few that indexes find at once; else everybody in windows of ids. `from`: where an earlier count stopped. It stops where `onProgress`
   * answers false.
   */
  async function countInBatches(
    rule: SegmentRule,
    ctx: RuleContext,
    onProgress: (progress: CountProgress) => unknown,
    from?: Omit<CountProgress, 'total'>,
  ): Promise<number> {
    const filter = compileRule(rule, ctx);
    if (!from && isSelective(rule, ctx)) {
      const found = await fewest(filter);
      if (found !== undefined) return found;
    }
    const total = await collection.estimatedDocumentCount();
    let { done, people } = from ?? { done: 0, people: 0 };
    for await (const { size, within, last } of windows(from?.after)) {
      people += await collection.countDocuments({ $and: [within, filter] }, { hint: '_id_' });
      done += size;
      if ((await onProgress({ done, total: Math.max(total, done), people, after: last })) === false) break;
    }
    return people;
  }

  /** Undefined when there are more than few. */
  async function fewest(filter: Filter): Promise<number | undefined> {
    const found = await collection.countDocuments(filter, { limit: few + 1 });
    return found > few ? undefined : found;
  }

  /** The ids one after the other, so many at a time. Only ids are read. */
  async function* windows(
    from?: Types.ObjectId,
  ): AsyncGenerator<{ size: number; within: Filter; last: Types.ObjectId }> {
    for (let after = from; ;) {
      const ids = await collection
        .find(after ? { _id: { $gt: after } } : {}, { ...onlyId, sort: byId, limit: window, ...IN_ONE_ANSWER })
        .toArray();
      const last = ids.at(-1)?._id;
      if (!last) return;
      yield { size: ids.length, within: { _id: { ...(after ? { $gt: after } : {}), $lte: last } }, last };
      after = last;
    }
  }

  /** By id. `after`: the last id of the page before. 503 segment.slow where finding a page takes too long. */
  function page(
    rule: SegmentRule,
    ctx: RuleContext,
    { limit, after }: { limit: number; after?: string | undefined },
  ): Promise<PortraitRecord[]> {
    // Always bounded: so the order of ids is one of the ways the database may choose, and it need not sort many people for a page.
    const behind = { _id: { $gt: after === undefined ? FIRST : new Types.ObjectId(after) } };
    return find({ $and: [behind, compileRule(rule, ctx)] }, limit);
  }

  async function find(filter: Filter, limit: number): Promise<PortraitRecord[]> {
    try {
      const found = collection.find(filter, { sort: byId, limit, maxTimeMS: pageMs, ...IN_ONE_ANSWER });
      return read(await found.toArray());
    } catch (error) {
      if (!isLate(error)) throw error;
      throw new RequestProblem(503, 'segment.slow', 'Its people take too long to find. Add a condition that few meet.');
    }
  }

  /** Some of them, others each time: those that follow a random moment of first meeting. */
  async function sample(rule: SegmentRule, ctx: RuleContext, n: number): Promise<PortraitRecord[]> {
    const filter = compileRule(rule, ctx);
    const pivot = await randomId();
    if (!pivot) return [];
    const later = await find({ $and: [{ _id: { $gte: pivot } }, filter] }, n);
    if (later.length >= n) return later;
    return [...later, ...(await find({ $and: [{ _id: { $lt: pivot } }, filter] }, n - later.length))];
  }

  /** Those whom one process made in one second differ in the counter alone (an import makes thousands): among them it is thrown again. */
  async function randomId(): Promise<Types.ObjectId | undefined> {
    const [first, last] = [await endOf({}, 1), await endOf({}, -1)];
    if (!first || !last) return undefined;
    const met = await endOf({ _id: { $gte: randomBetween(first, last) } }, 1);
    if (!met) return undefined;
    const made = new Types.ObjectId(`${String(met).slice(0, -COUNTER_DIGITS)}${'f'.repeat(COUNTER_DIGITS)}`);
    return randomBetween(met, (await endOf({ _id: { $gte: met, $lte: made } }, -1)) ?? met);
  }

  async function endOf(filter: Filter, order: 1 | -1): Promise<Types.ObjectId | undefined> {
    const [found] = await collection.find(filter, { ...onlyId, sort: { _id: order }, limit: 1 }).toArray();
    return found?._id;
  }

  /**
   * Everybody the rule holds for, in the order of their ids; `after` goes on behind that person. Where indexes find few, those are read;
   * else it goes past everybody, a window at a time. Whoever stops being one meanwhile is left out.
   */
  async function* each(
    rule: SegmentRule,
    ctx: RuleContext,
    { batch, after }: { batch: number; after?: Types.ObjectId | undefined },
  ): AsyncGenerator<PortraitRecord[]> {
    const filter = compileRule(rule, ctx);
    const found = isSelective(rule, ctx) ? await fewIds(filter, after) : undefined;
    if (found) {
      for (let start = 0; start < found.length; start += batch) {
        const ids = found.slice(start, start + batch);
        const some = await inOrder({ $and: [{ _id: { $in: ids } }, filter] });
        if (some.length > 0) yield some;
      }
      return;
    }
    for await (const { within } of windows(after)) {
      const some = await inOrder({ $and: [within, filter] });
      for (let start = 0; start < some.length; start += batch) yield some.slice(start, start + batch);
    }
  }

  const inOrder = async (filter: Filter): Promise<PortraitRecord[]> =>
    read(await collection.find(filter, { sort: byId, hint: '_id_', ...IN_ONE_ANSWER }).toArray());

  /** Undefined when there are more than few. Sorted here: a sort by id would tempt the database to go past everybody. */
  async function fewIds(filter: Filter, after?: Types.ObjectId): Promise<Types.ObjectId[] | undefined> {
    const ids = await collection.find(filter, { ...onlyId, limit: few + 1, batchSize: 5000 }).toArray();
    if (ids.length > few) return undefined;
    const behind = after ? String(after) : '';
    const sorted = ids.map(({ _id }) => [String(_id), _id] as const).sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.filter(([id]) => id > behind).map(([, id]) => id);
  }

  return { count, countInBatches, page, sample, each };
}

/** Both included. */
function randomBetween(first: Types.ObjectId, last: Types.ObjectId): Types.ObjectId {
  const [low, high] = [BigInt(`0x${String(first)}`), BigInt(`0x${String(last)}`)];
  const found = low + (BigInt(`0x${randomBytes(16).toString('hex')}`) % (high - low + 1n));
  return new Types.ObjectId(found.toString(16).padStart(24, '0'));
}
