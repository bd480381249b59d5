/** The judge, table by table: every purpose by every route under every permit, the order of refusals, and each reason with its explanation. */
import { describe, expect, it } from '@jest/globals';
import { purposes, routes } from '../../../src/contracts/index.js';
import type { Purpose, Route } from '../../../src/contracts/index.js';
import { contactReasons, holdKinds } from '../../../src/domain/contact/index.js';
import type { Asked, Standing, StandingPlace } from '../../../src/domain/contact/index.js';
import {
  ago,
  agreed,
  asked,
  day,
  hour,
  judge,
  mini,
  notice,
  now,
  official,
  openPlace,
  reasonOf,
  rules,
  saying,
  willing,
  word,
} from './judging.js';

const verdictBy = (purpose: Purpose, route: Route, change: Partial<Standing> = {}): string =>
  reasonOf(judge(saying(purpose, route), willing(change), asked()));
const at = (change: Partial<StandingPlace>): Partial<Standing> => ({ places: [openPlace(change)] });

describe('every purpose by every route', () => {
  const never = 'route.noVariant';
  const no = 'route.forbidden';
  const ok = (route: Route): string => `ok ${route}`;
  const table: Record<Route, Record<Purpose, string>> = {
    'passive-reply': { reply: never, contract: never, care: never, promotion: never },
    'customer-message': {
      reply: ok('customer-message'),
      contract: ok('customer-message'),
      care: ok('customer-message'),
      promotion: no,
    },
    template: { reply: no, contract: ok('template'), care: no, promotion: no },
    'subscription-notice': {
      reply: no,
      contract: ok('subscription-notice'),
      care: ok('subscription-notice'),
      promotion: ok('subscription-notice'),
    },
    'mass-send': { reply: no, contract: no, care: ok('mass-send'), promotion: ok('mass-send') },
    'member-inbox': {
      reply: ok('member-inbox'),
      contract: ok('member-inbox'),
      care: ok('member-inbox'),
      promotion: ok('member-inbox'),
    },
    wechaty: { reply: ok('wechaty'), contract: no, care: no, promotion: no },
  };
  it.each(routes)('%s, to somebody who agreed to everything', (route) => {
    expect(Object.fromEntries(purposes.map((purpose) => [purpose, verdictBy(purpose, route)]))).toEqual(table[route]);
  });

  const changes: Array<[string, Purpose, Route, Partial<Standing>, string]> = [
    [
      'care in chat only if they wrote in this window',
      'care',
      'customer-message',
      at({ wroteInWindow: false }),
      'route.notAsked',
    ],
    [
      'what is owed needs no such thing',
      'contract',
      'customer-message',
      at({ wroteInWindow: false }),
      'ok customer-message',
    ],
    ['nobody agreed: promotion in the mini-program', 'promotion', 'member-inbox', { consents: [] }, 'consent.missing'],
    [
      'agreed for SMS only',
      'promotion',
      'member-inbox',
      { consents: [word('promotion', true, { channel: 'sms' })] },
      'consent.missing',
    ],
    [
      'agreed for all channels',
      'promotion',
      'member-inbox',
      { consents: [word('promotion', true)] },
      'ok member-inbox',
    ],
    [
      'agreed to care is not agreed to promotion',
      'promotion',
      'member-inbox',
      { consents: [word('care', true)] },
      'consent.missing',
    ],
    ['nobody agreed: care in the mini-program', 'care', 'member-inbox', { consents: [] }, 'ok member-inbox'],
    ['followers need not have agreed to a mass send', 'promotion', 'mass-send', { consents: [] }, 'ok mass-send'],
    ['care as a mass send', 'care', 'mass-send', { consents: [] }, 'ok mass-send'],
    ['refused promotion', 'promotion', 'mass-send', { consents: [word('promotion', false)] }, 'consent.withdrawn'],
    [
      'refused care',
      'care',
      'mass-send',
      { consents: [word('care', false, { channel: 'wechat' })] },
      'consent.withdrawn',
    ],
    [
      'refused promotion, and this is care',
      'care',
      'mass-send',
      { consents: [word('promotion', false)] },
      'ok mass-send',
    ],
    [
      'refused SMS only',
      'promotion',
      'mass-send',
      { consents: [word('promotion', false, { channel: 'sms' })] },
      'ok mass-send',
    ],
    [
      'refused, then agreed again',
      'promotion',
      'mass-send',
      { consents: [word('promotion', false, { at: ago(day) }), word('promotion', true, { channel: 'wechat' })] },
      'ok mass-send',
    ],
    [
      'agreed, then refused',
      'promotion',
      'member-inbox',
      { consents: [...agreed, word('promotion', false)] },
      'consent.withdrawn',
    ],
    [
      'both at one moment',
      'promotion',
      'mass-send',
      { consents: [word('promotion', true), word('promotion', false, { channel: 'wechat' })] },
      'consent.withdrawn',
    ],
    [
      'the notice was granted for another template',
      'promotion',
      'subscription-notice',
      at({ granted: ['points'] }),
      'notice.notGranted',
    ],
    ['no notice was granted at all', 'contract', 'subscription-notice', at({ granted: [] }), 'notice.notGranted'],
    [
      'a granted notice needs no consent beside',
      'promotion',
      'subscription-notice',
      { consents: [] },
      'ok subscription-notice',
    ],
    [
      'four mass sends this month',
      'promotion',
      'mass-send',
      at({ spent: { 'mass-send': 'massSend.used' } }),
      'massSend.used',
    ],
    ['unfollowed', 'promotion', 'mass-send', at({ following: false }), 'person.unfollowed'],
    ['blocked', 'contract', 'template', at({ blocked: 'blocked' }), 'person.blocked'],
    ['frozen', 'contract', 'template', at({ blocked: 'frozen' }), 'person.frozen'],
    [
      'the window is closed',
      'contract',
      'customer-message',
      at({ spent: { 'customer-message': 'window.closed' } }),
      'window.closed',
    ],
    ['no address at all', 'contract', 'template', { places: [] }, 'person.noAddress'],
    ['the channel cannot', 'contract', 'template', at({ routes: ['customer-message'] }), 'route.noVariant'],
  ];
  it.each(changes)('%s: %s by %s', (_, purpose, route, change, expected) => {
    expect(verdictBy(purpose, route, change)).toBe(expected);
  });
});

describe('the way', () => {
  const two = (first: Partial<StandingPlace>, second: Partial<StandingPlace>): Standing =>
    willing({
      places: [
        openPlace({ address: official, routes: ['customer-message', 'template', 'mass-send'], ...first }),
        openPlace({ address: mini, routes: ['customer-message', 'subscription-notice', 'member-inbox'], ...second }),
      ],
    });

  it('goes by the order of routes, then of addresses', () => {
    expect(judge(saying('contract'), two({}, {}), asked())).toEqual({
      ok: true,
      address: official,
      route: 'customer-message',
    });
    const closed = { spent: { 'customer-message': 'window.closed' } } as const;
    expect(judge(saying('contract'), two(closed, {}), asked())).toMatchObject({
      address: mini,
      route: 'customer-message',
    });
    expect(judge(saying('contract'), two(closed, closed), asked())).toMatchObject({ route: 'subscription-notice' });
    expect(judge(saying('contract'), two(closed, { ...closed, granted: [] }), asked())).toMatchObject({
      route: 'template',
    });
    expect(judge(saying('promotion'), two({}, { granted: [] }), asked())).toMatchObject({
      address: mini,
      route: 'member-inbox',
    });
  });

  it('tells the reason of the way that came nearest', () => {
    const message = saying('promotion', 'mass-send', 'member-inbox');
    const gone = two({ following: false }, {});
    expect(judge(message, { ...gone, consents: [] }, asked())).toMatchObject({ reason: 'consent.missing' });
    expect(judge(saying('promotion', 'mass-send'), gone, asked())).toMatchObject({ reason: 'person.unfollowed' });
    const spent = two({ spent: { 'mass-send': 'massSend.used' } }, {});
    expect(judge(message, { ...spent, consents: [] }, asked())).toMatchObject({ reason: 'massSend.used' });
  });

  it('does not mistake a grant for another template, whatever else is open', () => {
    const message = { purpose: 'promotion' as const, variants: { 'subscription-notice': notice('other') } };
    expect(reasonOf(judge(message, willing(), asked()))).toBe('notice.notGranted');
    const text = {
      purpose: 'promotion' as const,
      variants: { 'subscription-notice': { type: 'text' as const, text: '' } },
    };
    expect(reasonOf(judge(text, willing(), asked()))).toBe('notice.notGranted');
  });
});

describe('the order of refusals', () => {
  const night = new Date('2026-12-13T23:00:00+08:00');
  /** Everything that can speak against a promotion at once, in the order in which it is told, each with what takes it away. */
  const layers: Array<[reason: string, without: (standing: Standing, how: Asked) => [Standing, Asked]]> = [
    ['promotion.stopped', (standing, how) => [standing, { ...how, stopped: false }]],
    ['person.minor', (standing, how) => [{ ...standing, minor: false }, how]],
    ['consent.withdrawn', (standing, how) => [{ ...standing, consents: agreed }, how]],
    ['person.unfollowed', (standing, how) => [{ ...standing, places: [openPlace()] }, how]],
    ['contact.capped', (standing, how) => [{ ...standing, promotions: [] }, how]],
    ['contact.hold.complaint', (standing, how) => [{ ...standing, holds: [] }, how]],
    ['contact.holiday', (standing, how) => [standing, { ...how, rules: { ...rules, holidays: [] } }]],
    [
      'contact.quietHours',
      (standing, how) => [standing, { ...how, rules: { ...how.rules, quietHours: { from: '00:00', to: '00:00' } } }],
    ],
    ['ok mass-send', (standing, how) => [standing, how]],
  ];
  it('is what is for ever before what passes', () => {
    let standing = willing({
      minor: true,
      consents: [word('promotion', false)],
      places: [openPlace({ following: false })],
      promotions: [ago(hour, night)],
      holds: [{ kind: 'complaint' }],
    });
    let how = asked({ now: night, stopped: true });
    for (const [reason, without] of layers) {
      expect(reasonOf(judge(saying('promotion', 'mass-send'), standing, how))).toBe(reason);
      [standing, how] = without(standing, how);
    }
  });

  it('lets what is owed and answers pass through all of it', () => {
    const worst = willing({
      minor: true,
      consents: [word('promotion', false), word('care', false)],
      promotions: [now, now, now],
      holds: holdKinds.map((kind) => ({ kind })),
    });
    const how = asked({ now: night, stopped: true });
    expect(judge(saying('reply'), worst, how).ok).toBe(true);
    expect(judge(saying('contract'), worst, how).ok).toBe(true);
  });

  it('binds care too, but for the caps, holidays and the switch of promotion', () => {
    const care = (change: Partial<Standing>, how: Partial<Asked> = {}): string =>
      reasonOf(judge(saying('care', 'member-inbox'), willing(change), asked(how)));
    expect(care({ minor: true })).toBe('person.minor');
    expect(care({ consents: [word('care', false)] })).toBe('consent.withdrawn');
    expect(care({ holds: [{ kind: 'refund' }] })).toBe('contact.hold.refund');
    expect(care({ holds: [{ kind: 'enquiry' }] })).toBe('ok member-inbox');
    expect(care({}, { now: night, rules: { ...rules, holidays: [] } })).toBe('contact.quietHours');
    expect(care({}, { now: new Date('2026-12-13T10:00:00+08:00') })).toBe('ok member-inbox');
    expect(care({ promotions: [now] }, { stopped: true })).toBe('ok member-inbox');
  });

  it('leaves care that the staff write to them, never promotion', () => {
    const minor = willing({ minor: true });
    expect(judge(saying('care', 'member-inbox'), minor, asked({ origin: 'staff' })).ok).toBe(true);
    expect(judge(saying('promotion', 'member-inbox'), minor, asked({ origin: 'staff' }))).toMatchObject({
      reason: 'person.minor',
    });
  });
});

describe('until when', () => {
  const promotion = saying('promotion', 'mass-send');
  const until = (change: Partial<Standing>, how: Partial<Asked> = {}): Date | undefined => {
    const verdict = judge(promotion, willing(change), asked(how));
    return !verdict.ok && verdict.outcome === 'held' ? verdict.until : undefined;
  };

  it('caps at the edges: exactly 24 hours, 7 and 30 days', () => {
    const capped = (...sends: number[]): boolean =>
      reasonOf(judge(promotion, willing({ promotions: sends.map((ms) => ago(ms)) }), asked())) === 'contact.capped';
    expect([capped(day - 1), capped(day), capped(day + 1), capped(-1)]).toEqual([true, false, false, true]);
    expect([capped(2 * day, 3 * day, 7 * day - 1), capped(2 * day, 3 * day, 7 * day)]).toEqual([true, false]);
    const eight = [8, 12, 16, 18, 20, 22, 26].map((days) => days * day);
    expect([capped(...eight, 30 * day - 1), capped(...eight, 30 * day)]).toEqual([true, false]);
    expect(judge(promotion, willing({ promotions: [ago(hour)] }), asked())).toMatchObject({ outcome: 'skipped' });
  });

  it('a hold ends when it says, the last of several counts, one without an end is asked about in six hours', () => {
    const inHours = (hours: number): Date => new Date(now.getTime() + hours * hour);
    expect(until({ holds: [{ kind: 'enquiry', until: inHours(1) }] })).toEqual(inHours(1));
    expect(until({ holds: [{ kind: 'staff', until: now }] })).toBeUndefined();
    expect(until({ holds: [{ kind: 'complaint' }] })).toEqual(inHours(6));
    expect(
      until({
        holds: [{ kind: 'complaint' }, { kind: 'refund', until: inHours(50) }, { kind: 'enquiry', until: inHours(1) }],
      }),
    ).toEqual(inHours(50));
  });

  it('quiet hours to nine, holidays to the midnight after the last of them, the switch to soon', () => {
    const tonight = new Date('2026-11-24T21:00:00+08:00');
    expect(until({}, { now: tonight })).toEqual(new Date('2026-11-25T09:00:00+08:00'));
    expect(until({}, { now: new Date('2026-11-24T20:59:59+08:00') })).toBeUndefined();
    const holidays = ['2026-12-13', '2026-12-14', '2026-12-31', '2027-01-01'];
    const on = (time: string): Date | undefined => until({}, { now: new Date(time), rules: { ...rules, holidays } });
    expect(on('2026-12-13T10:00:30+08:00')).toEqual(new Date('2026-12-15T00:00:00+08:00'));
    expect(on('2026-12-31T10:00:00+08:00')).toEqual(new Date('2027-01-02T00:00:00+08:00'));
    expect(on('2026-12-15T10:00:00+08:00')).toBeUndefined();
    expect(until({}, { stopped: true })!.getTime() - now.getTime()).toBeLessThanOrEqual(15 * 60_000);
  });
});

describe('the reasons', () => {
  it('are explained in both languages, on one line', () => {
    for (const titles of Object.values(contactReasons)) {
      for (const line of [titles['zh-CN'], titles.en]) expect(line).toMatch(/^[^\n]{4,90}$/u);
    }
  });
});
