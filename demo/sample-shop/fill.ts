/**
 * Fills the sample shop once per data folder: staff, codes, customers, conversations, credits, rules; then proves that what lies there
 * agrees with itself. A load that was cut off is begun anew from an empty database.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { App } from '../../src/app.js';
import { CHANNEL } from '../account.js';
import { withSilentCallback } from '../people.js';
import { DemoProblem } from '../problem.js';
import type { Backstage } from '../stage.js';
import { loadCredits, loadPeople, loadScenes, loadStaff } from './load.js';
import { provePlan } from './prove.js';
import { planShop } from './plan.js';
import { rules } from './rules.js';

export interface Filled {
  /** Business time of the first start: everything in the shop is relative to it. */
  filledAt: Date;
}

export async function fillShop(backstage: Backstage): Promise<Filled> {
  const file = join(backstage.dataDir, 'demo-shop.json');
  if (existsSync(file)) {
    const { filledAt } = JSON.parse(readFileSync(file, 'utf8')) as { filledAt: string };
    return { filledAt: new Date(filledAt) };
  }
  rmSync(join(backstage.dataDir, 'db'), { recursive: true, force: true });
  const filledAt = new Date((await backstage.sim.clock()).now);
  await withSilentCallback(async (callbackUrl) => {
    await backstage.sim.registerAccount(backstage.account, callbackUrl);
    const app = await backstage.openApp();
    try {
      await fill(app, filledAt);
    } finally {
      await app.close();
    }
  });
  writeFileSync(file, `${JSON.stringify({ filledAt: filledAt.toISOString() })}\n`);
  return { filledAt };
}

async function fill(app: App, filledAt: Date): Promise<void> {
  const plan = planShop(filledAt);
  const bar = progressBar(plan.customers.length);
  try {
    const staff = await loadStaff(app);
    await loadScenes(app, plan, staff);
    await loadPeople(app, { plan, staff, channel: CHANNEL }, (done) => bar.update(done));
    await loadCredits(app, plan, filledAt);
    // Last: while they are not there, nothing that is loaded is answered.
    for (const [code, body] of Object.entries(rules)) await app.ports.strategies.put(code, body, staff.marketer);
  } finally {
    bar.stop();
  }
  const problems = await provePlan(app, plan);
  if (problems.length > 0) {
    throw new DemoProblem(`The sample shop does not agree with itself:\n  ${problems.slice(0, 10).join('\n  ')}`);
  }
}

function progressBar(total: number): SingleBar {
  const format = '  示例店铺 Sample shop  {bar} {percentage}% | {value}/{total} 顾客 customers | {duration} s';
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
