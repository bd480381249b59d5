/** After the load: what lies in the database is the plan, and agrees with itself. Reads only. */
import type { App } from '../../src/app.js';
import { createConversationBulk } from '../../src/domain/conversations/index.js';
import { createCustomerBulk } from '../../src/domain/customers/index.js';
import type { CustomerRecord } from '../../src/domain/customers/index.js';
import { models } from './load.js';
import type { ShopPlan } from './plan.js';

/** One sentence a problem; empty when all is well. */
export async function provePlan(app: App, plan: ShopPlan): Promise<string[]> {
  const { customers, conversations, messages, identities } = models(app);
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
    ...(await createCustomerBulk(models(app)).check()),
    ...(await createConversationBulk(models(app)).check(known)),
  ];
  return [...differing, ...broken];
}
