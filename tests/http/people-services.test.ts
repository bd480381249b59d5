/** What takes longer than a request: a count becomes a job, a run of the scores goes on behind the answer. */
import { describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { RunRecord } from '../../src/domain/insight/index.js';
import type { Act, Acting } from '../../src/flow/act.js';
import { createScoresService } from '../../src/http/services/people/scores.js';
import { createSegmentsService } from '../../src/http/services/people/segments.js';
import type { SegmentsServiceParts } from '../../src/http/services/people/segments.js';

const now = new Date('2026-03-10T02:30:00Z');
const clock = { now: () => now, onJump: () => undefined, stop: () => undefined };
const by = { staffId: 's1', name: 'Mei', role: 'marketer' as const, requestId: 'r' };
const rule = { all: [] };

describe('a count', () => {
  const countId = new Types.ObjectId();
  const asked: unknown[] = [];
  const act: Act = async ({ change }) => {
    await change({} as never, {} as Acting);
    return { events: [], rows: [] };
  };
  const service = (answer: { count: number } | { late: true }) =>
    createSegmentsService({
      ...{ act, clock, nameOf: async () => undefined, people: async () => 1000 },
      segments: {
        context: async () => ({
          now,
          timeZone: 'UTC',
          cycleDays: () => 1,
          fields: new Map(),
          segment: () => undefined,
        }),
        count: async (_rule: unknown, _now: Date, limit: unknown) => {
          asked.push(limit);
          return answer;
        },
        counts: { begin: async () => ({ _id: countId }) },
      },
    } as unknown as SegmentsServiceParts);

  it('has at most a second and a half, and then goes on as a job', async () => {
    expect(await service({ count: 3 }).count({ rule }, by)).toEqual({ people: 3, total: 1000, countId: null });
    expect(await service({ late: true }).count({ rule }, by)).toEqual({
      ...{ people: null, total: 1000, countId: String(countId) },
    });
    expect(asked).toEqual([{ withinMs: 1500 }, { withinMs: 1500 }]);
  });
});

describe('a run of the scores', () => {
  const record = (state: RunRecord['state'], id = 'r1'): RunRecord => ({
    ...{ _id: id, asOf: now, state, rules: {} as RunRecord['rules'], people: 40 },
    ...{ segments: [], eights: [], groups: [{ code: 'E', people: 40 }], moves: [] },
  });

  it('answers with what it found where it is quick', async () => {
    const runs = async () => [record('done')];
    const scores = createScoresService({ clock, insight: { run: async () => record('insufficient'), runs } });
    expect(await scores.run()).toMatchObject({ state: 'done', run: { id: 'r1', insufficient: true } });
    expect(await scores.list()).toMatchObject({ items: [{ id: 'r1', insufficient: false }], running: false });
  });

  it('is begun once, goes on behind the answer, and shows its end', async () => {
    let end: (run: RunRecord) => void = () => undefined;
    let begun = 0;
    const run = () => {
      begun += 1;
      return new Promise<RunRecord>((resolve) => (end = resolve));
    };
    const ended: RunRecord[] = [];
    const scores = createScoresService({ clock, insight: { run, runs: async () => ended } });
    const answers = await Promise.all([scores.run(), scores.run()]);
    expect(answers).toEqual(Array.from({ length: 2 }, () => ({ state: 'running', run: null })));
    expect([begun, (await scores.list()).running]).toEqual([1, true]);
    ended.push(record('done'));
    end(record('done'));
    await new Promise((resume) => setTimeout(resume, 5));
    expect(await scores.list()).toMatchObject({ items: [{ id: 'r1' }], running: false, failed: false });
  });

  it('that comes to nothing is told by the list, and the next may succeed', async () => {
    let works = false;
    const run = async () => {
      if (!works) throw new Error('the database went away');
      return record('done');
    };
    const scores = createScoresService({ clock, insight: { run, runs: async () => [] } });
    expect(await scores.run()).toEqual({ state: 'failed', run: null });
    expect(await scores.list()).toMatchObject({ running: false, failed: true });
    works = true;
    expect(await scores.run()).toMatchObject({ state: 'done' });
    expect(await scores.list()).toMatchObject({ failed: false });
  });
});
