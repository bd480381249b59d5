/**
 * Business time. Real time plus an offset that the demo and the tests may move through a file (HUIKE_CLOCK); production refuses one.
 * Leases, sessions and timers do not follow it: they use the database's real time.
 */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';

export interface Clock {
  now(): Date;
  /** Called after the offset changed, so that what became due is run. */
  onJump(listener: () => void): void;
  stop(): void;
}

export const systemClock: Clock = { now: () => new Date(), onJump: () => undefined, stop: () => undefined };

/** Reads the offset in milliseconds from `file`; a missing or unreadable file means no offset. */
export function fileClock(file: string, pollMs = 100): Clock {
  let offset = readOffset(file);
  const listeners: Array<() => void> = [];
  const refresh = (): void => {
    const next = readOffset(file);
    if (next === offset) return;
    offset = next;
    for (const listener of listeners) listener();
  };
  watchFile(file, { interval: pollMs, persistent: false }, refresh);
  return {
    now: () => new Date(Date.now() + offset),
    onJump: (listener) => void listeners.push(listener),
    stop: () => unwatchFile(file, refresh),
  };
}

function readOffset(file: string): number {
  try {
    const offset = Number(readFileSync(file, 'utf8').trim());
    return Number.isFinite(offset) ? offset : 0;
  } catch {
    return 0;
  }
}

/** The moment in a zone, as rules see it. */
export function localTime(at: Date, timeZone: string): { date: string; time: string; weekday: number } {
  const parts = formatter(timeZone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((p) => p.type === type)?.value ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  const weekday = ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  return { date, time: `${part('hour')}:${part('minute')}`, weekday };
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(timeZone: string): Intl.DateTimeFormat {
  let made = formatters.get(timeZone);
  if (!made) {
    const fields = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
    made = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', ...fields });
    formatters.set(timeZone, made);
  }
  return made;
}
