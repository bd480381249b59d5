/** What a broadcast may not do when things go wrong midway: two copies to one person, people without an end, what was reserved lost or given twice. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { createPolicy } from '../../src/app-campaigns.js';
import type { Channel, MassMessage, MassResult } from '../../src/contracts/index.js';
import type { AudienceRecord } from '../../src/domain/marketing/index.js';
import { createMassSender } from '../../src/flow/broadcasts/mass.js';
import type { MassBatchRecord } from '../../src/flow/models.js';
import { createLogger } from '../../src/infra/logger.js';
import { loadConfig } from '../../src/config.js';
import { good, refused } from '../helpers/answers.js';
import { HOUR_MS, openOrderShop } from '../helpers/order-shop.js';
import type { OrderShop } from '../helpers/order-shop.js';
import { account, eventually } from '../helpers/shop.js';
import type { StaffClient } from '../helpers/shop.js';

const MINUTE_MS = 60_000;
const ATTEMPTS = 3;
const people = ['r-1', 'r-2', 'r-3', 'r-4'];
let shop: OrderShop;
let mei: StaffClient;

beforeAll(async () => {
  // The work is left to each test: nothing happens between two of its steps.
  shop = await openOrderShop({ withoutWork: true });
  mei = await shop.staff('marketer', 'mei');
  for (const name of people) {
    await shop.addPerson(name, name, { mini: `${name}-mini` });
    await shop.control(`people/${name}/follow`);
  }
  await eventually(async () => (await shop.app.domain.models.people.identities.countDocuments()) >= people.length);
  await task('portraits');
}, 120_000);
afterAll(() => shop.stop());

async function task(name: string): Promise<void> {
  const found = shop.app.campaigns.tasks.find((one) => one.name === name);
  if (!found) throw new Error(`no task ${name}`);
  await found.run();
}

const models = () => shop.app.domain.models;
const text = { type: 'text' as const, text: '上新' };
const draft = (more: object = {}) => ({
  ...{ name: '上新', metric: 'conversion-rate', audience: { all: [] } },
  message: { purpose: 'promotion', variants: { 'mass-send': text } },
  ...more,
});

/** Started, frozen, and running; nobody is decided on yet. */
async function running(more: object = {}): Promise<string> {
  const { id } = await good<{ id: string }>(mei.call('POST', 'broadcasts', draft(more)), 201);
  await good(mei.call('POST', `broadcasts/${id}/forecast`), 202);
  await eventually(async () => (await good<{ forecast: unknown }>(mei.call('GET', `broadcasts/${id}`))).forecast);
  await good(mei.call('POST', `broadcasts/${id}/start`));
  await eventually(async () => {
    await task('broadcasts');
    const found = await models().campaigns.broadcasts.findById(id).lean();
    return found?.audienceSize !== undefined && found.state === 'running';
  });
  return id;
}

const rowsOf = (id: string) =>
  models()
    .campaigns.audience.find({ broadcastId: new Types.ObjectId(id) })
    .lean<AudienceRecord[]>();
const statesOf = async (id: string) => (await rowsOf(id)).map(({ state, reason }) => [state, reason]).sort();
const batchesOf = (id: string) => models().flow.massBatches.find({ broadcastId: id }).lean<MassBatchRecord[]>();
const usedMasses = async () => {
  const found = await models().contact.massSends.find().lean();
  return found.reduce((all, { used }) => all + used, 0);
};
const reserved = async () => {
  const found = await models().contact.contactBooks.find().lean();
  return found.reduce((all, { sends }) => all + sends.length, 0);
};

/** The real sender beside a platform that answers as told. */
function sender(answer: (message: MassMessage) => MassResult) {
  const calls: MassMessage[] = [];
  const send = (message: MassMessage): Promise<MassResult> => {
    calls.push(message);
    return Promise.resolve(answer(message));
  };
  const capabilities = { routes: [], massSend: { fewest: 2, most: 10_000, send } };
  const channel = (name: string) =>
    name === 'official-account' ? ({ name, capabilities } as unknown as Channel) : undefined;
  const { app } = shop;
  const config = loadConfig({ env: { NODE_ENV: 'test' }, cwd: process.cwd() });
  const quiet = { ...config, contact: { ...config.contact, quietHours: { from: '00:00', to: '00:00' } } };
  const log = createLogger({ level: 'silent' });
  const { domain, clock } = app;
  const policy = createPolicy({ config: quiet, clock, log, domain, replace: {}, channel });
  const mass = createMassSender({
    ...{ ...domain, ...policy, act: app.act, clock, log, channel, broadcastDays: 3 },
    ...{ sendTimeoutMs: 1000, maxAttempts: ATTEMPTS, pause: () => Promise.resolve() },
  });
  return { mass, calls };
}

const unknown: MassResult = { outcome: 'unknown', reason: 'platform.timeout' };
const forget = async () => {
  await models().contact.contactBooks.deleteMany({});
  await models().contact.massSends.deleteMany({});
};

describe('a mass send whose end nobody knows', () => {
  it('is tried so many times and not for ever; its people count as told', async () => {
    await forget();
    const id = await running();
    await task('broadcasts');
    await task('broadcasts');
    expect((await batchesOf(id)).map(({ state, people: of }) => [state, of])).toEqual([['ready', people.length]]);
    const { mass, calls } = sender(() => unknown);
    for (let n = 0; n < ATTEMPTS + 3; n++) {
      await mass.run();
      await shop.control('clock', { advanceMs: 2 * MINUTE_MS });
    }
    expect(calls).toHaveLength(ATTEMPTS);
    expect(new Set(calls.map(({ clientId }) => clientId)).size).toBe(1);
    expect(new Set((await rowsOf(id)).map(({ state }) => state))).toEqual(new Set(['unknown']));
    expect([await usedMasses(), await reserved()]).toEqual([people.length, people.length]);
    await task('broadcasts');
    expect(await models().campaigns.broadcasts.findById(id).lean()).toMatchObject({ state: 'finished' });
  }, 120_000);

  it('is not repeated once its broadcast is cancelled, and gives nothing back', async () => {
    await forget();
    const id = await running();
    await task('broadcasts');
    await task('broadcasts');
    const { mass, calls } = sender(() => unknown);
    await mass.run();
    await good(mei.call('POST', `broadcasts/${id}/cancel`, { reason: '写错了' }));
    await shop.control('clock', { advanceMs: 2 * MINUTE_MS });
    await mass.run();
    expect(calls).toHaveLength(1);
    expect(await statesOf(id)).toEqual(people.map(() => ['unknown', 'broadcast.cancelled']));
    expect([await usedMasses(), await reserved()]).toEqual([people.length, people.length]);
  }, 120_000);

  it('waits while promotion is stopped, and leaves out who refused meanwhile', async () => {
    await forget();
    const id = await running();
    await task('broadcasts');
    await task('broadcasts');
    const answers: MassResult[] = [
      { outcome: 'retry', reason: 'platform.busy', afterMs: MINUTE_MS },
      { outcome: 'submitted', platformId: '77' },
    ];
    const { mass, calls } = sender(() => answers.shift() ?? unknown);
    await mass.run();
    await good(mei.call('POST', 'contact/stop', { reason: '先停' }));
    await shop.control('people/r-1/say', { type: 'text', content: 'TD' });
    await eventually(async () => (await models().people.consents.countDocuments({ withdrawn: true })) > 0);
    await new Promise((resume) => setTimeout(resume, 1100));
    await shop.control('clock', { advanceMs: 2 * MINUTE_MS });
    await mass.run();
    expect(calls).toHaveLength(1);
    await good(mei.call('POST', 'contact/resume', { reason: '好了' }));
    await new Promise((resume) => setTimeout(resume, 1100));
    await shop.control('clock', { advanceMs: HOUR_MS });
    await mass.run();
    expect(calls).toHaveLength(2);
    expect(calls[1]?.users).not.toContain('r-1');
    expect(await statesOf(id)).toContainEqual(['skipped', 'consent.withdrawn']);
    expect(await usedMasses()).toBe(people.length - 1);
  }, 120_000);
});

describe('a broadcast that is cancelled while its mass send still fills', () => {
  it('ends its people and gives back what was reserved', async () => {
    await forget();
    const id = await running();
    const [waiting] = await rowsOf(id);
    expect(waiting?.state).toBeDefined();
    await models().flow.massBatches.updateMany({ broadcastId: id }, { $set: { state: 'filling' } });
    const taken = await usedMasses();
    expect(taken).toBeGreaterThan(0);
    await good(mei.call('POST', `broadcasts/${id}/cancel`, { reason: '写错了' }));
    await task('broadcasts');
    const { mass, calls } = sender(() => unknown);
    await mass.run();
    expect(calls).toEqual([]);
    expect((await rowsOf(id)).filter(({ state }) => state === 'queued')).toEqual([]);
    expect([await usedMasses(), await reserved()]).toEqual([0, 0]);
  }, 120_000);
});

describe('two people who turn out to be one after they were frozen', () => {
  it('are told once, also of what no cap counts', async () => {
    await forget();
    const ids = await Promise.all(['r-2', 'r-3'].map(async (name) => (await shop.personAt(name)).id));
    const [a, b] = ids as [Types.ObjectId, Types.ObjectId];
    const id = new Types.ObjectId();
    const { domain } = shop.app;
    const broadcast = { _id: id, holdoutPercent: 0 };
    const frozen = ids.map((one) => ({ _id: one, customerIds: [one] }));
    await shop.act(async (tx) => {
      await domain.audience.freezeBatch(tx, broadcast, frozen, shop.now());
      return (await domain.persons.link(tx, a, b, { kind: 'staff', staffId: 'mei', reason: '同一人' }, shop.now()))
        .events;
    });
    const rows = await rowsOf(String(id));
    const persons = await domain.persons.ofMany(null, ids);
    const groups = new Map(
      rows.map(({ _id, customerId }) => [_id, persons.get(String(customerId))?.customerIds ?? []]),
    );
    const doubles = await shop.app.database.transaction((tx) => domain.audience.doubles(tx, id, groups));
    expect([...doubles]).toEqual([rows.map(({ _id }) => _id).sort()[1]]);
    // One that was decided on speaks for the person, whichever came first.
    const [first, second] = rows.map(({ _id }) => _id).sort() as [string, string];
    await models().campaigns.audience.updateOne({ _id: second }, { $set: { state: 'heldOut' } });
    const after = await shop.app.database.transaction((tx) =>
      domain.audience.doubles(tx, id, new Map([[first, groups.get(first) ?? []]])),
    );
    expect([...after]).toEqual([first]);
  }, 60_000);
});

describe('a test send', () => {
  it('goes to nobody who refused such messages', async () => {
    const { id } = await good<{ id: string }>(mei.call('POST', 'broadcasts', draft()), 201);
    const to = { channel: 'official-account', account: account.id, user: 'r-1' };
    expect(await refused(mei.call('POST', `broadcasts/${id}/test`, { to }))).toEqual([409, 'consent.withdrawn']);
  }, 60_000);
});
