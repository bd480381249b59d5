/**
 * What people of the sample shop do between their orders, what the staff noted of them, and who took their word back. Made from a seed of its
 * own and the moment of the first start. Writes nothing.
 */
import type { BehaviourInput } from '../../src/contracts/index.js';
import { goods } from './goods.js';
import type { PlannedMember } from './members.js';
import { SHOP_SOURCE, refOf } from './orders.js';
import type { PlannedCustomer } from './plan.js';
import { createRandom } from './random.js';
import type { Random } from './random.js';

export interface PlannedHabits {
  /** Place in the plan's customers. */
  customer: number;
  did: readonly BehaviourInput[];
  tags: readonly string[];
  fields: Readonly<Record<string, string | number>>;
  /** When they withdrew promotion in the mini-program. */
  withdrew?: Date;
}

/** The shop's own fields. */
export const customFields = [
  {
    key: 'store',
    title: { 'zh-CN': '常去门店', en: 'Store' },
    type: 'choice',
    options: ['武康路店', '愚园路店', '线上'],
  },
  { key: 'household', title: { 'zh-CN': '家里几口人', en: 'Household' }, type: 'number' },
] as const;

const SEED = 20_240_604;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const LOOKS_BACK_DAYS = 60;
const COMES_BY = 0.16;
const NOTED = 0.14;
const WITHDRAWS = 0.08;
const words = ['爱喝茶', '送礼', '新居', '有孩子', '养猫', '门店常客', '偏爱素色', '企业采购'] as const;
const types = ['view', 'view', 'view', 'favourite', 'cart.add', 'search'] as const;

/** Only of those of whom there is something to tell. */
export function planHabits(
  customers: readonly PlannedCustomer[],
  members: readonly PlannedMember[],
  filledAt: Date,
): PlannedHabits[] {
  const random = createRandom(SEED);
  const memberOf = new Map(members.map((member) => [member.customer, member]));
  return customers.flatMap((customer, index) => {
    const member = memberOf.get(index);
    const did = customer.unfollowedAt ? [] : didOf({ customer, index, now: filledAt.getTime() }, random);
    const isNoted = random.chance(NOTED) && !customer.unfollowedAt;
    const withdrew = member && random.chance(WITHDRAWS) ? withdrewAt(member, filledAt, random) : undefined;
    if (did.length === 0 && !isNoted && !withdrew) return [];
    return [
      {
        ...{ customer: index, did },
        tags: isNoted ? [...new Set([random.pick(words), random.pick(words)])] : [],
        fields: isNoted
          ? { store: random.pick(['武康路店', '愚园路店', '线上']), household: random.between(1, 5) }
          : ({} as Record<string, string | number>),
        ...(withdrew ? { withdrew } : {}),
      },
    ];
  });
}

interface Visitor {
  customer: PlannedCustomer;
  index: number;
  now: number;
}

/** A few visits, each some looks at goods a minute or two apart; none from before they came. */
function didOf({ customer, index, now }: Visitor, random: Random): BehaviourInput[] {
  if (!random.chance(COMES_BY)) return [];
  const visits = Array.from(
    { length: random.between(1, 3) },
    () => now - (0.1 + (LOOKS_BACK_DAYS - 1) * random.next() ** 1.3) * DAY_MS,
  );
  return visits
    .filter((at) => at > customer.followedAt.getTime())
    .flatMap((start, visit) =>
      Array.from({ length: random.between(1, 2) }, (_, look): BehaviourInput => {
        const { sku, category } = random.pick(goods);
        return {
          source: SHOP_SOURCE,
          eventId: `visit-${String(index)}-${String(visit)}-${String(look)}`,
          type: random.pick(types),
          at: new Date(start + look * 2 * MINUTE_MS),
          customer: refOf(customer),
          product: { sku, category },
        };
      }),
    );
}

const withdrewAt = ({ joinedAt }: PlannedMember, filledAt: Date, random: Random): Date =>
  new Date(joinedAt.getTime() + (0.2 + 0.7 * random.next()) * (filledAt.getTime() - joinedAt.getTime()));
