/**
 * One process a data folder. LMDB itself lets two servers open the same folder, but the catalog cache and the lock table
 * live in memory, so a second process would corrupt what the first believes.
 */
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class FolderLocked extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`The data folder ${folder} is in use by process ${pid}. Stop that process or choose another folder.`);
  }
}

/** A takeover takes milliseconds; one this old was left by a process that died. */
const TAKEOVER_MS = 10_000;

interface Holder {
  pid: number;
  /** When the process started, in the kernel's clock ticks since boot; '' where the system does not tell. */
  started: string;
}

/** Takes the lock or throws FolderLocked. A lock of a dead process, or of another process under a re-used id, is stale. */
export function lockFolder(folder: string): { release(): void } {
  const path = join(folder, 'server.lock');
  const own: Holder = { pid: process.pid, started: startTime(process.pid) };
  for (let attempt = 0; ; attempt += 1) {
    if (create(path, own)) return { release: () => release(path, own) };
    const holder = read(path);
    if (holder && isAlive(holder)) throw new FolderLocked(folder, holder.pid);
    if (attempt > 3) throw new FolderLocked(folder, holder?.pid ?? 0);
    removeStale(path);
  }
}

/** Two processes may find the same stale lock; only the one that creates the takeover file may remove it, after another look. */
function removeStale(path: string): void {
  const takeover = `${path}.takeover`;
  if (!create(takeover, { pid: process.pid, started: '' })) {
    const since = statSync(takeover, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > TAKEOVER_MS) rmSync(takeover, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    return;
  }
  const holder = read(path);
  if (!holder || !isAlive(holder)) rmSync(path, { force: true });
  rmSync(takeover, { force: true });
}

/** Written beside and then linked into place, so that nobody ever sees the file without its content. */
function create(path: string, own: Holder): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function read(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return typeof holder.pid === 'number' ? { pid: holder.pid, started: String(holder.started ?? '') } : undefined;
  } catch {
    // Gone since, or not written by this program.
    return undefined;
  }
}

function release(path: string, own: Holder): void {
  const holder = read(path);
  if (holder?.pid === own.pid && holder.started === own.started) rmSync(path, { force: true });
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid) return holder.started === startTime(process.pid);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startTime(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may hold spaces (proc(5)). */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
