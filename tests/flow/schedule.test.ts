/** The clock's door goes on whatever one of its tasks does: fails, hangs for ever, or takes long. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSchedule } from '../../src/flow/schedule.js';
import type { Schedule, ScheduleParts, Task } from '../../src/flow/schedule.js';
import { systemClock } from '../../src/infra/clock.js';
import { createLogger } from '../../src/infra/logger.js';

let schedule: Schedule;
afterEach(() => schedule.stop());

/** The schedule with these tasks beside its own, which have no database here and fail: none of them keeps the others. */
const withTasks = (...more: Task[]): Schedule => withParts({ more });

function withParts(more: Partial<ScheduleParts>): Schedule {
  const parts: Partial<ScheduleParts> = { clock: systemClock, log: createLogger({ level: 'silent' }), ...more };
  return createSchedule(parts as ScheduleParts);
}

const nothingFenced = { put: () => Promise.resolve(), remove: () => Promise.resolve() };

const until = async (met: () => boolean): Promise<void> => {
  for (let tries = 0; !met() && tries < 100; tries++) await sleep(20);
};

describe('the schedule', () => {
  it('begins a task again whose run never ends, and stops all the same', async () => {
    let runs = 0;
    const hangs = (): Promise<void> => {
      runs += 1;
      return new Promise(() => undefined);
    };
    schedule = withTasks({ name: 'hangs', everyMs: 10, limitMs: 60, run: hangs });
    schedule.start();
    await until(() => runs >= 3);
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  it('leaves a run alone that is within its limit', async () => {
    let runs = 0;
    let end = (): void => undefined;
    const takesLong = (): Promise<void> => {
      runs += 1;
      return new Promise((done) => (end = done));
    };
    schedule = withTasks({ name: 'long', everyMs: 10, limitMs: 10_000, run: takesLong });
    schedule.start();
    await sleep(150);
    expect(runs).toBe(1);
    end();
    await until(() => runs === 2);
    expect(runs).toBe(2);
    end();
  });

  it('begins a task again whose run failed', async () => {
    let runs = 0;
    const fails = (): Promise<void> => Promise.reject(new Error(`run ${++runs}`));
    schedule = withTasks({ name: 'fails', everyMs: 10, run: fails });
    schedule.start();
    await until(() => runs >= 3);
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  it('leaves a turn of what one process at a time does to the one that holds its lock', async () => {
    const asked: string[] = [];
    const ran: string[] = [];
    const withLock: ScheduleParts['store']['withLock'] = async (name, _waitMs, work) => {
      asked.push(name);
      return name === 'schedule/held' ? undefined : work(nothingFenced);
    };
    const task = (name: string): Task => ({
      ...{ name, everyMs: 10_000, alone: true },
      run: () => Promise.resolve(void ran.push(name)),
    });
    schedule = withParts({ store: { withLock }, more: [task('held'), task('free')] });
    await schedule.runAll();
    expect(asked).toEqual(expect.arrayContaining(['schedule/held', 'schedule/free']));
    expect(ran).toEqual(['free']);
  });
});
