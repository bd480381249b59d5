/**
 * Reads the dashboard of today: figures with the same stretch of yesterday, curves by the hour, outcomes of messages, and the rows behind each
 * figure. Only questions to indexes over the stretch of time; nothing is kept. Must not write.
 */
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import { IN_ONE_ANSWER, olderThan } from '../../infra/mongo.js';
import { dayOf, shiftDay, startOfDay } from '../segments/index.js';
import { figures, filterOf, outcomeSources } from './dashboard-figures.js';
import type { Figure, Filter, Rows, Source, Stretch } from './dashboard-figures.js';
import type { Counted, InsightModels, RunRecord } from './models.js';

/** The collections that are counted, as they are. */
export type DashboardModels = Readonly<Record<Rows, Pick<Model<unknown>, 'collection'>>> &
  Pick<InsightModels, 'insightRuns'>;

export interface FigureValue extends Pick<Figure, 'code' | 'title' | 'unit'> {
  value: number;
  /** The same stretch of yesterday; null where nothing is kept of it. */
  before: number | null;
}

export interface OutcomeCount {
  state: string;
  reason: string | null;
  messages: number;
}

export interface Today {
  /** YYYY-MM-DD in the shop's zone. */
  date: string;
  figures: FigureValue[];
  /** 24 numbers each. */
  hours: Array<Pick<Figure, 'code' | 'title'> & { values: number[] }>;
  outcomes: OutcomeCount[];
  /** People of the groups A to E, as of the latest run of the scores; none before the first. */
  groups: Counted[];
}

/** A stored row with what it counts. */
export interface CountedRow {
  of: Rows;
  id: string;
  at: Date | undefined;
  value: number;
  record: Readonly<Record<string, unknown>>;
}

/** Where a list of rows goes on: in which of the figure's sources, behind which row. */
export interface RowPlace {
  source: number;
  at: Date;
  id: string;
}

/** `outcomes` may be narrowed; of all other codes `narrow` means nothing. */
export interface RowsRequest {
  code: string;
  narrow?: { state?: string | undefined; reason?: string | null };
  limit: number;
  after?: RowPlace | undefined;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

export type Dashboard = ReturnType<typeof createDashboard>;

export function createDashboard(models: DashboardModels, { timeZone }: { timeZone: string }) {
  async function today(now: Date): Promise<Today> {
    const date = dayOf(now, timeZone);
    const stretch = { from: startOfDay(date, timeZone), to: now };
    const [values, hours, outcomes, groups] = await Promise.all([
      Promise.all(figures.map((figure) => valueOf(figure, stretch, date))),
      Promise.all(figures.filter(({ hourly }) => hourly).map((figure) => curveOf(figure, stretch))),
      outcomesOf(stretch),
      groupsNow(),
    ]);
    return { date, figures: values, hours, outcomes, groups };
  }

  async function groupsNow(): Promise<Counted[]> {
    const latest = await models.insightRuns
      .findOne({ state: 'done' }, { groups: 1 })
      .sort({ asOf: -1, _id: -1 })
      .lean<Pick<RunRecord, 'groups'>>();
    return latest?.groups ?? [];
  }

  async function valueOf(figure: Figure, stretch: Stretch, date: string): Promise<FigureValue> {
    const { code, title, unit, sources } = figure;
    const start = startOfDay(shiftDay(date, -1), timeZone);
    const earlier = { from: start, to: new Date(start.getTime() + stretch.to.getTime() - stretch.from.getTime()) };
    const [value, before] = await Promise.all([
      total(sources, stretch),
      figure.now ? Promise.resolve(null) : total(sources, earlier),
    ]);
    return { code, title, unit, value, before };
  }

  async function total(sources: readonly Source[], stretch: Stretch): Promise<number> {
    const parts = await Promise.all(sources.map((source) => countOf(source, stretch)));
    return parts.reduce((sum, part) => sum + part, 0);
  }

  async function countOf(source: Source, stretch: Stretch): Promise<number> {
    const { collection } = models[source.of];
    const filter = filterOf(source, stretch);
    if (!source.amount) return collection.countDocuments(filter);
    const found = await collection
      .aggregate<{ sum: number }>([{ $match: filter }, { $group: { _id: null, sum: { $sum: amountOf(source) } } }])
      .toArray();
    return found[0]?.sum ?? 0;
  }

  async function curveOf(figure: Figure, stretch: Stretch): Promise<Today['hours'][number]> {
    const values = new Array<number>(HOURS).fill(0);
    for (const source of figure.sources) {
      const since = { $subtract: [`$${source.by}`, stretch.from] };
      const found = await models[source.of].collection
        .aggregate<{ _id: number; sum: number }>([
          { $match: filterOf(source, stretch) },
          { $group: { _id: { $floor: { $divide: [since, HOUR_MS] } }, sum: { $sum: amountOf(source) } } },
        ])
        .toArray();
      // Where the clocks are put back a day has 25 hours; the last two are shown as one.
      for (const { _id, sum } of found)
        values[Math.min(_id, HOURS - 1)] = (values[Math.min(_id, HOURS - 1)] ?? 0) + sum;
    }
    return { code: figure.code, title: figure.title, values };
  }

  /** Most first. */
  async function outcomesOf(stretch: Stretch): Promise<OutcomeCount[]> {
    const counts = new Map<string, OutcomeCount>();
    for (const source of outcomeSources()) {
      const found = await models[source.of].collection
        .aggregate<{ _id: { state: string; reason?: string | null }; messages: number }>([
          { $match: filterOf(source, stretch) },
          { $group: { _id: { state: '$state', reason: '$reason' }, messages: { $sum: 1 } } },
        ])
        .toArray();
      for (const { _id, messages } of found) {
        const reason = _id.reason || null;
        const known = counts.get(`${_id.state} ${reason ?? ''}`);
        if (known) known.messages += messages;
        else counts.set(`${_id.state} ${reason ?? ''}`, { state: _id.state, reason, messages });
      }
    }
    return [...counts.values()].sort((a, b) => b.messages - a.messages);
  }

  /**
   * The rows behind a figure of today, newest first, source after source; their values add up to the figure. Undefined: there is no such
   * figure.
   */
  async function rows(
    now: Date,
    { code, narrow, limit, after }: RowsRequest,
  ): Promise<{ rows: CountedRow[]; next: RowPlace | undefined } | undefined> {
    const sources =
      code === 'outcomes' ? outcomeSources(narrow) : figures.find((figure) => figure.code === code)?.sources;
    if (!sources) return undefined;
    const stretch = { from: startOfDay(dayOf(now, timeZone), timeZone), to: now };
    const found: Array<CountedRow & { source: number }> = [];
    for (let i = after?.source ?? 0; i < sources.length && found.length <= limit; i += 1) {
      const source = sources[i];
      if (!source) break;
      const some = await page(source, stretch, limit + 1 - found.length, i === after?.source ? after : undefined);
      found.push(...some.map((row) => ({ ...row, source: i })));
    }
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : undefined;
    const next = last && { source: last.source, at: last.at ?? new Date(0), id: last.id };
    return { rows: shown, next };
  }

  async function page(source: Source, stretch: Stretch, limit: number, after?: RowPlace): Promise<CountedRow[]> {
    const filter = { $and: [filterOf(source, stretch), ...(after ? [behind(source, after)] : [])] };
    const sort = { [source.by]: -1, _id: -1 } as const;
    const found = models[source.of].collection.find(filter, { sort, limit, ...IN_ONE_ANSWER });
    return (await found.toArray()).map((record) => ({
      ...{ of: source.of, id: String(record._id), record },
      at: timeIn(record, source.by),
      value: source.amount ? Math.abs(Number(valueIn(record, source.amount) ?? 0)) : 1,
    }));
  }

  return { today, rows };
}

/** Ids of the outbox and of audiences are hashes. */
function behind({ of, by }: Source, { at, id }: RowPlace): Filter {
  const isHash = of === 'outbox' || of === 'audience';
  return isHash ? olderThan(by, { at, id }) : olderThan(by, { at, id: new Types.ObjectId(id) });
}

const amountOf = ({ amount }: Source): unknown => (amount ? { $abs: { $ifNull: [`$${amount}`, 0] } } : 1);

const valueIn = (record: object, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], record);

function timeIn(record: object, path: string): Date | undefined {
  const at = valueIn(record, path);
  return at instanceof Date ? at : undefined;
}
