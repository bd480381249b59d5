/**
 * May this be sent to this person now, and by which way? The one place that answers, for the forecast, for a broadcast and at the moment of
 * sending. A table of gates for each purpose and a table of sieves for each way; pure, reads nothing and reserves nothing.
 */
import type { Address, LocalTime, Message, Origin, Purpose, Route } from '../../contracts/index.js';
import { allows } from '../customers/index.js';
import type { ConsentState } from '../customers/index.js';
import { isCapped } from './caps.js';
import type { Cap } from './caps.js';
import { endOfHoliday, endOfQuiet } from './quiet-hours.js';
import type { QuietHours } from './quiet-hours.js';
import type { ContactReason } from './reasons.js';
import { permitOf, routeOrder } from './routes.js';
import type { HoldKind, Standing, StandingPlace } from './standing.js';

/** `held` is asked again at `until`, not sent then. */
export type Verdict =
  | { ok: true; address: Address; route: Route }
  | { ok: false; outcome: 'skipped'; reason: ContactReason }
  | { ok: false; outcome: 'held'; reason: ContactReason; until: Date };
type Refusal = Exclude<Verdict, { ok: true }>;
type Way = Exclude<Verdict, { outcome: 'held' }>;

export interface ContactRules {
  caps: readonly Cap[];
  quietHours: QuietHours;
  /** Days without promotion, YYYY-MM-DD in the shop's zone. */
  holidays: readonly string[];
}

export interface Asked {
  now: Date;
  /** `now` in the shop's zone. */
  local: Pick<LocalTime, 'date' | 'time'>;
  rules: ContactRules;
  /** The switch for all promotion is off. */
  stopped: boolean;
  /** Who speaks. */
  origin: Origin;
}

export type Judged = Pick<Message, 'purpose' | 'variants'>;

interface Case {
  message: Judged;
  standing: Standing;
  asked: Asked;
}

const HOUR_MS = 3_600_000;
/** When a hold without an end, or the stopped switch, is asked about again. */
const HOLD_RECHECK_MS = 6 * HOUR_MS;
const STOP_RECHECK_MS = HOUR_MS / 6;

export const gateNames = ['stopped', 'minor', 'refused', 'way', 'cap', 'hold', 'holiday', 'quiet'] as const;
export type GateName = (typeof gateNames)[number];

/**
 * The gates of each purpose, in the order in which they are asked: what is for ever before what passes. An answer and what is owed are never
 * refused by consent, capped or held. Care sells nothing, so the caps and the switch for promotion do not count it.
 */
const gatesOf: Readonly<Record<Purpose, readonly GateName[]>> = {
  reply: ['way'],
  contract: ['way'],
  care: ['minor', 'refused', 'way', 'hold', 'quiet'],
  promotion: ['stopped', 'minor', 'refused', 'way', 'cap', 'hold', 'holiday', 'quiet'],
};

/** What a hold keeps back. Right after an enquiry care is welcome: it is why a customer message may carry it at all. */
const holdsBack: Readonly<Record<HoldKind, readonly Purpose[]>> = {
  enquiry: ['promotion'],
  refund: ['promotion', 'care'],
  complaint: ['promotion', 'care'],
  staff: ['promotion', 'care'],
};

/** Care that one of the staff writes themselves is their own affair; only the table of routes binds it. */
export const isGated = (purpose: Purpose, origin: Origin): boolean =>
  purpose === 'promotion' || (purpose === 'care' && origin === 'automation');

const skipped = (reason: ContactReason): Refusal => ({ ok: false, outcome: 'skipped', reason });
const held = (reason: ContactReason, until: Date): Refusal => ({ ok: false, outcome: 'held', reason, until });
const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

type Gate = (one: Case) => Refusal | undefined;

const gates: Readonly<Record<Exclude<GateName, 'way'>, Gate>> = {
  stopped: ({ asked: { stopped, now } }) =>
    stopped ? held('promotion.stopped', later(now, STOP_RECHECK_MS)) : undefined,
  minor: ({ standing }) => (standing.minor ? skipped('person.minor') : undefined),
  refused: ({ message, standing }) =>
    refuses(standing.consents, message.purpose) ? skipped('consent.withdrawn') : undefined,
  cap: ({ standing, asked: { now, rules } }) =>
    isCapped(standing.promotions, now, rules.caps) ? skipped('contact.capped') : undefined,
  hold: ({ message, standing, asked: { now } }) => heldBy(message.purpose, standing, now),
  holiday: ({ asked: { now, local, rules } }) => {
    const until = endOfHoliday(now, local, rules.holidays);
    return until && held('contact.holiday', until);
  },
  quiet: ({ asked: { now, local, rules } }) => {
    const until = endOfQuiet(now, local.time, rules.quietHours);
    return until && held('contact.quietHours', until);
  },
};

/** The newest word on this purpose, for WeChat or for everything, is a withdrawal; of two at one moment the withdrawal counts. */
export function refuses(consents: readonly ConsentState[], purpose: Purpose): boolean {
  if (purpose !== 'care' && purpose !== 'promotion') return false;
  const spoken = consents.some((one) => one.purpose === purpose && (one.channel === 'wechat' || one.channel === 'all'));
  return spoken && !allows(consents, purpose, 'wechat');
}

/** Of several holds the one that ends last. */
function heldBy(purpose: Purpose, { holds }: Standing, now: Date): Refusal | undefined {
  const ends = holds
    .filter(({ kind }) => holdsBack[kind].includes(purpose))
    .map(({ kind, until = later(now, HOLD_RECHECK_MS) }) => ({ kind, until }))
    .filter(({ until }) => until > now)
    .toSorted((a, b) => b.until.getTime() - a.until.getTime());
  const last = ends[0];
  return last && held(`contact.hold.${last.kind}`, last.until);
}

export const sieveNames = ['variant', 'reach', 'permit', 'left'] as const;
export type SieveName = (typeof sieveNames)[number];
type Sieve = (message: Judged, standing: Standing, place: StandingPlace, route: Route) => ContactReason | undefined;

/** Why a way is none, in the order in which it is asked. */
const sieves: Readonly<Record<SieveName, Sieve>> = {
  variant: ({ variants }, _, { routes }, route) =>
    variants[route] && routes.includes(route) ? undefined : 'route.noVariant',
  reach: (_, __, { following, blocked }) => {
    if (!following) return 'person.unfollowed';
    return blocked && `person.${blocked}`;
  },
  permit: ({ purpose, variants }, { consents }, place, route) => {
    switch (permitOf(purpose, route)) {
      case 'yes':
        return undefined;
      case 'no':
        return 'route.forbidden';
      case 'consent':
        return isAgreed(consents, purpose) ? undefined : 'consent.missing';
      case 'asked':
        if (route === 'subscription-notice') return isGranted(variants, place) ? undefined : 'notice.notGranted';
        return place.wroteInWindow ? undefined : 'route.notAsked';
    }
  },
  left: ({ variants }, _, place, route) => {
    if (route === 'subscription-notice' && !isGranted(variants, place)) return 'notice.notGranted';
    return place.spent[route];
  },
};

const isAgreed = (consents: readonly ConsentState[], purpose: Purpose): boolean =>
  (purpose === 'care' || purpose === 'promotion') && allows(consents, purpose, 'wechat');

/** A grant is good for the very template the person said yes to. */
function isGranted(variants: Message['variants'], { granted }: StandingPlace): boolean {
  const notice = variants['subscription-notice'];
  return notice?.type === 'notice' && granted.includes(notice.templateId);
}

/** When no way is left, the reason that came nearest to one is told: the further down, the nearer. */
const nearness: readonly ContactReason[] = [
  'route.noVariant',
  'person.unfollowed',
  'person.frozen',
  'person.blocked',
  'route.forbidden',
  'route.notAsked',
  'consent.missing',
  'notice.notGranted',
  'window.closed',
  'window.used',
  'window.keptForPeople',
  'massSend.used',
];

/** The passive reply answers inside the platform's own request and is never a way of its own. */
const waysTried = routeOrder.filter((route) => route !== 'passive-reply');

/** Routes in their order, on each the person's addresses in theirs. */
function wayFor(message: Judged, standing: Standing, asked: readonly SieveName[]): Way {
  const reasons: ContactReason[] = [];
  for (const route of waysTried) {
    for (const place of standing.places) {
      const reason = firstOf(asked, (name) => sieves[name](message, standing, place, route));
      if (!reason) return { ok: true, address: place.address, route };
      reasons.push(reason);
    }
  }
  const [nearest] = reasons.toSorted((a, b) => nearness.indexOf(b) - nearness.indexOf(a));
  return { ok: false, outcome: 'skipped', reason: nearest ?? 'person.noAddress' };
}

export type Judge = (message: Judged, standing: Standing, asked: Asked) => Verdict;

/** `without`: gates and sieves left out, so that a check can show what each of them is for. */
export function createJudge(without: ReadonlyArray<GateName | SieveName> = []): Judge {
  const kept = sieveNames.filter((name) => !without.includes(name));
  return (message, standing, asked) => {
    const way = wayFor(message, standing, kept);
    const all = isGated(message.purpose, asked.origin) ? gatesOf[message.purpose] : (['way'] as const);
    const open = all.filter((name) => !without.includes(name));
    const refusal = firstOf(open, (name) =>
      name === 'way' ? undefinedIfOk(way) : gates[name]({ message, standing, asked }),
    );
    return refusal ?? way;
  };
}

export const judge: Judge = createJudge();

const undefinedIfOk = (way: Way): Refusal | undefined => (way.ok ? undefined : way);

function firstOf<T, R>(list: readonly T[], ask: (one: T) => R | undefined): R | undefined {
  for (const one of list) {
    const answer = ask(one);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
