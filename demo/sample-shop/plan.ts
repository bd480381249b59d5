/**
 * The sample shop as plain data: who came when and by which way, and what was said. Made from a fixed seed and the moment of the
 * first start alone, so that it can be made again whenever it is needed. Writes nothing.
 */
import { colleague, logins } from '../logins.js';
import { fullName, nickname, remark } from './names.js';
import { createRandom } from './random.js';
import type { Random } from './random.js';
import { scenes } from './scenes.js';
import { fill, goodbyes, products, scripts, waiting } from './talk.js';
import type { Speaker } from './talk.js';
import { vivid } from './vivid.js';
import type { Vivid } from './vivid.js';

export interface PlannedLine {
  at: Date;
  from: Speaker;
  text: string;
  /** Account of the staff member; none for the customer. */
  by?: string;
}

export interface PlannedCustomer {
  openid: string;
  unionid: string;
  /** What the phone shows. */
  name: string;
  nickname?: string;
  remark?: string;
  followedAt: Date;
  unfollowedAt?: Date;
  scene?: string;
  followUp: 'none' | 'serving' | 'waiting' | 'done';
  followUpNote?: string;
  lines: PlannedLine[];
  /** Only with lines. */
  status: 'open' | 'closed';
  /** Account of whoever serves now. */
  servedBy?: string;
  onPhone?: { age?: number };
}

export interface ShopPlan {
  customers: PlannedCustomer[];
}

const SEED = 20_240_601;
/** A smaller shop fills faster: its tests ask for one. */
const customersWanted = (): number => Number(process.env['HUIKE_SAMPLE_CUSTOMERS'] ?? 2_000);
const TALKING = 400;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TWO_YEARS_DAYS = 730;
const SHANGHAI_MS = 8 * 3_600_000;
const agents = [logins[0].account, colleague.account] as const;

/** Times are relative to `filledAt`; equal arguments give equal shops. */
export function planShop(filledAt: Date): ShopPlan {
  const random = createRandom(SEED);
  const now = filledAt.getTime();
  const known = vivid.map((person) => fromVivid(person, now, random));
  const others = Array.from({ length: customersWanted() - known.length }, (_, index) => {
    const customer = someone(index, now, random);
    const talks = index < TALKING - known.length;
    return talks ? withTalk(customer, index, now, random) : customer;
  });
  return { customers: [...known, ...others] };
}

function fromVivid(person: Vivid, now: number, random: Random): PlannedCustomer {
  const staff = person.servedBy ?? agents[0];
  const lines = person.lines.map(([minutesAgo, from, text]) => {
    const at = new Date(now - minutesAgo * MINUTE_MS);
    return from === 'customer' ? { at, from, text } : { at, from, text, by: staff };
  });
  const { openid, name, age, followUp } = person;
  return {
    openid,
    unionid: unionid(random),
    name,
    nickname: name,
    ...(person.remark ? { remark: person.remark } : {}),
    followedAt: new Date(now - person.followedDaysAgo * DAY_MS),
    ...(person.scene ? { scene: person.scene } : {}),
    followUp,
    ...(person.followUpNote ? { followUpNote: person.followUpNote } : {}),
    lines,
    status: person.closed || lines.length === 0 ? 'closed' : 'open',
    ...(person.servedBy ? { servedBy: person.servedBy } : {}),
    onPhone: { age },
  };
}

/** More people came lately than two years ago, at hours when shops are looked at. */
function someone(index: number, now: number, random: Random): PlannedCustomer {
  const daysAgo = 2 + TWO_YEARS_DAYS * random.next() ** 1.4;
  const followedAt = inDaytime(now - daysAgo * DAY_MS, random);
  const name = fullName(random);
  const left = random.chance(0.09);
  const leftAt = new Date(followedAt.getTime() + random.next() * (now - followedAt.getTime()));
  return {
    openid: `oQmu6t${letters(random, 16)}${String(index).padStart(6, '0')}`,
    unionid: unionid(random),
    name,
    // What the platform gave goes when a person leaves.
    ...(random.chance(0.72) && !left ? { nickname: nickname(random) } : {}),
    ...(random.chance(0.3) ? { remark: remark(random, name) } : {}),
    followedAt,
    ...(left ? { unfollowedAt: leftAt } : {}),
    ...(random.chance(0.42) && !left ? { scene: random.pick(scenes).scene } : {}),
    followUp: 'none',
    lines: [],
    status: 'closed',
  };
}

/** The first few talk now, the next were talked with lately, the rest over the two years. */
function withTalk(stranger: PlannedCustomer, index: number, now: number, random: Random): PlannedCustomer {
  const { unfollowedAt: _left, ...customer } = stranger;
  const base = { ...customer, lines: pastTalks(customer.followedAt.getTime(), now, random) };
  if (index < 18) return cameBefore({ ...onPhone(base), ...askingNow(index, base.lines, now, random) });
  if (index < 60) return cameBefore({ ...base, ...openFromBefore(index, base.lines, now, random) });
  if (base.lines.length > 0) return cameBefore({ ...base, followUp: random.chance(0.35) ? 'done' : 'none' });
  const lately = answered(oneTalk(inDaytime(now - 5 * DAY_MS, random).getTime(), random), random);
  return cameBefore({ ...base, lines: lately, followUp: 'done' });
}

/** The phone and the console call them the same, so that one finds them. */
function onPhone({ remark: _remark, ...customer }: PlannedCustomer): PlannedCustomer {
  const called = customer.nickname ?? customer.name;
  return { ...customer, name: called, nickname: called, onPhone: {} };
}

/** One to three talks between the day they came and three days ago, each of them finished. */
function pastTalks(cameAt: number, now: number, random: Random): PlannedLine[] {
  const span = now - cameAt;
  const starts = Array.from({ length: random.between(1, 3) }, () => cameAt + span * (0.02 + 0.9 * random.next()));
  const talks = starts
    .map((start) => answered(oneTalk(inDaytime(start, random).getTime(), random), random))
    .filter((talk) => timeOf(talk.at(-1)) < now - 3 * DAY_MS)
    .sort((a, b) => timeOf(a[0]) - timeOf(b[0]));
  return talks.filter((talk, index) => timeOf(talk[0]) > timeOf(talks[index - 1]?.at(-1))).flat();
}

const timeOf = (line: PlannedLine | undefined): number => line?.at.getTime() ?? -Infinity;

/** The staff have the last word of a finished talk, so that nobody waits in it. */
function answered(lines: PlannedLine[], random: Random): PlannedLine[] {
  const last = lines.findLast((line) => line.from !== 'note');
  const by = lines.findLast((line) => line.by !== undefined)?.by;
  if (last?.from !== 'customer' || by === undefined) return lines;
  const at = new Date(timeOf(lines.at(-1)) + random.between(1, 6) * MINUTE_MS);
  return [...lines, { at, from: 'staff', text: random.pick(goodbyes), by }];
}

/** Nobody writes before they follow. */
function cameBefore(customer: PlannedCustomer): PlannedCustomer {
  const first = customer.lines[0]?.at.getTime() ?? Infinity;
  const before = new Date(Math.min(customer.followedAt.getTime(), first - 3 * MINUTE_MS));
  return { ...customer, followedAt: before };
}

/** Wrote within the last hours: a third waits unassigned, the others are being served. */
function askingNow(
  index: number,
  past: PlannedLine[],
  now: number,
  random: Random,
): Pick<PlannedCustomer, 'lines' | 'status' | 'followUp'> & { servedBy?: string } {
  const at = now - random.between(20, 600) * MINUTE_MS;
  const by = agents[index % 2] ?? agents[0];
  if (index % 3 === 0) {
    const text = fill(random.pick(waiting), random, random.pick(products));
    return { lines: [...past, { at: new Date(at), from: 'customer', text }], status: 'open', followUp: 'none' };
  }
  const talk = oneTalk(at - 30 * MINUTE_MS, random, by).filter((line) => line.at.getTime() < now - MINUTE_MS);
  const shown = talk.slice(0, index % 3 === 1 ? 3 : 4);
  return { lines: [...past, ...shown], status: 'open', followUp: 'serving', servedBy: by };
}

/** Still open from days ago, the window closed since. */
function openFromBefore(
  index: number,
  past: PlannedLine[],
  now: number,
  random: Random,
): Pick<PlannedCustomer, 'lines' | 'status' | 'followUp' | 'followUpNote'> & { servedBy?: string } {
  const by = agents[index % 2] ?? agents[0];
  const start = inDaytime(now - random.between(3, 12) * DAY_MS, random).getTime();
  const talk = oneTalk(start, random, by).slice(0, random.between(2, 5));
  const lines = [...past.filter((line) => line.at.getTime() < start - DAY_MS), ...talk];
  if (index % 5 === 0) return { lines, status: 'open', followUp: 'none' };
  const note = random.pick(['等照片', '等开票资料', '等签收后回访', '等补货通知']);
  return { lines, status: 'open', followUp: 'waiting', followUpNote: note, servedBy: by };
}

function oneTalk(start: number, random: Random, by: string = random.pick(agents)): PlannedLine[] {
  const script = random.pick(scripts);
  const product = random.pick(products);
  let at = start;
  return script.lines.map(({ from, after, says }) => {
    at += random.between(after[0], after[1]) * MINUTE_MS + random.between(5, 55) * 1000;
    const line = { at: new Date(at), from, text: fill(random.pick(says), random, product) };
    return from === 'customer' ? line : { ...line, by };
  });
}

/** Between 9:00 and 21:59 in Shanghai of the same day. */
function inDaytime(ms: number, random: Random): Date {
  const midnight = Math.floor((ms + SHANGHAI_MS) / DAY_MS) * DAY_MS - SHANGHAI_MS;
  return new Date(midnight + (9 * 60 + random.between(0, 13 * 60 - 1)) * MINUTE_MS + random.between(0, 59) * 1000);
}

function letters(random: Random, length: number): string {
  const from = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  return Array.from({ length }, () => from[random.between(0, from.length - 1)] ?? 'x').join('');
}

const unionid = (random: Random): string => `oUn${letters(random, 25)}`;
