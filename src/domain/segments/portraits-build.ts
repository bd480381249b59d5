/** What segments see of one person, from all that is known of them. Pure. */
import { consentChannels, consentPurposes } from '../../contracts/index.js';
import type { BehaviourCount, Purchase } from '../commerce/index.js';
import { ageBandOf, allows, consentStateOf, isMinor, personFields, personTags } from '../customers/index.js';
import type { ConsentState, CustomerRecord, IdentityRecord } from '../customers/index.js';
import { shiftDay } from './days.js';
import type { BehaviourDay, CategoryLast, PortraitRecord, PurchaseDay } from './portrait.js';
import type { Known, When } from './portraits-read.js';

/** How far back days are kept, today included. */
export const BEHAVIOUR_DAYS = 180;
export const PURCHASE_DAYS = 730;

export type DayOf = (at: Date) => string;

export function portraitOf(known: Known, when: When, dayOf: DayOf): PortraitRecord {
  const { personId, customers, purchases } = known;
  const consents = consentStateOf(known.consents.filter(({ at }) => !when.past || at <= when.at));
  const personalised = isPersonalised(consents, joinedAt(customers, when) !== undefined);
  const bought = purchasesOf(purchases, shiftDay(dayOf(when.at), 1 - PURCHASE_DAYS), dayOf);
  return {
    _id: personId,
    customerIds: customers.map(({ _id }) => _id),
    builtAt: when.at,
    ...profileOf(customers, when),
    tags: personTags(customers),
    fields: personFields(customers).map(({ k, v }) => ({ k, v })),
    lists: sorted(known.lists),
    ...membershipOf(known),
    coupons: couponsOf(known, when),
    ...bought,
    ...last('lastBehaviourAt', behaviourMoments(known, when)),
    did: behaviourOf(known.behaviour, dayOf(when.at), when),
    ...(personalised ? valueOf(known, bought.orders, when) : {}),
    channels: channelsOf(known.identities, when),
    consents: agreedTo(consents),
    refusals: refusalsOf(consents),
    personalised,
  };
}

type Profile = Pick<
  PortraitRecord,
  | 'name'
  | 'createdAt'
  | 'lastSeenAt'
  | 'joinedAt'
  | 'gender'
  | 'ageBand'
  | 'minor'
  | 'birthday'
  | 'birthMonth'
  | 'province'
  | 'city'
>;

/** The remark is the staff's own and no name to be called by. */
function profileOf(customers: Known['customers'], when: When): Profile {
  const name = newest(customers, 'name') ?? customers.find(({ nickname }) => nickname)?.nickname;
  const joined = joinedAt(customers, when);
  const seen = customers.flatMap(({ lastSeenAt }) => (lastSeenAt && isKnown(lastSeenAt, when) ? [lastSeenAt] : []));
  const [gender, province, city] = [
    newest(customers, 'gender'),
    newest(customers, 'province'),
    newest(customers, 'city'),
  ];
  return {
    ...(name ? { name } : {}),
    createdAt: customers[0].createdAt,
    ...last('lastSeenAt', seen),
    ...(joined ? { joinedAt: joined } : {}),
    ...(gender ? { gender } : {}),
    ...ageOf(customers, when),
    ...(province ? { province } : {}),
    ...(city ? { city } : {}),
  };
}

/** A minor's birthday is not kept, and is not shown where it still is. */
function ageOf(
  customers: Known['customers'],
  { at }: When,
): Pick<Profile, 'ageBand' | 'minor' | 'birthday' | 'birthMonth'> {
  const birthday = newest(customers, 'birthday');
  const born = birthday ? ageBandOf(birthday, at) : undefined;
  const declared = customers.flatMap(({ age }) => age ?? []).sort((a, b) => b.at.getTime() - a.at.getTime())[0]?.band;
  const minor = isMinor(customers) || (born !== undefined && born !== 'adult');
  const band = declared ?? born;
  const day = birthday?.slice(-5);
  return {
    ...(band ? { ageBand: band } : {}),
    minor,
    ...(day && !minor ? { birthday: day, birthMonth: Number(day.slice(0, 2)) } : {}),
  };
}

type Word = 'name' | 'gender' | 'birthday' | 'province' | 'city';

/** The newest word on it over all records; of one moment that of the smaller id. */
function newest(customers: readonly CustomerRecord[], field: Word): string | undefined {
  let best: { value: string; at: number; id: string } | undefined;
  for (const { _id, profile } of customers) {
    const told = profile?.[field];
    if (!told) continue;
    const [at, id] = [told.at.getTime(), String(_id)];
    if (!best || at > best.at || (at === best.at && id < best.id)) best = { value: told.value, at, id };
  }
  return best?.value;
}

function joinedAt(customers: readonly CustomerRecord[], when: When): Date | undefined {
  const moments = customers.flatMap(({ joined }) => (joined && isKnown(joined.at, when) ? [joined.at] : []));
  return moments.sort((a, b) => a.getTime() - b.getTime())[0];
}

function membershipOf({ accounts }: Known): Pick<PortraitRecord, 'points' | 'growth' | 'level' | 'levelUntil'> {
  const total = (of: (account: Known['accounts'][number]) => number): number =>
    accounts.reduce((sum, account) => sum + of(account), 0);
  const levels = accounts.flatMap(({ level }) => level ?? []).sort((a, b) => b.at.getTime() - a.at.getTime());
  const [level] = levels;
  return {
    points: Math.max(
      0,
      total(({ available, debt }) => available - debt),
    ),
    growth: total(({ growth }) => growth),
    ...(level ? { level: level.code } : {}),
    ...(level?.validUntil ? { levelUntil: level.validUntil } : {}),
  };
}

function couponsOf({ vouchers }: Known, { at, past }: When): string[] {
  const usable = vouchers.filter(({ expiresAt, usedAt, revokedAt, state }) => {
    if (expiresAt < at) return false;
    if (!past) return state === 'granted';
    return !(usedAt && usedAt <= at) && !(revokedAt && revokedAt <= at);
  });
  return sorted(usable.map(({ couponId }) => String(couponId)));
}

type Bought = Pick<
  PortraitRecord,
  'orders' | 'spent' | 'items' | 'average' | 'firstOrderAt' | 'lastOrderAt' | 'lastReceivedAt' | 'bought' | 'categories'
>;

function purchasesOf(purchases: readonly Purchase[], from: string, dayOf: DayOf): Bought {
  const spent = purchases.reduce((sum, one) => sum + one.spent, 0);
  const moments = purchases.map(({ placedAt }) => placedAt);
  const first = moments.reduce<Date | undefined>((a, b) => (a && a <= b ? a : b), undefined);
  return {
    orders: purchases.length,
    spent,
    items: purchases.reduce((sum, one) => sum + one.items, 0),
    ...(purchases.length ? { average: Math.floor(spent / purchases.length) } : {}),
    ...(first ? { firstOrderAt: first } : {}),
    ...last('lastOrderAt', moments),
    ...last(
      'lastReceivedAt',
      purchases.flatMap(({ receivedAt }) => receivedAt ?? []),
    ),
    bought: purchaseDays(purchases, from, dayOf),
    categories: categoriesOf(purchases),
  };
}

function purchaseDays(purchases: readonly Purchase[], from: string, dayOf: DayOf): PurchaseDay[] {
  const days = new Map<string, { n: number; s: number; c: Set<string> }>();
  for (const { placedAt, spent, pieces } of purchases) {
    const d = dayOf(placedAt);
    if (d < from) continue;
    const day = days.get(d) ?? { n: 0, s: 0, c: new Set<string>() };
    day.n += 1;
    day.s += spent;
    for (const category of pieces.keys()) day.c.add(category);
    days.set(d, day);
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([d, { n, s, c }]) => ({ d, n, s, c: [...c].sort() }));
}

/** Of orders of one moment the pieces add up. */
function categoriesOf(purchases: readonly Purchase[]): CategoryLast[] {
  const latest = new Map<string, CategoryLast>();
  for (const { placedAt, pieces } of purchases) {
    for (const [c, q] of pieces) {
      const known = latest.get(c);
      if (!known || known.at < placedAt) latest.set(c, { c, at: placedAt, q });
      else if (known.at.getTime() === placedAt.getTime()) known.q += q;
    }
  }
  return [...latest.values()].sort((a, b) => (a.c < b.c ? -1 : 1));
}

function behaviourOf(counts: readonly BehaviourCount[], today: string, { past }: When): BehaviourDay[] {
  const from = shiftDay(today, 1 - BEHAVIOUR_DAYS);
  const days = new Map<string, BehaviourDay>();
  for (const { type: t, day: d, count } of counts) {
    if (d < from || (past && d > today)) continue;
    const key = `${d} ${t}`;
    const day = days.get(key);
    if (day) day.n += count;
    else days.set(key, { t, d, n: count });
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
}

function behaviourMoments({ customers, lastBehaviourAt }: Known, when: When): Date[] {
  const figures = customers.flatMap((one) => one.figures?.lastBehaviourAt ?? []);
  return [...figures.filter((at) => isKnown(at, when)), ...lastBehaviourAt];
}

/** Who has not bought is of group A whatever a run says; the others are what the latest run made them. */
function valueOf({ score }: Known, orders: number, when: When): Pick<PortraitRecord, 'scores' | 'group'> {
  if (orders === 0) return { group: 'A' };
  if (!score || !isKnown(score.at, when)) return {};
  const { r, f, m, code, segment, eight, runId, group } = score;
  return { scores: { r, f, m, code, segment, eight, runId }, group };
}

function channelsOf(identities: readonly IdentityRecord[], when: When): string[] {
  return sorted(identities.flatMap((one) => (isReachable(one, when) ? [one.address.channel] : [])));
}

/** Whether the platform let us through then is not kept; whether the person had left is. */
function isReachable(
  { following, blocked, followedAt, unfollowedAt, createdAt }: IdentityRecord,
  { at, past }: When,
): boolean {
  if (!past) return following && !blocked;
  if ((followedAt ?? createdAt) > at) return false;
  return following ? !blocked : unfollowedAt !== undefined && unfollowedAt > at;
}

function agreedTo(state: readonly ConsentState[]): string[] {
  const channels = consentChannels.filter((channel) => channel !== 'all');
  return consentPurposes.flatMap((purpose) =>
    channels.flatMap((channel) => (allows(state, purpose, channel) ? [`${purpose}.${channel}`] : [])),
  );
}

const refusalsOf = (state: readonly ConsentState[]): string[] =>
  consentPurposes.filter((purpose) => latestWord(state, purpose) === false);

/** Whoever joined was asked: without a word they did not agree. Whoever was never asked is not taken to have refused. */
function isPersonalised(state: readonly ConsentState[], joined: boolean): boolean {
  return latestWord(state, 'personalisation') ?? !joined;
}

/** On the purpose by whichever channel; of two at one moment the withdrawal. Undefined without a word. */
function latestWord(state: readonly ConsentState[], purpose: ConsentState['purpose']): boolean | undefined {
  const words = state.filter((one) => one.purpose === purpose);
  const moment = Math.max(...words.map(({ at }) => at.getTime()));
  const latest = words.filter(({ at }) => at.getTime() === moment);
  return latest.length === 0 ? undefined : latest.every(({ given }) => given);
}

const isKnown = (moment: Date, { at, past }: When): boolean => !past || moment <= at;

const sorted = (words: readonly string[]): string[] => [...new Set(words)].sort();

function last<Name extends string>(name: Name, moments: readonly Date[]): Partial<Record<Name, Date>> {
  const latest = moments.reduce<Date | undefined>((a, b) => (a && a >= b ? a : b), undefined);
  return latest ? ({ [name]: latest } as Partial<Record<Name, Date>>) : {};
}
