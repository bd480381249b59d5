/** The queue in this process: what Bull does for us, without Redis. Its jobs end with the process; the sweep finds their rows again. */
import type { AddOptions, Job, JobHandler, Queue, QueueOptions, Queues } from './queue.js';
import { queueSet, runJob } from './queue.js';

/** Node's timers hold no more than this; a longer delay is cut, and the row's own due time decides. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

type MemoryOptions = Pick<QueueOptions, 'log' | 'jobMs'>;

export function createMemoryQueues(options: MemoryOptions): Queues {
  return queueSet((name) => new MemoryQueue(name, options), {
    ping: async () => undefined,
    end: async () => undefined,
  });
}

type Entry = { job: Job; id: string | undefined };

class MemoryQueue implements Queue {
  private readonly waiting: Entry[] = [];
  private readonly delayed = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private readonly ids = new Set<string>();
  private worker: { concurrency: number; handler: JobHandler } | undefined;
  private closed = false;

  constructor(
    readonly name: string,
    private readonly options: MemoryOptions,
  ) {}

  async add(job: Job, { delayMs = 0, id }: AddOptions = {}): Promise<void> {
    if (this.closed) throw new Error(`the queue ${this.name} is closed`);
    if (id !== undefined && this.ids.has(id)) return;
    if (id !== undefined) this.ids.add(id);
    const entry = { job: { ...job }, id };
    if (delayMs > 0) this.later(entry, delayMs);
    else this.offer(entry);
  }

  process(concurrency: number, handler: JobHandler): void {
    if (this.worker) throw new Error(`the queue ${this.name} is processed already`);
    this.worker = { concurrency, handler };
    this.fill();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.delayed) clearTimeout(timer);
    this.delayed.clear();
    this.waiting.length = 0;
    await Promise.all(this.running);
  }

  async size(): Promise<number> {
    return this.waiting.length + this.delayed.size + this.running.size;
  }

  private later(entry: Entry, delayMs: number): void {
    const timer = setTimeout(
      () => {
        this.delayed.delete(timer);
        this.offer(entry);
      },
      Math.min(delayMs, LONGEST_DELAY_MS),
    );
    this.delayed.add(timer);
  }

  private offer(entry: Entry): void {
    this.waiting.push(entry);
    // Never inside add(): a handler must not run before its job's add has returned.
    setImmediate(() => this.fill());
  }

  private fill(): void {
    const worker = this.worker;
    if (!worker) return;
    while (!this.closed && this.running.size < worker.concurrency) {
      const entry = this.waiting.shift();
      if (!entry) return;
      const run: Promise<void> = runJob(entry.job, worker.handler, { queue: this.name, ...this.options }).finally(
        () => {
          this.running.delete(run);
          if (entry.id !== undefined) this.ids.delete(entry.id);
          this.fill();
        },
      );
      this.running.add(run);
    }
  }
}
