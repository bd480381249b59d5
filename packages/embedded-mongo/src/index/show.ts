/** A value as MongoDB's messages write it; mongoose plugins parse the message of error 11000. */
import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import type { Value } from '../types.js';

export function showValue(value: Value): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Decimal128) return `Decimal128("${value.toString()}")`;
  if (value instanceof Binary)
    return `BinData(${value.sub_type}, ${Buffer.from(value.buffer).toString('hex').toUpperCase()})`;
  if (value instanceof Timestamp) return `Timestamp(${value.high}, ${value.low})`;
  if (value instanceof Double)
    return Number.isInteger(value.valueOf()) ? value.valueOf().toFixed(1) : String(value.valueOf());
  if (value instanceof Int32 || value instanceof Long) return value.toString();
  if (Array.isArray(value)) return `[ ${value.map(showValue).join(', ')} ]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([name, part]) => `${name}: ${showValue(part)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return String(value);
}
