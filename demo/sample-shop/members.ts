/**
 * Who of the planned customers joined: with which profile and consents, what the shop's older system gave them to begin with, and when they
 * check in. Made from a seed of its own. Writes nothing.
 */
import type { Profile } from '../../src/contracts/index.js';
import type { PlannedCustomer } from './plan.js';
import { createRandom } from './random.js';
import type { Random } from './random.js';
import { storyOf } from './stories.js';

export interface PlannedMember {
  /** Place in the plan's customers. */
  customer: number;
  joinedAt: Date;
  profile: Profile;
  consents: ReadonlyArray<'care' | 'promotion' | 'personalisation'>;
  /** Points brought along from the older system. */
  opening?: { points: number; at: Date };
  checkins: readonly Date[];
  /** Coupons given or taken, by name. */
  vouchers: ReadonlyArray<{ coupon: 'spring' | 'hundred' | 'welcome'; at: Date }>;
}

const SEED = 20_240_603;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const JOINS = 0.3;
const WELCOMED_DAYS = 80;
const purposes = ['care', 'promotion', 'personalisation'] as const;
const places = [
  ['上海市', '上海市'],
  ['浙江省', '杭州市'],
  ['江苏省', '苏州市'],
  ['广东省', '深圳市'],
  ['四川省', '成都市'],
  ['北京市', '北京市'],
  ['湖北省', '武汉市'],
] as const;

export function planMembers(customers: readonly PlannedCustomer[], filledAt: Date): PlannedMember[] {
  const random = createRandom(SEED);
  return customers.flatMap((customer, index) => {
    const story = storyOf(customer);
    const joins = story ? story.joinedDaysAgo !== undefined : random.chance(JOINS) && !customer.unfollowedAt;
    if (!joins) return [];
    const daysAgo = story?.joinedDaysAgo ?? joinedDaysAgo(customer, filledAt, random);
    return [
      memberOf({ customer, index, now: filledAt.getTime(), joinedAt: filledAt.getTime() - daysAgo * DAY_MS }, random),
    ];
  });
}

/** Some days after they came. */
function joinedDaysAgo({ followedAt }: PlannedCustomer, filledAt: Date, random: Random): number {
  const since = (filledAt.getTime() - followedAt.getTime()) / DAY_MS;
  return since * (0.3 + 0.69 * random.next());
}

interface Joiner {
  customer: PlannedCustomer;
  index: number;
  now: number;
  joinedAt: number;
}

function memberOf({ customer, index, now, joinedAt }: Joiner, random: Random): PlannedMember {
  const story = storyOf(customer);
  const opening = story ? story.opening : openingOf({ now, joinedAt }, random);
  const [province, city] = random.pick(places);
  const day = `${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
  const streak = story ? (story.checkins ?? 0) : random.chance(0.12) ? random.between(1, 6) : 0;
  const lately = joinedAt > now - WELCOMED_DAYS * DAY_MS;
  const vouchers = [
    ...(lately ? [{ coupon: 'welcome' as const, at: new Date(joinedAt) }] : []),
    ...(story ? (story.vouchers ?? []) : random.chance(0.1) ? (['spring'] as const) : []).map((coupon) => ({
      coupon,
      at: new Date(Math.max(joinedAt, now - random.between(2, 25) * DAY_MS)),
    })),
  ];
  return {
    customer: index,
    joinedAt: new Date(joinedAt),
    profile: {
      name: customer.nickname ?? customer.name,
      phone: phoneOf(customer),
      gender: random.chance(0.7) ? 'female' : 'male',
      birthday:
        customer.onPhone?.age === undefined ? day : `${new Date(now).getUTCFullYear() - customer.onPhone.age}-${day}`,
      province,
      city,
    },
    consents: purposes.filter(() => random.chance(0.6)),
    ...(opening
      ? { opening: { points: opening.points, at: new Date(Math.max(joinedAt, now - opening.daysAgo * DAY_MS)) } }
      : {}),
    checkins: daysBefore(now, streak, joinedAt),
    vouchers,
  };
}

function openingOf(
  { now, joinedAt }: { now: number; joinedAt: number },
  random: Random,
): { points: number; daysAgo: number } | undefined {
  const age = (now - joinedAt) / DAY_MS;
  if (age < 60 || !random.chance(0.5)) return undefined;
  return { points: random.between(2, 60) * 10, daysAgo: Math.min(age, 340) };
}

/** Yesterday and the days before it, in the morning, one after the other; none before they joined. */
function daysBefore(now: number, count: number, joinedAt: number): Date[] {
  const days = Array.from({ length: count }, (_, index) => now - (count - index) * DAY_MS - HOUR_MS);
  return days.filter((day) => day > joinedAt).map((day) => new Date(day));
}

const two = (number: number): string => String(number).padStart(2, '0');

/** An invented number, always the same for the same person. */
export function phoneOf({ openid }: Pick<PlannedCustomer, 'openid'>): string {
  let hash = 2_166_136_261;
  for (const letter of openid) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return `199${String(hash % 100_000_000).padStart(8, '0')}`;
}
