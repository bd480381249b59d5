/** How fast and how much a personal account speaks. */
import { describe, expect, it } from '@jest/globals';
import { createDayCount, createPace, shanghaiDay } from '../../../src/channels/wechaty/pace.js';
import { accountOf, memoryStore } from './parts.js';

describe('the pace', () => {
  it.each([
    [0, 3000],
    [0.5, 5500],
    [1, 8000],
  ])('at random %d the first message waits %d ms', (random, ms) => {
    let now = 1000;
    const pace = createPace(
      [3, 8],
      () => now,
      () => random,
    );
    expect(pace.turn()).toBe(ms);
    now += ms - 1;
    expect(pace.turn()).toBe(1);
    now += 1;
    expect(pace.turn()).toBe(0);
  });

  it('gives each message a turn of its own, and one turn to one message', () => {
    let now = 0;
    const draws = [0, 1, 0.2];
    const pace = createPace(
      [3, 8],
      () => now,
      () => draws.shift() ?? 0,
    );
    expect(pace.turn()).toBe(3000);
    now = 3000;
    expect([pace.turn(), pace.turn()]).toEqual([0, 8000]);
    now = 11_000;
    expect([pace.turn(), pace.turn()]).toEqual([0, 4000]);
  });

  it('lets a turn lapse that nobody took', () => {
    let now = 0;
    const pace = createPace(
      [3, 8],
      () => now,
      () => 0,
    );
    pace.turn();
    now = 60_000;
    expect(pace.turn()).toBe(3000);
  });
});

describe('the day', () => {
  const limited = accountOf({ limits: { perDay: 2 } });
  const at = (text: string) => new Date(text);

  it('begins at midnight in Shanghai', () => {
    expect(shanghaiDay(at('2026-12-01T15:59:59Z'))).toBe('2026-12-01');
    expect(shanghaiDay(at('2026-12-01T16:00:00Z'))).toBe('2026-12-02');
  });

  it('holds so many messages, over all processes that had the login', async () => {
    const store = memoryStore();
    let now = at('2026-12-01T10:00:00Z');
    const count = () => createDayCount(limited, { store, now: () => now }, store);
    expect(await Promise.all([count().take(), Promise.resolve()])).toEqual([true, undefined]);
    expect(await count().take()).toBe(true);
    expect(await count().take()).toBe(false);
    now = at('2026-12-01T16:00:00Z');
    expect(await count().take()).toBe(true);
  });

  it('counts two at once as two', async () => {
    const store = memoryStore();
    const day = createDayCount(limited, { store, now: () => at('2026-12-01T10:00:00Z') }, store);
    expect(await Promise.all([day.take(), day.take(), day.take()])).toEqual([true, true, false]);
  });

  it('says nothing when it cannot be counted', async () => {
    const store = memoryStore();
    store.failing = true;
    const day = createDayCount(limited, { store, now: () => new Date() }, store);
    await expect(day.take()).rejects.toThrow('away');
  });
});
