/**
 * The queue port. A job is a hint that a row may be due: the row in the database is the truth, so a lost job is found again by the sweep and
 * a doubled one finds nothing to do. `bull.ts` and `memory.ts` keep the same contract suite; `index.ts` chooses.
 */
import { within } from '../deadline.js';
import type { Logger } from '../logger.js';

export interface Job {
  rowId: string;
}

export interface AddOptions {
  /** Not before so many milliseconds from now. */
  delayMs?: number;
  /** While a job with this id waits, is delayed or runs in this queue, another one with it is dropped. */
  id?: string;
}

export type JobHandler = (job: Job) => Promise<void>;

export interface Queue {
  readonly name: string;
  /** Rejects within about a second when the queue cannot take the job; the sweep will find the row. */
  add(job: Job, options?: AddOptions): Promise<void>;
  /**
   * Once per queue. A handler that throws, or does not end within `jobMs`, is logged and its job is gone, its place free: what is owed is in
   * the row, and who comes late finds it in other hands.
   */
  process(concurrency: number, handler: JobHandler): void;
  /** Takes no more jobs and waits for the running ones. */
  close(): Promise<void>;
  /** Jobs that wait, are delayed or run. */
  size(): Promise<number>;
}

export interface Queues {
  /** The queue of that name, made on first use. */
  open(name: string): Queue;
  /** Rejects when queues do not work at the moment. */
  ping(): Promise<void>;
  /** Closes every opened queue, then the connections. */
  close(): Promise<void>;
}

export interface QueueOptions {
  /** Unset: in this process. */
  redisUrl?: string | undefined;
  log: Logger;
  /** Keeps installations on one Redis apart. */
  prefix?: string;
  /** How often jobs of dead processes are looked for, and how long one may be silent, in milliseconds. */
  stalledCheckMs?: number;
  lockMs?: number;
  /** How often a connection to Redis is asked whether it lives, and how long for its answer, in milliseconds; blocking reads take five seconds. */
  pingMs?: number;
  /** The longest a handler is waited for, in milliseconds. */
  jobMs?: number;
}

const JOB_MS = 120_000;

/** One job to its end, good or bad; never rejects. What both implementations share. */
export async function runJob(
  job: Job,
  handler: JobHandler,
  { queue, log, jobMs = JOB_MS }: Pick<QueueOptions, 'log' | 'jobMs'> & { queue: string },
): Promise<void> {
  try {
    await within(jobMs, handler(job));
  } catch (error) {
    log.error({ err: error, queue, rowId: job.rowId }, 'a job failed; its row says what is still owed');
  }
}

/** Opens each name once and closes them together; what both implementations share. */
export function queueSet(make: (name: string) => Queue, more: { ping(): Promise<void>; end(): Promise<void> }): Queues {
  const opened = new Map<string, Queue>();
  return {
    open: (name) => {
      const queue = opened.get(name) ?? make(name);
      opened.set(name, queue);
      return queue;
    },
    ping: more.ping,
    close: async () => {
      await Promise.all([...opened.values()].map((queue) => queue.close()));
      await more.end();
    },
  };
}
