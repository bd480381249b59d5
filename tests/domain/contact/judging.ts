/** Standings, messages and moments for the judge's tests: somebody who may get anything, to be changed one thing at a time. */
import { Types } from 'mongoose';
import type { ConsentState } from '../../../src/domain/customers/index.js';
import { routes } from '../../../src/contracts/index.js';
import type { Content, Message, Purpose, Route } from '../../../src/contracts/index.js';
import { createJudge } from '../../../src/domain/contact/index.js';
import type { Asked, ContactRules, Standing, StandingPlace, Verdict } from '../../../src/domain/contact/index.js';
import { localTime } from '../../../src/infra/clock.js';

export const hour = 3_600_000;
export const day = 24 * hour;
/** A Tuesday at 10:00 in Shanghai. */
export const now = new Date('2026-11-24T10:00:00+08:00');
export const ago = (ms: number, from = now): Date => new Date(from.getTime() - ms);

export const rules: ContactRules = {
  caps: [
    { days: 1, most: 1 },
    { days: 7, most: 3 },
    { days: 30, most: 8 },
  ],
  quietHours: { from: '21:00', to: '09:00' },
  holidays: ['2026-12-13'],
};

export function asked(change: Partial<Asked> = {}): Asked {
  const at = change.now ?? now;
  return { now: at, local: localTime(at, 'Asia/Shanghai'), rules, stopped: false, origin: 'automation', ...change };
}

export const official = { channel: 'official-account', account: 'main', user: 'o1' } as const;
export const mini = { channel: 'mini-program', account: 'mini', user: 'm1' } as const;

/** Everything can be sent there and everything is left. */
export const openPlace = (change: Partial<StandingPlace> = {}): StandingPlace => ({
  address: official,
  following: true,
  routes,
  wroteInWindow: true,
  granted: ['sale'],
  spent: {},
  ...change,
});

export const agreed: readonly ConsentState[] = [
  { purpose: 'promotion', channel: 'wechat', given: true, textVersion: 'v1', at: ago(40 * day) },
  { purpose: 'care', channel: 'wechat', given: true, textVersion: 'v1', at: ago(40 * day) },
];
export const word = (
  purpose: 'promotion' | 'care',
  given: boolean,
  more: Partial<ConsentState> = {},
): ConsentState => ({
  purpose,
  channel: 'all',
  given,
  textVersion: 'v1',
  at: ago(hour),
  ...more,
});

const one = new Types.ObjectId();
/** May get anything by any route. */
export const willing = (change: Partial<Standing> = {}): Standing => ({
  personId: String(one),
  customerIds: [one],
  minor: false,
  consents: agreed,
  promotions: [],
  holds: [],
  places: [openPlace()],
  ...change,
});

const text: Content = { type: 'text', text: '您好' };
export const notice = (templateId = 'sale'): Content => ({ type: 'notice', templateId, data: {} });
export const contentFor = (route: Route): Content => (route === 'subscription-notice' ? notice() : text);

export function saying(purpose: Purpose, ...by: readonly Route[]): Pick<Message, 'purpose' | 'variants'> {
  const named = by.length ? by : routes;
  return { purpose, variants: Object.fromEntries(named.map((route) => [route, contentFor(route)])) };
}

export const judge = createJudge();
export const reasonOf = (verdict: Verdict): string => (verdict.ok ? `ok ${verdict.route}` : verdict.reason);
