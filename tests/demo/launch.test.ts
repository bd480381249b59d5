/** The compiled demo as people start it: filled once as planned, everything on one port, a clean end, and no silence when a part dies. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logins } from '../../demo/logins.js';
import { fillShop } from '../../demo/sample-shop/fill.js';
import { models } from '../../demo/sample-shop/load.js';
import { planMembers } from '../../demo/sample-shop/members.js';
import { planOrders } from '../../demo/sample-shop/orders.js';
import { planShop } from '../../demo/sample-shop/plan.js';
import { provePlan } from '../../demo/sample-shop/prove.js';
import type { WholePlan } from '../../demo/sample-shop/prove.js';
import type { ShopKey } from '../../demo/service.js';
import { openInProcess } from '../../demo/stage.js';
import type { Backstage } from '../../demo/stage.js';
import type { App } from '../../src/app.js';
import { freePort } from '../helpers/processes.js';

interface Facts {
  addresses: Record<'landing' | 'phone' | 'miniProgram' | 'console' | 'docs', string>;
  control: string;
  accounts: Array<{ channel: string; appId: string }>;
  keys: Array<{ id: string; secret: string; source: string }>;
  logins: Array<{ account: string; password: string }>;
  pids: { demo: number; server: number; database: number };
}

interface Running {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

const folder = mkdtempSync(join(tmpdir(), 'huike-demo-'));
const dataDir = join(folder, 'data');
const factsFile = join(dataDir, 'demo.json');
const started: Running[] = [];
afterAll(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

// Of the 2,000 a user sees, enough for every invariant; the plan of all of them is tested in sample-shop.test.ts.
process.env['HUIKE_SAMPLE_CUSTOMERS'] = '700';

function start(args: readonly string[]): Running {
  const { NODE_OPTIONS: _jest, ...env } = process.env;
  const child = spawn(process.execPath, ['dist/demo/main.js', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const running = { child, output: () => text, ended: new Promise<number | null>((done) => child.once('exit', done)) };
  started.push(running);
  return running;
}

async function facts(running: Running): Promise<Facts> {
  while (!existsSync(factsFile) || !running.output().includes('Ctrl-C')) {
    if (running.child.exitCode !== null) throw new Error(running.output());
    await new Promise((resume) => setTimeout(resume, 50));
  }
  return JSON.parse(readFileSync(factsFile, 'utf8')) as Facts;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

let port = 0;

describe('npm run demo', () => {
  it('starts everything on one port and says where it is', async () => {
    port = await freePort();
    const running = start(['--data', dataDir, '--port', String(port)]);
    const { addresses, logins: told, pids, control, accounts, keys } = await facts(running);
    for (const address of Object.values(addresses)) {
      expect(address).toContain(`:${String(port)}/`);
      expect((await fetch(address)).status).toBe(200);
    }
    expect(running.output()).toContain(addresses.console);
    for (const { account, password } of told) expect(running.output()).toMatch(new RegExp(`${account} +${password}`));
    for (const pid of Object.values(pids)) expect(isAlive(pid)).toBe(true);
    const state = (await (await fetch(`${control}/state`)).json()) as { people: unknown[]; accounts: unknown[] };
    expect(accounts.map(({ channel }) => channel)).toEqual(['official-account', 'mini-program']);
    expect(state.accounts).toEqual(accounts.map(({ appId }) => expect.objectContaining({ appId })));
    for (const { id, secret } of keys) expect(running.output()).toContain(`${id}   密钥 Secret ${secret}`);
    expect(keys).toHaveLength(1);
    expect(state.people.length).toBeGreaterThan(8);
  }, 300_000);

  it('opens the mini-program in a browser, framed by nobody else', async () => {
    const page = await fetch(`http://localhost:${String(port)}/m/`);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    expect(await page.text()).toContain('/m/app.js');
    expect((await fetch(`http://localhost:${String(port)}/m/app.js`)).status).toBe(200);
    const people = await fetch(`http://localhost:${String(port)}/phone/wx/people?search=`);
    const { items } = (await people.json()) as { items: Array<{ name: string; hasPhone: boolean }> };
    expect(items.length).toBeGreaterThan(8);
    expect(items.every(({ hasPhone }) => hasPhone)).toBe(true);
  });

  it('lets every sample login in', async () => {
    for (const { account, password } of logins) {
      const response = await fetch(`http://localhost:${String(port)}/console/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account, password }),
      });
      expect([account, response.status]).toEqual([account, 200]);
    }
  });

  it('is not emptied, nor joined on its port, while it runs', async () => {
    const fresh = start(['--data', dataDir, '--fresh', '--port', String(await freePort())]);
    expect(await fresh.ended).toBe(1);
    expect(fresh.output()).toMatch(/is running \(process \d+\)\. Stop it first/);
    const second = start(['--data', join(folder, 'other'), '--port', String(port)]);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`Port ${String(port)} is in use by another program.`);
  }, 30_000);

  it('ends with 0 on SIGINT and leaves nothing running', async () => {
    const { pids } = JSON.parse(readFileSync(factsFile, 'utf8')) as Facts;
    const running = started[0];
    running?.child.kill('SIGINT');
    expect(await running?.ended).toBe(0);
    expect(existsSync(factsFile)).toBe(false);
    for (const pid of Object.values(pids)) expect(isAlive(pid)).toBe(false);
  }, 30_000);
});

describe('the shop that it filled', () => {
  const hour = 3_600_000;
  let app: App;
  let filledAt: Date;
  let key: ShopKey;

  beforeAll(async () => {
    const kept = JSON.parse(readFileSync(join(dataDir, 'demo-shop.json'), 'utf8')) as {
      filledAt: string;
      key: ShopKey;
    };
    filledAt = new Date(kept.filledAt);
    key = kept.key;
    const files = { configFile: join(dataDir, 'huike.json'), dataDir, clockFile: join(dataDir, 'clock') };
    app = await openInProcess(files);
  }, 60_000);
  afterAll(() => app.close());

  it('is filled once', async () => {
    // Whatever it would do but read, it would need more than the folder for.
    expect(await fillShop({ dataDir } as Backstage)).toEqual({ filledAt, key });
    expect(await models(app).customers.countDocuments()).toBe(700);
  });

  it('answered nobody while it was loaded, nor at the start', async () => {
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

  describe('broken in several places at once', () => {
    /** What is broken where, and the sentence that must name the very record. */
    const breaks: ReadonlyArray<
      [what: string, model: string, where: object, change: object | 'delete', complaint: (record: Broken) => string]
    > = [
      [
        'an unread count that is off',
        'Conversation',
        { status: 'open' },
        { $inc: { unread: 1 } },
        ({ _id }) => `conversation ${_id}: unread differs from a recount`,
      ],
      [
        'a customer that is gone',
        'Identity',
        { following: true },
        { $set: { customerId: '0'.repeat(24) } },
        ({ _id }) => `identity ${_id} has no customer`,
      ],
      [
        'data of somebody who left',
        'Identity',
        { following: false },
        { $set: { scene: 'kept' } },
        ({ _id }) => `identity ${_id} left, and what the platform gave is still there`,
      ],
      [
        'an order whose money is not what was reported',
        'Order',
        { status: 'completed' },
        { $inc: { paid: 1 } },
        ({ source, orderNo }) => `order ${source}/${orderNo}: counted differs from what was reported`,
      ],
      [
        'an account that its movements do not give',
        'PointsAccount',
        { available: { $gt: 0 } },
        { $inc: { available: 5 } },
        ({ _id, available }) =>
          `account ${_id} says available ${String(available + 5)}, and its postings ${String(available)}`,
      ],
      [
        'a message too few',
        'Message',
        { direction: 'in' },
        'delete',
        () => `messages: ${found(-1)} instead of ${found(0)}`,
      ],
    ];
    const before = new Map<string, Broken>();
    let messages = 0;
    let problems: string[] = [];
    const found = (more: number): string => String(messages + more);

    beforeAll(async () => {
      messages = await models(app).messages.countDocuments();
      for (const [what, model, where, change] of breaks) {
        const collection = app.database.connection.model(model);
        const record = await collection.findOne(where).lean<Broken>();
        if (!record) throw new Error(`nothing to break: ${what}`);
        before.set(what, record);
        const { _id } = record;
        if (change === 'delete') await collection.deleteOne({ _id });
        else await collection.updateOne({ _id }, change);
      }
      problems = await provePlan(app, wholePlan(filledAt));
    }, 120_000);

    it.each(breaks)('is seen with %s', (what, _model, _where, _change, complaint) => {
      const record = before.get(what);
      if (!record) throw new Error('nothing was broken');
      expect(problems).toContain(complaint(record));
    });

    it('agrees with its plan and with itself once all of that is put back', async () => {
      for (const [what, model] of breaks) {
        const record = before.get(what);
        await app.database.connection.model(model).replaceOne({ _id: record?._id }, record ?? {}, { upsert: true });
      }
      // The proof brought the portraits up to date with what was broken.
      const made = await app.domain.models.segments.portraits.find().sort({ _id: 1 }).limit(500).lean();
      await app.domain.portraits.refresh(
        made.flatMap(({ customerIds }) => customerIds),
        app.clock.now(),
      );
      expect(await provePlan(app, wholePlan(filledAt))).toEqual([]);
    }, 120_000);
  });
});

/** As much of a record as the sentences name. */
interface Broken {
  _id: string;
  source: string;
  orderNo: string;
  available: number;
}

function wholePlan(filledAt: Date): WholePlan {
  const plan = planShop(filledAt);
  return { ...plan, orders: planOrders(plan.customers, filledAt), members: planMembers(plan.customers, filledAt) };
}

describe('npm run demo once more', () => {
  it('is alive within 30 s at the second start, with what was there, and ends with 1 when the server dies', async () => {
    const begun = performance.now();
    const running = start(['--data', dataDir, '--port', String(port)]);
    const { pids } = await facts(running);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(running.output()).not.toContain('Sample shop');
    process.kill(pids.server, 'SIGKILL');
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/The server stopped by itself \(SIGKILL\)/);
  }, 60_000);

  it('empties only what is a demo’s folder', async () => {
    const foreign = mkdtempSync(join(folder, 'foreign-'));
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    const running = start(['--data', foreign, '--fresh', '--port', String(port)]);
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain("is not a demo's data folder");
    expect(readFileSync(join(foreign, 'thesis.txt'), 'utf8')).toBe('years of work');
  }, 30_000);
});
