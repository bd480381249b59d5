/** A broadcast from draft to summary: who may do what when, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Types } from 'mongoose';
import type { BroadcastRecord } from '../../../src/domain/marketing/index.js';
import { isDue } from '../../../src/domain/marketing/index.js';
import { at, by, draft, inbox, openDesk, reach, refusalOf } from './broadcasts-setup.js';
import type { Desk } from './broadcasts-setup.js';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
}, 60_000);
afterAll(() => desk.close());

type Step = Exclude<keyof Desk['broadcasts'], 'get' | 'page' | 'inState' | 'calledOff'>;
type Rest<T> = T extends (tx: never, ...rest: infer R) => unknown ? R : never;
type Answer<S extends Step> = Awaited<ReturnType<Desk['broadcasts'][S]>>;

/** Takes a step in a transaction of its own. */
function take<S extends Step>(name: S, ...rest: Rest<Desk['broadcasts'][S]>): Promise<Answer<S>> {
  const step = desk.broadcasts[name] as (...all: unknown[]) => Promise<Answer<S>>;
  return desk.database.transaction((tx) => step(tx, ...rest));
}

/** A draft by anna with a forecast of so many people and fen. */
async function drafted(people = 10, costFen = 0, change: Record<string, unknown> = {}): Promise<string> {
  const { broadcast } = await take('put', null, draft(change), by('anna'));
  const id = String(broadcast._id);
  await take('forecasted', id, broadcast.revision, reach(people, costFen), at(1));
  return id;
}

const stateOf = async (id: string): Promise<string> => (await desk.broadcasts.get(id)).state;
const to = { channel: 'official-account' as const, account: 'main', user: 'o-staff' };

async function tested(id: string, outcome: 'sent' | 'refused' = 'sent'): Promise<void> {
  const outboxId = `test-${id}-${Math.random()}`;
  await take('testSent', id, { to, outboxId }, by('anna'));
  expect(await take('testSettled', outboxId, outcome)).toBe(true);
}

async function running(people = 10): Promise<string> {
  const id = await drafted(people);
  await take('start', id, by('anna'));
  await take('frozen', id, people, at(5));
  return id;
}

describe('a small broadcast', () => {
  it('is started by its author alone, and begins once its audience is frozen', async () => {
    const id = await drafted();
    const { events } = await take('start', id, by('anna', 2));
    expect(events).toEqual([
      { kind: 'broadcast.changed', at: at(2), data: { id, state: 'approved', revision: 1, by: 'anna' } },
    ]);
    await take('prepared', id, { done: 4, total: 10, after: 'x' });
    expect((await desk.broadcasts.get(id)).preparing).toEqual({ done: 4, total: 10, after: 'x' });
    const begun = await take('frozen', id, 10, at(5));
    expect(begun.map(({ data }) => data['state'])).toEqual(['running']);
    const { begunAt, audienceSize, beginsAt } = await desk.broadcasts.get(id);
    expect({ begunAt, audienceSize, beginsAt }).toEqual({ begunAt: at(5), audienceSize: 10, beginsAt: at(5) });
  });

  it('waits for its time', async () => {
    const id = await drafted(10, 0, { startAt: at(60).toISOString() });
    await take('start', id, by('anna'));
    expect(await take('frozen', id, 10, at(5))).toEqual([]);
    expect(await take('begin', id, at(59))).toBeUndefined();
    expect((await take('begin', id, at(60)))?.broadcast.state).toBe('running');
  });

  it('approved, without a time, waits for somebody to start it', async () => {
    const id = await drafted();
    await take('submit', id, by('anna'));
    await take('approve', id, 1, by('bo'));
    await take('frozen', id, 10, at(5));
    expect(isDue(await desk.broadcasts.get(id), at(600))).toBe(false);
    await take('start', id, by('anna', 6));
    expect((await take('begin', id, at(7)))?.broadcast.state).toBe('running');
  });

  it('is paused, resumed, finished and summed up', async () => {
    const id = await running();
    const paused = await take('pause', id, 'broadcast.unfollows', by('watch', 6));
    expect(paused.events[0]?.data).toMatchObject({ state: 'paused', reason: 'broadcast.unfollows', by: 'watch' });
    await take('resume', id, by('bo', 7));
    await take('granted', id, { vouchers: 2, fen: 2000 });
    await take('granted', id, { vouchers: 1, fen: 1000 });
    await take('finish', id, at(9));
    await take('summary', id, { result: '12 单', learned: '早点发' }, by('anna', 10));
    const { state, granted, summary, overAt, begunAt } = await desk.broadcasts.get(id);
    expect({ state, granted, overAt, begunAt }).toEqual({
      ...{ state: 'finished', granted: { vouchers: 3, fen: 3000 }, overAt: at(9), begunAt: at(5) },
    });
    expect(summary).toEqual({ result: '12 单', learned: '早点发', by: 'anna', at: at(10) });
  });
});

describe('above the limits', () => {
  it.each([
    ['people at the limit', 5000, 1_000_000, 'done'],
    ['a person above', 5001, 0, 'broadcast.needsApproval'],
    ['a fen above', 1, 1_000_001, 'broadcast.needsApproval'],
  ])('%s: %i people, %i fen', async (_name, people, costFen, expected) => {
    expect(await refusalOf(take('start', await drafted(people, costFen), by('anna')))).toBe(expected);
  });

  it('a second person approves what arrived', async () => {
    const id = await drafted(6000);
    await tested(id);
    await take('submit', id, by('cai'));
    expect(await refusalOf(take('approve', id, 1, by('anna')))).toBe('broadcast.secondPerson');
    expect(await refusalOf(take('approve', id, 1, by('cai')))).toBe('broadcast.secondPerson');
    await take('approve', id, 1, by('bo', 3));
    expect((await desk.broadcasts.get(id)).approved).toMatchObject({ by: 'bo', revision: 1, people: 6000 });
  });

  it.each([
    ['none', async () => undefined],
    ['refused', (id: string) => tested(id, 'refused')],
    ['on its way', (id: string) => take('testSent', id, { to, outboxId: `t-${id}` }, by('anna'))],
    [
      'of the revision before',
      async (id: string) => {
        await tested(id);
        await take('put', id, draft({ name: '双十二' }), by('anna'));
        await take('forecasted', id, 2, reach(6000), at(2));
      },
    ],
  ])('a test that is %s does not do', async (_name, prepare) => {
    const id = await drafted(6000);
    await prepare(id);
    await take('submit', id, by('anna'));
    const { revision } = await desk.broadcasts.get(id);
    expect(await refusalOf(take('approve', id, revision, by('bo')))).toBe('broadcast.testMissing');
    await tested(id);
    expect(await refusalOf(take('approve', id, revision, by('bo')))).toBe('done');
  });

  it('who edited it last does not approve it, nor who began it', async () => {
    const id = await drafted(6000);
    await take('put', id, draft({ name: '双十二' }), by('bo'));
    await take('forecasted', id, 2, reach(6000), at(2));
    await tested(id);
    await take('submit', id, by('cai'));
    expect(await refusalOf(take('approve', id, 2, by('bo')))).toBe('broadcast.secondPerson');
    expect(await refusalOf(take('approve', id, 2, by('anna')))).toBe('broadcast.secondPerson');
    expect(await refusalOf(take('approve', id, 2, by('dai')))).toBe('done');
  });

  it('an edit voids the approval asked for, and the revision seen is the one approved', async () => {
    const id = await drafted(6000);
    await tested(id);
    await take('submit', id, by('anna'));
    const { broadcast } = await take('put', id, draft({ name: '双十二' }), by('anna', 3));
    expect(broadcast).toMatchObject({ state: 'draft', revision: 2 });
    expect('submitted' in (await desk.broadcasts.get(id))).toBe(false);
    expect(await refusalOf(take('submit', id, by('anna')))).toBe('broadcast.noForecast');
    await take('forecasted', id, 2, reach(6000), at(4));
    await take('submit', id, by('anna'));
    await tested(id);
    expect(await refusalOf(take('approve', id, 1, by('bo')))).toBe('broadcast.revisionStale');
    expect(await refusalOf(take('approve', id, 2, by('bo')))).toBe('done');
  });

  it('an unchanged draft keeps its revision', async () => {
    const id = await drafted();
    const { broadcast, events } = await take('put', id, draft(), by('bo', 3));
    expect({ revision: broadcast.revision, events }).toEqual({ revision: 1, events: [] });
  });

  it('an audience that outgrew the limits is held back until a second person agrees', async () => {
    const id = await drafted(10);
    await tested(id);
    await take('start', id, by('anna'));
    const events = await take('frozen', id, 6000, at(5));
    expect(events[0]?.data).toMatchObject({ state: 'paused', reason: 'broadcast.audienceGrew' });
    expect(await refusalOf(take('resume', id, by('anna')))).toBe('broadcast.secondPerson');
    await take('resume', id, by('bo', 8));
    const { state, begunAt, approved } = await desk.broadcasts.get(id);
    expect({ state, begunAt, approved }).toMatchObject({
      ...{ state: 'running', begunAt: at(8), approved: { by: 'bo', people: 6000 } },
    });
  });

  it.each([
    [6600, 'running'],
    [6601, 'paused'],
  ])('6,000 approved and %i found: %s', async (people, expected) => {
    const id = await drafted(6000);
    await tested(id);
    await take('submit', id, by('anna'));
    await take('approve', id, 1, by('bo'));
    await take('start', id, by('anna'));
    await take('frozen', id, people, at(5));
    expect(await stateOf(id)).toBe(expected);
  });
});

describe('steps out of turn', () => {
  const steps: Record<string, (id: string) => Promise<unknown>> = {
    put: (id) => take('put', id, draft({ name: 'x' }), by('anna')),
    submit: (id) => take('submit', id, by('anna')),
    reject: (id) => take('reject', id, 'no', by('bo')),
    approve: (id) => take('approve', id, 1, by('bo')),
    start: (id) => take('start', id, by('anna')),
    prepared: (id) => take('prepared', id, { done: 1, total: 1 }),
    pause: (id) => take('pause', id, 'x', by('bo')),
    resume: (id) => take('resume', id, by('bo')),
    finish: (id) => take('finish', id, at(20)),
    summary: (id) => take('summary', id, { result: 'x', learned: 'y' }, by('bo')),
    cancel: (id) => take('cancel', id, 'no more', by('bo')),
  };
  const into: Record<string, () => Promise<string>> = {
    draft: () => drafted(),
    submitted: async () => {
      const id = await drafted();
      await take('submit', id, by('anna'));
      return id;
    },
    approved: async () => {
      const id = await drafted();
      await take('submit', id, by('anna'));
      await take('approve', id, 1, by('bo'));
      return id;
    },
    running: () => running(),
    paused: async () => {
      const id = await running();
      await take('pause', id, 'x', by('bo'));
      return id;
    },
    finished: async () => {
      const id = await running();
      await take('finish', id, at(9));
      return id;
    },
    cancelled: async () => {
      const id = await drafted();
      await take('cancel', id, 'x', by('bo'));
      return id;
    },
  };
  const allowed: Record<string, string[]> = {
    put: ['draft', 'submitted'],
    submit: ['draft'],
    reject: ['submitted'],
    approve: ['submitted'],
    start: ['draft', 'approved'],
    prepared: ['approved'],
    pause: ['running'],
    resume: ['paused'],
    finish: ['running'],
    summary: ['running', 'paused', 'finished'],
    cancel: ['draft', 'submitted', 'approved', 'running', 'paused'],
  };
  const codes: Record<string, string> = {
    ...{ put: 'notDraft', submit: 'notDraft', reject: 'notSubmitted', approve: 'notSubmitted', start: 'notApproved' },
    ...{ prepared: 'notApproved', pause: 'notRunning', resume: 'notPaused', finish: 'notRunning' },
    ...{ summary: 'notBegun', cancel: 'over' },
  };
  it.each(Object.keys(into))(
    'in %s',
    async (state) => {
      const seen: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const [name, step] of Object.entries(steps)) {
        const id = await into[state]?.();
        seen[name] = await refusalOf(step(id ?? ''));
        expected[name] = allowed[name]?.includes(state) ? 'done' : `broadcast.${codes[name]}`;
      }
      expect(seen).toEqual(expected);
    },
    30_000,
  );

  it('a cancelled one is looked after until nobody of its audience waits', async () => {
    const [early, late] = [await drafted(), await running()];
    for (const id of [early, late]) await take('cancel', id, 'x', by('bo'));
    const waiting = async () => (await desk.broadcasts.calledOff()).map(({ _id }) => String(_id));
    expect(await waiting()).toContain(late);
    expect(await waiting()).not.toContain(early);
    await take('restEnded', late);
    expect(await waiting()).not.toContain(late);
    expect(await stateOf(late)).toBe('cancelled');
  });

  it('what does not exist', async () => {
    expect(await refusalOf(desk.broadcasts.get('f'.repeat(24)))).toBe('broadcast.notFound');
    expect(await refusalOf(desk.broadcasts.get('no id'))).toBe('broadcast.notFound');
    expect(await take('testSettled', 'nobody', 'sent')).toBe(false);
  });

  it('two who step at once: one is refused', async () => {
    const id = await drafted();
    const answers = await Promise.all([
      refusalOf(take('submit', id, by('anna'))),
      refusalOf(take('start', id, by('bo'))),
    ]);
    expect(answers.toSorted()).toContainEqual('done');
    expect(new Set(answers).size).toBe(2);
  });

  it('a forecast of another revision, and an end that has passed', async () => {
    const id = await drafted(10, 0, { endsAt: at(30).toISOString() });
    expect(await refusalOf(take('forecasted', id, 2, reach(1), at(1)))).toBe('broadcast.revisionStale');
    expect(await refusalOf(take('submit', id, by('anna', 30)))).toBe('broadcast.ended');
    expect(await refusalOf(take('submit', id, by('anna', 29)))).toBe('done');
  });
});

describe('words that the law forbids', () => {
  const loud = { message: { purpose: 'promotion', variants: { 'member-inbox': inbox('最 好的最近') } } };

  it('are told when saved and refused when it is to leave', async () => {
    const { broadcast, warnings } = await take('put', null, draft(loud), by('anna'));
    expect(warnings).toMatchObject([{ path: 'message.variants.member-inbox.data.text', word: '最' }]);
    const id = String(broadcast._id);
    await take('forecasted', id, 1, reach(1), at(1));
    for (const step of [take('submit', id, by('anna')), take('start', id, by('anna'))]) {
      const problem: unknown = await step.catch((error: unknown) => error);
      expect(problem).toMatchObject({
        ...{ status: 409, code: 'broadcast.wordsForbidden' },
        errors: [{ path: 'message.variants.member-inbox.data.text', message: expect.stringContaining('最') }],
      });
    }
  });
});

describe('lists and copies', () => {
  it('pages changed last first, by state', async () => {
    const ids: string[] = [];
    for (const minute of [1001, 1003, 1002]) {
      const { broadcast } = await take('put', null, draft(), by('anna', minute));
      ids.push(String(broadcast._id));
    }
    const [first] = await desk.broadcasts.page({ limit: 1 });
    expect(String(first?._id)).toBe(ids[1]);
    const after = { at: at(1003), id: ids[1] ?? '' };
    const rest = await desk.broadcasts.page({ state: 'draft', limit: 2, after });
    expect(rest.map(({ _id }) => String(_id))).toEqual([ids[2], ids[0]]);
    const names = await desk.broadcasts.inState(['running']);
    expect(names.every(({ state }) => state === 'running')).toBe(true);
  });

  it('a copy is a draft of its own, without times, tests and approval', async () => {
    const times = { startAt: at(60).toISOString(), endsAt: at(90).toISOString(), couponId: 'a'.repeat(24) };
    const id = await drafted(10, 0, times);
    await take('start', id, by('anna'));
    const { broadcast } = await take('copy', id, '再来一次', by('bo', 4));
    const stored: BroadcastRecord = await desk.broadcasts.get(broadcast._id as Types.ObjectId);
    expect(stored).toMatchObject({ name: '再来一次', state: 'draft', revision: 1, createdBy: 'bo', tests: [] });
    expect(stored.couponId).toBe('a'.repeat(24));
    expect(Object.keys(stored)).not.toEqual(expect.arrayContaining(['startAt']));
    expect(Object.keys(stored)).not.toEqual(expect.arrayContaining(['started']));
    expect(stored.audience).toEqual({ all: [] });
  });
});
