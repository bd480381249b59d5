/** Strategies that the clock starts, and rehearsals: who is told, who is not and why, once; and what last month would have said. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RehearsalRecord } from '../../src/flow/rehearsals.js';
import { good } from '../helpers/answers.js';
import { openOrderShop } from '../helpers/order-shop.js';
import type { OrderShop } from '../helpers/order-shop.js';
import { eventually } from '../helpers/shop.js';
import type { StaffClient } from '../helpers/shop.js';

let shop: OrderShop;
let mei: StaffClient;
let couponId: string;
const names = ['a-1', 'a-2', 'a-3', 'a-4', 'a-5', 'a-6', 'a-kid', 'a-mute', 'a-idle', 'a-buyer'];

const body = (more: object = {}) => ({
  enabled: true,
  title: { 'zh-CN': '活跃未下单', en: 'Active, no order' },
  priority: 10,
  trigger: {
    code: 'active-no-order',
    args: { activeDays: 30, noOrderDays: 30, who: 'all', again: 'never', at: '10:00' },
  },
  actions: [
    {
      code: 'send',
      args: {
        purpose: 'promotion',
        text: '{name|朋友}，送您一张 100 元券',
        couponId,
        voucher: '百元券',
        templates: [],
      },
    },
  ],
  ...more,
});
const put = (code: string, more: object = {}) => good(mei.call('PUT', `strategies/${code}`, body(more)));
const rowsOf = async (name: string) => shop.rows(await shop.personAt(`${name}-mini`));
const portraits = () => shop.app.domain.models.segments.portraits;

async function member(name: string): Promise<void> {
  await shop.addPerson(name, name, { mini: `${name}-mini` });
  const client = await shop.member(name);
  const { body: texts } = await client.call('GET', 'texts');
  const { version } = texts['privacy'] as unknown as { version: string };
  const consents = name === 'a-mute' ? [] : [{ purpose: 'promotion', channel: 'wechat', version }];
  const personal = { purpose: 'personalisation', channel: 'all', version };
  const age = name === 'a-kid' ? '14to17' : 'adult';
  await good(client.call('POST', 'join', { privacyVersion: version, age, consents: [...consents, personal] }));
  if (name === 'a-idle') return;
  const customer = { openid: `${name}-mini` };
  const at = new Date(shop.now().getTime() - 86_400_000).toISOString();
  const { status } = await shop.system.post('/events', {
    ...{ source: 'shop', eventId: `view-${name}`, type: 'view', at, customer },
    product: { sku: 'tea-1', category: '茶饮' },
  });
  expect(status).toBe(200);
}

/** Each once, in their order. */
async function namesOf(done: RehearsalRecord, outcome: string): Promise<string[]> {
  const ids = new Map<string, string>();
  for (const name of names) ids.set(String((await shop.personAt(`${name}-mini`)).customerIds[0]), name);
  const found = done.items.filter((one) => one.outcome === outcome).map(({ customerId }) => ids.get(customerId) ?? '');
  return [...new Set(found)].sort();
}

beforeAll(async () => {
  shop = await openOrderShop();
  // Everybody is there, with what they agreed to, before the hour at which the clock speaks.
  await shop.advanceTo('08:00');
  mei = await shop.staff('marketer', 'mei');
  const rules = { title: '百元券', amountOff: 10_000, threshold: 0, validDays: 7, budget: 100 };
  couponId = String((await good<{ id: string }>(mei.call('POST', 'coupons', rules), 201)).id);
  for (const name of names) await member(name);
  await shop.report({
    ...{ source: 'shop', orderNo: 'O-1', customer: { openid: 'a-buyer-mini' }, status: 'paid', currency: 'CNY' },
    ...{ amount: 10_000, paid: 10_000, freight: 0, discount: 0, updatedAt: shop.now().toISOString() },
    ...{ placedAt: shop.now().toISOString(), paidAt: shop.now().toISOString() },
    items: [{ sku: 'tea-1', name: '茶', category: '茶饮', quantity: 1, price: 10_000 }],
  });
  await eventually(async () => {
    const found = await portraits()
      .find({ lastBehaviourAt: { $exists: true } })
      .lean();
    const bought = await portraits().countDocuments({ orders: 1 });
    return found.length >= names.length - 1 && bought === 1;
  });
}, 120_000);
afterAll(() => shop.stop());

describe('a rehearsal', () => {
  it('says who would have got it under a virtual clock, and why the others not; and sends nothing', async () => {
    const started = await mei.call('POST', 'strategies/rehearse', { code: 'active', strategy: body(), days: 1 });
    const id = String(started.body['id']);
    const done = await eventually(async () => {
      const { body: found } = await mei.call('GET', `strategies/rehearsals/${id}`);
      return String(found['state']) !== 'running' && (found as unknown as RehearsalRecord);
    });
    expect(done).toMatchObject({ state: 'done' });
    // Yesterday at ten nobody was a customer yet.
    expect(await namesOf(done, 'sent')).toEqual([]);
    expect(await shop.app.domain.models.flow.outbox.countDocuments({ 'strategy.code': 'active' })).toBe(0);
  });
});

describe('a strategy of the clock', () => {
  it('tells everybody it names once, with their voucher; the others have their reason', async () => {
    await put('active');
    await shop.advanceTo('10:01');
    await eventually(
      async () => (await shop.app.domain.models.flow.strategyRuns.countDocuments({ state: 'done' })) >= 1,
    );
    const outcomes = new Map<string, string[]>();
    for (const name of names)
      outcomes.set(
        name,
        (await rowsOf(name))
          .filter(({ strategy }) => strategy?.code === 'active')
          .map((row) => row.reason ?? row.state),
      );
    expect(Object.fromEntries(outcomes)).toEqual({
      ...Object.fromEntries(['a-1', 'a-2', 'a-3', 'a-4', 'a-5', 'a-6'].map((name) => [name, ['sent']])),
      'a-kid': ['person.minor'],
      'a-mute': ['consent.missing'],
      'a-idle': [],
      'a-buyer': [],
    });
    const person = await shop.personAt('a-1-mini');
    const vouchers = await shop.app.domain.membership.vouchers.usable(person.customerIds, {
      limit: 10,
      now: shop.now(),
    });
    expect(vouchers.map(({ title }) => title)).toEqual(['百元券']);
    const [row] = (await rowsOf('a-1')).filter(({ strategy }) => strategy?.code === 'active');
    expect(JSON.stringify(row?.variants)).toContain('送您一张 100 元券');
  });

  it('does not tell them again the next day', async () => {
    await shop.advanceTo('10:01');
    expect((await rowsOf('a-2')).filter(({ strategy }) => strategy?.code === 'active')).toHaveLength(1);
  });

  it('was in the rehearsal of the day as it then happened', async () => {
    const started = await mei.call('POST', 'strategies/rehearse', { code: 'active', strategy: body(), days: 2 });
    const id = String(started.body['id']);
    const done = await eventually(async () => {
      const { body: found } = await mei.call('GET', `strategies/rehearsals/${id}`);
      return String(found['state']) !== 'running' && (found as unknown as RehearsalRecord);
    });
    expect(await namesOf(done, 'sent')).toEqual(['a-1', 'a-2', 'a-3', 'a-4', 'a-5', 'a-6']);
    expect(done.outcomes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ outcome: 'skipped', reason: 'person.minor' }),
        expect.objectContaining({ outcome: 'skipped', reason: 'consent.missing' }),
      ]),
    );
  });

  it('stops at its budget, and leaves its hold-out alone', async () => {
    const actions = [{ code: 'send', args: { purpose: 'promotion', text: '新品到店', templates: [] } }];
    await put('few', { budget: { people: 2 }, priority: 5, actions });
    await put('none', { holdoutPercent: 50, priority: 4, actions });
    // The day after the last of the promotions the caps of a week allow.
    await shop.advance(8 * 86_400_000);
    await shop.advanceTo('10:01');
    const rows = await eventually(async () => {
      const found = await shop.app.domain.models.flow.outbox.find({ 'strategy.code': { $in: ['few', 'none'] } }).lean();
      return found.length >= 12 && found;
    });
    const reasons = (code: string) =>
      rows.filter(({ strategy }) => strategy?.code === code).map(({ reason, state }) => reason ?? state);
    expect(reasons('few').filter((reason) => reason === 'sent' || reason === 'pending')).toHaveLength(2);
    expect(reasons('few')).toContain('campaign.budgetUsed');
    expect(reasons('none')).toContain('campaign.heldOut');
    const heldOut = rows.filter(({ reason }) => reason === 'campaign.heldOut');
    expect(heldOut.every(({ state, voucherId }) => state === 'skipped' && voucherId === undefined)).toBe(true);
  });

  it('says nothing more once it is switched off, also what it had waiting for the morning', async () => {
    const late = {
      trigger: { code: 'active-no-order', args: { ...body().trigger.args, at: '21:30' } },
      actions: [{ code: 'send', args: { purpose: 'promotion', text: '晚安上新', templates: [] } }],
    };
    await put('late', late);
    await shop.advance(8 * 86_400_000);
    await shop.advanceTo('21:31');
    const rowsOfLate = () => shop.app.domain.models.flow.outbox.find({ 'strategy.code': 'late' }).lean();
    await eventually(async () => (await rowsOfLate()).some(({ reason }) => reason === 'contact.quietHours'));
    await put('late', { ...late, enabled: false });
    await shop.advanceTo('09:05');
    const held = await eventually(async () => {
      const rows = await rowsOfLate();
      return rows.every(({ state }) => state !== 'held' && state !== 'pending') && rows;
    });
    expect(held.filter(({ reason }) => reason === 'strategy.off').length).toBeGreaterThan(0);
    expect(held.filter(({ state }) => state === 'sent')).toEqual([]);
  });
});
