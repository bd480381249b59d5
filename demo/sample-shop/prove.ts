/** After the load: what lies in the database is the plan, and agrees with itself. Reads only. */
import type { App } from '../../src/app.js';
import { createConversationBulk } from '../../src/domain/conversations/index.js';
import { createCustomerBulk } from '../../src/domain/customers/index.js';
import type { CustomerRecord } from '../../src/domain/customers/index.js';
import type { Types } from 'mongoose';
import { models } from './load.js';
import type { PlannedMember } from './members.js';
import type { PlannedOrder } from './orders.js';
import type { ShopPlan } from './plan.js';

export interface WholePlan extends ShopPlan {
  orders: readonly PlannedOrder[];
  members: readonly PlannedMember[];
}

/** One sentence a problem; empty when all is well. */
export async function provePlan(app: App, plan: WholePlan): Promise<string[]> {
  const { customers, conversations, messages, identities } = models(app);
  const { commerce, membership, persons } = app.domain;
  const { orders } = app.domain.models.commerce;
  const talks = plan.customers.filter(({ lines }) => lines.length > 0);
  const counts: Array<[what: string, expected: number, found: number]> = [
    ['customers', plan.customers.length, await customers.countDocuments()],
    [
      'people who left',
      plan.customers.filter(({ unfollowedAt }) => unfollowedAt).length,
      await identities.countDocuments({ following: false }),
    ],
    ['conversations', talks.length, await conversations.countDocuments()],
    [
      'open conversations',
      talks.filter(({ status }) => status === 'open').length,
      await conversations.countDocuments({ status: 'open' }),
    ],
    ['orders', plan.orders.length, await orders.countDocuments()],
    ['members', plan.members.length, await customers.countDocuments({ 'joined.at': { $exists: true } })],
    [
      'vouchers',
      plan.members.reduce((sum, one) => sum + one.vouchers.length, 0),
      await app.domain.models.membership.vouchers.countDocuments(),
    ],
    ['messages', talks.reduce((sum, { lines }) => sum + lines.length, 0), await messages.countDocuments()],
  ];
  const differing = counts
    .filter(([, expected, found]) => expected !== found)
    .map(([what, expected, found]) => `${what}: ${String(found)} instead of ${String(expected)}`);
  const known = async (ids: readonly CustomerRecord['_id'][]): Promise<ReadonlySet<string>> => {
    const found = await customers.find({ _id: { $in: [...ids] } }, { _id: 1 }).lean();
    return new Set(found.map(({ _id }) => String(_id)));
  };
  const broken = [
    ...(await createCustomerBulk(app.domain.models.people).check()),
    ...(await persons.check()),
    ...(await commerce.check((ids) => figuresOf(app, ids))),
    ...(await membership.check()),
    ...(await createConversationBulk(models(app)).check(known)),
    ...(await portraitProblems(app)),
    ...(await campaignProblems(app)),
  ];
  return [...differing, ...broken];
}

async function figuresOf(app: App, ids: readonly Types.ObjectId[]) {
  const found = await app.domain.models.people.customers.find({ _id: { $in: [...ids] } }, { figures: 1 }).lean();
  return new Map(found.map(({ _id, figures }) => [String(_id), figures ?? {}]));
}

const SAMPLE = 200;

/** A portrait that is there is what would be put together of its person now. */
async function portraitProblems(app: App): Promise<string[]> {
  const { portraits } = app.domain.models.segments;
  const { customers } = models(app);
  const heads = await customers.countDocuments({ $expr: { $eq: ['$_id', '$personId'] } });
  const stored = await portraits.countDocuments();
  const counted = heads === stored ? [] : [`portraits: ${String(stored)} instead of ${String(heads)}`];
  const before = await portraits.find().sort({ _id: 1 }).limit(SAMPLE).lean();
  await app.domain.portraits.refresh(
    before.map(({ _id }) => _id),
    app.clock.now(),
  );
  const after = await portraits
    .find({ _id: { $in: before.map(({ _id }) => _id) } })
    .sort({ _id: 1 })
    .lean();
  const changed = before.filter((one, index) => told(one) !== told(after[index]));
  return [...counted, ...changed.map(({ _id }) => `the portrait ${String(_id)} is not what is known of its person`)];
}

const told = (portrait: unknown): string => JSON.stringify({ ...(portrait as object), builtAt: null });

/** Everybody of a broadcast that is over is counted in exactly one outcome. */
async function campaignProblems(app: App): Promise<string[]> {
  const { broadcasts, audience } = app.domain;
  const finished = await broadcasts.inState(['finished']);
  const problems = finished.length === 1 ? [] : [`finished broadcasts: ${String(finished.length)} instead of 1`];
  for (const { _id, name, audienceSize = 0 } of finished) {
    const counts = await audience.counts(_id);
    const people = counts.reduce((sum, one) => sum + one.people, 0);
    if (people !== audienceSize || audienceSize === 0)
      problems.push(`${name}: ${String(people)} outcomes for ${String(audienceSize)} people`);
    const open = counts.filter(({ state }) => state === 'waiting' || state === 'queued');
    if (open.length > 0) problems.push(`${name} is finished, and ${JSON.stringify(open)} have no outcome`);
  }
  return problems;
}
