/** Amounts are fen everywhere but on the screen and in its fields. */
import { currentLocale } from '../i18n.js';

/** ¥1,234.50; whole yuan without decimals when `short`. */
export function yuan(fen: number, { short = false } = {}): string {
  const digits = short && fen % 100 === 0 ? 0 : 2;
  const text = Math.abs(fen / 100).toLocaleString(currentLocale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${fen < 0 ? '-' : ''}¥${text}`;
}

/** Exact for every amount with at most two decimals. */
export const fenOf = (amountInYuan: number): number => Math.round(amountInYuan * 100);
export const yuanOf = (fen: number): number => fen / 100;

export const count = (n: number): string => n.toLocaleString(currentLocale());
/** +120 or -30; nothing for 0. */
export const signed = (n: number): string => (n === 0 ? '' : `${n > 0 ? '+' : '-'}${count(Math.abs(n))}`);
