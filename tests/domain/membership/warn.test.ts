/** Warnings before points expire and before a level ends: when, how often, and not where there is nothing to warn of any more. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { DueRow, NewDomainEvent, Owed } from '../../../src/contracts/index.js';
import {
  levelWarnings,
  lastWarning,
  pointsWarnings,
  usualWarnings,
} from '../../../src/domain/membership/warn-moments.js';
import { alone, noon, openBench, orderOf, together, zone } from './shop.js';
import type { Bench } from './shop.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
}, 60_000);
afterAll(() => bench.close());

const at = (moment: string): Date => new Date(`${moment}+08:00`);
const endOfMay = at('2026-05-31T23:59:59.999');

describe('moments', () => {
  it('of points are ten in the morning, whole days before their last day', () => {
    expect(pointsWarnings(endOfMay, usualWarnings)).toEqual([
      { days: 60, at: at('2026-04-01T10:00') },
      { days: 30, at: at('2026-05-01T10:00') },
      { days: 7, at: at('2026-05-24T10:00') },
      { days: 1, at: at('2026-05-30T10:00') },
    ]);
  });

  it.each(['2026-06-15T00:00', '2026-06-15T12:00', '2026-06-15T23:59'])('of a level that ends at %s', (until) => {
    const warnings = levelWarnings(at(until), usualWarnings, zone);
    expect(warnings).toEqual([
      { days: 30, at: at('2026-05-16T10:00') },
      { days: 7, at: at('2026-06-08T10:00') },
    ]);
  });

  it('several that were missed are one, the last', () => {
    const warnings = pointsWarnings(endOfMay, usualWarnings);
    expect(lastWarning(warnings, at('2026-04-01T10:00'), at('2026-05-25T10:00'))?.days).toBe(7);
    expect(lastWarning(warnings, at('2026-05-02T10:00'), at('2026-05-23T10:00'))).toBeUndefined();
  });
});

/** The clock's rows as the database keeps them: the same key again moves the row. */
class Rows {
  private readonly rows = new Map<string, DueRow>();
  readonly events: NewDomainEvent[] = [];

  take(owed: Owed): void {
    for (const key of owed.cancel) this.rows.delete(key);
    for (const row of owed.due) this.rows.set(row.key, row);
    this.events.push(...owed.events);
  }

  of(kind: DueRow['kind']): DueRow[] {
    return [...this.rows.values()].filter((row) => row.kind === kind);
  }

  /** Everything due up to a moment, each at that moment. */
  async runTo(now: Date, handle: (row: DueRow, now: Date) => Promise<Owed>): Promise<void> {
    for (let due = this.due(now); due; due = this.due(now)) {
      this.rows.delete(due.key);
      this.take(await handle(due, now));
    }
  }

  private due(now: Date): DueRow | undefined {
    return [...this.rows.values()]
      .filter(({ dueAt }) => dueAt <= now)
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())[0];
  }
}

let rows: Rows;
let who: Types.ObjectId;
beforeEach(async () => {
  rows = new Rows();
  who = await bench.customer();
});

const handle = (customers: readonly Types.ObjectId[]) => async (row: DueRow, now: Date) => {
  const [first = who, ...others] = customers;
  const person = together(first, ...others);
  const { membership } = bench;
  const by = {
    'points.warn': membership.warnPointsDue,
    'level.warn': membership.warnLevelDue,
    'points.expire': membership.expireDue,
    'level.expire': membership.levelDue,
  } as Record<string, typeof membership.expireDue>;
  return bench.tx((tx) => (by[row.kind] ?? membership.releaseDue)(tx, person, row, now));
};
const told = (kind: NewDomainEvent['kind']) => rows.events.filter((event) => event.kind === kind);
const give = async (customerId: Types.ObjectId, amount: number, now: Date): Promise<void> => {
  const request = { amount, reason: 'test', key: String(new Types.ObjectId()), by: 'staff' };
  const given = await bench.tx((tx) => bench.membership.points.adjust(tx, customerId, request, now));
  if (!given.ok) throw new Error(given.reason);
  rows.take(given.owed);
};
const spend = async (amount: number, now: Date): Promise<void> => {
  const request = { amount, reason: 'gift', key: String(new Types.ObjectId()) };
  const spent = await bench.tx((tx) => bench.membership.points.spend(tx, alone(who), request, now));
  if (!spent.ok) throw new Error(spent.reason);
  rows.take(spent.owed);
};

describe('points', () => {
  // Given on 10 May 2025, valid for 12 months after: to the end of May 2026.
  const given = noon('2025-05-10');

  it('are warned of 60, 30, 7 and 1 days before, with what is left then', async () => {
    await give(who, 100, given);
    expect(rows.of('points.warn')).toMatchObject([{ dueAt: at('2026-04-01T10:00'), customerId: String(who) }]);
    await rows.runTo(at('2026-04-01T10:01'), handle([who]));
    await spend(40, at('2026-04-20T12:00'));
    for (const day of ['2026-05-01', '2026-05-24', '2026-05-30']) await rows.runTo(at(`${day}T10:01`), handle([who]));
    expect(told('points.expiring').map(({ data }) => [data['days'], data['amount']])).toEqual([
      [60, 100],
      [30, 60],
      [7, 60],
      [1, 60],
    ]);
    expect(told('points.expiring')[0]?.data['expiresAt']).toBe(endOfMay.toISOString());
    await rows.runTo(at('2026-06-01T12:00'), handle([who]));
    expect(told('points.expiring')).toHaveLength(4);
    expect(told('points.expired')).toHaveLength(1);
    expect(rows.of('points.warn')).toEqual([]);
  });

  it('that were spent are not warned of', async () => {
    await give(who, 100, given);
    await spend(100, at('2026-03-01T12:00'));
    await rows.runTo(at('2026-05-30T12:00'), handle([who]));
    expect(told('points.expiring')).toEqual([]);
  });

  it('a warning that is late is not lost to a movement that comes first', async () => {
    await give(who, 100, given);
    await spend(10, at('2026-04-01T10:30'));
    expect(rows.of('points.warn')).toMatchObject([{ dueAt: at('2026-04-01T10:00') }]);
    await rows.runTo(at('2026-04-01T10:31'), handle([who]));
    expect(told('points.expiring').map(({ data }) => data['amount'])).toEqual([90]);
    expect(rows.of('points.warn')).toMatchObject([{ dueAt: at('2026-05-01T10:00') }]);
  });

  it('an earlier end brings the row forward, and each end is told of by itself', async () => {
    await give(who, 30, noon('2025-06-10'));
    expect(rows.of('points.warn')[0]?.dueAt).toEqual(at('2026-05-01T10:00'));
    rows = new Rows();
    who = await bench.customer();
    await give(who, 30, noon('2025-05-10'));
    await give(who, 50, noon('2025-06-10'));
    await rows.runTo(at('2026-05-02T10:00'), handle([who]));
    expect(told('points.expiring').map(({ data }) => [data['days'], data['amount']])).toEqual([
      [30, 30],
      [60, 50],
    ]);
  });

  it('of one person with two records are told once, added up', async () => {
    const other = await bench.customer();
    await give(who, 10, given);
    await give(other, 5, given);
    expect(rows.of('points.warn')).toHaveLength(2);
    await rows.runTo(at('2026-04-01T10:01'), handle([who, other]));
    expect(told('points.expiring').map(({ data }) => data['amount'])).toEqual([15]);
  });
});

describe('a level', () => {
  const reach = async (yuan: number, day: string): Promise<void> => {
    const facts = orderOf(who, noon(day), yuan, { receivedAt: noon(day), completedAt: noon(day) });
    rows.take(await bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), facts, noon(day))));
  };

  it('that is not kept is warned of 30 and 7 days before, with what is missing', async () => {
    await reach(700, '2025-06-15');
    expect(rows.of('level.warn')).toMatchObject([{ dueAt: at('2026-05-16T10:00') }]);
    await reach(250, '2025-08-01');
    await rows.runTo(at('2026-05-16T10:01'), handle([who]));
    await reach(100, '2026-05-20');
    await rows.runTo(at('2026-06-08T10:01'), handle([who]));
    expect(told('level.endangered').map(({ data }) => [data['days'], data['missing']])).toEqual([
      [30, 350],
      [7, 250],
    ]);
    expect(told('level.endangered')[0]?.data).toMatchObject({
      level: { code: 'silver', title: { 'zh-CN': 'silver' } },
      until: noon('2026-06-15').toISOString(),
    });
    expect(rows.of('level.warn')).toEqual([]);
  });

  it('that the window keeps is not warned of, and its next validity is', async () => {
    await reach(700, '2025-06-15');
    await reach(700, '2025-08-01');
    await rows.runTo(at('2026-06-08T10:01'), handle([who]));
    expect(told('level.endangered')).toEqual([]);
    await rows.runTo(at('2026-06-15T12:01'), handle([who]));
    expect(rows.of('level.warn')).toMatchObject([{ dueAt: at('2027-05-16T10:00') }]);
  });

  it('a warning that is late is not lost to growth that comes first', async () => {
    await reach(700, '2025-06-15');
    await reach(10, '2026-05-16');
    expect(rows.of('level.warn')).toMatchObject([{ dueAt: at('2026-05-16T10:00') }]);
    await rows.runTo(noon('2026-05-16'), handle([who]));
    expect(told('level.endangered').map(({ data }) => data['missing'])).toEqual([590]);
    expect(rows.of('level.warn')).toMatchObject([{ dueAt: at('2026-06-08T10:00') }]);
  });

  it('reached late says nothing of days that are over', async () => {
    const facts = orderOf(who, noon('2025-06-15'), 700, { completedAt: noon('2025-06-15') });
    rows.take(await bench.tx((tx) => bench.membership.settleOrder(tx, alone(who), facts, noon('2026-05-20'))));
    expect(rows.of('level.warn')).toMatchObject([{ dueAt: at('2026-06-08T10:00') }]);
  });
});
