/**
 * Group commit: gathers jobs, runs them inside one LMDB transaction and lets LMDB's own thread write and flush it, so that
 * the event loop goes on with reads and with the statements of open transactions meanwhile. One group at a time: a job
 * never builds on writes that could still fail. Must not know keys or documents.
 */

interface Job {
  run(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface GroupHost {
  /** Runs the work inside a write transaction. Resolves when that is flushed; nothing is stored when it rejects. */
  commit(work: () => void): Promise<unknown>;
  /** Throws when the job that just ran left the transaction in a state that must not be stored. */
  check(): void;
  /** The group is on disk; called before its jobs are answered. */
  flushed(): void;
  /** Nothing of the group is stored; called before its jobs are refused. */
  failed(): void;
}

/** What a failed commit is told as: LMDB says why in a promise of its own. */
interface CommitError extends Error {
  commitError?: Promise<never>;
}

export class GroupCommit {
  private queue: Job[] = [];
  private draining: Promise<void> | undefined;

  constructor(private readonly host: GroupHost) {}

  /** Resolves with what the job returned once its group is flushed; rejects when the job threw or the group failed. */
  add<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.queue.push({ run, resolve: resolve as (value: unknown) => void, reject });
      this.draining ??= this.drain();
    });
  }

  /** Resolves when no job is left. */
  async idle(): Promise<void> {
    await this.draining;
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) await this.commitGroup();
    this.draining = undefined;
  }

  private async commitGroup(): Promise<void> {
    const settle: Array<() => void> = [];
    let group: Job[] = [];
    try {
      await this.host.commit(() => {
        // Taken only now: whatever arrived while the transaction was being opened is part of it.
        group = this.queue;
        this.queue = [];
        for (const job of group) settle.push(this.attempt(job));
      });
    } catch (error) {
      await this.giveUp(group, error);
      return;
    }
    this.host.flushed();
    for (const done of settle) done();
  }

  private attempt(job: Job): () => void {
    const settle = outcome(job);
    this.host.check();
    return settle;
  }

  /** Jobs that waited for this group are refused with it: they may rest on what memory believed of it. */
  private async giveUp(group: readonly Job[], error: unknown): Promise<void> {
    const refused = [...group, ...this.queue];
    this.queue = [];
    this.host.failed();
    const cause = await causeOf(error);
    for (const job of refused) job.reject(cause);
  }
}

function outcome(job: Job): () => void {
  try {
    const value = job.run();
    return () => job.resolve(value);
  } catch (error) {
    return () => job.reject(error);
  }
}

async function causeOf(error: unknown): Promise<unknown> {
  try {
    await (error as CommitError).commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
