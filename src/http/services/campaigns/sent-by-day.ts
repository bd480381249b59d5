/** How many messages of care and promotion left on each day of the shop: for the calendar. A day that is over is counted once. */
import type { Model } from 'mongoose';
import type { MassBatchRecord, OutboxRecord } from '../../../flow/models.js';
import type { Clock } from '../../../infra/clock.js';
import { localTime } from '../../../infra/clock.js';

export interface SentByDayParts {
  outbox: Model<OutboxRecord>;
  massBatches: Model<MassBatchRecord>;
  clock: Clock;
  timeZone: string;
}

const DAY_MS = 86_400_000;
const REMEMBERED = 500;

export function createSentByDay({ outbox, massBatches, clock, timeZone }: SentByDayParts) {
  const known = new Map<string, number>();

  async function sentByDay(from: string, to: string): Promise<Array<{ date: string; messages: number }>> {
    const days: Array<{ date: string; messages: number }> = [];
    for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
      const date = new Date(at).toISOString().slice(0, 10);
      if (startOfLocalDay(date, timeZone) > clock.now()) break;
      days.push({ date, messages: known.get(date) ?? (await countOf(date)) });
    }
    return days;
  }

  async function countOf(date: string): Promise<number> {
    const since = startOfLocalDay(date, timeZone);
    const until = startOfLocalDay(dayAfter(date), timeZone);
    const messages = (await singles(since, until)) + (await masses(since, until));
    if (until.getTime() + DAY_MS <= clock.now().getTime()) remember(date, messages);
    return messages;
  }

  /** By the moment they were due, which is when they leave but for minutes. */
  const singles = (since: Date, until: Date): Promise<number> =>
    outbox.countDocuments({
      state: 'sent',
      dueAt: { $gte: since, $lt: until },
      purpose: { $in: ['care', 'promotion'] },
    });

  async function masses(since: Date, until: Date): Promise<number> {
    const found = await massBatches
      .find({ state: 'submitted', dueAt: { $gte: since, $lt: until } }, { people: 1 })
      .lean<Array<Pick<MassBatchRecord, 'people'>>>();
    return found.reduce((all, { people }) => all + people, 0);
  }

  function remember(date: string, messages: number): void {
    known.set(date, messages);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  }

  return sentByDay;
}

const dayAfter = (date: string): string => new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);

/** The first moment of a day in a zone. The second look is for a zone whose clock changes in between. */
function startOfLocalDay(date: string, timeZone: string): Date {
  let at = Date.parse(date);
  for (let look = 0; look < 2; look++) {
    const local = localTime(new Date(at), timeZone);
    at += Date.parse(date) - Date.parse(`${local.date}T${local.time}Z`);
  }
  return new Date(at);
}
