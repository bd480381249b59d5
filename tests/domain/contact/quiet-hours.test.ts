import { describe, expect, it } from '@jest/globals';
import { purposes } from '../../../src/contracts/index.js';
import { quietUntil } from '../../../src/domain/contact/index.js';

const night = { from: '21:00', to: '09:00' };
/** 2026-11-22 in Shanghai, eight hours ahead of UTC. */
const shanghai = (time: string): Date => new Date(`2026-11-22T${time}:30+08:00`);
const wait = (time: string, hours = night) => quietUntil('promotion', shanghai(time), time, hours);

describe('quiet hours', () => {
  it.each([
    ['20:59', undefined],
    ['21:00', '2026-11-23T09:00:00+08:00'],
    ['23:59', '2026-11-23T09:00:00+08:00'],
    ['00:00', '2026-11-22T09:00:00+08:00'],
    ['08:59', '2026-11-22T09:00:00+08:00'],
    ['09:00', undefined],
  ])('over midnight, at %s: until %s', (time, until) => {
    expect(wait(time)?.getTime()).toBe(until === undefined ? undefined : new Date(until).getTime());
  });

  it('within a day, and none when both ends are equal', () => {
    expect(wait('12:30', { from: '12:00', to: '14:00' })?.toISOString()).toBe('2026-11-22T06:00:00.000Z');
    expect(wait('14:00', { from: '12:00', to: '14:00' })).toBeUndefined();
    expect(wait('12:00', { from: '12:00', to: '12:00' })).toBeUndefined();
  });

  it('hold promotion only', () => {
    const held = purposes.filter((purpose) => quietUntil(purpose, shanghai('23:00'), '23:00', night));
    expect(held).toEqual(['promotion']);
  });
});
