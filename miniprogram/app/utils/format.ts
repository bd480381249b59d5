/** Numbers, money and times as people read them. Pure. */

/** 12345 -> 12,345 */
export const thousands = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

export const signed = (value: number): string =>
  value > 0 ? `+${thousands(value)}` : value < 0 ? `−${thousands(-value)}` : '0';

/** 12345 fen -> 123.45; whole yuan without decimals: 12300 -> 123. */
export function yuan(fen: number): string {
  const whole = thousands(Math.floor(fen / 100));
  return fen % 100 === 0 ? whole : `${whole}.${pad(fen % 100)}`;
}

/** Always two decimals, as on a receipt. */
export const price = (fen: number): string => `${thousands(Math.floor(fen / 100))}.${pad(fen % 100)}`;

const pad = (value: number): string => String(value).padStart(2, '0');

/** 2026.03.01 in the phone's own zone. */
export function day(iso: string): string {
  const at = new Date(iso);
  return `${String(at.getFullYear())}.${pad(at.getMonth() + 1)}.${pad(at.getDate())}`;
}

/** 03-01 09:05, with the year where it is not this one. */
export function moment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const short = `${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${pad(at.getHours())}:${pad(at.getMinutes())}`;
  return at.getFullYear() === now.getFullYear() ? short : `${String(at.getFullYear())}-${short}`;
}

/** Whole days from now on, at least 0. */
export const daysUntil = (iso: string, now = new Date()): number =>
  Math.max(0, Math.ceil((new Date(iso).getTime() - now.getTime()) / 86_400_000));

/** In groups, easier to read out. */
export const grouped = (code: string, size = 4): string =>
  code.replace(new RegExp(`(.{${String(size)}})(?=.)`, 'g'), '$1 ');

/** How far from `from` to `to`, in per cent. */
export const percent = (value: number, from: number, to: number): number =>
  to <= from ? 100 : Math.min(100, Math.max(0, Math.round(((value - from) / (to - from)) * 100)));

/** Unguessable enough to name one intent of one person; not a secret. */
export const requestKey = (): string =>
  `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}${Math.random().toString(36).slice(2, 10)}`;
