/** The live stream on a real database: no gaps and no doubles, whatever order transactions commit in and whoever comes and goes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { createLive } from '../../src/flow/live.js';
import type { Live } from '../../src/flow/live.js';
import { flowModels } from '../../src/flow/models.js';
import type { EventRecord, FlowModels } from '../../src/flow/models.js';
import { createLogger } from '../../src/infra/logger.js';
import { openDatabase } from '../../src/infra/mongo.js';
import type { Database } from '../../src/infra/mongo.js';
import { eventually } from '../helpers/shop.js';

const log = createLogger({ level: 'silent' });
let folder: string;
let database: Database;
let models: FlowModels;
let live: Live;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-live-'));
  database = await openDatabase({ dataDir: folder, log });
  models = flowModels(database.connection);
  await models.events.createCollection();
  await models.events.createIndexes();
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  live = createLive({ events: models.events, database, log });
  live.start();
});
afterEach(() => live.stop());

/** Stores an event, as if its transaction had stamped it so long ago and committed now. */
async function happen(agoMs = 0): Promise<string> {
  const now = database.now();
  const event: EventRecord = {
    _id: new Types.ObjectId(),
    kind: 'message.received',
    at: now,
    storedAt: new Date(now.getTime() - agoMs),
    cause: { door: 'clock', task: 'test' },
    data: {},
  };
  await models.events.insertMany([event]);
  return String(event._id);
}

function listen(afterId?: string): { heard: string[]; leave(): void } {
  const heard: string[] = [];
  return { heard, leave: live.subscribe(afterId, (event) => heard.push(String(event._id))) };
}
const settle = () => new Promise((resume) => setTimeout(resume, 1200));
const heardAll = (heard: string[], ids: string[]) => eventually(async () => ids.every((id) => heard.includes(id)));

describe('the live stream', () => {
  it('gives what is stored after joining, once, and nothing from before', async () => {
    const old = await happen(5_000);
    const { heard } = listen();
    const ids = [await happen(), await happen()];
    await heardAll(heard, ids);
    const late = await happen(900);
    await heardAll(heard, [late]);
    await settle();
    await settle();
    expect(heard).toEqual([...ids, late]);
    expect(heard).not.toContain(old);
  });

  it('gives what committed long out of its order', async () => {
    const { heard } = listen();
    const first = await happen();
    await heardAll(heard, [first]);
    await settle();
    await settle();
    const newest = await happen();
    const late = await happen(1_900);
    await heardAll(heard, [newest, late]);
    await settle();
    expect([...heard].sort()).toEqual([first, newest, late].sort());
  });

  it('goes on after a break exactly where it stopped, out of order or not, with others listening or nobody', async () => {
    for (const alone of [true, false]) {
      const other = alone ? undefined : listen();
      const before = listen();
      const [a, b] = [await happen(), await happen()];
      await heardAll(before.heard, [a, b]);
      before.leave();
      const last = before.heard.at(-1);
      // Stamped before what was heard last, committed after.
      const missed = [await happen(400), await happen(), await happen()];
      if (other) await heardAll(other.heard, missed);
      const after = listen(last);
      await heardAll(after.heard, missed);
      await settle();
      expect([...after.heard].sort()).toEqual([...missed].sort());
      after.leave();
      other?.leave();
    }
  });

  it('gives everything after a long break in another process, also more than one page of it', async () => {
    const last = await happen(60_000);
    const stored = await Promise.all(Array.from({ length: 1_300 }, (_, i) => happen(50_000 - i)));
    const { heard } = listen(last);
    const fresh = await happen();
    await heardAll(heard, [...stored, fresh]);
    await settle();
    const since = heard.filter((id) => stored.includes(id) || id === fresh);
    expect(since).toHaveLength(1_301);
    expect(heard.at(-1)).toBe(fresh);
  });

  it('joins in the middle of a stream of events without gap or double', async () => {
    const other = listen();
    const ids: string[] = [];
    let last: string | undefined;
    const heard: string[] = [];
    let current = listen();
    for (let i = 0; i < 60; i++) {
      ids.push(await happen(Math.random() * 300));
      if (i % 10 !== 9) continue;
      await new Promise((resume) => setTimeout(resume, 60));
      current.leave();
      heard.push(...current.heard);
      last = heard.at(-1);
      current = listen(last);
    }
    await heardAll(other.heard, ids);
    await settle();
    heard.push(...current.heard);
    expect([...heard].sort()).toEqual([...ids].sort());
  });

  it('reads nothing any more once it has stopped', async () => {
    listen();
    await happen();
    live.nudge();
    await live.stop();
    const { heard } = listen();
    await happen();
    await settle();
    expect(heard).toEqual([]);
  });
});
