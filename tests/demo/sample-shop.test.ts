import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../../simulator/main.js';
import type { Simulator } from '../../simulator/main.js';
import { makeAccounts } from '../../demo/account.js';
import { fillShop } from '../../demo/sample-shop/fill.js';
import { models } from '../../demo/sample-shop/load.js';
import { reportsOf } from '../../demo/sample-shop/lives.js';
import { phoneOf, planMembers } from '../../demo/sample-shop/members.js';
import { planOrders } from '../../demo/sample-shop/orders.js';
import { planShop } from '../../demo/sample-shop/plan.js';
import { provePlan } from '../../demo/sample-shop/prove.js';
import type { WholePlan } from '../../demo/sample-shop/prove.js';
import { createSimClient } from '../../demo/sim-client.js';
import type { ShopKey } from '../../demo/service.js';
import { openInProcess, registering } from '../../demo/stage.js';
import type { Backstage } from '../../demo/stage.js';
import { writeConfig } from '../../demo/config-file.js';
import type { App } from '../../src/app.js';
import { OrderInput } from '../../src/contracts/index.js';
import { orderProblems } from '../../src/domain/commerce/index.js';

const wholePlan = (filledAt: Date): WholePlan => {
  const plan = planShop(filledAt);
  return { ...plan, orders: planOrders(plan.customers, filledAt), members: planMembers(plan.customers, filledAt) };
};

const at = new Date('2026-06-01T04:00:00Z');
const hour = 3_600_000;

describe('the plan of the sample shop', () => {
  const plan = planShop(at);
  const talking = plan.customers.filter(({ lines }) => lines.length > 0);

  it('is the same for the same moment, and moves with it', () => {
    expect(planShop(at)).toEqual(plan);
    const later = planShop(new Date(at.getTime() + 24 * hour));
    expect(later.customers.map(({ openid }) => openid)).toEqual(plan.customers.map(({ openid }) => openid));
    expect(later.customers[0]?.followedAt.getTime()).toBe((plan.customers[0]?.followedAt.getTime() ?? 0) + 24 * hour);
  });

  it('has 2,000 people of two years, each with an openid of their own', () => {
    expect(plan.customers).toHaveLength(2000);
    expect(new Set(plan.customers.map(({ openid }) => openid)).size).toBe(2000);
    const days = plan.customers.map(({ followedAt }) => (at.getTime() - followedAt.getTime()) / 24 / hour);
    expect(Math.max(...days)).toBeGreaterThan(600);
    expect(Math.max(...days)).toBeLessThan(735);
    expect(Math.min(...days)).toBeGreaterThan(0);
  });

  it('has about 400 conversations: closed, served, waiting', () => {
    expect(talking.length).toBeGreaterThanOrEqual(390);
    const open = talking.filter(({ status }) => status === 'open');
    const served = open.filter(({ servedBy }) => servedBy !== undefined);
    expect(served.length).toBeGreaterThan(20);
    expect(open.length - served.length).toBeGreaterThan(8);
    expect(talking.length - open.length).toBeGreaterThan(300);
  });

  it('says nothing out of order, before people came, or in the future', () => {
    for (const { lines, followedAt } of talking) {
      const times = lines.map((line) => line.at.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(followedAt.getTime());
      expect(times.at(-1)).toBeLessThan(at.getTime());
    }
  });

  it('spends no more than WeChat allows: five messages after each of the customer’s', () => {
    for (const { lines } of talking) {
      let sent = 0;
      for (const { from } of lines) {
        if (from === 'customer') sent = 0;
        if (from === 'staff') sent += 1;
        expect(sent).toBeLessThanOrEqual(5);
      }
    }
  });

  it('keeps no text with an unfilled gap', () => {
    for (const { lines } of talking) for (const { text } of lines) expect(text).not.toMatch(/[{}]/);
  });
});

describe('the planned orders', () => {
  const { customers, orders, members } = wholePlan(at);
  const day = 24 * hour;

  it('are the same for the same moment: some 3,000 over two years, each with a number of its own', () => {
    expect(planOrders(customers, at)).toEqual(orders);
    expect(orders.length).toBeGreaterThan(2_700);
    expect(new Set(orders.map(({ input }) => input.orderNo)).size).toBe(orders.length);
    const ages = orders.map(({ input }) => (at.getTime() - input.placedAt.getTime()) / day);
    expect(Math.max(...ages)).toBeGreaterThan(600);
    expect(ages.filter((age) => age < 30).length).toBeGreaterThan(50);
  });

  it('are what the open API takes, none from before the customer came or from the future', () => {
    for (const { customer, input } of orders) {
      expect(OrderInput.safeParse(JSON.parse(JSON.stringify(input))).error).toBeUndefined();
      expect(orderProblems(input, at)).toEqual([]);
      expect(input.placedAt.getTime()).toBeGreaterThan((customers[customer]?.followedAt.getTime() ?? 0) - day);
      expect(input.updatedAt.getTime()).toBeLessThanOrEqual(at.getTime());
    }
  });

  it('hold every state a shop knows, refunds of a part and of all', () => {
    const states = new Set(orders.map(({ input }) => input.status));
    for (const state of ['pending', 'paid', 'dispatched', 'delivered', 'completed', 'closed', 'refunded'])
      expect(states).toContain(state);
    const partly = orders.filter(({ input }) => input.status !== 'refunded' && (input.refunds ?? []).length > 0);
    expect(partly.length).toBeGreaterThan(20);
  });

  it('come apart into reports in the order of their moments, the last of them the order itself', () => {
    for (const { input } of orders) {
      const reports = reportsOf(input);
      const times = reports.map(({ updatedAt }) => updatedAt.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(reports.at(-1)).toBe(input);
      for (const report of reports) expect(orderProblems(report, at)).toEqual([]);
    }
  });

  it('belong partly to members, who joined after they came and have a number of their own', () => {
    expect(members.length).toBeGreaterThan(400);
    for (const { customer, joinedAt, checkins, vouchers } of members) {
      expect(joinedAt.getTime()).toBeGreaterThan(customers[customer]?.followedAt.getTime() ?? Infinity);
      for (const moment of [...checkins, ...vouchers.map((one) => one.at)])
        expect(moment.getTime()).toBeGreaterThanOrEqual(joinedAt.getTime());
    }
    expect(new Set(customers.map(phoneOf)).size).toBe(customers.length);
  });
});

describe('the loaded shop', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'huike-shop-'));
  let simulator: Simulator;
  let backstage: Backstage;
  let app: App;
  let filledAt: Date;
  let key: ShopKey;

  beforeAll(async () => {
    simulator = await startSimulator();
    const accounts = makeAccounts();
    const files = { configFile: join(dataDir, 'huike.json'), dataDir, clockFile: join(dataDir, 'clock') };
    writeConfig(files.configFile, { publicUrl: 'http://localhost', apiBase: simulator.apiBase, accounts });
    const sim = createSimClient(simulator.controlUrl);
    const register = registering(sim, accounts);
    backstage = { dataDir, accounts, simulator, sim, register, openApp: () => openInProcess(files) };
    ({ filledAt, key } = await fillShop(backstage));
    app = await backstage.openApp();
  }, 300_000);

  afterAll(async () => {
    await app.close();
    await simulator.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('agrees with its plan and with itself', async () => {
    expect(await provePlan(app, wholePlan(filledAt))).toEqual([]);
  });

  it('is filled once', async () => {
    expect(await fillShop(backstage)).toEqual({ filledAt, key });
    expect(await models(app).customers.countDocuments()).toBe(2000);
  });

  it('answered nobody while it was loaded', async () => {
    expect(await app.database.connection.model('Outbox').countDocuments()).toBe(0);
    const senders = await app.domain.senders.list();
    expect(senders.map(({ sender }) => sender)).toEqual(['huike', 'huike', 'huike', 'huike']);
    const chases = await app.domain.models.flow.due.countDocuments({ kind: 'order.chase' });
    expect(chases).toBeGreaterThan(0);
    expect(await app.database.connection.model('Strategy').countDocuments({ enabled: true })).toBeGreaterThanOrEqual(5);
  });

  it('shows the people one plays as their stories tell: who is no member, who is silver, gold, soon no longer gold', async () => {
    const seen = async (name: string) => {
      const { openid } = planShop(filledAt).customers.find((one) => one.name === name) ?? { openid: '' };
      return app.ports.open.lookup(
        { customer: { openid } },
        { keyId: key.id, name: 'x', verifiesPhones: false, requestId: 'x' },
      );
    };
    expect(await seen('林可')).toMatchObject({ member: false, level: { code: 'member' }, points: { available: 0 } });
    expect((await seen('林可')).points.pending).toBeGreaterThan(0);
    expect(await seen('苏晴')).toMatchObject({ member: true, level: { code: 'silver' } });
    expect(await seen('老周')).toMatchObject({ member: true, level: { code: 'gold' } });
    const leaving = await seen('豆豆妈');
    expect(leaving.level.code).toBe('gold');
    expect(Date.parse(leaving.level.validUntil ?? '') - filledAt.getTime()).toBeLessThan(10 * 24 * hour);
    expect(leaving.level.growth).toBeLessThan(4_000);
  });

  it('shows open windows only to those who wrote within 48 hours', async () => {
    const open = await app.ports.inbox.list(
      { box: 'unassigned', limit: 100 },
      { staffId: '0'.repeat(24), name: 'x', role: 'agent', requestId: 'x' },
    );
    const now = app.clock.now().getTime();
    for (const { id } of open.items) {
      const conversation = await app.ports.inbox.get(id, {
        staffId: '0'.repeat(24),
        name: 'x',
        role: 'agent',
        requestId: 'x',
      });
      const wrote = now - new Date(conversation.waitingSince ?? conversation.lastMessageAt ?? 0).getTime() < 48 * hour;
      expect(conversation.window.open).toBe(wrote);
    }
  });

  it.each([
    [
      'an unread count that is off',
      'Conversation',
      { status: 'open' },
      { $inc: { unread: 1 } },
      /unread differs from a recount/,
    ],
    [
      'a customer that is gone',
      'Identity',
      { following: true },
      { $set: { customerId: '0'.repeat(24) } },
      /has no customer/,
    ],
    [
      'data of somebody who left',
      'Identity',
      { following: false },
      { $set: { scene: 'kept' } },
      /what the platform gave is still there/,
    ],
    [
      'an order whose money is not what was reported',
      'Order',
      { status: 'completed' },
      { $inc: { paid: 1 } },
      /counted differs from what was reported/,
    ],
    [
      'an account that its movements do not give',
      'PointsAccount',
      { available: { $gt: 0 } },
      { $inc: { available: 5 } },
      /says available/,
    ],
    ['a message too few', 'Message', { direction: 'in' }, 'delete', /messages: \d+ instead of \d+/],
  ] as const)('is seen broken: %s', async (_what, model, where, change, complaint) => {
    const collection = app.database.connection.model(model);
    const before = await collection.findOne(where).lean();
    if (!before) throw new Error('nothing to break');
    const { _id } = before as { _id: unknown };
    if (change === 'delete') await collection.deleteOne({ _id });
    else await collection.updateOne({ _id }, change);
    const problems = await provePlan(app, wholePlan(filledAt));
    await collection.replaceOne({ _id }, before, { upsert: true });
    expect(problems.join('\n')).toMatch(complaint);
  });

  it('agrees again once all of that is put back', async () => {
    expect(await provePlan(app, wholePlan(filledAt))).toEqual([]);
  });
});
