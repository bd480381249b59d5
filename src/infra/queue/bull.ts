/** The queue on Redis, by Bull. Owns its connections; a Redis that goes away is logged once and met again by itself. */
import Bull from 'bull';
import { Redis } from 'ioredis';
import { StartProblem } from '../../errors.js';
import { within } from '../deadline.js';
import type { Logger } from '../logger.js';
import type { AddOptions, Job, JobHandler, Queue, QueueOptions, Queues } from './queue.js';
import { queueSet, runJob } from './queue.js';

const CONNECT_TIMEOUT_MS = 3000;
const DISCONNECT_TIMEOUT_MS = 100;
const ADD_TIMEOUT_MS = 1000;
const RECONNECT_MAX_MS = 2000;
const PING_MS = 10_000;
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5000;

type BullOptions = QueueOptions & { redisUrl: string };

export async function createBullQueues(options: BullOptions): Promise<Queues> {
  const { redisUrl, log } = options;
  const life = { ended: false };
  const pingMs = options.pingMs ?? PING_MS;
  const client = watch(await connect(redisUrl, { log, life }), pingMs);
  const subscriber = watch(follower(client), pingMs);
  return queueSet((name) => new BullQueue(name, { client, subscriber, options }), {
    ping: async () => void (await answer(ADD_TIMEOUT_MS, client.ping())),
    end: async () => {
      life.ended = true;
      release(subscriber);
      release(client);
    },
  });
}

/** One try at the start, so that a wrong address is told at once; after that, for ever. */
async function connect(redisUrl: string, { log, life }: { log: Logger; life: { ended: boolean } }): Promise<Redis> {
  let started = false;
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (started && !life.ended ? Math.min(times * 100, RECONNECT_MAX_MS) : null),
  });
  let reason = 'no answer';
  client.on('error', (error: Error) => (reason = error.message || error.name));
  try {
    await answer(CONNECT_TIMEOUT_MS, client.connect());
    started = true;
    logHealth(client, log);
    return client;
  } catch (error) {
    client.disconnect();
    const why = reason === 'no answer' && error instanceof Error ? error.message : reason;
    throw new StartProblem(
      `Redis cannot be reached at ${hideSecret(redisUrl)}: ${why}. Start Redis, correct REDIS_URL, or unset it to use the in-process queue.`,
    );
  }
}

function logHealth(client: Redis, log: Logger): void {
  let lost = false;
  client.on('close', () => {
    if (!lost) log.error({}, 'the connection to Redis is lost; rows wait in the database and are offered again');
    lost = true;
  });
  client.on('ready', () => {
    if (lost) log.info({}, 'the connection to Redis is back');
    lost = false;
  });
}

/** Another connection to the same Redis, as Bull wants it for subscribing and for blocking reads. */
function follower(client: Redis): Redis {
  const made = client.duplicate({ maxRetriesPerRequest: null, enableReadyCheck: false, lazyConnect: false });
  // The first connection tells the log; without a listener an error would end the process.
  made.on('error', () => undefined);
  return made;
}

interface Wiring {
  client: Redis;
  subscriber: Redis;
  options: BullOptions;
}

class BullQueue implements Queue {
  private readonly bull: Bull.Queue<Job>;
  private readonly blocking: Redis[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly client: Redis;
  private readonly options: BullOptions;
  private closing: Promise<void> | undefined;
  private processed = false;

  constructor(
    readonly name: string,
    { client, subscriber, options }: Wiring,
  ) {
    this.client = client;
    this.options = options;
    const lockMs = options.lockMs ?? LOCK_MS;
    this.bull = new Bull<Job>(name, {
      // The braces keep one queue's keys in one slot of a Redis cluster.
      prefix: `{${options.prefix ?? 'huike'}}`,
      createClient: (type) => (type === 'client' ? client : type === 'subscriber' ? subscriber : this.blockingClient()),
      // A repeated job id is dropped in silence while the old job is kept, so nothing is kept.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
      settings: {
        lockDuration: lockMs,
        lockRenewTime: lockMs / 3,
        stalledInterval: options.stalledCheckMs ?? STALLED_CHECK_MS,
        maxStalledCount: 1000,
      },
    });
    this.bull.on('error', (error) => this.complain(error));
  }

  async add(job: Job, { delayMs = 0, id }: AddOptions = {}): Promise<void> {
    if (this.closing) throw new Error(`the queue ${this.name} is closed`);
    if (this.client.status !== 'ready') throw new Error('Redis is not connected');
    const options = { ...(delayMs > 0 ? { delay: delayMs } : {}), ...(id === undefined ? {} : { jobId: `row-${id}` }) };
    await answer(ADD_TIMEOUT_MS, this.bull.add({ ...job }, options));
  }

  process(concurrency: number, handler: JobHandler): void {
    if (this.processed) throw new Error(`the queue ${this.name} is processed already`);
    this.processed = true;
    // Settles when the queue closes; a Redis lost before or meanwhile is told by the connection.
    this.bull
      .process(concurrency, (job) => this.run(job.data, handler))
      .catch((error: unknown) => this.complain(error));
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  async size(): Promise<number> {
    const counts = await answer(ADD_TIMEOUT_MS, this.bull.getJobCounts());
    return counts.waiting + counts.delayed + counts.active;
  }

  private blockingClient(): Redis {
    const made = watch(follower(this.client), this.options.pingMs ?? PING_MS);
    // Closing, Bull reconnects this one and leaves a failure of that unhandled, which would end the process; it retries by itself anyway.
    const connect = made.connect.bind(made);
    made.connect = () => connect().catch(() => undefined);
    this.blocking.push(made);
    return made;
  }

  private run(job: Job, handler: JobHandler): Promise<void> {
    const run: Promise<void> = runJob(job, handler, { queue: this.name, ...this.options }).finally(() =>
      this.running.delete(run),
    );
    this.running.add(run);
    return run;
  }

  /** While Redis is away the connection has said so, and every call fails; only other failures are news. */
  private complain(error: unknown): void {
    if (this.client.status === 'ready') this.options.log.error({ err: error, queue: this.name }, 'the queue failed');
  }

  private async closeBull(): Promise<void> {
    try {
      await this.bull.close();
    } catch (error) {
      this.complain(error);
    }
  }

  /** Without Redis, Bull's own closing would wait for it; then only our running handlers matter. */
  private async end(): Promise<void> {
    const closed = this.closeBull();
    if (this.client.status === 'ready') await Promise.race([closed, connectionLost(this.client)]);
    await Promise.all(this.running);
    for (const client of this.blocking) release(client);
  }
}

/** @throws when Redis does not answer in time. */
const answer = <T>(ms: number, work: Promise<T>): Promise<T> => within(ms, work, 'Redis does not answer');

/**
 * A connection can go silent without closing: a machine that vanished, a firewall that forgot it. Its commands would wait until the kernel
 * gives up, so one that leaves a ping unanswered is made anew. A ping stands in line behind a blocking read, which ends after five seconds.
 */
function watch(client: Redis, everyMs: number): Redis {
  const ask = (): void => {
    if (client.status !== 'ready') return;
    answer(everyMs, client.ping()).catch(() => {
      if (client.status === 'ready') client.disconnect(true);
    });
  };
  const timer = setInterval(ask, everyMs).unref();
  client.once('end', () => clearInterval(timer));
  return client;
}

/** A client between two tries keeps its waiting commands for ever when disconnected; its next try, the last one, rejects them. */
function release(client: Redis): void {
  if (client.status === 'reconnecting') client.once('connect', () => client.disconnect());
  else client.disconnect();
}

function connectionLost(client: Redis): Promise<void> {
  return new Promise((done) => client.once('close', () => done()));
}

/** Up to the last `@`, since a password may hold one or a slash; without the query, where a password may stand too. */
function hideSecret(url: string): string {
  return url.replace(/\/\/.*@/, '//***@').replace(/\?.*$/, '');
}
