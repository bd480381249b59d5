/** Moments and durations in words of the chosen language. Input is ISO 8601 UTC; output is in the browser's own zone. */
import { currentLocale, i18n } from '../i18n.js';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: Date, options: Intl.DateTimeFormatOptions): string {
  const key = currentLocale() + JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(currentLocale(), { hourCycle: 'h23', ...options });
  formats.set(key, made);
  return made.format(at);
}

const dayKey = (at: Date): string => `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
export const sameDay = (a: string, b: string): boolean => dayKey(new Date(a)) === dayKey(new Date(b));

export const clockTime = (at: string): string => format(new Date(at), { hour: '2-digit', minute: '2-digit' });

export const fullTime = (at: string | null): string =>
  at
    ? format(new Date(at), { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
    : '—';

export const shortDate = (at: string): string =>
  format(new Date(at), { year: 'numeric', month: '2-digit', day: '2-digit' });

export function dayName(at: string, now: number): string {
  const t = i18n.global.t;
  const date = new Date(at);
  if (dayKey(date) === dayKey(new Date(now))) return t('time.today');
  if (dayKey(date) === dayKey(new Date(now - 86_400_000))) return t('time.yesterday');
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return format(date, { ...(sameYear ? {} : { year: 'numeric' }), month: 'short', day: 'numeric', weekday: 'short' });
}

/** Today a time, else a date: for lists. */
export function shortTime(at: string | null, now: number): string {
  if (!at) return '';
  const date = new Date(at);
  if (dayKey(date) === dayKey(new Date(now))) return clockTime(at);
  if (dayKey(date) === dayKey(new Date(now - 86_400_000))) return i18n.global.t('time.yesterday');
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : ({ year: 'numeric' } as const);
  return format(date, { ...year, month: 'numeric', day: 'numeric' });
}

/** Today a time, else date and time. */
export function momentOf(at: string, now: number): string {
  const date = new Date(at);
  if (dayKey(date) === dayKey(new Date(now))) return clockTime(at);
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : ({ year: 'numeric' } as const);
  return format(date, { ...year, month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
}

/** Coarse, for waiting times: `3 min`, `2 h`, `4 d`. */
export function roughDuration(ms: number): string {
  const t = i18n.global.t;
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return t('time.justNow');
  if (minutes < 60) return t('time.minutes', { n: minutes });
  if (minutes < 48 * 60) return t('time.hours', { n: Math.floor(minutes / 60) });
  return t('time.days', { n: Math.floor(minutes / 1440) });
}

/** Fine, for the countdown of a window: `46 h 12 min`, or `09:41` in the last hour. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds >= 3600)
    return i18n.global.t('time.hoursMinutes', { h: Math.floor(seconds / 3600), m: Math.floor((seconds % 3600) / 60) });
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}
