/**
 * A shop's people as portraits, for measuring: the same for the same seed, from a distribution like that of an online shop (half never
 * bought, most orders lie far back, a few buy often). Pure.
 */
import { Types } from 'mongoose';
import { rfmEights, rfmSegments } from '../src/domain/segments/index.js';
import type { PortraitRecord } from '../src/domain/segments/index.js';

const DAY_MS = 86_400_000;
const CITIES = 80;
const CATEGORIES = ['奶粉', '面膜', '零食', '纸尿裤', '洗护', '玩具', '营养品', '童装'];
const LEVELS = ['bronze', 'silver', 'gold', 'platinum'];
const KINDS = ['view', 'cart.add', 'search', 'favorite'];

type Random = () => number;

/** mulberry32: small, fast and the same everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
const whole = (random: Random, below: number): number => Math.floor(random() * below);
/** Few are large: the mean is `mean`. */
const tail = (random: Random, mean: number): number => -Math.log(1 - random()) * mean;
/** The first of n are met most (Zipf). */
const rank = (random: Random, n: number): number => Math.floor(n ** random()) - 1;
const some = (random: Random, chance: number): boolean => random() < chance;

const dayTexts = new Map<number, string>();

/** The day in Shanghai; the same thousand days are asked millions of times. */
function dayText(at: number): string {
  const day = Math.floor((at + 8 * 3_600_000) / DAY_MS);
  const known = dayTexts.get(day);
  if (known) return known;
  const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
  dayTexts.set(day, text);
  return text;
}

const idOf = (at: number, n: number): Types.ObjectId =>
  new Types.ObjectId(
    Math.floor(at / 1000)
      .toString(16)
      .padStart(8, '0') + n.toString(16).padStart(16, '0'),
  );

/** The n-th person, with what a portrait would hold as of `now`. */
export function personAt(n: number, random: Random, now: Date): PortraitRecord {
  const createdAt = now.getTime() - random() ** 1.3 * 1095 * DAY_MS;
  const _id = idOf(createdAt, n);
  return {
    ...{ _id, customerIds: [_id], builtAt: now, createdAt: new Date(createdAt), name: `顾客${n}`, fields: [] },
    ...profileOf(random),
    ...memberOf(random, createdAt, now),
    ...purchasesOf(random, createdAt, now),
    ...behaviourOf(random, createdAt, now),
    lists: some(random, 0.05) ? [whole(random, 40).toString(16).padStart(24, '0')] : [],
    channels: some(random, 0.7) ? ['official-account'] : [],
    consents: some(random, 0.6) ? ['promotion.wechat', 'care.wechat'] : [],
    refusals: some(random, 0.04) ? ['promotion'] : [],
    personalised: !some(random, 0.03),
  };
}

function profileOf(random: Random) {
  const month = 1 + whole(random, 12);
  const birthday = `${String(month).padStart(2, '0')}-${String(1 + whole(random, 28)).padStart(2, '0')}`;
  const city = rank(random, CITIES);
  return {
    minor: false,
    ...(some(random, 0.7) ? { gender: some(random, 0.72) ? 'female' : 'male', ageBand: 'adult' as const } : {}),
    ...(some(random, 0.35) ? { birthMonth: month, birthday } : {}),
    ...(some(random, 0.8) ? { city: `城市${city}`, province: `省份${city % 30}` } : {}),
    tags: Array.from({ length: whole(random, 4) }, () => `标签${rank(random, 60)}`),
  };
}

function memberOf(random: Random, createdAt: number, now: Date) {
  const growth = Math.floor(tail(random, 800));
  if (!some(random, 0.6)) return { points: 0, growth: 0, coupons: [] };
  const joined = createdAt + random() * (now.getTime() - createdAt);
  return {
    ...{ joinedAt: new Date(joined), points: Math.floor(tail(random, 300)), growth },
    ...{ level: LEVELS[Math.min(3, Math.floor(growth / 1200))] ?? 'bronze' },
    levelUntil: new Date(now.getTime() + random() * 365 * DAY_MS),
    coupons: some(random, 0.15) ? [whole(random, 30).toString(16).padStart(24, '0')] : [],
  };
}

function purchasesOf(random: Random, createdAt: number, now: Date) {
  const none = { orders: 0, spent: 0, items: 0, bought: [], categories: [], group: 'A' };
  if (some(random, 0.55)) return none;
  const orders = 1 + Math.floor(tail(random, 2.2));
  const span = now.getTime() - createdAt;
  const days = Array.from(
    { length: Math.min(orders, 8) },
    () => now.getTime() - Math.min(span, tail(random, 150 * DAY_MS)),
  );
  days.sort((a, b) => a - b);
  const bought = days.map((at) => ({
    d: dayText(at),
    n: 1,
    s: 2_000 + Math.floor(tail(random, 18_000)),
    c: [pick(random, CATEGORIES)],
  }));
  const spent = bought.reduce((sum, { s }) => sum + s, 0) * Math.ceil(orders / bought.length);
  const [first = createdAt, last = createdAt] = [days[0], days.at(-1)];
  const lasts = new Map(bought.map(({ c }, i) => [c[0] ?? '', days[i] ?? last]));
  return {
    ...{ orders, spent, items: orders * 2, average: Math.floor(spent / orders), bought },
    ...{ firstOrderAt: new Date(first), lastOrderAt: new Date(last), lastReceivedAt: new Date(last + 3 * DAY_MS) },
    categories: [...lasts].map(([c, at]) => ({ c, at: new Date(at), q: 1 })),
    scores: {
      ...{ r: 1 + whole(random, 5), f: Math.min(5, orders), m: 1 + whole(random, 5), code: '333', runId: 'bench' },
      ...{ segment: pick(random, rfmSegments).value, eight: pick(random, rfmEights).value },
    },
    group: pick(random, ['B', 'B', 'B', 'C', 'D', 'E']),
  };
}

function behaviourOf(random: Random, createdAt: number, now: Date) {
  const span = now.getTime() - createdAt;
  const seen = now.getTime() - Math.min(span, tail(random, 200 * DAY_MS));
  if (!some(random, 0.5)) return { lastSeenAt: new Date(seen), did: [] };
  const first = Math.max(createdAt, now.getTime() - 180 * DAY_MS);
  const last = Math.max(first, now.getTime() - tail(random, 45 * DAY_MS));
  const days = Array.from({ length: 1 + whole(random, 4) }, () => first + random() * (last - first));
  const did = [...days, last].map((at) => ({ t: pick(random, KINDS), d: dayText(at), n: 1 + whole(random, 4) }));
  return { lastSeenAt: new Date(Math.max(seen, last)), lastBehaviourAt: new Date(last), did };
}
