/**
 * Makes values of cells as people and shop systems write them. Pure; every function returns a value or the code of what is wrong.
 * Money is text and integers all the way: no amount ever passes through a float.
 */
import { Phone, genders, orderStatuses } from '../contracts/index.js';
import type { OrderStatus } from '../contracts/index.js';
import type { ReasonCode } from './reasons.js';

export type Tidied<T> = { ok: true; value: T } | { ok: false; reason: ReasonCode };
export const good = <T>(value: T): Tidied<T> => ({ ok: true, value });
export const wrong = (reason: ReasonCode): { ok: false; reason: ReasonCode } => ({ ok: false, reason });

/**
 * Spaces of all kinds off both ends; a leading apostrophe or tab and ="…" are how exports force text on a spreadsheet. Empty words
 * (`null`, `-`, `无`) are nothing.
 */
export function tidyText(cell: string): string {
  let text = cell.replace(INVISIBLE, '').trim();
  const forced = /^="(.*)"$/.exec(text);
  if (forced) text = (forced[1] ?? '').trim();
  if (text.startsWith("'")) text = text.slice(1).trim();
  return /^(null|none|n\/a|--?|无|空|\\N)$/i.test(text) ? '' : text;
}
// Zero-width characters, byte order marks and the no-break spaces that web pages leave in exports.
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff\u00ad]/g;

/** Full-width digits, letters and signs become the usual ones; for numbers, dates, phones and codes, never for names. */
export function toHalfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, ' ');
}

const SCIENTIFIC = /^[+-]?\d+(\.\d+)?[eE][+-]?\d+$/;
/** What a spreadsheet makes of a long number: its last digits are gone, so it must not become a key. */
export const isScientific = (text: string): boolean => SCIENTIFIC.test(text);

/** A number that names something: an order, a member, a parcel. */
export function tidyKey(text: string): Tidied<string> {
  const key = toHalfWidth(text).trim();
  if (isScientific(key)) return wrong('number.scientific');
  // Spreadsheets show whole numbers of a decimal column as 123.0.
  const whole = /^(\d+)\.0+$/.exec(key)?.[1] ?? key;
  return whole.length > 128 ? wrong('field.tooLong') : good(whole);
}

/** @returns fen. Takes ¥1,234.50, 1 234.5元, １２３; the unit says what a bare number means. */
export function tidyMoney(text: string, unit: 'yuan' | 'fen'): Tidied<number> {
  const plain = toHalfWidth(text)
    .replace(/[\u00a5\uffe5$\u5143\s]|RMB|CNY/gi, '')
    .replace(/,(?=\d{3}(\D|$))/g, '');
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(plain);
  const [, sign = '', whole = '', decimals = ''] = match ?? [];
  if (!match || (!whole && !decimals)) return wrong(isScientific(plain) ? 'number.scientific' : 'money.invalid');
  const places = unit === 'yuan' ? 2 : 0;
  if (/[1-9]/.test(decimals.slice(places))) return wrong('money.tooFine');
  const fen = Number(`${whole}${decimals.slice(0, places).padEnd(places, '0')}`);
  if (sign === '-' && fen > 0) return wrong('money.negative');
  return fen > 100_000_000_00 ? wrong('money.invalid') : good(fen);
}

export function tidyCount(text: string): Tidied<number> {
  const plain = toHalfWidth(text).replace(/[,\s]|件|个$/g, '');
  const match = /^\+?(\d{1,9})(?:\.(\d*))?$/.exec(plain);
  if (!match) return wrong('number.invalid');
  return /[1-9]/.test(match[2] ?? '') ? wrong('number.notWhole') : good(Number(match[1]));
}

export function tidyPhone(text: string): Tidied<string> {
  const digits = toHalfWidth(text)
    .replace(/\.0+$/, '')
    .replace(/[().·]/g, '');
  if (isScientific(digits)) return wrong('number.scientific');
  const phone = Phone.safeParse(digits);
  return phone.success ? good(phone.data) : wrong('phone.invalid');
}

/** Words of Taobao, JD, Youzan and others' exports. A mapping's own table goes first. */
const statusWords: Readonly<Record<string, OrderStatus>> = {
  等待买家付款: 'pending',
  待付款: 'pending',
  未付款: 'pending',
  待支付: 'pending',
  未支付: 'pending',
  等待付款: 'pending',
  买家已付款: 'paid',
  '买家已付款,等待卖家发货': 'paid',
  等待卖家发货: 'paid',
  已付款: 'paid',
  已支付: 'paid',
  待发货: 'paid',
  等待出库: 'paid',
  卖家已发货: 'dispatched',
  '卖家已发货,等待买家确认': 'dispatched',
  等待买家确认收货: 'dispatched',
  等待确认收货: 'dispatched',
  已发货: 'dispatched',
  待收货: 'dispatched',
  已出库: 'dispatched',
  已签收: 'delivered',
  已收货: 'delivered',
  已送达: 'delivered',
  交易成功: 'completed',
  已完成: 'completed',
  完成: 'completed',
  交易完成: 'completed',
  交易关闭: 'closed',
  已关闭: 'closed',
  已取消: 'closed',
  取消: 'closed',
  '(删除)等待出库': 'closed',
  退款中: 'refunding',
  售后中: 'refunding',
  维权中: 'refunding',
  已退款: 'refunded',
  退款成功: 'refunded',
  全额退款: 'refunded',
  unpaid: 'pending',
  shipped: 'dispatched',
  success: 'completed',
  finished: 'completed',
  cancelled: 'closed',
  canceled: 'closed',
};

export function tidyStatus(text: string, own: Readonly<Record<string, OrderStatus>>): Tidied<OrderStatus> {
  if (Object.hasOwn(own, text)) return good(own[text] as OrderStatus);
  const word = toHalfWidth(text).replace(/\s/g, '').toLowerCase();
  const known = orderStatuses.find((status) => status === word);
  const found = known ?? (Object.hasOwn(statusWords, word) ? statusWords[word] : undefined);
  return found ? good(found) : wrong('status.unknown');
}

type Gender = (typeof genders)[number];
const genderWords: Readonly<Record<string, Gender>> = {
  女: 'female',
  女性: 'female',
  女士: 'female',
  f: 'female',
  男: 'male',
  男性: 'male',
  先生: 'male',
  m: 'male',
  其他: 'other',
};

/** Unknown on purpose (`未知`, `保密`) is nothing, not a mistake. */
export function tidyGender(text: string, own: Readonly<Record<string, Gender>>): Tidied<Gender | undefined> {
  if (Object.hasOwn(own, text)) return good(own[text]);
  const word = toHalfWidth(text).toLowerCase();
  if (/^(未知|保密|不详|unknown|0)$/.test(word)) return good(undefined);
  const found = genders.find((gender) => gender === word) ?? genderWords[word];
  return found ? good(found) : wrong('gender.unknown');
}
