/** Idempotency-Key on writes of shop systems, on the real embedded database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RequestProblem } from '../../src/errors.js';
import { startApp } from './app.js';
import type { Answer, ShopKey, TestApp } from './app.js';
import { lookup, order, product, spend } from './open-samples.js';

const path = '/open/v1/points/spend';
const LEASE_MS = 400;
let app: TestApp;
let key: ShopKey;
beforeAll(async () => {
  app = await startApp({}, { idempotency: { leaseMs: LEASE_MS } });
  key = await app.shopKey();
});
afterAll(() => app.close());
beforeEach(() => {
  app.reported.length = 0;
  app.refuse.clear();
  app.during.open = async () => undefined;
});

let serial = 0;
const fresh = () => `order-${(serial += 1)}`;
const send = (idempotencyKey: string, json: unknown = spend, more: { path?: string; key?: ShopKey } = {}) =>
  app.signed(more.path ?? path, {
    key: more.key ?? key,
    json,
    headers: { 'Idempotency-Key': idempotencyKey },
  });
const codeOf = ({ status, body }: Answer) => [status, body['code']];
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
/** Lets a call wait until it is opened. */
function gate() {
  let openIt: () => void = () => undefined;
  const opened = new Promise<void>((done) => (openIt = done));
  return { opened, open: () => openIt() };
}

describe('the same key, route and body', () => {
  it('gets the same answer again, and nothing runs twice', async () => {
    const name = fresh();
    const first = await send(name);
    const again = await send(name);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(first.headers.get('Content-Type')).toBe(again.headers.get('Content-Type'));
    expect([first, again].map(({ headers }) => headers.get('Idempotency-Replayed'))).toEqual([null, 'true']);
    expect(app.reported).toHaveLength(1);
  });

  it('without the header runs each time', async () => {
    for (let i = 0; i < 2; i += 1) await app.signed(path, { key, json: spend });
    expect(app.reported).toHaveLength(2);
  });

  it('gets a refusal again too, with the same bytes', async () => {
    const name = fresh();
    app.refuse.set('open.spend', new RequestProblem(409, 'points.notEnough', 'There are 20.'));
    const first = await send(name);
    app.refuse.clear();
    const again = await send(name);
    expect(codeOf(first)).toEqual([409, 'points.notEnough']);
    expect([again.status, again.text]).toEqual([409, first.text]);
    expect(again.headers.get('Content-Type')).toMatch(/^application\/problem\+json/);
    expect(app.reported).toHaveLength(1);
  });

  it('is one key a shop system: another’s is its own', async () => {
    const [name, other] = [fresh(), await app.shopKey()];
    await send(name);
    expect((await send(name, spend, { key: other })).headers.get('Idempotency-Replayed')).toBeNull();
    expect(app.reported).toHaveLength(2);
  });
});

describe('the same key for something else', () => {
  it.each([
    ['another body', { ...spend, amount: 101 }, path],
    ['another route', order, '/open/v1/orders'],
    ['another query', spend, `${path}?x=1`],
  ])('%s: 409', async (_what, json, to) => {
    const name = fresh();
    await send(name);
    expect(codeOf(await send(name, json, { path: to }))).toEqual([409, 'idempotency.mismatch']);
    expect(app.reported).toHaveLength(1);
  });

  it('also while the first is under way', async () => {
    const [name, door] = [fresh(), gate()];
    app.during.open = () => door.opened;
    const first = send(name);
    await pause(100);
    expect(codeOf(await send(name, { ...spend, amount: 101 }))).toEqual([409, 'idempotency.mismatch']);
    door.open();
    expect((await first).status).toBe(200);
  });
});

describe('a request under way', () => {
  it('409 with Retry-After, for longer than a lease, and the answer afterwards', async () => {
    const [name, door] = [fresh(), gate()];
    app.during.open = () => door.opened;
    const first = send(name);
    await pause(LEASE_MS * 2.5);
    const meanwhile = await send(name);
    expect(codeOf(meanwhile)).toEqual([409, 'idempotency.inProgress']);
    expect(Number(meanwhile.headers.get('Retry-After'))).toBeGreaterThan(0);
    door.open();
    const answer = await first;
    expect((await send(name)).text).toBe(answer.text);
    expect(app.reported).toHaveLength(1);
  });

  it('sixteen at once: one runs, the others are told to wait or get its answer', async () => {
    const name = fresh();
    app.during.open = () => pause(50);
    const answers = await Promise.all(Array.from({ length: 16 }, () => send(name)));
    const done = answers.filter(({ status }) => status === 200);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    const waiting = answers.filter(({ status }) => status !== 200);
    expect(waiting.map(codeOf)).toEqual(waiting.map(() => [409, 'idempotency.inProgress']));
    expect(waiting.length).toBeGreaterThan(0);
    expect(app.reported).toHaveLength(1);
  });
});

describe('a key is not frozen', () => {
  it.each([
    ['by a failure', new Error('the database is away'), 500],
    ['by a refusal for now', new RequestProblem(429, 'request.tooMany', 'Wait.', { retryAfterSeconds: 1 }), 429],
    ['by being unavailable', new RequestProblem(503, 'server.busy', 'Later.'), 503],
  ])('%s', async (_what, refusal, status) => {
    const name = fresh();
    app.refuse.set('open.spend', refusal);
    expect((await send(name)).status).toBe(status);
    app.refuse.clear();
    expect((await send(name)).status).toBe(200);
    expect(app.reported).toHaveLength(2);
  });

  it('by a request that was wrong: put right, it runs', async () => {
    const name = fresh();
    expect(codeOf(await send(name, { ...spend, amount: 0 }))).toEqual([400, 'request.invalid']);
    expect((await send(name)).status).toBe(200);
  });

  it('by a crash: after the lease one of many retries takes it over', async () => {
    const name = fresh();
    const row = { apiKeyId: key.id, idempotencyKey: name, route: `POST ${path}`, bodyHash: await hashOf(spend) };
    // A process that began and was never heard of again.
    expect((await app.apiKeys.answers.begin(row)).kind).toBe('first');
    expect(codeOf(await send(name))).toEqual([409, 'idempotency.inProgress']);
    await pause(LEASE_MS + 50);
    app.during.open = () => pause(50);
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(name)));
    expect(answers.map(({ status }) => status).filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(app.reported).toHaveLength(1);
  });

  it('and whoever lost it by the lease cannot put its answer in place of the other’s', async () => {
    const request = { apiKeyId: key.id, idempotencyKey: fresh(), route: 'POST /x', bodyHash: 'b' };
    const { answers } = app.apiKeys;
    const late = await answers.begin(request);
    await pause(LEASE_MS + 50);
    const second = await answers.begin(request);
    if (late.kind !== 'first' || second.kind !== 'first') throw new Error('both should have begun');
    const answer = (body: string) => ({ status: 200, contentType: 'application/json', body });
    await second.attempt.finish(answer('second'));
    await late.attempt.finish(answer('late'));
    await late.attempt.giveUp();
    expect(await answers.begin(request)).toEqual({ kind: 'repeated', answer: answer('second') });
  });

  it('for longer than a day', async () => {
    const name = fresh();
    await send(name);
    app.db.skip(24 * 3_600_000 - 60_000);
    expect((await send(name)).headers.get('Idempotency-Replayed')).toBe('true');
    app.db.skip(2 * 60_000);
    expect((await send(name, { ...spend, amount: 7 })).status).toBe(200);
    app.db.skip(-24 * 3_600_000 - 60_000);
  });
});

describe('where it does not apply', () => {
  it('looking up keeps no answer: it holds private data', async () => {
    const name = fresh();
    for (let i = 0; i < 2; i += 1) {
      const answer = await send(name, lookup, { path: '/open/v1/customers/lookup' });
      expect([answer.status, answer.headers.get('Idempotency-Replayed')]).toEqual([200, null]);
    }
    expect(app.reported).toHaveLength(2);
  });

  it('a key of other signs or too long is refused', async () => {
    for (const name of ['x'.repeat(201), 'caf\u00e9']) {
      expect(codeOf(await send(name))).toEqual([400, 'idempotency.badKey']);
    }
    expect(app.reported).toEqual([]);
  });

  it('a batch runs again, which its natural keys make harmless; another body is refused', async () => {
    const name = fresh();
    const batch = (raw: string) =>
      app.signed('/open/v1/products', {
        key,
        raw,
        headers: { 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': name },
      });
    const lines = `${JSON.stringify(product)}\n${JSON.stringify({ ...product, sku: 'tea-2' })}\n`;
    const first = await batch(lines);
    expect([first.status, (await batch(lines)).text]).toEqual([200, first.text]);
    expect(app.reported).toHaveLength(4);
    expect(codeOf(await batch(`${lines}\n`))).toEqual([409, 'idempotency.mismatch']);
  });
});

async function hashOf(json: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(json)));
  return Buffer.from(digest).toString('hex');
}
