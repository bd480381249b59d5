/** JSON as the platform writes it: integers of 64 bits come bare, so long ones are read as strings. Owns nothing else. */
import { isFields } from './xml.js';
import type { Fields } from './xml.js';

/** One token: a whole string (or an unfinished one to the end), or a whole number. Every start matches, so reading is linear. */
const stringOrNumber = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|-?\d[\d.eE+-]*/g;

/** The object written in `text`, or undefined for anything else. Integers of 16 digits and more become strings. Never throws. */
export function parseJsonObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(/\d{16}/.test(text) ? quoteLongIntegers(text) : text);
    return isFields(value) ? value : undefined;
  } catch {
    // Malformed JSON is an expected value here: the caller decides whether that means refused or unknown.
    return undefined;
  }
}

function quoteLongIntegers(text: string): string {
  return text.replace(stringOrNumber, (token) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token));
}
