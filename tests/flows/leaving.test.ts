/** Stories of people who leave and come back, told in any order: the platform's time decides, never the order of arrival. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityRecord } from '../../src/domain/customers/index.js';
import type { OutboxRecord } from '../../src/flow/models.js';
import { happens, push, says } from '../helpers/push.js';
import { openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let admin: StaffClient;

beforeAll(async () => {
  shop = await openShop({ withoutWork: true });
  admin = await shop.staff('admin');
  const welcome = await admin.call('PUT', 'strategies/welcome', {
    enabled: true,
    title: { 'zh-CN': '欢迎', en: 'Welcome' },
    priority: 1,
    trigger: { code: 'follow', args: {} },
    actions: [{ code: 'reply', args: { content: { type: 'text', text: '欢迎光临' } } }],
  });
  expect(welcome.status).toBe(200);
}, 60_000);
afterAll(() => shop.stop());

const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
const collection = <T extends object>(name: string) => shop.app.database.connection.collection<T>(name);
async function identityOf(openid: string): Promise<IdentityRecord> {
  const found = await collection<IdentityRecord>('identities').findOne({ 'address.user': openid });
  if (!found) throw new Error(`${openid} is not known`);
  return found;
}
const customerOf = ({ customerId }: IdentityRecord) => collection('customers').findOne({ _id: customerId });
const rowsOf = (openid: string) => collection<OutboxRecord>('outbox').find({ 'to.user': openid }).toArray();
const quotaOf = async (openid: string) =>
  (await collection<{ _id: string; credits: unknown[] }>('quotas').findOne({ _id: { $regex: `${openid}$` } }))?.credits;

async function follow(openid: string, seconds: number, scene = 'door'): Promise<void> {
  const answer = await push(shop, happens(openid, 'subscribe', ago(seconds), { EventKey: `qrscene_${scene}` }));
  await answer.written?.(true);
}
const unfollow = (openid: string, seconds: number) => push(shop, happens(openid, 'unsubscribe', ago(seconds)));

describe('leaving and coming back', () => {
  it('late-follow-after-unfollow-changes-nothing', async () => {
    await unfollow('o-gone', 5);
    await follow('o-gone', 30);
    const identity = await identityOf('o-gone');
    expect(identity).toMatchObject({ following: false });
    expect(identity).not.toHaveProperty('scene');
    expect(identity).not.toHaveProperty('profileWantedAt');
    expect((await quotaOf('o-gone')) ?? []).toEqual([]);
    expect(await rowsOf('o-gone')).toEqual([]);
    const raw = await collection('inbox').countDocuments({ 'from.user': 'o-gone', raw: { $exists: true } });
    expect(raw).toBe(0);
  });

  it('late-unfollow-after-return-leaves-them-here, and still ends what was before', async () => {
    await follow('o-back', 40, 'first');
    await follow('o-back', 5, 'second');
    await unfollow('o-back', 20);
    expect(await identityOf('o-back')).toMatchObject({ following: true, scene: 'second' });
    expect(await quotaOf('o-back')).toHaveLength(1);
    const kept = await collection('inbox').countDocuments({ 'from.user': 'o-back', raw: { $exists: true } });
    expect(kept).toBe(1);
  });

  it('late-unfollow-before-a-message-leaves-them-here', async () => {
    await follow('o-spoke', 40);
    await push(shop, says('o-spoke', '我在', { CreateTime: String(Math.floor(ago(5).getTime() / 1000)) }));
    await unfollow('o-spoke', 20);
    expect(await identityOf('o-spoke')).toMatchObject({ following: true });
  });

  it('late-message-after-unfollow-is-kept-and-opens-nothing', async () => {
    await follow('o-word', 40);
    await unfollow('o-word', 5);
    await push(shop, says('o-word', '再见', { CreateTime: String(Math.floor(ago(20).getTime() / 1000)) }));
    expect(await identityOf('o-word')).toMatchObject({ following: false });
    expect((await quotaOf('o-word')) ?? []).toEqual([]);
    expect(await collection('messages').countDocuments({ 'content.text': '再见' })).toBe(1);
  });

  it('events-in-order-work: leaving deletes, coming back begins anew', async () => {
    await follow('o-order', 40, 'one');
    await unfollow('o-order', 20);
    const gone = await identityOf('o-order');
    expect(gone).toMatchObject({ following: false });
    expect(gone).not.toHaveProperty('scene');
    const scenes = { customerId: gone.customerId, 'data.scene': { $exists: true } };
    expect(await collection('events').countDocuments(scenes)).toBe(0);
    await follow('o-order', 3, 'two');
    expect(await identityOf('o-order')).toMatchObject({ following: true, scene: 'two' });
    expect(await quotaOf('o-order')).toHaveLength(1);
  });

  it('unfollow-deletes-also-what-arrives-later: a profile asked for before is not stored', async () => {
    await follow('o-race', 40);
    const channel = shop.app.channels[0];
    if (!channel) throw new Error('no channel');
    const real = channel.capabilities.profiles;
    channel.capabilities.profiles = async (_account, users) => {
      await unfollow('o-race', 2);
      return {
        ok: true,
        value: users.map((user) => ({ user, following: true, unionid: `u-${user}`, nickname: '小明' })),
      };
    };
    await shop.app.schedule.runAll();
    const identity = await identityOf('o-race');
    expect(identity).toMatchObject({ following: false });
    expect(identity).not.toHaveProperty('unionid');
    expect(await customerOf(identity)).not.toHaveProperty('nickname');
    if (real) channel.capabilities.profiles = real;
  });

  it('stale-not-following-answer-does-not-send-a-returned-person-away', async () => {
    await follow('o-came', 60);
    const channel = shop.app.channels[0];
    if (!channel) throw new Error('no channel');
    const real = channel.capabilities.profiles;
    channel.capabilities.profiles = async (_account, users) => {
      await unfollow('o-came', 30);
      const answer = { ok: true as const, value: users.map((user) => ({ user, following: false })) };
      await follow('o-came', 1);
      return answer;
    };
    await shop.app.schedule.runAll();
    expect(await identityOf('o-came')).toMatchObject({ following: true });
    if (real) channel.capabilities.profiles = real;
  });

  it('platform-that-is-away-does-not-use-up-the-tries-for-a-profile', async () => {
    await follow('o-away', 1);
    const channel = shop.app.channels[0];
    if (!channel) throw new Error('no channel');
    const real = channel.capabilities.profiles;
    let asked = 0;
    channel.capabilities.profiles = async () => {
      asked += 1;
      return { ok: false, reason: 'platform.unreachable' };
    };
    for (let i = 0; i < 6; i++) await shop.app.schedule.runAll();
    expect(asked).toBe(1);
    expect(await identityOf('o-away')).toMatchObject({ profileTries: 0 });
    if (real) channel.capabilities.profiles = real;
  });

  it('refusal-that-tells-of-leaving-deletes-as-the-leaving-itself', async () => {
    await follow('o-told', 40);
    await push(shop, says('o-told', '有货吗'));
    const identity = await identityOf('o-told');
    await collection('customers').updateOne({ _id: identity.customerId }, { $set: { nickname: '小红' } });
    const conversation = await collection('conversations').findOne({ 'address.user': 'o-told' });
    await shop.addPerson('o-told');
    await shop.control('people/o-told/follow');
    await shop.control('faults', { path: '/cgi-bin/message/custom/send', times: 1, errcode: 43004 });
    const body = { clientId: 'client-told', content: { type: 'text', text: '有' } };
    await admin.call('POST', `conversations/${String(conversation?._id)}/replies`, body);
    for (const row of await rowsOf('o-told')) await shop.app.deliver(row._id);
    const after = await identityOf('o-told');
    expect(after).toMatchObject({ following: false });
    expect(after).not.toHaveProperty('scene');
    expect(await customerOf(identity)).not.toHaveProperty('nickname');
    expect((await quotaOf('o-told')) ?? []).toEqual([]);
  });

  it('late-message-does-not-hide-the-newest-in-the-list', async () => {
    await push(shop, says('o-list', '新的', { CreateTime: String(Math.floor(ago(5).getTime() / 1000)) }));
    await push(shop, says('o-list', '旧的', { CreateTime: String(Math.floor(ago(20).getTime() / 1000)) }));
    const conversation = await collection('conversations').findOne({ 'address.user': 'o-list' });
    expect(conversation).toMatchObject({ preview: '新的', unread: 2 });
  });

  it('file-that-cannot-be-copied-does-not-keep-others-from-being-copied', async () => {
    const channel = shop.app.channels[0];
    if (!channel) throw new Error('no channel');
    const real = channel.capabilities.fetchMedia;
    channel.capabilities.fetchMedia = async (_account, id) => {
      if (id === 'bad') throw new Error('broken');
      return { ok: true, value: { bytes: Buffer.from('voice'), mimeType: 'audio/amr' } };
    };
    const voice = (id: string) => says('o-files', '', { MsgType: 'voice', MediaId: id, Format: 'amr' });
    await push(shop, voice('bad'));
    await push(shop, voice('good'));
    await shop.app.schedule.runAll();
    const messages = await collection<{ content: { media?: { id?: string; platformId?: string } } }>('messages')
      .find({ 'content.type': 'voice' })
      .toArray();
    const copied = messages.filter((one) => one.content.media?.id).map((one) => one.content.media?.platformId);
    expect(copied).toEqual(['good']);
    if (real) channel.capabilities.fetchMedia = real;
  });
});
