/** Fields about who the person is. */
import { ageBandOptions, genderOptions } from './profile-options.js';
import { compareNumbers, compareWords } from './comparisons.js';
import { choice, date, fieldOf, option, questionOf, set, text, type Plain } from './fields.js';
import { dayOf } from './days.js';
import { isMisfit } from './question.js';
import type { SegmentField } from './question.js';

const profile = (plain: Omit<Plain, 'group'>): Plain => ({ ...plain, group: 'profile' });

const gender = choice(profile({ code: 'gender', zh: '性别', en: 'Gender', options: genderOptions }));
const ageBand = choice(profile({ code: 'ageBand', zh: '年龄段', en: 'Age band', options: ageBandOptions }));

const months = Array.from({ length: 12 }, (_, i) => option(String(i + 1), `${i + 1}月`, `Month ${i + 1}`));
const monthAsNumber = (value: unknown): unknown => [value].flat().map((one) => (one === '' ? one : Number(one)));

/** Stored as a number, chosen from a list of words. */
const birthMonth: SegmentField = fieldOf(
  profile({ code: 'birthMonth', zh: '生日月份', en: 'Month of birth', options: months, indexed: true }),
  'choice',
  ['is', 'known'],
  (op, value, ctx) => {
    const fits = [value].flat().every((one) => months.some((month) => month.value === String(one)));
    if (op === 'is' && !fits) return { expected: 'one or more of 1 to 12' };
    return questionOf(compareNumbers(op, op === 'is' ? monthAsNumber(value) : value, ctx), ({ condition, holds }) => ({
      filter: { birthMonth: condition },
      holds: (portrait) => holds(portrait.birthMonth),
      seen: (portrait) => portrait.birthMonth ?? null,
    }));
  },
);

const LEAP_DAY = '02-29';
const KEPT_ON = '02-28';

/** MM-DD. In a year without one, the 29th of February is asked for as the 28th, on which it is then kept. */
const birthday: SegmentField = fieldOf(
  profile({ code: 'birthday', zh: '生日', en: 'Birthday', indexed: true }),
  'text',
  ['is', 'known'],
  (op, value, ctx) => {
    const wanted = op === 'is' ? [value].flat() : [];
    if (!wanted.every((one) => typeof one === 'string' && /^\d\d-\d\d$/.test(one))) return { expected: 'MM-DD' };
    const year = Number(dayOf(ctx.now, ctx.timeZone).slice(0, 4));
    const moved = wanted.includes(KEPT_ON) && !wanted.includes(LEAP_DAY) && !isLeap(year);
    const days = op === 'is' ? [...wanted, ...(moved ? [LEAP_DAY] : [])] : value;
    const compared = compareWords(op, days, ctx);
    return isMisfit(compared)
      ? compared
      : {
          filter: { birthday: compared.condition },
          holds: (portrait) => compared.holds(portrait.birthday),
          seen: (portrait) => portrait.birthday ?? null,
        };
  },
);

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const province = text(profile({ code: 'province', zh: '省份', en: 'Province' }));
const city = text(profile({ code: 'city', zh: '城市', en: 'City', indexed: true }));
const tags = set(profile({ code: 'tags', zh: '标签', en: 'Tags', indexed: true }));
const createdAt = date(profile({ code: 'createdAt', zh: '建档时间', en: 'First met', indexed: true, always: true }));

export const profileFields: readonly SegmentField[] = [
  ...[gender, ageBand, birthMonth, birthday, province, city, tags, createdAt],
];
