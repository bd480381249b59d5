/**
 * What a value of a notice's field may be, by the type in its key (docs/wechat.md 3.4): `thing1` is a thing. Characters
 * are counted as code points. Pure.
 */
const TIME = String.raw`\d{1,2}:\d{2}(?::\d{2})?`;
const DATE = String.raw`\d{4}(?:年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|\/\d{1,2}\/\d{1,2})`;
const MOMENT = `(?:${DATE} ?)?${TIME}`;
const DAY = `${DATE}(?: ?${TIME})?`;

const range = (moment: string) => new RegExp(`^${moment}(?:~${moment})?$`, 'u');
const upTo = (limit: number) => (value: string) => [...value].length <= limit;
const like = (pattern: RegExp) => (value: string) => pattern.test(value);

const rules: Record<string, (value: string) => boolean> = {
  thing: upTo(20),
  number: (value) => value.length <= 32 && /^[+-]?\d+(?:\.\d+)?$/.test(value),
  letter: like(/^[A-Za-z]{1,32}$/),
  symbol: (value) => upTo(5)(value) && /^[^\p{L}\p{N}\s]+$/u.test(value),
  character_string: like(/^[\x21-\x7e]{1,32}$/),
  time: like(range(MOMENT)),
  date: like(range(DAY)),
  amount: like(/^[^\p{L}\p{N}\s.]?\d{1,10}(?:\.\d+)?\p{L}?$/u),
  phone_number: like(/^[\d+\-() ]{1,17}$/),
  car_number: upTo(8),
  name: (value) => upTo(/\p{Script=Han}/u.test(value) ? 10 : 20)(value) && !/\p{N}/u.test(value),
  phrase: like(/^\p{Script=Han}{1,5}$/u),
  const: upTo(20),
  enum: upTo(20),
};

/** Why the platform would refuse this value under this key; undefined when it takes it. */
export function valueFault(key: string, value: unknown): 'empty' | 'invalid' | undefined {
  if (value === undefined || value === null || value === '') return 'empty';
  const type = /^([a-z_]+?)\d*$/.exec(key)?.[1] ?? '';
  const rule = Object.hasOwn(rules, type) ? rules[type] : undefined;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || rule === undefined) return 'invalid';
  if (text.trim() === '') return 'empty';
  return rule(text) ? undefined : 'invalid';
}
