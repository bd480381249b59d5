/**
 * Fills the sample shop once per data folder: staff, codes, customers, conversations, credits, two years of orders, members, rules; then
 * proves that what lies there agrees with itself. A load that was cut off, or made by an older demo, is begun anew from an empty database.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { App } from '../../src/app.js';
import { CHANNEL } from '../account.js';
import { withSilentCallback } from '../people.js';
import { DemoProblem } from '../problem.js';
import type { Backstage } from '../stage.js';
import { makeCoupons, makeKey, openService } from '../service.js';
import type { Coupons, ShopKey } from '../service.js';
import type { Actor } from '../../src/http/ports.js';
import { offsetToTen } from '../clock.js';
import {
  loadHabits,
  planNext,
  portrayPeople,
  saveSegments,
  sendBroadcast,
  sumUp,
  takeOverStrategies,
} from './campaigns.js';
import { planHabits } from './habits.js';
import { loadCredits, loadGoods, loadPeople, loadScenes, loadStaff } from './load.js';
import { planMembers } from './members.js';
import { SHOP_SOURCE, planOrders } from './orders.js';
import type { PlannedOrder } from './orders.js';
import { planPast } from './past.js';
import { planShop } from './plan.js';
import { provePlan } from './prove.js';
import { rules } from './rules.js';

export interface Filled {
  /** Business time of the first start: everything in the shop is relative to it. */
  filledAt: Date;
  /** Of the shop's own system, for /open/v1. */
  key: ShopKey;
}

/** What this demo fills; a shop of another one is filled anew. */
const VERSION = 3;

interface Kept {
  version?: number;
  filledAt: string;
  key: ShopKey;
}

export async function fillShop(backstage: Backstage): Promise<Filled> {
  const file = join(backstage.dataDir, 'demo-shop.json');
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : undefined;
  if (kept?.version === VERSION) return { filledAt: new Date(kept.filledAt), key: kept.key };
  if (kept) console.error('  示例店铺由旧版本装入，重新装入 · The sample shop is an older demo’s; filling it anew');
  rmSync(join(backstage.dataDir, 'db'), { recursive: true, force: true });
  const filledAt = new Date((await backstage.sim.clock()).now);
  const key = await withSilentCallback(async (callbackUrl) => {
    await backstage.register({ official: callbackUrl, mini: callbackUrl });
    const app = await backstage.openApp();
    try {
      return await fill(app, backstage, filledAt);
    } finally {
      await app.close();
    }
  });
  const facts: Kept = { version: VERSION, filledAt: filledAt.toISOString(), key };
  writeFileSync(file, `${JSON.stringify(facts)}\n`, { mode: 0o600 });
  return { filledAt, key };
}

async function fill(app: App, { accounts, sim }: Backstage, filledAt: Date): Promise<ShopKey> {
  const plan = planShop(filledAt);
  const orders = planOrders(plan.customers, filledAt);
  const members = planMembers(plan.customers, filledAt);
  const habits = planHabits(plan.customers, members, filledAt);
  const bar = progressBar(plan.customers.length + orders.length);
  const step = (done: number): void => bar.increment(done);
  let key: ShopKey;
  try {
    const staff = await loadStaff(app);
    key = await makeKey(app, SHOP_SOURCE, staff.marketer.name);
    await loadScenes(app, plan, staff);
    await loadGoods(app, filledAt);
    const ids = await loadPeople(app, { plan, staff, channel: CHANNEL }, step);
    await loadCredits(app, plan, filledAt);
    const coupons = await makeCoupons(app, staff.marketer, new Date(filledAt.getTime() - A_YEAR_MS));
    const privacyVersion = app.config.memberTexts.privacy.version;
    const past = planPast(app, { orders, members, ids, coupons, privacyVersion, filledAt });
    bar.setTotal(plan.customers.length + past.size + habits.length);
    await past.load(step);
    await loadHabits(app, habits, { ids, by: staff.marketer }, step);
    await reportUnpaid(app, orders, key);
    // What became due meanwhile is done while nobody is told of it.
    await app.schedule.runAll();
    // Last: while they are not there, nothing that is loaded is answered.
    for (const [code, body] of Object.entries(rules)) await app.ports.strategies.put(code, body, staff.marketer);
    await openService(app, accounts, staff.marketer);
    await market(app, sim, { coupons, by: staff.marketer, filledAt });
  } finally {
    bar.stop();
  }
  const problems = await provePlan(app, { ...plan, orders, members });
  if (problems.length > 0) {
    throw new DemoProblem(`The sample shop does not agree with itself:\n  ${problems.slice(0, 10).join('\n  ')}`);
  }
  return key;
}

/** What was sent some days ago was sent then: business time goes there and comes back. */
async function market(
  app: App,
  sim: Backstage['sim'],
  { coupons, by, filledAt }: { coupons: Coupons; by: Actor; filledAt: Date },
): Promise<void> {
  await portrayPeople(app);
  await saveSegments(app, by);
  const { offsetMs } = await sim.clock();
  const then = offsetToTen(filledAt.getTime()) - SENT_DAYS_AGO * DAY_MS;
  await moveTo(app, sim, then);
  const sent = await sendBroadcast(app, by);
  await moveTo(app, sim, offsetMs);
  await sumUp(app, sent, by);
  await takeOverStrategies(app, by);
  await planNext(app, { sent, coupons }, by);
}

/** The app reads the clock's file a few times a second. */
async function moveTo(app: App, sim: Backstage['sim'], offsetMs: number): Promise<void> {
  const { offsetMs: before } = await sim.clock();
  await sim.advance(offsetMs - before);
  while (Math.abs(app.clock.now().getTime() - Date.now() - offsetMs) > 1000) {
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

const DAY_MS = 86_400_000;
const SENT_DAYS_AGO = 6;
const A_YEAR_MS = 365 * DAY_MS;

/** As the shop's system would: so the clock is asked to remind of them. */
async function reportUnpaid(app: App, orders: readonly PlannedOrder[], key: ShopKey): Promise<void> {
  const by = { keyId: key.id, name: SHOP_SOURCE, verifiesPhones: false, requestId: 'sample-shop' };
  for (const { input } of orders) if (input.status === 'pending') await app.ports.open.order(input, by);
}

function progressBar(total: number): SingleBar {
  const format =
    '  示例店铺 Sample shop  {bar} {percentage}% | {value}/{total} 顾客、订单与积分 customers, orders, points | {duration} s';
  const bar = new SingleBar({
    format,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1000,
    stream: process.stderr,
  });
  bar.start(total, 0);
  return bar;
}
