/** Owns date expressions; the calendar itself is in dates/. */
import { Int32, Long, ObjectId } from 'bson';
import { MongoError } from '../../errors.js';
import { asInteger } from '../../bson/number.js';
import { isNullish, isObject, tagOf, TAG, typeName } from '../../bson/types.js';
import type { Doc } from '../../types.js';
import { named, namedOperand } from '../builders.js';
import type { Builder, OperatorTable } from '../compiler.js';
import type { Parts } from '../dates/calendar.js';
import { SUNDAY, addUnits, difference, fromIso, partsOf, truncate, unitOf, weekdayOf } from '../dates/calendar.js';
import { formatDate } from '../dates/format.js';
import { parseByFormat, parseDate } from '../dates/parse.js';
import type { Zone } from '../dates/timezone.js';
import { UTC, fromWall, utcOf, zoneOf } from '../dates/timezone.js';

/** A Date, or a Timestamp or ObjectId by the time it holds; anything else is error 16006. */
function millisOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  if (tagOf(value) === TAG.timestamp) return ((value as { high: number }).high >>> 0) * 1000;
  throw new MongoError(16006, `can't convert from BSON type ${typeName(value)} to Date`);
}

/** The zone argument: UTC when not given, undefined when it is null (the whole expression is null then). */
function zoneArgument(value: unknown): Zone | undefined {
  if (value === undefined) return UTC;
  if (value === null) return undefined;
  if (typeof value !== 'string')
    throw new MongoError(40517, `timezone must evaluate to a string, found ${typeName(value)}`);
  return zoneOf(value);
}

function whole(name: string, value: unknown): number {
  const number = asInteger(value);
  if (number === undefined)
    throw new MongoError(40515, `'${name}' must evaluate to an integer, found ${typeName(value)}`);
  return number;
}

/** `{$year: date}` or `{$year: {date, timezone}}`. */
function part(read: (parts: Parts) => unknown): Builder {
  const full = named(['date'], ['timezone'], ({ date, timezone }) => {
    const zone = zoneArgument(timezone);
    return isNullish(date) || !zone ? null : read(partsOf(millisOf(date), zone));
  });
  return (operand, compiler, op) => {
    const list: unknown = Array.isArray(operand) && operand.length === 1 ? operand[0] : operand;
    const isFull = isObject(list) && ('date' in list || 'timezone' in list);
    return full(isFull ? list : { date: list }, compiler, op);
  };
}

const int =
  (name: keyof Parts): ((parts: Parts) => unknown) =>
  (parts) =>
    new Int32(parts[name]);

const DEFAULT_FORMAT = '%Y-%m-%dT%H:%M:%S.%L';

const dateToString = named(['date'], ['format', 'timezone', 'onNull'], ({ date, format, timezone, onNull = null }) => {
  if (isNullish(date)) return onNull;
  const zone = zoneArgument(timezone);
  if (!zone || format === null) return null;
  if (format !== undefined && typeof format !== 'string')
    throw new MongoError(18533, `$dateToString requires that 'format' be a string, found: ${typeName(format)}`);
  return formatDate(millisOf(date), format ?? (zone === UTC ? `${DEFAULT_FORMAT}Z` : DEFAULT_FORMAT), zone);
});

const dateTrunc = named(
  ['date', 'unit'],
  ['binSize', 'timezone', 'startOfWeek'],
  ({ date, unit, binSize, timezone, startOfWeek }) => {
    const zone = zoneArgument(timezone);
    if (isNullish(date) || unit === null || binSize === null || !zone) return null;
    const size = binSize === undefined ? 1 : whole('binSize', binSize);
    if (size <= 0)
      throw new MongoError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`);
    const known = unitOf(unit);
    if (known === 'week' && startOfWeek === null) return null;
    return new Date(
      truncate(
        millisOf(date),
        known,
        size,
        zone,
        startOfWeek === undefined || startOfWeek === null ? SUNDAY : weekdayOf(startOfWeek),
      ),
    );
  },
);

const shift = (direction: 1 | -1): Builder =>
  named(['startDate', 'unit', 'amount'], ['timezone'], ({ startDate, unit, amount, timezone }) => {
    const zone = zoneArgument(timezone);
    if (isNullish(startDate) || unit === null || isNullish(amount) || !zone) return null;
    const result = addUnits(millisOf(startDate), unitOf(unit), direction * whole('amount', amount), zone);
    if (!(Math.abs(result) <= 8.64e15)) throw new MongoError(5166406, 'the date is out of range');
    return new Date(result);
  });

const dateDiff = named(
  ['startDate', 'endDate', 'unit'],
  ['timezone', 'startOfWeek'],
  ({ startDate, endDate, unit, timezone, startOfWeek }) => {
    const zone = zoneArgument(timezone);
    if (isNullish(startDate) || isNullish(endDate) || unit === null || !zone) return null;
    const known = unitOf(unit);
    if (known === 'week' && startOfWeek === null) return null;
    const first = isNullish(startOfWeek) ? SUNDAY : weekdayOf(startOfWeek);
    return Long.fromNumber(difference(millisOf(startDate), millisOf(endDate), known, zone, first));
  },
);

const DATE_PARTS = ['month', 'day', 'isoWeek', 'isoDayOfWeek', 'hour', 'minute', 'second', 'millisecond', 'timezone'];

const fromParts: Builder = (operand, compiler, op) => {
  const iso = isObject(operand) && 'isoWeekYear' in operand;
  const allowed = DATE_PARTS.filter((name) =>
    name === 'isoWeek' || name === 'isoDayOfWeek' ? iso : name === 'month' || name === 'day' ? !iso : true,
  );
  namedOperand(op, operand, [iso ? 'isoWeekYear' : 'year'], allowed);
  return named([iso ? 'isoWeekYear' : 'year'], allowed, (values) => {
    const zone = zoneArgument(values.timezone);
    const others = Object.entries(values).filter(([name]) => name !== 'timezone');
    if (!zone || others.some(([, value]) => isNullish(value))) return null;
    const read = (name: string, otherwise: number): number =>
      values[name] === undefined ? otherwise : whole(name, values[name]);
    const year = read(iso ? 'isoWeekYear' : 'year', 1970);
    if (year < 1 || year > 9999)
      throw new MongoError(
        40523,
        `'${iso ? 'isoWeekYear' : 'year'}' must evaluate to an integer in the range 1 to 9999, found ${year}`,
      );
    const ofDay = utcOf(1970, 1, 1, read('hour', 0), read('minute', 0), read('second', 0), read('millisecond', 0));
    if (iso) return new Date(fromIso(year, read('isoWeek', 1), read('isoDayOfWeek', 1), ofDay, zone));
    return new Date(fromWall(utcOf(year, read('month', 1), read('day', 1)) + ofDay, zone));
  })(operand, compiler, op);
};

const TIME = ['hour', 'minute', 'second', 'millisecond'] as const;

const toParts = named(['date'], ['timezone', 'iso8601'], ({ date, timezone, iso8601 = false }) => {
  const zone = zoneArgument(timezone);
  if (isNullish(date) || !zone || iso8601 === null) return null;
  if (typeof iso8601 !== 'boolean')
    throw new MongoError(40521, `iso8601 must evaluate to a bool, found ${typeName(iso8601)}`);
  const parts = partsOf(millisOf(date), zone);
  const names = [
    ...(iso8601 ? (['isoWeekYear', 'isoWeek', 'isoDayOfWeek'] as const) : (['year', 'month', 'day'] as const)),
    ...TIME,
  ];
  const result: Doc = {};
  for (const name of names) result[name] = new Int32(parts[name]);
  return result;
});

const fromString: Builder = (operand, compiler, op) => {
  const spec = namedOperand(op, operand, ['dateString'], ['format', 'timezone', 'onError', 'onNull']);
  const compiled = Object.fromEntries(Object.entries(spec).map(([name, value]) => [name, compiler.compile(value)]));
  return (env) => {
    const text = compiled.dateString!(env);
    if (isNullish(text)) return compiled.onNull?.(env) ?? null;
    const format = compiled.format?.(env);
    const zone = compiled.timezone ? zoneArgument(compiled.timezone(env) ?? null) : undefined;
    if (format === null || (compiled.timezone && !zone)) return null;
    try {
      if (typeof text !== 'string')
        throw new MongoError(
          241,
          `$dateFromString requires that 'dateString' be a string, found: ${typeName(text)} with value`,
        );
      return typeof format === 'string' ? parseByFormat(text, format, zone) : parseDate(text, zone);
    } catch (error) {
      if (compiled.onError && error instanceof MongoError && error.code === 241) return compiled.onError(env);
      throw error;
    }
  };
};

export const DATES: OperatorTable = {
  $year: part(int('year')),
  $month: part(int('month')),
  $dayOfMonth: part(int('day')),
  $dayOfYear: part(int('dayOfYear')),
  $dayOfWeek: part(int('dayOfWeek')),
  $hour: part(int('hour')),
  $minute: part(int('minute')),
  $second: part(int('second')),
  $millisecond: part(int('millisecond')),
  $week: part(int('week')),
  $isoWeek: part(int('isoWeek')),
  $isoDayOfWeek: part(int('isoDayOfWeek')),
  $isoWeekYear: part((parts) => Long.fromNumber(parts.isoWeekYear)),
  $dateToString: dateToString,
  $dateTrunc: dateTrunc,
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff: dateDiff,
  $dateFromParts: fromParts,
  $dateToParts: toParts,
  $dateFromString: fromString,
};
