/** What every queue keeps, whichever machine it runs on. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queues } from '../../src/infra/queue/index.js';

export function queueContract(open: (more?: { jobMs: number }) => Promise<Queues>): void {
  describe('keeps the queue contract:', () => {
    let queues: Queues;
    beforeEach(async () => (queues = await open()));
    afterEach(() => queues.close());

    it('hands each job over once, with its row', async () => {
      const queue = queues.open('replies');
      const seen: string[] = [];
      queue.process(3, async ({ rowId }) => void seen.push(rowId));
      const rows = Array.from({ length: 30 }, (_, i) => `r${i}`);
      for (const rowId of rows) await queue.add({ rowId });
      await until(() => seen.length >= 30);
      await sleep(50);
      expect(seen.sort()).toEqual(rows.sort());
    });

    it('hands over what was added before anybody processed, in order with one at a time', async () => {
      const queue = queues.open('replies');
      for (const rowId of ['a', 'b', 'c']) await queue.add({ rowId });
      expect(await queue.size()).toBe(3);
      const seen: string[] = [];
      queue.process(1, async ({ rowId }) => void seen.push(rowId));
      await until(() => seen.length === 3);
      expect(seen).toEqual(['a', 'b', 'c']);
      await until(async () => (await queue.size()) === 0);
    });

    it('waits for the delay, while later jobs pass', async () => {
      const queue = queues.open('replies');
      const seen: Array<{ rowId: string; at: number }> = [];
      queue.process(1, async ({ rowId }) => void seen.push({ rowId, at: performance.now() }));
      const added = performance.now();
      await queue.add({ rowId: 'late' }, { delayMs: 300 });
      await queue.add({ rowId: 'now' });
      await until(() => seen.length === 2);
      expect(seen.map((s) => s.rowId)).toEqual(['now', 'late']);
      expect((seen[1]?.at ?? 0) - added).toBeGreaterThanOrEqual(295);
    });

    it('gives up a handler that hangs, so that the next job has its place, and closes', async () => {
      const own = await open({ jobMs: 100 });
      const queue = own.open('hanging');
      const seen: string[] = [];
      queue.process(1, ({ rowId }) => {
        seen.push(rowId);
        return rowId === 'hangs' ? new Promise(() => undefined) : Promise.resolve();
      });
      await queue.add({ rowId: 'hangs' }, { id: 'hangs' });
      await queue.add({ rowId: 'next' });
      await until(() => seen.includes('next'));
      await until(async () => (await queue.size()) === 0);
      await queue.add({ rowId: 'hangs' }, { id: 'hangs' });
      await until(() => seen.length === 3);
      expect(seen).toEqual(['hangs', 'next', 'hangs']);
      await own.close();
    });

    it('runs so many at once and no more', async () => {
      const queue = queues.open('replies');
      let now = 0;
      let most = 0;
      let done = 0;
      queue.process(3, async () => {
        most = Math.max(most, ++now);
        await sleep(30);
        now--;
        done++;
      });
      for (let i = 0; i < 12; i++) await queue.add({ rowId: `r${i}` });
      await until(() => done === 12);
      expect(most).toBe(3);
    });

    it('drops a job id that waits or runs, and takes it again once that job is done', async () => {
      const queue = queues.open('replies');
      await queue.add({ rowId: 'x' }, { id: 'x' });
      await queue.add({ rowId: 'x' }, { id: 'x' });
      await queue.add({ rowId: 'y' }, { id: 'y' });
      expect(await queue.size()).toBe(2);
      const seen: string[] = [];
      queue.process(1, async ({ rowId }) => {
        seen.push(rowId);
        if (rowId === 'y') await queue.add({ rowId: 'y again' }, { id: 'y' });
      });
      await until(async () => (await queue.size()) === 0);
      expect(seen).toEqual(['x', 'y']);
      await queue.add({ rowId: 'x' }, { id: 'x' });
      await until(() => seen.length === 3);
      expect(seen).toEqual(['x', 'y', 'x']);
    });

    it('goes on after a handler that throws, does not run that job again, and frees its id', async () => {
      const queue = queues.open('replies');
      const seen: string[] = [];
      queue.process(1, async ({ rowId }) => {
        seen.push(rowId);
        if (rowId === 'bad') throw new Error('planted');
      });
      await queue.add({ rowId: 'bad' }, { id: 'bad' });
      await queue.add({ rowId: 'good' });
      await until(() => seen.includes('good'));
      await until(async () => (await queue.size()) === 0);
      await queue.add({ rowId: 'bad' }, { id: 'bad' });
      await until(() => seen.length === 3);
      expect(seen).toEqual(['bad', 'good', 'bad']);
    });

    it('keeps queues apart', async () => {
      const seen: string[] = [];
      queues.open('replies').process(1, async ({ rowId }) => void seen.push(`replies ${rowId}`));
      queues.open('bulk').process(1, async ({ rowId }) => void seen.push(`bulk ${rowId}`));
      await queues.open('replies').add({ rowId: '1' }, { id: 'same' });
      await queues.open('bulk').add({ rowId: '2' }, { id: 'same' });
      await until(() => seen.length === 2);
      expect(seen.sort()).toEqual(['bulk 2', 'replies 1']);
    });

    it('waits at close for what runs, and takes nothing after', async () => {
      const queue = queues.open('replies');
      let started = 0;
      let finished = 0;
      queue.process(1, async () => {
        started++;
        await sleep(150);
        finished++;
      });
      await queue.add({ rowId: 'a' });
      await queue.add({ rowId: 'b' });
      await until(() => started === 1);
      await queue.close();
      expect({ started, finished }).toEqual({ started: 1, finished: 1 });
      await expect(queue.add({ rowId: 'c' })).rejects.toThrow('closed');
      await sleep(100);
      expect(started).toBe(1);
    });

    it('refuses a second worker on one queue', () => {
      const queue = queues.open('replies');
      queue.process(1, async () => undefined);
      expect(() => queue.process(1, async () => undefined)).toThrow('already');
    });

    it('answers a ping', async () => {
      await expect(queues.ping()).resolves.toBeUndefined();
    });
  });
}

/** Waits for a condition, at most ten seconds; the assertion that follows tells what was there. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await sleep(5);
  }
  throw new Error(`the condition did not come true within ${withinMs} ms`);
}
