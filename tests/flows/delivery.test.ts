/** Stories of rows on their way out: two workers, a crash, a retry, a limit of the platform, quota that nobody may lose or win. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboxRecord } from '../../src/flow/models.js';
import { push, says } from '../helpers/push.js';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

const SEND = '/cgi-bin/message/custom/send';
let shop: Shop;
let agent: StaffClient;

beforeAll(async () => {
  shop = await openShop({ withoutWork: true });
  agent = await shop.staff('agent');
}, 60_000);
afterAll(() => shop.stop());

const outbox = () => shop.app.database.connection.collection<OutboxRecord>('outbox');
const rowsOf = (openid: string) => outbox().find({ 'to.user': openid }).sort({ seq: 1 }).toArray();
const outcomes = async (openid: string) => (await rowsOf(openid)).map(({ state, reason }) => ({ state, reason }));
const texts = async (openid: string) => (await shop.received(openid)).map((one) => one.content);

let people = 0;
let openid = '';
let conversation = '';
beforeEach(async () => {
  openid = `o-delivery-${++people}`;
  await shop.addPerson(openid);
  await shop.control(`people/${openid}/follow`);
  // The short credit of following is over, so that the five of the message are what counts.
  await shop.control('clock', { advanceMs: 61_000 });
  await eventually(async () => shop.app.clock.now().getTime() > Date.now() + people * 61_000 - 5_000);
  await shop.control(`people/${openid}/say`, { type: 'text', content: `在吗 ${people}` });
  const found = await eventually(
    async () =>
      (await shop.app.database.connection
        .collection('conversations')
        .findOne({ 'address.user': openid, lastInboundAt: { $exists: true } })) ?? undefined,
  );
  conversation = String(found._id);
});

let clients = 0;
async function reply(text: string): Promise<OutboxRecord> {
  const body = { clientId: `client-${++clients}`, content: { type: 'text', text } };
  const { status } = await agent.call('POST', `conversations/${conversation}/replies`, body);
  expect(status).toBe(202);
  const row = (await rowsOf(openid)).at(-1);
  if (!row) throw new Error('no row');
  return row;
}
const window = async () =>
  (await agent.call('GET', `conversations/${conversation}`)).body['window'] as unknown as { left: number };
const deliverAll = async (): Promise<void> => {
  for (const row of await rowsOf(openid)) await shop.app.deliver(row._id);
};
const makeDue = (row: OutboxRecord) => outbox().updateOne({ _id: row._id }, { $set: { dueAt: new Date(0) } });

describe('rows on their way out', () => {
  it('two-workers-deliver-once, every job delivered twice', async () => {
    const row = await reply('一次');
    await Promise.all([1, 2, 3, 4].map(() => shop.app.deliver(row._id)));
    await shop.app.deliver(row._id);
    expect(await texts(openid)).toEqual(['一次']);
    expect(await window()).toMatchObject({ left: 4 });
  });

  it('crash-after-commit-still-sends: a row nobody was told of is found by the sweep', async () => {
    const row = await reply('还在');
    // A worker claimed it and died before it began to send.
    await outbox().updateOne(
      { _id: row._id },
      { $set: { state: 'claimed', fence: 7, lease: { owner: 'dead', until: new Date(0) } } },
    );
    await shop.app.schedule.runAll();
    expect(await outcomes(openid)).toEqual([{ state: 'pending', reason: undefined }]);
    await shop.app.deliver(row._id);
    expect(await texts(openid)).toEqual(['还在']);
  });

  it('expired-sending-is-unknown-and-never-sent-again', async () => {
    const row = await reply('不知道');
    const before = (await shop.calls(SEND)).length;
    const { modifiedCount } = await outbox().updateOne(
      { _id: row._id },
      { $set: { state: 'sending', fence: 1, attempts: 1, lease: { owner: 'dead', until: new Date(0) } } },
    );
    expect(modifiedCount).toBe(1);
    await shop.app.schedule.runAll();
    await shop.app.schedule.runAll();
    await deliverAll();
    expect(await outcomes(openid)).toEqual([{ state: 'unknown', reason: 'lease.expired' }]);
    expect((await shop.calls(SEND)).length).toBe(before);
  });

  it('unknown-keeps-its-quota: what may have arrived is not counted twice', async () => {
    await shop.control('faults', { path: SEND, times: 1, drop: 'after' });
    const row = await reply('断了');
    await shop.app.deliver(row._id);
    expect(await outcomes(openid)).toMatchObject([{ state: 'unknown' }]);
    expect(await window()).toMatchObject({ left: 4 });
    await shop.app.deliver(row._id);
    expect(await texts(openid)).toEqual(['断了']);
  });

  it('retry-gives-its-quota-back, and takes it again when it is sent', async () => {
    await shop.control('faults', { path: SEND, times: 1, errcode: -1 });
    const row = await reply('再来');
    await shop.app.deliver(row._id);
    expect(await outcomes(openid)).toMatchObject([{ state: 'pending', reason: 'platform.busy' }]);
    expect(await window()).toMatchObject({ left: 5 });
    await makeDue(row);
    await shop.app.deliver(row._id);
    expect(await outcomes(openid)).toEqual([{ state: 'sent', reason: undefined }]);
    expect(await window()).toMatchObject({ left: 4 });
  });

  it('retry-keeps-its-place', async () => {
    await shop.control('faults', { path: SEND, times: 1, errcode: -1 });
    const first = await reply('第一');
    const second = await reply('第二');
    await shop.app.deliver(first._id);
    await shop.app.deliver(second._id);
    expect(await texts(openid)).toEqual([]);
    await makeDue(first);
    await shop.app.deliver(second._id);
    await shop.app.deliver(first._id);
    await shop.app.deliver(second._id);
    expect(await texts(openid)).toEqual(['第一', '第二']);
  });

  it('daily-limit-holds-until-the-next-day, in their order and without another call', async () => {
    await shop.control('faults', { path: SEND, times: 1, errcode: 45009 });
    const first = await reply('甲');
    const second = await reply('乙');
    const before = (await shop.calls(SEND)).length;
    await deliverAll();
    await deliverAll();
    expect((await shop.calls(SEND)).length).toBe(before + 1);
    const held = await rowsOf(openid);
    expect(held.map(({ state, reason }) => ({ state, reason }))).toEqual([
      { state: 'held', reason: 'platform.dailyLimit' },
      { state: 'held', reason: 'platform.dailyLimit' },
    ]);
    expect(held[1]?.dueAt).toEqual(held[0]?.dueAt);
    const wait = (held[0]?.dueAt.getTime() ?? 0) - shop.app.clock.now().getTime();
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(86_400_000);
    expect(await window()).toMatchObject({ left: 5 });
    await shop.control('clock', { advanceMs: wait + 1000 });
    await eventually(async () => shop.app.clock.now() > (held[0]?.dueAt ?? new Date()));
    // Whoever comes first, the row that was held first goes first.
    await shop.app.deliver(second._id);
    await shop.app.deliver(first._id);
    await shop.app.deliver(second._id);
    expect(await texts(openid)).toEqual(['甲', '乙']);
  });

  it('credit-opened-anew-during-a-failing-send-is-not-raised-above-what-the-platform-gives', async () => {
    await shop.control('faults', { path: SEND, times: 1, errcode: -1, delayMs: 1500 });
    const row = await reply('慢');
    const sending = shop.app.deliver(row._id);
    await new Promise((resume) => setTimeout(resume, 1100));
    await push(shop, says(openid, '又来'));
    await sending;
    expect(await window()).toMatchObject({ left: 5 });
  });

  it('five-and-not-six, however many are delivered at once', async () => {
    const rows = [];
    for (let i = 0; i < 7; i++) rows.push(await reply(`第${i}`));
    for (let round = 0; round < 8; round++) await Promise.all(rows.map((row) => shop.app.deliver(row._id)));
    expect(await texts(openid)).toHaveLength(5);
    expect((await outcomes(openid)).slice(5)).toEqual([
      { state: 'refused', reason: 'window.used' },
      { state: 'refused', reason: 'window.used' },
    ]);
  });

  it('sweep-reaches-rows-behind-many-blocked-ones', async () => {
    const row = await reply('最后');
    const [record] = await outbox().find({ _id: row._id }).toArray();
    if (!record) throw new Error('no row');
    const blocked = Array.from({ length: 450 }, (_, i) => ({
      ...record,
      _id: `blocked-${i}`,
      lane: 'official-account/main/blocked',
      seq: i + 2,
      dueAt: new Date(0),
    }));
    const head = { ...record, _id: 'head', lane: 'official-account/main/blocked', seq: 1, state: 'claimed' as const };
    const free = { ...record, _id: 'free', lane: 'official-account/main/free' };
    await outbox().insertMany([head, ...blocked, free]);
    const offered: string[] = [];
    const queue = shop.app.queues.open('replies.official-account.main');
    queue.process(1, async ({ rowId }) => void offered.push(rowId));
    for (let i = 0; i < 3; i++) await shop.app.schedule.runAll();
    await eventually(async () => offered.includes('free'));
    await outbox().deleteMany({ lane: /(blocked|free)$/ });
  });

  it('stale-automation-is-skipped: what was said long ago is not answered now', async () => {
    const admin = await shop.staff('admin');
    await admin.call('PUT', 'strategies/menu', {
      enabled: true,
      title: { 'zh-CN': '菜单', en: 'Menu' },
      priority: 1,
      trigger: { code: 'keyword', args: { keywords: ['菜单'], match: 'contains' } },
      actions: [
        { code: 'reply', args: { content: { type: 'menu', head: '请选择', entries: [{ id: '1', text: '物流' }] } } },
      ],
    });
    const old = String(Math.floor(shop.app.clock.now().getTime() / 1000) - 3600);
    await push(shop, says('o-stale', '菜单', { CreateTime: old }));
    const rows = await rowsOf('o-stale');
    expect(rows).toHaveLength(1);
    await shop.app.deliver(rows[0]?._id ?? '');
    expect(await outcomes('o-stale')).toEqual([{ state: 'skipped', reason: 'message.stale' }]);
  });

  it('promotion-never-leaves-as-a-customer-message', async () => {
    const row = await reply('新品上市');
    await outbox().updateOne({ _id: row._id }, { $set: { purpose: 'promotion' } });
    await shop.app.deliver(row._id);
    expect((await rowsOf(openid)).at(-1)).toMatchObject({ state: 'refused', reason: 'route.forbidden' });
    expect(await texts(openid)).toEqual([]);
  });
});
