/**
 * A run scores everybody anew and keeps what it was decided by: rules, cuts, sizes, and who moved between the groups since the run before.
 * Written in batches; a run that was left half way is begun again under its id and tells every move once.
 */
import { Types } from 'mongoose';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { PortraitModels, ScoreRecord } from '../segments/index.js';
import { judge } from './judge.js';
import type { Judged } from './judge.js';
import type { Counted, GroupMove, GroupMoveRecord, InsightModels, RunRecord } from './models.js';
import { readPopulation } from './population.js';
import type { Population } from './population.js';
import { LEAST_PEOPLE, defaultInsightRules } from './rules.js';
import type { InsightRules } from './rules.js';

type Models = InsightModels & PortraitModels;
type Group = ScoreRecord['group'];

export interface InsightOptions {
  /** The shop's zone: orders of one day are one occasion. */
  timeZone: string;
  rules?: InsightRules;
}

export type Insight = ReturnType<typeof createInsight>;

const BATCH = 1000;
const stayed = (from: string, to: string): boolean => from === to;

export function createInsight(models: Models, { timeZone, rules = defaultInsightRules }: InsightOptions) {
  const { insightRuns, groupMoves, portraits, scores } = models;

  /** Newest first; also those that are running or came to nothing. */
  const runs = ({ limit }: { limit: number }): Promise<RunRecord[]> =>
    insightRuns.find().sort({ asOf: -1, _id: -1 }).limit(limit).lean<RunRecord[]>();

  const latest = (): Promise<RunRecord | null> =>
    insightRuns.findOne({ state: 'done' }).sort({ asOf: -1, _id: -1 }).lean<RunRecord>();

  /** Scores everybody with orders. Fewer than 25 of them: `insufficient`, and the scores of the run before stay. */
  async function run(now: Date): Promise<RunRecord> {
    const before = await latest();
    const begun = await begin(now, before);
    const population = await readPopulation(models, {
      asOf: begun.asOf,
      before: before?.asOf,
      windowDays: rules.windowDays,
      timeZone,
    });
    const people = population.size;
    if (people < LEAST_PEOPLE) return finish(begun, { state: 'insufficient', people });
    const judged = judge(population.figures, rules);
    const counts = await scoreAll(begun, population, judged, before);
    await takeAwayOld(begun);
    const moves = before ? await movesOf(begun, counts.groups, population) : [];
    const groups = [{ code: 'A', people: population.without.people }, ...counts.groups];
    return finish(begun, { ...counts, groups, state: 'done', people, basis: judged.basis, moves });
  }

  /** Takes up the run that was left, else begins one. */
  async function begin(now: Date, before: RunRecord | null): Promise<RunRecord> {
    const left = await insightRuns.findOne({ state: 'running' }).sort({ asOf: -1 }).lean<RunRecord>();
    if (left) return left;
    const record: RunRecord = {
      ...{ _id: now.toISOString(), asOf: now, state: 'running', rules, people: 0 },
      ...{ segments: [], eights: [], groups: [], moves: [] },
      ...(before ? { before: before._id } : {}),
    };
    await insightRuns.replaceOne({ _id: record._id }, record, { upsert: true });
    return record;
  }

  async function finish(begun: RunRecord, change: Partial<RunRecord>): Promise<RunRecord> {
    const after: RunRecord = { ...begun, ...change, finishedAt: new Date() };
    await insightRuns.replaceOne({ _id: begun._id }, after);
    return after;
  }

  async function scoreAll(begun: RunRecord, population: Population, judged: Judged, before: RunRecord | null) {
    const tally = {
      segments: new Map<string, number>(),
      eights: new Map<string, number>(),
      groups: new Map<string, number>(),
    };
    const add = (map: Map<string, number>, code: string): void => void map.set(code, (map.get(code) ?? 0) + 1);
    for (let start = 0; start < population.size; start += BATCH) {
      const end = Math.min(population.size, start + BATCH);
      const batch = Array.from({ length: end - start }, (_, i) => recordOf(begun, population, judged, start + i));
      for (const { segment, eight, group } of batch) {
        add(tally.segments, segment);
        add(tally.eights, eight);
        add(tally.groups, group);
      }
      if (before) await noteMoves(begun, before, batch, (i) => population.createdAt(start + i));
      await write(batch);
    }
    return { segments: listed(tally.segments), eights: listed(tally.eights), groups: listed(tally.groups) };
  }

  async function write(batch: readonly ScoreRecord[]): Promise<void> {
    const stored = batch.map((score) => ({
      replaceOne: { filter: { _id: score._id }, replacement: score, upsert: true },
    }));
    await scores.collection.bulkWrite(stored as never, { ordered: false });
    // Whoever withdrew or gave everything back since they were read gets none: no later event would take them away again.
    const shown = batch.map(({ _id, group, r, f, m, code, segment, eight, runId }) => ({
      updateOne: {
        filter: { _id, personalised: true, orders: { $gt: 0 } },
        update: { $set: { scores: { r, f, m, code, segment, eight, runId }, group } },
      },
    }));
    await portraits.collection.bulkWrite(shown as never, { ordered: false });
  }

  /** Who is in another group than at the run before. Told once, also when the run was taken up again. */
  async function noteMoves(
    begun: RunRecord,
    before: RunRecord,
    batch: readonly ScoreRecord[],
    createdAt: (index: number) => Date,
  ): Promise<void> {
    const known = await scores.collection
      .find({ _id: { $in: batch.map(({ _id }) => _id) } }, { projection: { group: 1 }, ...IN_ONE_ANSWER })
      .toArray();
    const groupOf = new Map(known.map(({ _id, group }) => [String(_id), group as Group]));
    const moves = batch.flatMap((score, i): GroupMoveRecord[] => {
      const from = groupOf.get(String(score._id)) ?? (createdAt(i) <= before.asOf ? 'A' : 'new');
      if (stayed(from, score.group)) return [];
      return [moveOf(begun, score._id, from as GroupMove['from'], score.group as GroupMove['to'])];
    });
    await keep(moves);
  }

  async function keep(moves: readonly GroupMoveRecord[]): Promise<void> {
    if (moves.length === 0) return;
    const writes = moves.map(({ _id, ...move }) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: move }, upsert: true },
    }));
    await groupMoves.collection.bulkWrite(writes as never, { ordered: false });
  }

  /** Whoever has no score in this run has none any more: gave everything back (`A`), joined with another record or withdrew (`gone`). */
  async function takeAwayOld(begun: RunRecord): Promise<void> {
    for (;;) {
      const old = (await scores.collection
        .find({ runId: { $ne: begun._id } }, { projection: { group: 1 }, limit: BATCH, ...IN_ONE_ANSWER })
        .toArray()) as unknown as Array<{ _id: Types.ObjectId; group: Group }>;
      if (old.length === 0) return;
      const ids = old.map(({ _id }) => _id);
      // Who gave everything back has not bought yet again.
      const unsold = { _id: { $in: ids }, orders: 0, personalised: true };
      const found = await portraits.collection.find(unsold, { projection: { _id: 1 }, ...IN_ONE_ANSWER }).toArray();
      const back = new Set(found.map(({ _id }) => String(_id)));
      const to = (id: Types.ObjectId): GroupMove['to'] => (back.has(String(id)) ? 'A' : 'gone');
      await keep(old.map(({ _id, group }) => moveOf(begun, _id, group as GroupMove['from'], to(_id))));
      await portraits.collection.updateMany(unsold, { $unset: { scores: 1 }, $set: { group: 'A' } });
      const others = { _id: { $in: ids }, $or: [{ orders: { $gt: 0 } }, { personalised: false }] };
      await portraits.collection.updateMany(others, { $unset: { scores: 1, group: 1 } });
      await scores.collection.deleteMany({ _id: { $in: ids } });
    }
  }

  /** The whole matrix: those who moved as they were noted, and the rest of each group as having stayed. */
  async function movesOf(
    begun: RunRecord,
    groups: readonly Counted[],
    { without }: Population,
  ): Promise<RunRecord['moves']> {
    const moved = await groupMoves.aggregate<{ _id: GroupMove; people: number }>([
      { $match: { runId: begun._id } },
      { $group: { _id: { from: '$from', to: '$to' }, people: { $sum: 1 } } },
    ]);
    const into = (code: string): number =>
      moved.filter(({ _id }) => _id.to === code).reduce((sum, { people }) => sum + people, 0);
    const rest = groups.map(({ code, people }) => ({ from: code, to: code, people: people - into(code) }));
    const unsold = [
      { from: 'A', to: 'A', people: Math.max(0, without.knownBefore - into('A')) },
      { from: 'new', to: 'A', people: without.people - without.knownBefore },
    ];
    const all = [...moved.map(({ _id, people }) => ({ ..._id, people })), ...rest, ...unsold];
    return (all as RunRecord['moves']).filter(({ people }) => people > 0);
  }

  return { run, runs, latest };
}

function recordOf(
  { _id: runId, asOf: at }: RunRecord,
  population: Population,
  judged: Judged,
  index: number,
): ScoreRecord {
  const { recency, frequency, monetary } = population.figures;
  const figures = { recency: recency[index] ?? 0, frequency: frequency[index] ?? 0, monetary: monetary[index] ?? 0 };
  return { _id: population.idAt(index), ...judged.of(index), ...figures, runId, at };
}

function moveOf(
  begun: RunRecord,
  personId: Types.ObjectId,
  from: GroupMove['from'],
  to: GroupMove['to'],
): GroupMoveRecord {
  return { _id: `${begun._id} ${String(personId)}`, runId: begun._id, personId, from, to, at: begun.asOf };
}

const listed = (map: ReadonlyMap<string, number>): Counted[] =>
  [...map].map(([code, people]) => ({ code, people })).sort((a, b) => (a.code < b.code ? -1 : 1));
