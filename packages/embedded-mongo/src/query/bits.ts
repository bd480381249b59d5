/** Owns `$bitsAllSet $bitsAllClear $bitsAnySet $bitsAnyClear`. */
import { Long } from 'bson';
import { MongoError, badValue, failedToParse } from '../errors.js';
import { binaryParts } from '../bson/compare.js';
import { asInteger, fitsLong, toDouble } from '../bson/number.js';
import { isNumber, TAG, tagOf } from '../bson/types.js';
import type { Test } from './walk.js';

/** Bit positions count from the lowest bit of the first byte. */
function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

function maskOf(operand: unknown): bigint {
  if (Array.isArray(operand))
    return operand.reduce((mask: bigint, position: unknown) => mask | (1n << BigInt(positionOf(position))), 0n);
  if (tagOf(operand) === TAG.binary) return fromBytes(binaryParts(operand).bytes);
  const mask = asInteger(operand);
  if (!isNumber(operand)) throw badValue('bit mask must be a number, a binary or an array of positions');
  if (mask === undefined) throw failedToParse('Expected an integer bit mask');
  if (mask < 0) throw failedToParse(`Expected a non-negative number in: ${mask}`);
  return operand instanceof Long ? operand.toBigInt() : BigInt(mask);
}

function positionOf(value: unknown): number {
  const position = asInteger(value);
  if (position === undefined) throw failedToParse('Failed to parse bit position. Expected an integer');
  if (position < 0 || position > 0x7fffffff) throw failedToParse('bit positions must be >= 0 and fit an int32');
  if (position > 8192) throw new MongoError(2, 'bit positions above 8192 are not supported');
  return position;
}

/** The value's bits, sign-extended without end; undefined when the value has none. */
function bitsOf(value: unknown): bigint | undefined {
  if (value instanceof Long) return value.toBigInt();
  if (tagOf(value) === TAG.binary) return fromBytes(binaryParts(value).bytes);
  if (!isNumber(value) || asInteger(value) === undefined) return undefined;
  const bits = BigInt(toDouble(value));
  return fitsLong(bits) ? bits : undefined;
}

const HOLDS: Readonly<Record<string, (bits: bigint, mask: bigint) => boolean>> = {
  $bitsAllSet: (bits, mask) => (bits & mask) === mask,
  $bitsAllClear: (bits, mask) => (bits & mask) === 0n,
  $bitsAnySet: (bits, mask) => (bits & mask) !== 0n,
  $bitsAnyClear: (bits, mask) => (bits & mask) !== mask,
};

/** A test on the bits of whole numbers and binaries; other values never match. */
export function bitsTest(op: string, operand: unknown): Test {
  const mask = maskOf(operand);
  const holds = HOLDS[op]!;
  return (value) => {
    const bits = bitsOf(value);
    return bits !== undefined && holds(bits, mask);
  };
}
