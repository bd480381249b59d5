/** Whole points of fen, and the ends of days and months in the shop's zone. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kept, portion, worth } from '../../../src/domain/membership/amounts.js';
import { dayBefore, endOfDayAfter, endOfMonthAfter } from '../../../src/domain/membership/calendar.js';
import { wanted } from '../../../src/domain/membership/settlement.js';
import { CODE_ALPHABET, codeEnd, newCode, tidyCode } from '../../../src/domain/membership/codes.js';

describe('what an order is worth', () => {
  it.each([
    [50_000, 1, 100, 500],
    [9_999, 1, 100, 99],
    [9_999, 1, 110, 109],
    [100, 0.1, 100, 0],
    [1_000, 0.1, 100, 1],
    [2_900, 0.29, 100, 8],
    [10_000_000_000, 100, 1000, 100_000_000_000],
    [0, 1, 100, 0],
  ])('%d fen at %d a yuan and %d per cent are %d', (fen, perYuan, percent, points) => {
    expect(worth(fen, perYuan, percent)).toBe(points);
  });

  it('keeps nothing of a whole refund and everything of none, and never grows with a refund', () => {
    const amount = fc.integer({ min: 0, max: 1_000_000_000_000 });
    const whole = fc.integer({ min: 1, max: 10_000_000_000 });
    fc.assert(
      fc.property(amount, whole, fc.double({ min: 0, max: 1, noNaN: true }), (points, fen, share) => {
        const part = Math.floor(fen * share);
        expect(kept(points, { part: fen, whole: fen })).toBe(0);
        expect(kept(points, { part: 0, whole: fen })).toBe(points);
        expect(kept(points, { part, whole: fen })).toBeLessThanOrEqual(points);
        expect(portion(points, { part, whole: fen }) + kept(points, { part, whole: fen })).toBeGreaterThanOrEqual(
          points - 1,
        );
      }),
    );
  });
});

describe('an order of the past', () => {
  it('earns nothing, where the same order reported by the shop does', () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const order = {
      id: 'a',
      source: 's',
      orderNo: '1',
      customerId: 'c',
      placedAt: at,
      paidAt: at,
      cash: 10_000,
      refunds: [],
    };
    expect(wanted(order, { perYuan: 1, percent: 100 })).toBe(100);
    expect(wanted({ ...order, history: true }, { perYuan: 1, percent: 100 })).toBe(0);
  });
});

describe('the calendar', () => {
  const month = (at: string, months: number, zone = 'Asia/Shanghai') =>
    endOfMonthAfter(new Date(at), months, zone).toISOString();

  it.each([
    ['2025-01-10T04:00:00Z', 12, '2026-01-31T15:59:59.999Z'],
    ['2025-01-31T15:59:59Z', 1, '2025-02-28T15:59:59.999Z'],
    ['2025-01-31T16:00:00Z', 1, '2025-03-31T15:59:59.999Z'],
    ['2024-02-29T04:00:00Z', 12, '2025-02-28T15:59:59.999Z'],
    ['2025-12-31T04:00:00Z', 2, '2026-02-28T15:59:59.999Z'],
  ])('from %s, %d months', (at, months, end) => {
    expect(month(at, months)).toBe(end);
  });

  it('ends a month where summer time began or ended in it', () => {
    expect(month('2025-02-10T12:00:00Z', 1, 'Europe/Berlin')).toBe('2025-03-31T21:59:59.999Z');
    expect(month('2025-09-10T12:00:00Z', 1, 'Europe/Berlin')).toBe('2025-10-31T22:59:59.999Z');
  });

  it('ends days', () => {
    const end = (at: string, days: number) => endOfDayAfter(new Date(at), days, 'Asia/Shanghai').toISOString();
    expect(end('2025-03-01T15:59:59Z', 7)).toBe('2025-03-08T15:59:59.999Z');
    expect(end('2025-03-01T16:00:00Z', 7)).toBe('2025-03-09T15:59:59.999Z');
    expect(dayBefore('2025-03-01')).toBe('2025-02-28');
  });
});

describe('codes of vouchers', () => {
  it('have more than 80 bits, no signs that look alike, and are read as people type them', () => {
    const codes = new Set(Array.from({ length: 1_000 }, newCode));
    expect(codes.size).toBe(1_000);
    for (const code of codes) expect(code).toMatch(/^[2-9A-HJKMNP-Z]{18}$/);
    expect(Math.log2(CODE_ALPHABET.length) * 18).toBeGreaterThan(80);
    expect(tidyCode(' abcd-efgh 2345 ')).toBe('ABCDEFGH2345');
    expect(codeEnd('ABCDEFGH2345')).toBe('…2345');
  });
});
