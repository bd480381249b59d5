/** The fields of a notice, held to the limits of their kinds: words are cut by characters, figures never, nothing becomes empty. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noticeValues } from '../../../src/channels/wechat/notice-values.js';

const one = (field: string, value: string): string | undefined => {
  const result = noticeValues({ [field]: value });
  return result.ok ? result.data[field]?.value : undefined;
};
const times = (text: string, n: number): string => text.repeat(n);

describe('words are cut', () => {
  it.each([
    ['thing1', times('好', 20), times('好', 20)],
    ['thing1', times('好', 21), `${times('好', 19)}…`],
    ['thing12', times('😀', 21), `${times('😀', 19)}…`],
    ['thing1', '  一件\n外套  两件  ', '一件 外套 两件'],
    ['character_string2', times('a', 33), times('a', 32)],
    ['letter3', times('a', 40), times('a', 32)],
    ['symbol4', '!!!!!!!', '!!!!!'],
    ['phone_number5', times('1', 18), times('1', 17)],
    ['car_number6', '粤A123456789', '粤A123456'],
    ['name7', times('张', 11), times('张', 10)],
    ['name7', times('a', 21), times('a', 20)],
    ['phrase8', '已经发货了呀', '已经发货了'],
  ])('%s: %s', (field, value, expected) => {
    expect(one(field, value)).toBe(expected);
  });
});

it.each([
  ['number1', times('9', 33)],
  ['amount2', '¥12345678901.00元'],
  ['time3', '2026年3月1日 10:00 至 2026年3月2日 10:00'],
  ['date4', '2026年3月1日'],
  ['const5', '这是模板里早就写好的一个很长很长很长很长的值'],
  ['constructor6', times('x', 40)],
])('%s is never cut: half a figure would be a lie', (field, value) => {
  expect(one(field, value)).toBe(value);
});

it.each(['', ' ', '\n\t', '　'])('nothing to say (%j) is named, not sent', (value) => {
  expect(noticeValues({ thing1: 'x', thing2: value, thing3: '' })).toEqual({ ok: false, field: 'thing2' });
});

it('no text becomes empty, too long or a broken character', () => {
  const fields = fc.constantFrom('thing1', 'phrase2', 'name3', 'symbol4', 'car_number5');
  const longest: Record<string, number> = { thing1: 20, phrase2: 5, name3: 20, symbol4: 5, car_number5: 8 };
  fc.assert(
    fc.property(fields, fc.string({ unit: 'grapheme', maxLength: 60 }), (field, value) => {
      const sent = one(field, value);
      if (sent === undefined) return expect(value.replace(/\s/gu, '')).toBe('');
      expect([...sent].length).toBeLessThanOrEqual(longest[field] ?? 0);
      expect(/\p{Surrogate}/u.test(sent)).toBe(false);
      expect(sent).not.toBe('');
    }),
  );
});
