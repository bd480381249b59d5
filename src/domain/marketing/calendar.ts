/**
 * The calendar of campaigns: for each day of the shop what touches it, how many messages left, and how many more are expected. Reads plans
 * and broadcasts; what left is counted by a reader that is handed in.
 */
import { RequestProblem } from '../../errors.js';
import type { BroadcastState } from '../../contracts/index.js';
import { localTime } from '../../infra/clock.js';
import type { BroadcastRecord, CampaignModels, PlanRecord } from './campaign-models.js';

export interface CalendarEntry {
  kind: 'strategy' | 'broadcast';
  /** A strategy's code or a broadcast's id. */
  id: string;
  /** Of a broadcast: its name and state. */
  name?: string;
  state?: BroadcastState;
  /** Ids of the plans that hold it. */
  plans: string[];
}

/** `date` YYYY-MM-DD. `sent`: of care and promotion. `expected`: by the forecasts of broadcasts that have not begun and begin that day. */
export interface CalendarDay {
  date: string;
  entries: CalendarEntry[];
  sent: number;
  expected: number;
}

export interface CalendarParts {
  timeZone: string;
  /** Messages of care and promotion that left, by day of the shop; days without any may be missing. */
  sentByDay(from: string, to: string): Promise<ReadonlyArray<{ date: string; messages: number }>>;
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 100;
const MOST = 500;
const AHEAD: readonly BroadcastState[] = ['draft', 'submitted', 'approved'];

type Touching = Pick<
  BroadcastRecord,
  '_id' | 'name' | 'state' | 'begunAt' | 'beginsAt' | 'endsAt' | 'overAt' | 'forecast'
>;
interface Span {
  first: string;
  last: string;
}
const FIELDS = { name: 1, state: 1, begunAt: 1, beginsAt: 1, endsAt: 1, overAt: 1, forecast: 1 };

export type Calendar = ReturnType<typeof createCalendar>;

export function createCalendar(
  { plans, broadcasts }: Pick<CampaignModels, 'plans' | 'broadcasts'>,
  { timeZone, sentByDay }: CalendarParts,
) {
  /**
   * Both days included, at most 100 of them.
   * @throws 400 request.invalid
   */
  async function days(from: string, to: string, now: Date): Promise<CalendarDay[]> {
    const dates = datesOf(from, to);
    const planned = await plansIn(from, to);
    const touching = await broadcastsIn(from, to);
    const sent = new Map((await sentByDay(from, to)).map(({ date, messages }) => [date, messages]));
    const today = dayOf(now);
    const spans = touching.flatMap((broadcast) => {
      const span = spanOf(broadcast, today);
      return span ? [{ broadcast, ...span }] : [];
    });
    return dates.map((date) => {
      const there = spans.filter(({ first, last }) => first <= date && date <= last);
      const beginning = spans.filter(({ first, broadcast }) => first === date && AHEAD.includes(broadcast.state));
      const of = planned.filter((plan) => plan.from <= date && date <= plan.to);
      return {
        date,
        entries: [...strategiesOf(of), ...there.map(({ broadcast }) => entryOf(broadcast, planned))],
        sent: sent.get(date) ?? 0,
        expected: beginning.reduce((sum, { broadcast }) => sum + reachedBy(broadcast), 0),
      };
    });
  }

  const plansIn = (from: string, to: string): Promise<PlanRecord[]> =>
    plans
      .find({ to: { $gte: from }, from: { $lte: to } })
      .sort({ to: 1, from: 1 })
      .limit(MOST)
      .lean<PlanRecord[]>();

  /** Those that begin in these days, and those that began before and were not over by then. */
  async function broadcastsIn(from: string, to: string): Promise<Touching[]> {
    // A day of the shop lies within 14 hours of the same day in UTC; the exact days are told by `spanOf`.
    const first = new Date(Date.parse(from) - DAY_MS);
    const last = new Date(Date.parse(to) + 2 * DAY_MS);
    const found = [
      ...(await find({ beginsAt: { $gte: first, $lte: last } })),
      ...(await find({ overAt: { $gte: first }, beginsAt: { $lt: first } })),
      ...(await find({ state: { $in: ['approved', 'running', 'paused'] }, beginsAt: { $lt: first } })),
    ];
    return [...new Map(found.map((one) => [String(one._id), one])).values()];
  }

  const find = (which: Record<string, unknown>): Promise<Touching[]> =>
    broadcasts.find(which, FIELDS).limit(MOST).lean<Touching[]>();

  const dayOf = (at: Date): string => localTime(at, timeZone).date;

  /** The days on which it speaks; none of one that was cancelled before it began. One that runs is there until today. */
  function spanOf({ begunAt, beginsAt, endsAt, overAt, state }: Touching, today: string): Span | undefined {
    if (!beginsAt || (state === 'cancelled' && !begunAt)) return undefined;
    const first = dayOf(beginsAt);
    const isSpeaking = state === 'running' || state === 'paused';
    const last = overAt ? dayOf(overAt) : isSpeaking ? today : endsAt ? dayOf(endsAt) : first;
    return { first, last: last < first ? first : last };
  }

  return { days };
}

function datesOf(from: string, to: string): string[] {
  const count = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (!(count >= 1 && count <= LONGEST_DAYS)) {
    const errors = [{ path: 'to', code: 'calendar.range', message: `takes 1 to ${LONGEST_DAYS} days from \`from\`` }];
    throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors });
  }
  return Array.from({ length: count }, (_, i) => new Date(Date.parse(from) + i * DAY_MS).toISOString().slice(0, 10));
}

function strategiesOf(planned: readonly PlanRecord[]): CalendarEntry[] {
  const codes = [...new Set(planned.flatMap(({ strategies }) => strategies))];
  return codes.map((code) => ({
    kind: 'strategy',
    id: code,
    plans: idsWith(planned, ({ strategies }) => strategies, code),
  }));
}

function entryOf({ _id, name, state }: Touching, planned: readonly PlanRecord[]): CalendarEntry {
  const id = String(_id);
  return { kind: 'broadcast', id, name, state, plans: idsWith(planned, ({ broadcasts }) => broadcasts, id) };
}

const idsWith = (planned: readonly PlanRecord[], of: (plan: PlanRecord) => string[], id: string): string[] =>
  planned.filter((plan) => of(plan).includes(id)).map(({ _id }) => String(_id));

const reachedBy = ({ forecast }: Touching): number =>
  forecast?.byRoute.reduce((sum, { people }) => sum + people, 0) ?? 0;
