import { describe, expect, it } from '@jest/globals';
import { chaseTimes } from '../../src/flow/chase.js';

const rules = {
  firstAtShare: 1 / 3,
  lastMinutesBefore: 10,
  night: { from: '21:00', to: '09:00' },
  timeZone: 'Asia/Shanghai',
};
const at = (text: string): Date => new Date(`2026-11-22T${text}+08:00`);
const told = (placed: string, closes: string | Date) =>
  chaseTimes(at(placed), typeof closes === 'string' ? at(closes) : closes, rules).map(({ step, at: when }) => [
    step,
    when.toISOString(),
  ]);

describe('when an unpaid order is reminded of', () => {
  it('is at a third of its time and ten minutes before its end', () => {
    expect(told('10:00:00', '13:00:00')).toEqual([
      [1, at('11:00:00').toISOString()],
      [2, at('12:50:00').toISOString()],
    ]);
  });

  it('waits for the morning at night, and says one word where two would fall together', () => {
    const nextDay = new Date('2026-11-23T08:00:00+08:00');
    // Both moments lie in the night and the order closes before nine: nothing.
    expect(told('20:00:00', nextDay)).toEqual([]);
    const noon = new Date('2026-11-23T12:00:00+08:00');
    expect(told('20:00:00', noon)).toEqual([
      [1, new Date('2026-11-23T09:00:00+08:00').toISOString()],
      [2, new Date('2026-11-23T11:50:00+08:00').toISOString()],
    ]);
    const tenPastNine = new Date('2026-11-23T09:08:00+08:00');
    expect(told('20:00:00', tenPastNine)).toEqual([[2, new Date('2026-11-23T09:00:00+08:00').toISOString()]]);
  });

  it('is never after the order has closed, nor before it was placed', () => {
    expect(told('10:00:00', '10:05:00')).toEqual([[1, at('10:01:40').toISOString()]]);
    expect(told('10:00:00', '10:00:00')).toEqual([]);
  });
});
