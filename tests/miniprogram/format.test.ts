/** Numbers, money and times as the mini-program writes them. */
import { describe, expect, it } from '@jest/globals';
import * as format from '../../miniprogram/app/utils/format.js';

describe('what the mini-program writes', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('%s in thousands', (value, shown) => expect(format.thousands(value)).toBe(shown));

  it.each([
    [0, '0', '0.00'],
    [5, '0.05', '0.05'],
    [12300, '123', '123.00'],
    [100001, '1,000.01', '1,000.01'],
  ])('%s fen as money', (fen, short, full) => expect([format.yuan(fen), format.price(fen)]).toEqual([short, full]));

  it('signs movements, with a real minus', () =>
    expect([5, 0, -1200].map((value) => format.signed(value))).toEqual(['+5', '0', '−1,200']));

  it('groups codes without a gap at the end', () =>
    expect([format.grouped('ABCDEFGH'), format.grouped('123456123456123456', 6), format.grouped('')]).toEqual([
      'ABCD EFGH',
      '123456 123456 123456',
      '',
    ]));

  it('counts whole days, never below none', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    const left = ['2026-11-21T00:00:00Z', '2026-11-22T12:00:01Z', '2026-11-24T12:00:00Z'];
    expect(left.map((at) => format.daysUntil(at, now))).toEqual([0, 1, 2]);
  });

  it('keeps progress between none and all', () =>
    expect([
      format.percent(1280, 500, 2000),
      format.percent(100, 500, 2000),
      format.percent(9, 0, 5),
      format.percent(1, 5, 5),
    ]).toEqual([52, 0, 100, 100]));

  it('makes keys that the server takes and that differ', () => {
    const keys = Array.from({ length: 200 }, () => format.requestKey());
    expect(new Set(keys).size).toBe(200);
    expect(keys.every((key) => key.length >= 8 && key.length <= 64)).toBe(true);
  });
});
