/** Stories of answers inside the platform's own request: who holds the connection, who comes again, who is late, who stops. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OutboxRecord } from '../../src/flow/models.js';
import { push, says } from '../helpers/push.js';
import { openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let admin: StaffClient;

beforeAll(async () => {
  shop = await openShop({ withoutWork: true });
  admin = await shop.staff('admin');
  await answerTo('在吗', '在的');
}, 60_000);
afterAll(() => shop.stop());

async function answerTo(keyword: string, text: string, of: StaffClient = admin): Promise<void> {
  const put = await of.call('PUT', 'strategies/here', {
    enabled: true,
    title: { 'zh-CN': '在', en: 'Here' },
    priority: 1,
    trigger: { code: 'keyword', args: { keywords: [keyword], match: 'contains' } },
    actions: [{ code: 'reply', args: { content: { type: 'text', text } } }],
  });
  expect(put.status).toBe(200);
}

const rowsOf = (openid: string, of: Shop = shop) =>
  of.app.database.connection.collection<OutboxRecord>('outbox').find({ 'to.user': openid }).sort({ seq: 1 }).toArray();
const stateOf = async (openid: string, of: Shop = shop) => (await rowsOf(openid, of)).map((row) => row.state);

describe('an answer inside the request', () => {
  it('platform-retry-gets-the-same-bytes', async () => {
    const fields = says('o-again', '在吗');
    const first = await push(shop, fields);
    expect(first.body).toContain('<Encrypt>');
    await first.written?.(true);
    const second = await push(shop, fields);
    const third = await push(shop, fields);
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    await second.written?.(true);
    expect(await stateOf('o-again')).toEqual(['sent']);
  });

  it('closed-connection-goes-the-normal-way', async () => {
    const fields = says('o-closed', '在吗');
    const answer = await push(shop, fields, () => false);
    expect(answer.body).toBe('success');
    expect(await stateOf('o-closed')).toEqual(['pending']);
    // Nothing is left for a platform retry: it would be a second answer.
    expect((await push(shop, fields)).body).toBe('success');
  });

  it('closed-while-writing-goes-the-normal-way', async () => {
    const answer = await push(shop, says('o-cut', '在吗'));
    expect(answer.body).toContain('<Encrypt>');
    await answer.written?.(false);
    expect(await stateOf('o-cut')).toEqual(['pending']);
  });

  it('retry-served-first-decides: bytes neither request could write are not told as sent', async () => {
    const fields = says('o-both', '在吗');
    const first = await push(shop, fields);
    const second = await push(shop, fields);
    await first.written?.(false);
    expect(await stateOf('o-both')).toEqual(['sending']);
    await second.written?.(false);
    expect(await stateOf('o-both')).toEqual(['sending']);
    const third = await push(shop, fields);
    expect(third.body).toBe(first.body);
    await third.written?.(true);
    expect(await stateOf('o-both')).toEqual(['sent']);
  });

  it('crash-after-commit-still-answers: the retry after a restart gets the bytes, and the row its outcome', async () => {
    const fields = says('o-crash', '在吗');
    await push(shop, fields); // the process dies here: nothing is written, nothing settled
    const rows = shop.app.database.connection.collection<OutboxRecord>('outbox');
    await rows.updateOne({ 'to.user': 'o-crash' }, { $set: { 'lease.until': new Date(0) } });
    await shop.app.schedule.runAll();
    expect((await rowsOf('o-crash'))[0]).toMatchObject({ state: 'unknown', reason: 'lease.expired' });
    const again = await push(shop, fields);
    await again.written?.(true);
    expect(await stateOf('o-crash')).toEqual(['sent']);
  });

  it('duplicate-while-first-still-acts: one row, one answer', async () => {
    const fields = says('o-twice', '在吗');
    const answers = await Promise.all([push(shop, fields), push(shop, fields), push(shop, fields)]);
    for (const answer of answers) await answer.written?.(true);
    const bodies = new Set(answers.map(({ body }) => body).filter((body) => body !== 'success'));
    expect(bodies.size).toBe(1);
    expect(await stateOf('o-twice')).toEqual(['sent']);
  });

  it('two-first-messages-at-once: both are acted on inside their requests', async () => {
    const pushes = Array.from({ length: 6 }, (_, i) => push(shop, says(`o-new-${i % 3}`, '在吗')));
    await Promise.all(pushes);
    const waiting = await shop.app.database.connection.collection('inbox').countDocuments({ body: { $exists: true } });
    expect(waiting).toBe(0);
    const people = shop.app.database.connection.collection('identities');
    expect(await people.countDocuments({ 'address.user': /^o-new-/ })).toBe(3);
  });
});

describe('acting later than the request waits', () => {
  /** Holds the next acting back until told. */
  function slowShop(): { gate: { open(): void }; open(): Promise<Shop> } {
    let release = (): void => undefined;
    const held = new Promise<void>((resume) => (release = resume));
    return {
      gate: { open: () => release() },
      open: () =>
        openShop({
          withoutWork: true,
          replace: {
            ledger: (real) => ({
              ...real,
              open: async (...args) => {
                await held;
                return real.open(...args);
              },
            }),
          },
        }),
    };
  }

  it('late-act-goes-the-normal-way, and stopping waits for it', async () => {
    const { gate, open } = slowShop();
    const slow = await open();
    const staff = await slow.staff('admin');
    await answerTo('在吗', '在的', staff);
    const answer = await push(slow, says('o-late', '在吗'));
    expect(answer.body).toBe('success');
    const rows = slow.app.database.connection.collection<OutboxRecord>('outbox');
    const closing: { seen?: string[] } = {};
    const close = slow.app.database.close.bind(slow.app.database);
    slow.app.database.close = async () => {
      closing.seen = (await rows.find({ 'to.user': 'o-late' }).toArray()).map((row) => row.state);
      await close();
    };
    setTimeout(() => gate.open(), 300);
    await slow.stop();
    expect(closing.seen).toEqual(['pending']);
  }, 30_000);

  it('outcome-of-an-answer-is-stored-before-the-database-closes', async () => {
    const brief = await openShop({ withoutWork: true });
    await answerTo('在吗', '在的', await brief.staff('admin'));
    const answer = await push(brief, says('o-stop', '在吗'));
    const rows = brief.app.database.connection.collection<OutboxRecord>('outbox');
    const closing: { seen?: string[] } = {};
    const close = brief.app.database.close.bind(brief.app.database);
    brief.app.database.close = async () => {
      closing.seen = (await rows.find({ 'to.user': 'o-stop' }).toArray()).map((row) => row.state);
      await close();
    };
    void answer.written?.(true);
    await brief.stop();
    expect(closing.seen).toEqual(['sent']);
  }, 30_000);
});
