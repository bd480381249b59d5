import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../../simulator/main.js';
import type { Simulator } from '../../simulator/main.js';
import { makeAccount } from '../../demo/account.js';
import { fillShop } from '../../demo/sample-shop/fill.js';
import { models } from '../../demo/sample-shop/load.js';
import { planShop } from '../../demo/sample-shop/plan.js';
import { provePlan } from '../../demo/sample-shop/prove.js';
import { createSimClient } from '../../demo/sim-client.js';
import { openInProcess } from '../../demo/stage.js';
import type { Backstage } from '../../demo/stage.js';
import { writeConfig } from '../../demo/config-file.js';
import type { App } from '../../src/app.js';

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

describe('the loaded shop', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'huike-shop-'));
  let simulator: Simulator;
  let backstage: Backstage;
  let app: App;
  let filledAt: Date;

  beforeAll(async () => {
    simulator = await startSimulator();
    const account = makeAccount();
    const files = { configFile: join(dataDir, 'huike.json'), dataDir, clockFile: join(dataDir, 'clock') };
    writeConfig(files.configFile, { publicUrl: 'http://localhost', apiBase: simulator.apiBase, account });
    const sim = createSimClient(simulator.controlUrl);
    backstage = { dataDir, account, simulator, sim, openApp: () => openInProcess(files) };
    ({ filledAt } = await fillShop(backstage));
    app = await backstage.openApp();
  }, 120_000);

  afterAll(async () => {
    await app.close();
    await simulator.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('agrees with its plan and with itself', async () => {
    expect(await provePlan(app, planShop(filledAt))).toEqual([]);
  });

  it('is filled once', async () => {
    expect(await fillShop(backstage)).toEqual({ filledAt });
    expect(await models(app).customers.countDocuments()).toBe(2000);
  });

  it('answered nobody while it was loaded', async () => {
    expect(await app.database.connection.model('Outbox').countDocuments()).toBe(0);
    expect(await app.database.connection.model('Strategy').countDocuments({ enabled: true })).toBeGreaterThanOrEqual(5);
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
    ['a message too few', 'Message', { direction: 'in' }, 'delete', /messages: \d+ instead of \d+/],
  ] as const)('is seen broken: %s', async (_what, model, where, change, complaint) => {
    const collection = app.database.connection.model(model);
    const before = await collection.findOne(where).lean();
    if (!before) throw new Error('nothing to break');
    const { _id } = before as { _id: unknown };
    if (change === 'delete') await collection.deleteOne({ _id });
    else await collection.updateOne({ _id }, change);
    const problems = await provePlan(app, planShop(filledAt));
    await collection.replaceOne({ _id }, before, { upsert: true });
    expect(problems.join('\n')).toMatch(complaint);
    expect(await provePlan(app, planShop(filledAt))).toEqual([]);
  });
});
