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
  ];
  return [...differing, ...broken];
}

async function figuresOf(app: App, ids: readonly Types.ObjectId[]) {
  const found = await app.domain.models.people.customers.find({ _id: { $in: [...ids] } }, { figures: 1 }).lean();
  return new Map(found.map(({ _id, figures }) => [String(_id), figures ?? {}]));
}
