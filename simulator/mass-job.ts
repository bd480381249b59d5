/**
 * What becomes of a mass send after it was taken: the censors look at it, it reaches the people who are left, and the totals are pushed like
 * any other event, repeats included (docs/wechat.md 1.3, 1.5, 2.8). Who may get it at all is decided before, in mass.ts.
 */
import { giveBackMass } from './mass-quota.js';
import { push } from './push.js';
import type { Account, MassJob, Relation, World } from './state.js';
import { riskOf } from './text-check.js';

export interface MassWork {
  world: World;
  account: Account;
  job: MassJob;
  /** Who passed the filter, each with one of the month's four taken at `takenAt`. */
  people: readonly Relation[];
  takenAt: number;
  total: number;
  msgtype: string;
  content: unknown;
}

/** Runs a little later; a reset in between takes the job away. */
export async function runMass(work: MassWork): Promise<void> {
  const { world, job } = work;
  await new Promise((resolve) => setTimeout(resolve, world.options.massDelayMs));
  if (world.stopping.signal.aborted || world.massJobs.get(job.msgId) !== job) return;
  const label = typeof work.content === 'string' ? riskOf(work.content) : undefined;
  const reached = label === undefined ? deliver(work) : refuse(work);
  job.status = label === undefined ? 'SEND_SUCCESS' : 'SEND_FAIL';
  await pushTotals(work, { status: label === undefined ? 'send success' : `err(${String(label)})`, reached });
}

/** Whoever left or blocked the account meanwhile is an error, and keeps their four. Returns how many got it. */
function deliver({ world, account, people, takenAt, msgtype, content }: MassWork): number {
  let reached = 0;
  for (const relation of people) {
    if (relation.subscribed && !relation.blocked) {
      world.say(relation, { from: 'account', route: 'mass', msgtype, content });
      reached += 1;
    } else {
      giveBackMass(account, relation, takenAt);
    }
  }
  return reached;
}

function refuse({ account, people, takenAt }: MassWork): number {
  for (const relation of people) giveBackMass(account, relation, takenAt);
  return 0;
}

function pushTotals(work: MassWork, { status, reached }: { status: string; reached: number }): Promise<unknown> {
  const { world, account, job, people, total } = work;
  return push(world, account, {
    openid: account.originalId,
    fields: {
      MsgType: 'event',
      Event: 'MASSSENDJOBFINISH',
      MsgID: job.msgId,
      Status: status,
      TotalCount: total,
      FilterCount: people.length,
      SentCount: reached,
      ErrorCount: people.length - reached,
      CopyrightCheckResult: { Count: 0, ResultList: '', CheckState: 1 },
    },
  });
}
