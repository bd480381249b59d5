/**
 * Owns turning a PCRE pattern into a JavaScript one. What JavaScript cannot say is refused (51091), never guessed.
 */
import { BSONRegExp } from 'bson';
import { MongoError } from '../errors.js';

const ESCAPES: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  h: '[\\t \\u00a0]',
  e: '\\x1b',
  a: '\\x07',
};
const UNKNOWN_ESCAPE = /[CEGHKLNQRUVXlgy]/;

const invalid = (why: string): MongoError => new MongoError(51091, `Regular expression is invalid: ${why}`);

interface Options {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
  extended: boolean;
}

function parseOptions(options: string): Options {
  const bad = /[^imsxu]/.exec(options);
  if (bad) throw new MongoError(51108, `invalid flag in regex options: ${bad[0]}`);
  const has = (flag: string): boolean => options.includes(flag);
  return { ignoreCase: has('i'), multiline: has('m'), dotAll: has('s'), extended: has('x') };
}

/** Where a character class ends; a `]` directly after the opening belongs to the class. */
function classEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === ']') return at;
  }
  throw invalid('missing terminating ] for character class');
}

function translateClass(text: string): string {
  if (/\[:\^?[a-z]+:\]/.test(text)) throw invalid('POSIX classes are not supported');
  const body = text.replace(/^\[(\^?)\]/, '[$1\\]');
  return body[0] + body.slice(1, -1).replace(/\\.|\[/gs, (part) => (part === '[' ? '\\[' : part)) + ']';
}

function translateEscape(pattern: string, at: number): string {
  const next = pattern[at + 1];
  if (next === undefined) throw invalid('\\ at end of pattern');
  if (UNKNOWN_ESCAPE.test(next)) throw invalid(`\\${next} is not supported`);
  return ESCAPES[next] ?? `\\${next}`;
}

/** One step of the translation: what to write and where to go on. */
function step(pattern: string, at: number, options: Options): { text: string; next: number } {
  const character = pattern[at]!;
  if (character === '\\') return { text: translateEscape(pattern, at), next: at + 2 };
  if (character === '[') {
    const end = pattern.startsWith('[[:', at) ? pattern.indexOf(':]]', at) + 2 : classEnd(pattern, at);
    return { text: translateClass(pattern.slice(at, end + 1)), next: end + 1 };
  }
  if (character === '.' && !options.dotAll) return { text: '[^\\n]', next: at + 1 };
  if (character === '.') return { text: '[\\s\\S]', next: at + 1 };
  if (character === '$')
    return { text: options.multiline ? '(?=\\n|(?![\\s\\S]))' : '(?=\\n?(?![\\s\\S]))', next: at + 1 };
  if (character === '^') return { text: options.multiline ? '(?<=\\n|(?<![\\s\\S]))' : '^', next: at + 1 };
  if (pattern.startsWith('(?P<', at)) return { text: '(?<', next: at + 4 };
  if (options.extended && /\s/.test(character)) return { text: '', next: at + 1 };
  if (options.extended && character === '#') {
    const end = pattern.indexOf('\n', at);
    return { text: '', next: end < 0 ? pattern.length : end + 1 };
  }
  return { text: character, next: at + 1 };
}

function build(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    // The `u` flag refuses harmless escapes such as `\-`; without it they mean what PCRE means.
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

/** A tester for a pattern with options `i m s x`. Error 51091 when the pattern cannot be run faithfully, 51108 for an option. */
export function compileRegex(pattern: string, optionText: string): RegExp {
  const options = parseOptions(optionText);
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  if (inline) return compileRegex(pattern.slice(inline[0].length), optionText + inline[1]!);
  let source = '';
  for (let at = 0; at < pattern.length;) {
    const { text, next } = step(pattern, at, options);
    source += text;
    at = next;
  }
  return build(source, options.ignoreCase ? 'i' : '');
}

/** The literal text a match must begin with (`^abc`), for index bounds; undefined when there is none. */
export function literalPrefix(pattern: string, options: string): string | undefined {
  if (options !== '' || !pattern.startsWith('^') || pattern.includes('|')) return undefined;
  const literal = /^\^((?:[A-Za-z0-9 _@:,/-]|\\[.+*?()[\]{}^$|\\/-]|[^\x00-\x7f])+)/u.exec(pattern);
  if (!literal) return undefined;
  const rest = pattern.slice(literal[0].length);
  const whole = literal[1]!.replace(/\\(.)/g, '$1');
  const certain = /^[*?{]/.test(rest) ? [...whole].slice(0, -1).join('') : whole;
  return certain === '' ? undefined : certain;
}

export const isRegex = (value: unknown): boolean => value instanceof BSONRegExp || value instanceof RegExp;
