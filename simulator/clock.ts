/**
 * Business time of the simulated platform: real time plus an offset that tests and demos move (docs/wechat.md 6.4).
 * The offset in ms can be shared with other processes through a file. Socket time-outs never follow this clock.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Clock {
  /** Business time, ms since 1970 UTC. */
  now(): number;
  offsetMs(): number;
  setOffset(ms: number): void;
}

/** Reads the offset from `file` when it is there; every change is written back by an atomic rename. */
export function makeClock(file?: string): Clock {
  let offset = file === undefined ? 0 : readOffset(file);
  return {
    now: () => Date.now() + offset,
    offsetMs: () => offset,
    setOffset(ms) {
      offset = Math.round(ms);
      if (file !== undefined) writeOffset(file, offset);
    },
  };
}

function readOffset(file: string): number {
  if (!existsSync(file)) return 0;
  const offset = Number(readFileSync(file, 'utf8').trim());
  return Number.isFinite(offset) ? offset : 0;
}

function writeOffset(file: string, offset: number): void {
  const next = `${file}.${String(process.pid)}.next`;
  writeFileSync(next, `${String(offset)}\n`);
  renameSync(next, file);
}

/** `YYYY-MM-DD` of that instant in Asia/Shanghai (UTC+8, no summer time): the day that the platform's quotas count by. */
export function shanghaiDay(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
}
