/** The frozen audience: everybody once, in one state with a reason, and every question by an index. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { audienceId, createAudience, inHoldout } from '../../../src/domain/marketing/index.js';
import type {
  Audience,
  AudienceChange,
  AudienceFilter,
  AudiencePlace,
  AudienceRecord,
} from '../../../src/domain/marketing/index.js';
import { at, openDesk, person, refusalOf } from './broadcasts-setup.js';
import type { Desk } from './broadcasts-setup.js';

let desk: Desk;
let audience: Audience;
beforeAll(async () => {
  desk = await openDesk();
  audience = createAudience(desk.models);
}, 60_000);
afterAll(() => desk.close());

async function frozen(count: number, holdoutPercent = 0) {
  const broadcast = { _id: new Types.ObjectId(), holdoutPercent };
  const people = Array.from({ length: count }, person);
  await desk.database.transaction((tx) => audience.freezeBatch(tx, broadcast, people, at(0)));
  const ids = people.map(({ _id }) => audienceId(broadcast._id, _id)).toSorted();
  return { broadcast, people, ids };
}

const mark = (changes: Array<AudienceChange & { _id: string }>, minute = 1): Promise<number> =>
  desk.database.transaction((tx) => audience.markEach(tx, changes, at(minute)));

/** All pages of the list one after the other. */
async function walk(broadcastId: Types.ObjectId, filter: AudienceFilter, limit: number): Promise<AudienceRecord[]> {
  const seen: AudienceRecord[] = [];
  let after: AudiencePlace | undefined;
  for (;;) {
    const rows = await audience.page(broadcastId, filter, { limit, ...(after ? { after } : {}) });
    const last = rows.at(-1);
    if (!last) return seen;
    seen.push(...rows);
    after = { state: last.state, reason: last.reason, id: last._id };
  }
}

describe('freezing', () => {
  it('writes a person once, whoever asks how often', async () => {
    const { broadcast, people } = await frozen(5);
    const more = [...people.slice(2), person()];
    const freeze = () => desk.database.transaction((tx) => audience.freezeBatch(tx, broadcast, more, at(9)));
    expect(await freeze()).toBe(1);
    expect(await freeze()).toBe(0);
    expect(await audience.counts(broadcast._id)).toEqual([{ state: 'waiting', reason: null, people: 6 }]);
    const first = people[0]?._id ?? new Types.ObjectId();
    expect(await audience.ofPerson(broadcast._id, first)).toMatchObject({
      personId: first,
      customerId: first,
      at: at(0),
    });
  });

  it('leaves the hold-out alone', async () => {
    const { broadcast, people } = await frozen(200, 25);
    const heldOut = people.filter(({ _id }) => inHoldout(`broadcast:${String(broadcast._id)}`, String(_id), 25));
    expect(heldOut.length).toBeGreaterThan(20);
    const counts = await audience.counts(broadcast._id);
    expect(counts).toEqual([
      { state: 'heldOut', reason: null, people: heldOut.length },
      { state: 'waiting', reason: null, people: 200 - heldOut.length },
    ]);
    const next = await audience.next(broadcast._id, 500, at(1));
    expect(next.some(({ personId }) => heldOut.some(({ _id }) => _id.equals(personId)))).toBe(false);
  });
});

describe('deciding', () => {
  it('takes those who wait in a stable order, then those whose hold has ended', async () => {
    const { broadcast, ids } = await frozen(6);
    const [a = '', b = '', c = '', d = '', ...rest] = ids;
    await mark([
      { _id: a, state: 'held', reason: 'contact.quietHours', dueAt: at(60) },
      { _id: b, state: 'held', reason: 'contact.holiday', dueAt: at(50) },
      { _id: c, state: 'held', reason: 'contact.hold.refund' },
      { _id: d, state: 'queued', route: 'subscription-notice' },
    ]);
    const now = async (minute: number, limit = 10) =>
      (await audience.next(broadcast._id, limit, at(minute))).map(({ _id }) => _id);
    expect(await now(49)).toEqual(rest);
    expect(await now(60)).toEqual([...rest, b, a]);
    expect(await now(60, 3)).toEqual([...rest, b]);
    // Two wait, one is in the outbox, one is held there, two are decided on again: while one of them may still go, it can be cancelled.
    expect(await audience.unfinished(broadcast._id)).toBe(6);
    await mark([{ _id: b, state: 'skipped', reason: 'contact.capped' }]);
    expect(await now(60)).toEqual([...rest, a]);
    const rows = ids.map((_id) => ({ _id }));
    const still = await desk.database.transaction((tx) => audience.still(tx, rows));
    expect(still.map(({ _id }) => _id).toSorted()).toEqual([a, c, ...rest].toSorted());
  });

  it('marks each with what is its own, in one command', async () => {
    const { broadcast, ids } = await frozen(4);
    const batch = ids.slice(0, 3).map((_id, i) => ({
      ...{ _id, state: 'queued' as const, route: 'mass-send' as const, batchId: 'm1', user: `o-${i}` },
    }));
    expect(await mark(batch)).toBe(3);
    const seen: AudienceRecord[] = [];
    for await (const rows of audience.ofBatch('m1', 2)) {
      seen.push(...rows);
      const [first] = rows;
      if (first) await mark([{ _id: first._id, state: 'skipped', reason: 'consent.withdrawn' }]);
    }
    expect(seen.map(({ _id, user }) => [_id, user])).toEqual(batch.map(({ _id, user }) => [_id, user]));
    const left: AudienceRecord[] = [];
    for await (const rows of audience.ofBatch('m1', 2)) left.push(...rows);
    expect(left.map(({ user }) => user)).toEqual(['o-1']);
    expect(await audience.get(ids[0] ?? '')).toMatchObject({ user: 'o-0', batchId: 'm1', reason: 'consent.withdrawn' });
    expect(await audience.byRoute(broadcast._id)).toEqual([]);
    expect(await mark([])).toBe(0);
  });

  it.each(['sent', 'skipped', 'refused', 'cancelled'] as const)('what ended as %s stays', async (state) => {
    const { ids } = await frozen(1);
    const [id = ''] = ids;
    const settle = (change: AudienceChange, minute: number) =>
      desk.database.transaction((tx) => audience.settle(tx, id, change, at(minute)));
    expect(await settle({ state, reason: 'x', route: 'member-inbox' }, 2)).toBe(true);
    expect(await settle({ state: 'unknown', reason: 'late' }, 3)).toBe(false);
    expect(await mark([{ _id: id, state: 'sent' }])).toBe(0);
    expect(await audience.get(id)).toMatchObject({ state, reason: 'x', at: at(2) });
  });

  it('what is not known may be learned; a row of no audience is nobody', async () => {
    const { ids } = await frozen(1);
    const settle = (id: string, change: AudienceChange) =>
      desk.database.transaction((tx) => audience.settle(tx, id, change, at(2)));
    const [id = ''] = ids;
    await settle(id, { state: 'unknown', reason: 'http.timeout', route: 'subscription-notice' });
    expect(await settle(id, { state: 'sent' })).toBe(true);
    expect(await audience.get(id)).toMatchObject({ state: 'sent', reason: '', route: 'subscription-notice' });
    expect(await settle('nobody', { state: 'sent' })).toBe(false);
  });
});

describe('an outcome for everybody', () => {
  it('counts by state and reason and by route, and they add up', async () => {
    const { broadcast, ids } = await frozen(100, 0);
    await frozen(7);
    const kinds: AudienceChange[] = [
      { state: 'sent', route: 'member-inbox' },
      { state: 'sent', route: 'subscription-notice' },
      { state: 'skipped', reason: 'contact.capped' },
      { state: 'skipped', reason: 'person.minor' },
      { state: 'submitted', route: 'mass-send' },
    ];
    await mark(ids.slice(0, 90).map((_id, i) => ({ _id, ...(kinds[i % 5] ?? { state: 'sent' }) })));
    const counts = await audience.counts(broadcast._id);
    expect(counts).toEqual([
      { state: 'sent', reason: null, people: 36 },
      { state: 'skipped', reason: 'contact.capped', people: 18 },
      { state: 'skipped', reason: 'person.minor', people: 18 },
      { state: 'submitted', reason: null, people: 18 },
      { state: 'waiting', reason: null, people: 10 },
    ]);
    expect(await audience.byRoute(broadcast._id)).toEqual([
      { route: 'subscription-notice', people: 18 },
      { route: 'mass-send', people: 18 },
      { route: 'member-inbox', people: 18 },
    ]);
  });

  it('knows whom of some persons it reached', async () => {
    const { broadcast, people, ids } = await frozen(6);
    const states = ['sent', 'submitted', 'skipped', 'queued'] as const;
    await mark(ids.map((_id, i) => ({ _id, state: states[i] ?? 'unknown' })));
    const persons = people.map(({ _id }) => _id);
    const others = Array.from({ length: 1500 }, () => new Types.ObjectId());
    expect(await audience.reachedAmong(broadcast._id, [...others, ...persons])).toBe(2);
    expect(await audience.reachedAmong(new Types.ObjectId(), persons)).toBe(0);
  });

  it('ends the rest in batches, those with a hold too, and nobody who has an outcome', async () => {
    const { broadcast, ids } = await frozen(10);
    const [a = '', b = '', c = ''] = ids;
    await mark([
      { _id: a, state: 'held', reason: 'contact.quietHours', dueAt: at(60) },
      { _id: b, state: 'sent', route: 'member-inbox' },
      { _id: c, state: 'queued', route: 'subscription-notice' },
    ]);
    const why = { state: 'cancelled' as const, reason: 'broadcast.cancelled', at: at(3) };
    const cancel = () => desk.database.transaction((tx) => audience.endRest(tx, broadcast._id, 5, why));
    expect([await cancel(), await cancel(), await cancel()]).toEqual([5, 3, 0]);
    expect(await audience.counts(broadcast._id)).toEqual([
      { state: 'cancelled', reason: 'broadcast.cancelled', people: 8 },
      { state: 'queued', reason: null, people: 1 },
      { state: 'sent', reason: null, people: 1 },
    ]);
  });

  it.each([
    ['all', {}, 40],
    ['of a state', { state: 'skipped' as const }, 20],
    ['of a state and a reason', { state: 'skipped' as const, reason: 'r1' }, 10],
    ['of a reason in any state', { reason: 'r1' }, 20],
    ['of a state without a reason', { state: 'waiting' as const, reason: '' }, 0],
    ['of those whose message went, by whatever route', { wentBy: 'any' as const }, 0],
  ])(
    'pages through %s, nobody twice or lost',
    async (_name, filter, expected) => {
      const { broadcast, ids } = await frozen(40);
      const states = ['skipped', 'refused'] as const;
      await mark(
        ids.map((_id, i) => ({ _id, state: states[i % 2] ?? 'skipped', reason: `r${Math.floor(i / 2) % 2}` })),
      );
      for (const limit of [1, 7, 100]) {
        const seen = await walk(broadcast._id, filter, limit);
        expect(seen).toHaveLength(expected);
        expect(new Set(seen.map(({ _id }) => _id)).size).toBe(expected);
      }
    },
    30_000,
  );

  it.each([
    ['any', { wentBy: 'any' as const }, 24],
    ['one route', { wentBy: 'mass-send' as const }, 12],
    ['one route, of a state', { wentBy: 'mass-send' as const, state: 'sent' as const }, 4],
    ['one route, of a reason', { wentBy: 'mass-send' as const, reason: 'r1' }, 6],
    ['one route, of a state in which nothing went', { wentBy: 'mass-send' as const, state: 'refused' as const }, 0],
  ])('pages through those whose message went by %s, as many as the figure says', async (_name, filter, expected) => {
    const { broadcast, ids } = await frozen(40);
    const states = ['sent', 'refused', 'submitted', 'queued', 'unknown'] as const;
    const change = (_id: string, i: number) => ({
      ...{ _id, state: states[i % 5] ?? 'sent', reason: `r${Math.floor(i / 10) % 2}` },
      route: i % 2 ? ('member-inbox' as const) : ('mass-send' as const),
    });
    await mark(ids.map(change));
    for (const limit of [1, 5, 100]) {
      const seen = await walk(broadcast._id, filter, limit);
      expect(new Set(seen.map(({ _id }) => _id)).size).toBe(expected);
      expect(seen).toHaveLength(expected);
    }
    const byRoute = await audience.byRoute(broadcast._id);
    expect(byRoute.find(({ route }) => route === 'mass-send')?.people).toBe(12);
  });

  it('a cursor of another list is refused', async () => {
    const { broadcast } = await frozen(1);
    const after = { state: 'sent' as const, reason: 'x', id: 'y' };
    const page = (filter: AudienceFilter) => audience.page(broadcast._id, filter, { limit: 1, after });
    expect(await refusalOf(page({ state: 'skipped' }))).toBe('request.badCursor');
    expect(await refusalOf(page({ reason: 'z' }))).toBe('request.badCursor');
    expect(await refusalOf(page({ wentBy: 'any', state: 'submitted' }))).toBe('request.badCursor');
    expect(await refusalOf(page({ wentBy: 'any' }))).toBe('done');
    expect(await refusalOf(page({}))).toBe('done');
  });
});

describe('by an index', () => {
  it.each([
    ['next', (id: Types.ObjectId) => ({ filter: { broadcastId: id, state: 'waiting', reason: '' }, sort: { _id: 1 } })],
    [
      'held',
      (id: Types.ObjectId) => ({ filter: { broadcastId: id, dueAt: { $lte: at(9) } }, sort: { dueAt: 1, _id: 1 } }),
    ],
    ['held at all', (id: Types.ObjectId) => ({ filter: { broadcastId: id, dueAt: { $exists: true } }, sort: {} })],
    ['of a batch', () => ({ filter: { batchId: 'b', state: 'queued', _id: { $gt: 'a' } }, sort: { _id: 1 } })],
    [
      'page',
      (id: Types.ObjectId) => ({
        ...{ filter: { broadcastId: id, state: { $gt: 'sent' } }, sort: { state: 1, reason: 1, _id: 1 } },
      }),
    ],
    [
      'page by route',
      (id: Types.ObjectId) => ({
        ...{ filter: { broadcastId: id, route: 'mass-send', state: 'sent' }, sort: { state: 1, reason: 1, _id: 1 } },
      }),
    ],
    [
      'by route',
      (id: Types.ObjectId) => ({ filter: { broadcastId: id, route: 'mass-send', state: { $in: ['sent'] } }, sort: {} }),
    ],
  ])('%s reads no more than it answers', async (_name, asked) => {
    const { broadcast, ids } = await frozen(300);
    await frozen(300);
    await mark(ids.slice(0, 5).map((_id) => ({ _id, state: 'held', reason: 'x', dueAt: at(5) })));
    const { filter, sort } = asked(broadcast._id);
    const told = (await desk.models.audience
      .find(filter as Record<string, unknown>)
      .sort(sort as { _id: 1 })
      .limit(10)
      .explain('executionStats')) as {
      queryPlanner?: { winningPlan: unknown };
      executionStats?: { totalDocsExamined: number };
    };
    const plan = JSON.stringify(told.queryPlanner?.winningPlan);
    expect({ plan, scan: plan.includes('COLLSCAN'), sort: plan.includes('"SORT"') }).toEqual({
      plan,
      scan: false,
      sort: false,
    });
    expect(told.executionStats?.totalDocsExamined).toBeLessThanOrEqual(11);
  });
});
