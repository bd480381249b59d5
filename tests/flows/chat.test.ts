import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let agent: StaffClient;
let admin: StaffClient;

beforeAll(async () => {
  shop = await openShop();
  agent = await shop.staff('agent');
  admin = await shop.staff('admin');
}, 60_000);
afterAll(() => shop.stop());

interface Item {
  id: string;
  customerId: string;
  unread: number;
  preview: string;
  window: { open: boolean; left: number; endsAt: string | null };
}
interface Message {
  content: { text?: string };
  direction: string;
  state: string;
  reason: string | null;
  route: string | null;
}

async function conversationOf(text: string): Promise<Item> {
  return eventually(async () => {
    const { body } = await agent.call('GET', 'conversations?box=all&limit=100');
    return (body['items'] as unknown as Item[]).find((item) => item.preview === text);
  });
}
async function messagesOf(id: string): Promise<Message[]> {
  const { body } = await agent.call('GET', `conversations/${id}/messages?limit=100`);
  return body['items'] as unknown as Message[];
}
let clientIds = 0;
const reply = (id: string, text: string) =>
  agent.call('POST', `conversations/${id}/replies`, {
    clientId: `client-${++clientIds}`,
    content: { type: 'text', text },
  });

describe('a message in, stored once, answered, seen by staff', () => {
  it('reaches the inbox and the reply reaches the phone', async () => {
    await shop.addPerson('o-alice', '爱丽丝');
    await shop.control('people/o-alice/follow');
    await shop.control('people/o-alice/say', { type: 'text', content: '请问这件有货吗' });
    const conversation = await conversationOf('请问这件有货吗');
    expect(conversation.unread).toBe(1);
    const claimed = await agent.call('POST', `conversations/${conversation.id}/claim`);
    expect(claimed.status).toBe(200);
    expect(claimed.body['window']).toMatchObject({ open: true });
    const answered = await reply(conversation.id, '有的，亲');
    expect(answered.status).toBe(202);
    const got = await eventually(async () =>
      (await shop.received('o-alice')).find((one) => one.content === '有的，亲'),
    );
    expect(got.route).toBe('customer');
    const sent = await eventually(async () => (await messagesOf(conversation.id)).find((one) => one.state === 'sent'));
    expect(sent).toMatchObject({ route: 'customer-message', reason: null });
  });

  it('takes a callback three times for one, and two of one second for two', async () => {
    await shop.addPerson('o-bob', '鲍勃');
    await shop.control('people/o-bob/follow');
    const at = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 3; i++) {
      await shop.control('people/o-bob/say', { type: 'text', content: '同一条', msgId: '7001', createTime: at });
    }
    await shop.control('people/o-bob/say', { type: 'text', content: '甲', msgId: '7002', createTime: at });
    await shop.control('people/o-bob/say', { type: 'text', content: '乙', msgId: '7003', createTime: at });
    const conversation = await conversationOf('乙');
    const texts = (await messagesOf(conversation.id)).map((message) => message.content.text).sort();
    expect(texts).toEqual(['乙', '同一条', '甲'].sort());
  });

  it('answers a keyword inside the platform request, once, and not while a person serves', async () => {
    const put = await admin.call('PUT', 'strategies/postage', {
      enabled: true,
      title: { 'zh-CN': '包邮', en: 'Postage' },
      priority: 10,
      trigger: { code: 'keyword', args: { keywords: ['包邮'], match: 'contains' } },
      actions: [{ code: 'reply', args: { content: { type: 'text', text: '满 99 元包邮' } } }],
    });
    expect(put.status).toBe(200);
    await shop.addPerson('o-carol', '卡罗');
    await shop.control('people/o-carol/follow');
    await shop.control('people/o-carol/say', { type: 'text', content: '包邮吗' });
    const answers = async () => (await shop.received('o-carol')).filter((one) => one.content === '满 99 元包邮');
    await eventually(async () => (await answers()).length === 1);
    expect((await answers())[0]?.route).toBe('passive');
    const conversation = await eventually(async () => {
      const { body } = await agent.call('GET', 'conversations?box=unassigned&limit=100');
      return (body['items'] as unknown as Item[]).find((item) => item.preview === '满 99 元包邮');
    });
    await eventually(async () =>
      (await messagesOf(conversation.id)).some((one) => one.state === 'sent' && one.route === 'passive-reply'),
    );
    await agent.call('POST', `conversations/${conversation.id}/claim`);
    await shop.control('people/o-carol/say', { type: 'text', content: '真的包邮吗' });
    await conversationOf('真的包邮吗');
    expect(await answers()).toHaveLength(1);
  });

  it('shows what the platform refused or nobody knows', async () => {
    await shop.addPerson('o-dan', '丹');
    await shop.control('people/o-dan/follow');
    await shop.control('people/o-dan/say', { type: 'text', content: '丹在吗' });
    const conversation = await conversationOf('丹在吗');
    await shop.control('faults', { path: '/cgi-bin/message/custom/send', times: 1, drop: 'after' });
    await reply(conversation.id, '断线');
    await eventually(async () => (await messagesOf(conversation.id)).some((one) => one.state === 'unknown'));
    await shop.control('faults', { path: '/cgi-bin/message/custom/send', times: 1, errcode: -1 });
    await reply(conversation.id, '系统繁忙后');
    await eventually(async () => (await shop.received('o-dan')).some((one) => one.content === '系统繁忙后'), 8000);
    await shop.control('faults', { path: '/cgi-bin/message/custom/send', times: 1, errcode: 48002 });
    await reply(conversation.id, '被拒收');
    const refused = await eventually(async () =>
      (await messagesOf(conversation.id)).find((one) => one.state === 'refused'),
    );
    expect(refused.reason).toBe('person.blocked');
    const lost = (await shop.received('o-dan')).filter((one) => one.content === '断线');
    expect(lost).toHaveLength(1);
  }, 20_000);

  it('keeps to five messages in the window and closes it after 48 hours', async () => {
    await shop.addPerson('o-eve', '伊芙');
    await shop.control('people/o-eve/follow');
    await shop.control('clock', { advanceMs: 61_000 });
    await shop.control('people/o-eve/say', { type: 'text', content: '伊芙来了' });
    const conversation = await conversationOf('伊芙来了');
    for (let i = 1; i <= 5; i++) expect((await reply(conversation.id, `第${i}条`)).status).toBe(202);
    await eventually(
      async () => (await shop.received('o-eve')).filter((one) => String(one.content).startsWith('第')).length === 5,
    );
    const sixth = await reply(conversation.id, '第6条');
    expect(sixth).toMatchObject({ status: 409, body: { code: 'window.closed' } });
    // The platform tells seconds only: what left in the very second of a message is counted against it, to be safe.
    await shop.control('clock', { advanceMs: 2_000 });
    await shop.control('people/o-eve/say', { type: 'text', content: '伊芙又来了' });
    await conversationOf('伊芙又来了');
    expect((await agent.call('GET', `conversations/${conversation.id}`)).body['window']).toMatchObject({
      open: true,
      left: 5,
    });
    const before = (await shop.calls('/custom/send')).length;
    await shop.control('clock', { advanceMs: 48 * 3_600_000 });
    await eventually(async () => {
      const { body } = await agent.call('GET', `conversations/${conversation.id}`);
      return (body['window'] as unknown as Item['window']).open === false;
    });
    expect(await reply(conversation.id, '太晚了')).toMatchObject({ status: 409, body: { code: 'window.closed' } });
    expect((await shop.calls('/custom/send')).length).toBe(before);
  }, 20_000);

  it('lets one of two agents have a conversation', async () => {
    const other = await shop.staff('agent', 'agent-two');
    await shop.addPerson('o-fay', '菲');
    await shop.control('people/o-fay/follow');
    await shop.control('people/o-fay/say', { type: 'text', content: '菲在' });
    const conversation = await conversationOf('菲在');
    const claims = await Promise.all(
      [agent, other].map((one) => one.call('POST', `conversations/${conversation.id}/claim`)),
    );
    expect(claims.map((one) => one.status).sort()).toEqual([200, 409]);
    expect(claims.find((one) => one.status === 409)?.body['code']).toBe('conversation.alreadyClaimed');
  });

  it('forgets what the platform gave when the person leaves', async () => {
    await shop.addPerson('o-gus', '古斯');
    await shop.control('people/o-gus/follow', { scene: 'door' });
    await shop.control('people/o-gus/say', { type: 'text', content: '古斯在' });
    const conversation = await conversationOf('古斯在');
    const customer = () => agent.call('GET', `customers/${conversation.customerId}`);
    const identity = async () =>
      ((await customer()).body['identities'] as unknown as Array<Record<string, unknown>>)[0];
    expect(await identity()).toMatchObject({ following: true, scene: 'door' });
    await shop.control('people/o-gus/unfollow');
    await eventually(async () => (await identity())?.['following'] === false);
    expect(await identity()).toMatchObject({ scene: null, unionid: null });
    const raw = await shop.app.database.connection
      .collection('inbox')
      .countDocuments({ 'from.user': 'o-gus', raw: { $exists: true } });
    expect(raw).toBe(0);
    expect(await reply(conversation.id, '再见')).toMatchObject({ status: 409, body: { code: 'window.closed' } });
  });
});
