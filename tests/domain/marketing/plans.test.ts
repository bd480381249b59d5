/** Plans, and the calendar that shows what touches a day of the shop and how hard. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCalendar, createPlans } from '../../../src/domain/marketing/index.js';
import type { Calendar, Plans } from '../../../src/domain/marketing/index.js';
import { PutPlan } from '../../../src/contracts/index.js';
import { by, draft, openDesk, reach, refusalOf } from './broadcasts-setup.js';
import type { Desk } from './broadcasts-setup.js';

let desk: Desk;
let plans: Plans;
let calendar: Calendar;
beforeAll(async () => {
  desk = await openDesk();
  plans = createPlans(desk.models);
  calendar = createCalendar(desk.models, {
    timeZone: 'Asia/Shanghai',
    sentByDay: (from) => Promise.resolve([{ date: from, messages: 42 }]),
  });
}, 60_000);
afterAll(() => desk.close());
beforeEach(async () => {
  await desk.models.plans.deleteMany({});
  await desk.models.broadcasts.deleteMany({});
});

const put = (id: string | null, change: object, minute = 0) =>
  desk.database.transaction((tx) => {
    const body = PutPlan.parse({ name: '双十一', from: '2026-11-01', to: '2026-11-11', ...change });
    return plans.put(tx, id, body, by('anna', minute));
  });

/** A broadcast of so many people that begins then. */
async function broadcast(startAt: string, people: number, endsAt?: string): Promise<string> {
  const times = { startAt, ...(endsAt ? { endsAt } : {}) };
  return desk.database.transaction(async (tx) => {
    const { broadcast } = await desk.broadcasts.put(tx, null, draft(times), by('anna'));
    await desk.broadcasts.forecasted(tx, broadcast._id, 1, reach(people), by('x').at);
    return String(broadcast._id);
  });
}

const NOW = new Date('2026-11-20T02:00:00Z');
const days = (from: string, to: string) => calendar.days(from, to, NOW);

describe('plans', () => {
  it('are put, changed and listed', async () => {
    const { plan, events } = await put(null, { strategies: ['welcome'] });
    const id = String(plan._id);
    expect(events).toMatchObject([{ kind: 'plan.changed', data: { id, by: 'anna' } }]);
    await put(null, { name: '次日' }, 1);
    await put(id, { name: '双十二', to: '2026-12-12' }, 2);
    expect((await plans.list({ limit: 5 })).map(({ name }) => name)).toEqual(['双十二', '次日']);
    expect(await plans.get(id)).toMatchObject({ name: '双十二', strategies: [], createdAt: by('x').at });
    const after = { at: by('x', 2).at, id };
    expect((await plans.list({ limit: 5, after })).map(({ name }) => name)).toEqual(['次日']);
  });

  it('are refused when they end before they begin, or do not exist', async () => {
    expect(await refusalOf(put(null, { to: '2026-10-31' }))).toBe('request.invalid');
    expect(await refusalOf(put(null, { to: '2026-11-01' }))).toBe('done');
    expect(await refusalOf(put('f'.repeat(24), {}))).toBe('plan.notFound');
    expect(await refusalOf(plans.get('no id'))).toBe('plan.notFound');
  });
});

describe('the calendar', () => {
  it('names what touches each day, with the plans it is in', async () => {
    const id = await broadcast('2026-11-25T16:30:00Z', 800);
    const { plan } = await put(null, {
      from: '2026-11-25',
      to: '2026-11-26',
      strategies: ['welcome'],
      broadcasts: [id],
    });
    const seen = await days('2026-11-24', '2026-11-27');
    expect(seen.map(({ date, sent, expected }) => [date, sent, expected])).toEqual([
      ['2026-11-24', 42, 0],
      ['2026-11-25', 0, 0],
      ['2026-11-26', 0, 800],
      ['2026-11-27', 0, 0],
    ]);
    const strategy = { kind: 'strategy', id: 'welcome', plans: [String(plan._id)] };
    const ours = { kind: 'broadcast', id, name: '双十一', state: 'draft', plans: [String(plan._id)] };
    expect(seen.map(({ entries }) => entries)).toEqual([[], [strategy], [strategy, ours], []]);
  });

  it('a strategy of two plans stands once', async () => {
    const both = { from: '2026-11-25', to: '2026-11-25', strategies: ['welcome'] };
    const ids = [await put(null, both), await put(null, both)].map(({ plan }) => String(plan._id));
    const [day] = await days('2026-11-25', '2026-11-25');
    expect(day?.entries).toHaveLength(1);
    expect(day?.entries[0]?.plans.toSorted()).toEqual(ids.toSorted());
  });

  it('shows one that runs until today, one that is over until then, and none that was cancelled before it began', async () => {
    const runs = await broadcast('2026-09-01T02:00:00Z', 10);
    const over = await broadcast('2026-09-01T02:00:00Z', 10);
    const dropped = await broadcast('2026-11-19T02:00:00Z', 10);
    await desk.database.transaction(async (tx) => {
      for (const id of [runs, over]) {
        await desk.broadcasts.start(tx, id, by('anna'));
        await desk.broadcasts.frozen(tx, id, 10, new Date('2026-09-01T02:00:00Z'));
      }
      await desk.broadcasts.finish(tx, over, new Date('2026-11-19T02:00:00Z'));
      await desk.broadcasts.cancel(tx, dropped, 'x', { staffId: 'bo', at: new Date('2026-11-10T02:00:00Z') });
    });
    const seen = await days('2026-11-19', '2026-11-21');
    const ids = seen.map(({ entries }) => entries.map(({ id }) => id).toSorted());
    expect(ids).toEqual([[runs, over].toSorted(), [runs], []]);
    expect(seen.map(({ expected }) => expected)).toEqual([0, 0, 0]);
  });

  it.each([
    ['2026-11-02', '2026-11-01'],
    ['2026-01-01', '2026-04-11'],
    ['x', 'y'],
  ])('from %s to %s is refused', async (from, to) => {
    expect(await refusalOf(days(from, to))).toBe('request.invalid');
  });
});
