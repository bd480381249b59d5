import { describe, expect, it } from '@jest/globals';
import { follow } from '../../src/triggers/follow/index.js';
import { keyword } from '../../src/triggers/keyword/index.js';
import { outsideHours } from '../../src/triggers/outside-hours/index.js';
import { eventOf, facts } from '../helpers/facts.js';

const said = (text: unknown) => eventOf({ kind: 'message.received', at: new Date(0), data: { type: 'text', text } });
const followed = (scene: string | null) => eventOf({ kind: 'identity.followed', at: new Date(0), data: { scene } });

describe('follow', () => {
  it.each([
    [[], null, true],
    [[], 'door', true],
    [['door'], 'door', true],
    [['door'], 'parcel', false],
    [['door'], null, false],
  ])('scenes %j, came by %j: %s', (scenes, scene, expected) => {
    expect(follow.matches(followed(scene), facts(), { scenes })).toBe(expected);
  });
});

describe('keyword', () => {
  it.each([
    ['contains', '请问包邮吗', true],
    ['contains', '请问几天到', false],
    ['equals', '包邮', true],
    ['equals', ' 包邮 ', true],
    ['equals', '包邮吗', false],
  ] as const)('%s %s: %s', (match, text, expected) => {
    expect(keyword.matches(said(text), facts(), { keywords: ['包邮'], match })).toBe(expected);
  });

  it('takes full width, half width and case for the same', () => {
    expect(keyword.matches(said('ＶＩＰ怎么办'), facts(), { keywords: ['vip'], match: 'contains' })).toBe(true);
  });

  it('is silent while a person serves, and for what is no text', () => {
    const args = { keywords: ['包邮'], match: 'contains' as const };
    expect(keyword.matches(said('包邮'), facts({ assigneeId: 's1' }), args)).toBe(false);
    expect(keyword.matches(said(undefined), facts(), args)).toBe(false);
  });
});

describe('outside hours', () => {
  const args = {
    hours: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' }],
    repeatAfterHours: 8,
    strategyCode: 'closed',
  };

  it.each([
    [1, '08:59', true],
    [1, '09:00', false],
    [5, '17:59', false],
    [5, '18:00', true],
    [6, '12:00', true],
  ])('weekday %i at %s: %s', (weekday, time, expected) => {
    expect(outsideHours.matches(said('在吗'), facts({}, { weekday, time }), args)).toBe(expected);
  });

  it('understands a span over midnight, by the day on which it begins', () => {
    const night = { ...args, hours: [{ days: [6], from: '20:00', to: '02:00' }] };
    expect(outsideHours.matches(said('在吗'), facts({}, { weekday: 7, time: '01:59' }), night)).toBe(false);
    expect(outsideHours.matches(said('在吗'), facts({}, { weekday: 7, time: '02:00' }), night)).toBe(true);
    expect(outsideHours.matches(said('在吗'), facts({}, { weekday: 1, time: '01:00' }), night)).toBe(true);
  });

  it('repeats itself only after the while', () => {
    const { now } = facts();
    const ago = (hours: number) => facts({ lastAnswers: { closed: new Date(now.getTime() - hours * 3_600_000) } });
    expect(outsideHours.matches(said('在吗'), ago(7.9), args)).toBe(false);
    expect(outsideHours.matches(said('在吗'), ago(8), args)).toBe(true);
  });
});
