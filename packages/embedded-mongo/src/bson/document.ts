/**
 * Owns safe access to plain documents: reading a field without meeting Object.prototype, and cutting dotted paths.
 */
import { badValue, emptyFieldName } from '../errors.js';
import type { Doc } from '../types.js';

/** A field's value, or undefined. Names such as `constructor` never reach Object.prototype. */
export function field(doc: Doc, name: string): unknown {
  const value: unknown = (doc as Record<string, unknown>)[name];
  if (typeof value === 'function' || value === Object.prototype) return undefined;
  return value;
}

/** Whether the document has the field, also when its value is null. */
export function hasField(doc: Doc, name: string): boolean {
  return Object.hasOwn(doc, name) && doc[name] !== undefined;
}

/** `a.b.c` to its parts. Refuses the one name that a JavaScript object cannot hold as a field. */
export function splitPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.includes('__proto__')) throw badValue(`the field name '__proto__' is not allowed`);
  return parts;
}

/** As `splitPath`, and refuses empty parts, as updates and projections must (code 56). */
export function splitStrictPath(path: string): string[] {
  if (path === '') throw emptyFieldName('An empty update path is not valid.');
  const parts = splitPath(path);
  if (parts.includes(''))
    throw emptyFieldName(`The update path '${path}' contains an empty field name, which is not allowed.`);
  return parts;
}

const DIGITS = /^(0|[1-9][0-9]*)$/;
export const isIndex = (part: string): boolean => DIGITS.test(part);
