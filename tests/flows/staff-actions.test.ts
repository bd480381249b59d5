/** Stories of staff who click twice, at once, on what is closed, disabled or not there; and of what the stream and the timeline show. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OutboxRecord } from '../../src/flow/models.js';
import { push, says } from '../helpers/push.js';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let agent: StaffClient;
let manager: StaffClient;

beforeAll(async () => {
  shop = await openShop({ withoutWork: true });
  agent = await shop.staff('agent');
  manager = await shop.staff('manager');
  await shop.staff('admin');
}, 60_000);
afterAll(() => shop.stop());

let people = 0;
async function conversation(): Promise<string> {
  const openid = `oStaffActionsOpenid${++people}`;
  await push(shop, says(openid, `你好 ${people}`));
  const found = await shop.app.database.connection.collection('conversations').findOne({ 'address.user': openid });
  return String(found?._id);
}
const text = (clientId: string, said = '您好') => ({ clientId, content: { type: 'text', text: said } });
const on = (id: string, verb: string, body?: unknown, by = agent) =>
  by.call('POST', `conversations/${id}/${verb}`, body);
const events = (id: string, kind: string) =>
  shop.app.database.connection
    .collection('events')
    .find({ kind, conversationId: shop.app.database.connection.base.Types.ObjectId.createFromHexString(id) })
    .toArray();

describe('staff who click', () => {
  it('same-clientId-in-parallel-is-one-reply', async () => {
    const id = await conversation();
    const answers = await Promise.all(Array.from({ length: 5 }, () => on(id, 'replies', text('client-same'))));
    expect(answers.map((one) => one.status)).toEqual([202, 202, 202, 202, 202]);
    expect(new Set(answers.map((one) => one.body['id'])).size).toBe(1);
    const rows = shop.app.database.connection.collection<OutboxRecord>('outbox');
    expect(await rows.countDocuments({ 'to.user': `oStaffActionsOpenid${people}` })).toBe(1);
  });

  it('note-and-reply-of-one-clientId-are-both-written', async () => {
    const id = await conversation();
    expect((await on(id, 'notes', { clientId: 'client-both', text: '内部' })).status).toBe(201);
    expect((await on(id, 'notes', { clientId: 'client-both', text: '内部' })).status).toBe(201);
    const replied = await on(id, 'replies', text('client-both'));
    expect(replied).toMatchObject({ status: 202, body: { direction: 'out' } });
    const { body } = await agent.call('GET', `conversations/${id}/messages`);
    const directions = (body['items'] as unknown as Array<{ direction: string }>).map((one) => one.direction);
    expect(directions.sort()).toEqual(['in', 'note', 'out']);
  });

  it('double-click-on-claim-and-release-changes-once', async () => {
    const id = await conversation();
    expect((await on(id, 'claim')).status).toBe(200);
    expect((await on(id, 'claim')).status).toBe(200);
    expect(await events(id, 'conversation.assigned')).toHaveLength(1);
    expect((await on(id, 'release')).status).toBe(200);
    expect((await on(id, 'release')).status).toBe(200);
    expect(await events(id, 'conversation.released')).toHaveLength(1);
  });

  it('release-of-a-closed-conversation-is-refused', async () => {
    const id = await conversation();
    expect((await on(id, 'close')).status).toBe(200);
    expect(await on(id, 'release')).toMatchObject({ status: 409, body: { code: 'conversation.closed' } });
    expect(await on(id, 'close')).toMatchObject({ status: 409, body: { code: 'conversation.closed' } });
  });

  it('reply-to-a-closed-conversation-opens-it-and-says-so', async () => {
    const id = await conversation();
    await on(id, 'close');
    expect((await on(id, 'replies', text('client-open'))).status).toBe(202);
    expect((await agent.call('GET', `conversations/${id}`)).body).toMatchObject({
      status: 'open',
      assignee: { id: agent.id },
    });
    expect(await events(id, 'conversation.opened')).toHaveLength(2);
    expect(await events(id, 'conversation.assigned')).toHaveLength(1);
    await on(id, 'replies', text('client-open-2'));
    expect(await events(id, 'conversation.assigned')).toHaveLength(1);
  });

  it('assign-to-nobody-or-to-somebody-disabled-is-refused', async () => {
    const id = await conversation();
    const unknown = await on(id, 'assign', { staffId: '0'.repeat(24) }, manager);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'staff.notFound' } });
    const gone = await shop.staff('agent', 'gone');
    await shop.app.staff.accounts.change(gone.id, { disabled: true });
    expect(await on(id, 'assign', { staffId: gone.id }, manager)).toMatchObject({ status: 404 });
    expect((await agent.call('GET', `conversations/${id}`)).body['assignee']).toBeNull();
    expect((await on(id, 'assign', { staffId: agent.id }, manager)).status).toBe(200);
  });

  it('image-that-is-not-there-is-refused-and-takes-nothing-over', async () => {
    const id = await conversation();
    const image = { clientId: 'client-image', content: { type: 'image', mediaId: 'a'.repeat(64) } };
    expect((await on(id, 'replies', image)).status).toBeGreaterThanOrEqual(400);
    expect((await agent.call('GET', `conversations/${id}`)).body['assignee']).toBeNull();
  });
});

describe('what is shown', () => {
  it('stream-and-timeline-show-no-platform-id, and the stream no words', async () => {
    const seen: unknown[] = [];
    const leave = shop.app.ports.live.subscribe(undefined, (event) => seen.push(event));
    const id = await conversation();
    await on(id, 'follow-up', { followUp: 'waiting', note: '怕辣的客人' });
    await eventually(async () => JSON.stringify(seen).includes('followUp.changed'));
    leave();
    expect(JSON.stringify(seen)).toContain('customer.created');
    expect(JSON.stringify(seen)).not.toMatch(/oStaffActionsOpenid|怕辣|你好/);
    const customerId = String((await agent.call('GET', `conversations/${id}`)).body['customerId']);
    const { body } = await agent.call('GET', `customers/${customerId}/timeline`);
    expect(JSON.stringify(body)).toContain('customer.created');
    expect(JSON.stringify(body)).not.toContain('oStaffActionsOpenid');
  });
});
