/** Reading single fields of a parsed payload, whose values are strings in XML and anything at all in JSON. Pure. */
import { isFields } from './xml.js';
import type { Fields } from './xml.js';

/** A string that is not empty; numbers and booleans of JSON count as their text. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

export function number(value: unknown): number | undefined {
  const written = text(value)?.trim();
  if (!written) return undefined;
  const read = Number(written);
  return Number.isFinite(read) ? read : undefined;
}

export function child(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  return isFields(value) ? value : undefined;
}

/** One entry comes as an object, several as a list. */
export function listOf(value: unknown): Fields[] {
  return (Array.isArray(value) ? value : [value]).filter(isFields);
}

/** The given texts without the absent ones, so that no key holds undefined. */
export function present<K extends string, V>(values: Readonly<Record<K, V | undefined>>): Partial<Record<K, V>> {
  const kept: Partial<Record<K, V>> = {};
  for (const key of Object.keys(values) as K[]) if (values[key] !== undefined) kept[key] = values[key];
  return kept;
}
