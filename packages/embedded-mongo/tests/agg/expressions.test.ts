import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { decode, encode } from '../../src/bson/codec.js';
import { typeName } from '../../src/bson/types.js';
import { compilePipeline } from '../../src/agg/pipeline.js';
import type { Doc } from '../../src/types.js';

const now = new Date('2024-05-05T05:05:05Z');
const typed = (doc: Doc): Doc => decode(encode(doc));
const dec = (text: string): Decimal128 => Decimal128.fromString(text);

function evaluate(expression: unknown, doc: Doc = {}): unknown {
  const { p } = typed({ p: [{ $replaceWith: { r: expression } }] }) as { p: Doc[] };
  const [result] = [...compilePipeline(p).run([typed(doc)], { now })] as Doc[];
  return result!.r;
}
const json = (value: unknown): unknown =>
  value === undefined ? 'missing' : (JSON.parse(JSON.stringify(value)) as unknown);

describe('expressions', () => {
  const doc = { n: 5, d: 2.5, s: 'Héllo', nil: null, arr: [3, 1, 2], objs: [{ k: 1 }, { k: 2 }, 7], o: { a: 1, b: 2 } };
  const cases: Array<[unknown, unknown]> = [
    [{ $add: ['$n', 1, '$d'] }, 8.5],
    [{ $add: ['$n', '$nil'] }, null],
    [{ $add: ['$n', '$missing'] }, null],
    [{ $subtract: ['$n', 7] }, -2],
    [{ $multiply: ['$n', '$n'] }, 25],
    [{ $divide: ['$n', 2] }, 2.5],
    [{ $mod: [-7, 3] }, -1],
    [{ $abs: -3 }, 3],
    [{ $ceil: 1.2 }, 2],
    [{ $floor: -1.2 }, -2],
    [{ $round: [2.5] }, 2],
    [{ $round: [2.345, 2] }, 2.34],
    [{ $round: [1234, -2] }, 1200],
    [{ $trunc: [-1.9] }, -1],
    [{ $sqrt: 9 }, 3],
    [{ $pow: [2, 10] }, 1024],
    [{ $eq: ['$missing', null] }, false],
    [{ $eq: ['$missing', '$alsoMissing'] }, true],
    [{ $lt: ['$missing', null] }, true],
    [{ $lt: ['$n', 'a'] }, true],
    [{ $gt: ['$s', 99] }, true],
    [{ $cmp: [1, 2] }, -1],
    [{ $and: [1, '$missing'] }, false],
    [{ $and: [] }, true],
    [{ $or: [0, null, 'x'] }, true],
    [{ $not: ['$nil'] }, true],
    [{ $cond: [{ $gt: ['$n', 3] }, 'y', 'n'] }, 'y'],
    [{ $cond: { if: 0, then: 1, else: '$missing' } }, 'missing'],
    [{ $ifNull: ['$missing', '$nil', 7] }, 7],
    [
      {
        $switch: {
          branches: [
            { case: false, then: 1 },
            { case: { $eq: ['$n', 5] }, then: 2 },
          ],
          default: 3,
        },
      },
      2,
    ],
    [{ $let: { vars: { x: { $add: ['$n', 1] } }, in: { $multiply: ['$$x', '$$x'] } } }, 36],
    [{ $literal: { $add: [1, 2] } }, { $add: [1, 2] }],
    [{ $concat: ['a', '$s'] }, 'aHéllo'],
    [{ $concat: ['a', '$nil'] }, null],
    [{ $toLower: 'ABÉ' }, 'abÉ'],
    [{ $toUpper: '$nil' }, ''],
    [{ $substrCP: ['$s', 1, 2] }, 'él'],
    [{ $substrBytes: ['$s', 1, 2] }, 'é'],
    [{ $strLenCP: 'a\u{1f600}' }, 2],
    [{ $split: ['a,b,', ','] }, ['a', 'b', '']],
    [{ $trim: { input: '  x\n' } }, 'x'],
    [{ $trim: { input: 'xyax', chars: 'xy' } }, 'a'],
    [{ $indexOfCP: ['$s', 'l'] }, 2],
    [{ $indexOfCP: ['$s', 'z'] }, -1],
    [{ $indexOfCP: ['$nil', 'z'] }, null],
    [{ $regexMatch: { input: '$s', regex: '^h', options: 'i' } }, true],
    [{ $regexMatch: { input: '$nil', regex: 'x' } }, false],
    [{ $size: '$arr' }, 3],
    [{ $arrayElemAt: ['$arr', -1] }, 2],
    [{ $arrayElemAt: ['$arr', 9] }, 'missing'],
    [{ $slice: ['$arr', 2] }, [3, 1]],
    [{ $slice: ['$arr', -2, 1] }, [1]],
    [{ $filter: { input: '$arr', as: 'x', cond: { $gte: ['$$x', 2] } } }, [3, 2]],
    [{ $filter: { input: '$nil', cond: true } }, null],
    [{ $map: { input: '$arr', in: { $add: ['$$this', '$n'] } } }, [8, 6, 7]],
    [{ $reduce: { input: '$arr', initialValue: 0, in: { $add: ['$$value', '$$this'] } } }, 6],
    [{ $in: [2, '$arr'] }, true],
    [{ $concatArrays: ['$arr', [9]] }, [3, 1, 2, 9]],
    [{ $concatArrays: ['$arr', '$nil'] }, null],
    [{ $first: '$arr' }, 3],
    [{ $last: '$arr' }, 2],
    [{ $range: [0, 5, 2] }, [0, 2, 4]],
    [{ $range: [3, 0, -1] }, [3, 2, 1]],
    [{ $reverseArray: '$arr' }, [2, 1, 3]],
    [
      {
        $setUnion: [
          [2, 1],
          [1, 3],
        ],
      },
      [1, 2, 3],
    ],
    [{ $setIntersection: ['$arr', [2, 3, 9]] }, [2, 3]],
    [{ $setDifference: ['$arr', [1]] }, [3, 2]],
    [{ $isArray: ['$arr'] }, true],
    [
      {
        $arrayToObject: [
          [
            { k: 'a', v: 1 },
            { k: 'b', v: 2 },
          ],
        ],
      },
      { a: 1, b: 2 },
    ],
    [
      { $objectToArray: '$o' },
      [
        { k: 'a', v: 1 },
        { k: 'b', v: 2 },
      ],
    ],
    [
      { $zip: { inputs: [[1, 2], [3]], useLongestLength: true, defaults: [0, 0] } },
      [
        [1, 3],
        [2, 0],
      ],
    ],
    [{ $mergeObjects: ['$o', { b: 3 }, '$nil'] }, { a: 1, b: 3 }],
    [{ $getField: { field: 'a', input: '$o' } }, 1],
    [{ $getField: 'n' }, 5],
    ['$objs.k', [1, 2]],
    ['$o.a.z', 'missing'],
    [{ x: '$missing', y: 1 }, { y: 1 }],
    [
      ['$missing', 1],
      [null, 1],
    ],
    ['$$ROOT.n', 5],
    ['$$CURRENT.o.b', 2],
    ['$$NOW', now.toISOString()],
    ['$$REMOVE', 'missing'],
    [{ $sum: ['$n', '$d', 'x'] }, 7.5],
    [{ $avg: '$arr' }, 2],
    [{ $max: ['$n', '$nil'] }, 5],
    [{ $type: '$missing' }, 'missing'],
    [{ $toInt: '42' }, 42],
    [{ $toInt: 3.9 }, 3],
    [{ $toBool: 'false' }, true],
    [{ $toString: 1.5 }, '1.5'],
    [{ $toString: true }, 'true'],
    [{ $toDate: '2024-01-31T17:30:00Z' }, '2024-01-31T17:30:00.000Z'],
    [{ $toObjectId: '0123456789abcdef01234567' }, '0123456789abcdef01234567'],
    [{ $convert: { input: 'x', to: 'int', onError: 'bad' } }, 'bad'],
    [{ $convert: { input: '$nil', to: 'int', onNull: 'none' } }, 'none'],
    [{ $convert: { input: '7', to: 16 } }, 7],
    [{ $toInt: '$missing' }, null],
  ];
  it.each(cases.map(([expression, expected]) => [JSON.stringify(expression), expression, expected] as const))(
    '%s',
    (_name, expression, expected) => {
      expect(json(evaluate(expression, doc))).toEqual(expected);
    },
  );
});

describe('types of results', () => {
  it.each([
    ['int + int', { $add: [new Int32(1), new Int32(2)] }, 'int', '3'],
    ['int overflow', { $add: [new Int32(0x7fffffff), new Int32(1)] }, 'long', '2147483648'],
    ['long overflow goes on as double', { $add: [Long.MAX_VALUE, new Int32(1)] }, 'double', '9223372036854776000'],
    ['division', { $divide: [new Int32(6), new Int32(3)] }, 'double', '2'],
    ['decimal', { $multiply: [dec('1.10'), new Int32(2)] }, 'decimal', '2.20'],
    ['decimal division', { $divide: [dec('1'), dec('3')] }, 'decimal', '0.3333333333333333333333333333333333'],
    ['date difference', { $subtract: [new Date(5000), new Date(2000)] }, 'long', '3000'],
    ['$toDecimal', { $toDecimal: new Double(2.5) }, 'decimal', '2.50000000000000'],
    ['$toLong of a date', { $toLong: new Date(7) }, 'long', '7'],
    ['$sum of decimals', { $sum: [dec('1.10'), dec('2.20')] }, 'decimal', '3.30'],
    [
      '$sum of longs above 2^53',
      { $sum: [Long.fromString('9007199254740993'), new Int32(1)] },
      'long',
      '9007199254740994',
    ],
    ['$sum of doubles is compensated', { $sum: Array.from({ length: 10 }, () => new Double(0.1)) }, 'double', '1'],
    ['$mod of longs', { $mod: [Long.fromString('9007199254740993'), new Int32(2)] }, 'long', '1'],
  ])('%s', (_name, expression, type, text) => {
    const value = evaluate(expression);
    expect([typeName(value), String(value)]).toEqual([type, text]);
  });
});

describe('dates', () => {
  const date = new Date('2024-01-31T17:30:45.123Z');
  const shanghai = 'Asia/Shanghai';
  const newYork = 'America/New_York';
  const iso = (text: string): string => new Date(text).toISOString();
  const trunc = (at: string, unit: string, more: Doc = {}): Doc => ({
    $dateTrunc: { date: new Date(at), unit, ...more },
  });
  const plus = (at: string, unit: string, amount: number, timezone?: string): Doc => ({
    $dateAdd: { startDate: new Date(at), unit, amount, ...(timezone ? { timezone } : {}) },
  });
  const diff = (a: string, b: string, unit: string, more: Doc = {}): Doc => ({
    $dateDiff: { startDate: new Date(a), endDate: new Date(b), unit, ...more },
  });
  const cases: Array<[string, unknown, unknown]> = [
    ['$year', { $year: date }, 2024],
    ['$dayOfMonth in Shanghai', { $dayOfMonth: { date, timezone: shanghai } }, 1],
    ['$month in Shanghai', { $month: { date, timezone: '+08:00' } }, 2],
    ['$hour in New York', { $hour: { date, timezone: newYork } }, 12],
    ['$dayOfWeek', { $dayOfWeek: date }, 4],
    ['$isoWeek at a year end', { $isoWeek: new Date('2021-01-03T00:00:00Z') }, 53],
    ['$isoWeekYear at a year end', { $toInt: { $isoWeekYear: new Date('2021-01-03T00:00:00Z') } }, 2020],
    ['$week', { $week: new Date('2024-01-07T00:00:00Z') }, 1],
    ['$dayOfYear', { $dayOfYear: new Date('2024-12-31T00:00:00Z') }, 366],
    ['null date', { $year: null }, null],
    [
      'trunc month in Shanghai',
      trunc('2024-01-31T17:30:00Z', 'month', { timezone: shanghai }),
      iso('2024-01-31T16:00:00Z'),
    ],
    [
      'trunc day in Shanghai',
      trunc('2024-01-31T15:30:00Z', 'day', { timezone: shanghai }),
      iso('2024-01-30T16:00:00Z'),
    ],
    [
      'trunc day in New York in summer',
      trunc('2024-07-04T03:00:00Z', 'day', { timezone: newYork }),
      iso('2024-07-03T04:00:00Z'),
    ],
    [
      'trunc day in New York on the day clocks change',
      trunc('2024-03-10T15:00:00Z', 'day', { timezone: newYork }),
      iso('2024-03-10T05:00:00Z'),
    ],
    ['trunc week from Sunday', trunc('2024-01-31T00:00:00Z', 'week'), iso('2024-01-28T00:00:00Z')],
    [
      'trunc week from Monday',
      trunc('2024-01-31T00:00:00Z', 'week', { startOfWeek: 'mon' }),
      iso('2024-01-29T00:00:00Z'),
    ],
    ['trunc quarter', trunc('2024-05-31T00:00:00Z', 'quarter'), iso('2024-04-01T00:00:00Z')],
    ['trunc year before 2000', trunc('1969-05-31T00:00:00Z', 'year'), iso('1969-01-01T00:00:00Z')],
    ['trunc by 15 minutes', trunc('2024-05-31T10:44:59Z', 'minute', { binSize: 15 }), iso('2024-05-31T10:30:00Z')],
    [
      'trunc hour in a half-hour zone',
      trunc('2024-05-31T10:44:00Z', 'hour', { timezone: 'Asia/Kolkata' }),
      iso('2024-05-31T10:30:00Z'),
    ],
    ['add a month to January 31', plus('2024-01-31T00:00:00Z', 'month', 1), iso('2024-02-29T00:00:00Z')],
    ['add a month in Shanghai', plus('2024-01-30T17:00:00Z', 'month', 1, shanghai), iso('2024-02-28T17:00:00Z')],
    [
      'add a day over the change of clocks',
      plus('2024-03-09T17:00:00Z', 'day', 1, newYork),
      iso('2024-03-10T16:00:00Z'),
    ],
    [
      'add 24 hours over the change of clocks',
      plus('2024-03-09T17:00:00Z', 'hour', 24, newYork),
      iso('2024-03-10T17:00:00Z'),
    ],
    ['a skipped wall time moves on', plus('2024-03-09T07:30:00Z', 'day', 1, newYork), iso('2024-03-10T07:30:00Z')],
    [
      'subtract a year from a leap day',
      { $dateSubtract: { startDate: new Date('2024-02-29T00:00:00Z'), unit: 'year', amount: 1 } },
      iso('2023-02-28T00:00:00Z'),
    ],
    [
      'diff days in Shanghai',
      { $toInt: diff('2024-01-31T15:59:00Z', '2024-01-31T16:01:00Z', 'day', { timezone: shanghai }) },
      1,
    ],
    ['diff days in UTC', { $toInt: diff('2024-01-31T15:59:00Z', '2024-01-31T16:01:00Z', 'day') }, 0],
    ['diff months', { $toInt: diff('2024-01-31T00:00:00Z', '2023-11-01T00:00:00Z', 'month') }, -2],
    [
      'diff weeks from Monday',
      { $toInt: diff('2024-01-28T00:00:00Z', '2024-01-29T00:00:00Z', 'week', { startOfWeek: 'monday' }) },
      1,
    ],
    ['diff hours', { $toInt: diff('2024-01-28T00:59:00Z', '2024-01-28T02:01:00Z', 'hour') }, 2],
    ['to string', { $dateToString: { date } }, '2024-01-31T17:30:45.123Z'],
    [
      'to string in Shanghai',
      { $dateToString: { date, format: '%Y-%m-%d %H:%M:%S.%L %z %G-%V %u %j %w %U %b %B %%', timezone: shanghai } },
      '2024-02-01 01:30:45.123 +0800 2024-05 4 032 5 04 Feb February %',
    ],
    ['to string of null', { $dateToString: { date: null, onNull: 'none' } }, 'none'],
    [
      'from parts',
      { $dateFromParts: { year: 2024, month: 14, day: 1, timezone: shanghai } },
      iso('2025-01-31T16:00:00Z'),
    ],
    [
      'from ISO parts',
      { $dateFromParts: { isoWeekYear: 2020, isoWeek: 53, isoDayOfWeek: 7 } },
      iso('2021-01-03T00:00:00Z'),
    ],
    [
      'to parts',
      { $dateToParts: { date, timezone: shanghai } },
      { year: 2024, month: 2, day: 1, hour: 1, minute: 30, second: 45, millisecond: 123 },
    ],
    ['from string', { $dateFromString: { dateString: '2024-02-01', timezone: shanghai } }, iso('2024-01-31T16:00:00Z')],
    [
      'from string by format',
      { $dateFromString: { dateString: '01/02/2024 03:04', format: '%d/%m/%Y %H:%M' } },
      iso('2024-02-01T03:04:00Z'),
    ],
    ['from string that fails', { $dateFromString: { dateString: 'soon', onError: 'bad' } }, 'bad'],
    ['add milliseconds', { $add: [date, 1000] }, iso('2024-01-31T17:30:46.123Z')],
    ['an ObjectId is a date too', { $year: new ObjectId('65b9d5d50000000000000000') }, 2024],
  ];
  it.each(cases)('%s', (_name, expression, expected) => {
    expect(json(evaluate(expression))).toEqual(expected);
  });
  it('100,000 local days take well under a second', () => {
    const docs = Array.from({ length: 100_000 }, (_, index) => ({ at: new Date(1.7e12 + index * 300_000) }));
    const pipeline = compilePipeline([
      {
        $group: {
          _id: { $dateToString: { date: '$at', format: '%Y-%m-%d', timezone: shanghai } },
          n: { $sum: new Int32(1) },
        },
      },
    ]);
    const started = performance.now();
    const days = new Set(docs.map(({ at }) => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)));
    const groups = [...pipeline.run(docs, { now })] as Doc[];
    expect(groups.map((group) => group._id as string).sort()).toEqual([...days].sort());
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('refused', () => {
  const compileTime: Array<[unknown, number]> = [
    [{ $foo: 1 }, 168],
    [{ $cond: [1, 2, { $foo: 1 }] }, 168],
    [{ $function: {} }, 238],
    ['$$nope', 17276],
    ['$$CLUSTER_TIME', 238],
    ['$a..b', 15998],
    ['$', 16872],
    [{ $eq: [1] }, 16020],
    [{ $substrCP: ['a', 1] }, 16020],
    [{ $add: [1], $subtract: [2] }, 15983],
    [{ $filter: { input: [] } }, 9],
    [{ $map: { input: [], in: 1, foo: 1 } }, 9],
    [{ $switch: { branches: [] } }, 40068],
  ];
  it.each(compileTime.map(([expression, code]) => [JSON.stringify(expression), expression, code] as const))(
    '%s, though there is no document',
    (_name, expression, code) => {
      const { p } = typed({ p: [{ $project: { r: expression } }] }) as { p: Doc[] };
      expect(() => compilePipeline(p)).toThrow(expect.objectContaining({ code }));
    },
  );
  const runTime: Array<[unknown, number]> = [
    [{ $add: [1, 'x'] }, 14],
    [{ $subtract: ['x', 1] }, 14],
    [{ $divide: [1, 0] }, 2],
    [{ $mod: [1, 0] }, 16610],
    [{ $concat: ['a', 1] }, 16702],
    [{ $size: 'x' }, 17124],
    [{ $size: '$missing' }, 17124],
    [{ $arrayElemAt: ['x', 0] }, 28689],
    [{ $toInt: 'x' }, 241],
    [{ $toInt: 3e9 }, 241],
    [{ $toDate: 'soon' }, 241],
    [{ $toObjectId: 'zz' }, 241],
    [{ $year: 'x' }, 16006],
    [{ $year: { date: new Date(0), timezone: 'Mars/Base' } }, 40485],
    [{ $dateToString: { date: new Date(0), format: '%q' } }, 18536],
    [{ $dateAdd: { startDate: new Date(0), unit: 'eon', amount: 1 } }, 9],
    [{ $in: [1, 2] }, 40081],
    [{ $strLenCP: '$missing' }, 14],
    [{ $mergeObjects: [1] }, 40400],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, 40066],
  ];
  it.each(runTime.map(([expression, code]) => [JSON.stringify(expression), expression, code] as const))(
    '%s',
    (_name, expression, code) => {
      expect(() => evaluate(expression)).toThrow(expect.objectContaining({ code }));
    },
  );
});
