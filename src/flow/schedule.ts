/**
 * The clock's door. Runs what is due: inbound events never acted on, rows nobody delivers, leases whose holder died, profiles and
 * files still to be fetched, payloads past their time. Every task may run in several processes at once and any number of times.
 */
import type { Channel, ChannelStore, MediaPort, SendResult } from '../contracts/index.js';
import type { MediaFetches, MessageRecord } from '../domain/conversations/index.js';
import type { Customers, WantedProfile } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import { within } from '../infra/deadline.js';
import type { Logger } from '../infra/logger.js';
import type { Database } from '../infra/mongo.js';
import type { Act } from './act.js';
import type { FlowModels, InboxRecord, OutboxRecord } from './models.js';
import type { DuePlace, Outbox } from './outbox.js';
import type { ActOnInbox } from './receive.js';
import type { Settle } from './settle.js';

export interface ScheduleParts {
  models: FlowModels;
  database: Database;
  clock: Clock;
  log: Logger;
  act: Act;
  actOnInbox: ActOnInbox;
  /** What else the clock runs. */
  more: readonly Task[];
  outbox: Outbox;
  settle: Settle;
  offer(row: OutboxRecord): void;
  customers: Customers;
  mediaFetches: MediaFetches;
  media: MediaPort;
  channel(name: string): Channel | undefined;
  store: Pick<ChannelStore, 'withLock'>;
}

export interface Schedule {
  start(): void;
  stop(): Promise<void>;
  /** Runs every task once, now; for tests and after a jump of the clock. */
  runAll(): Promise<void>;
}

/** May run in several processes at once and any number of times. */
export interface Task {
  name: string;
  everyMs: number;
  /** A run that takes longer, in milliseconds, is left to itself, so that what hangs never keeps the next from beginning; LIMIT_MS when left out. */
  limitMs?: number;
  /** One process at a time: the others skip this turn. So are calls to a platform, and what goes through many people. */
  alone?: true;
  run(): Promise<void>;
}

const LIMIT_MS = 30_000;
const LEFT_LYING_MS = 5_000;
const BATCH = 200;
const REST_MAX_MS = 300_000;
const PROFILES_AT_ONCE = 100;
const FILES_AT_ONCE = 10;
const PROFILES_PAUSE_MS = 60_000;
const NEVER = new Date(0);

export function createSchedule(parts: ScheduleParts): Schedule {
  const tasks: Task[] = [
    { name: 'inbox', everyMs: 1000, run: actAgain },
    ...parts.more,
    { name: 'outbox', everyMs: 1000, run: sweepOutbox },
    { name: 'leases', everyMs: 1000, run: endLeases },
    { name: 'profiles', everyMs: 3000, limitMs: 300_000, alone: true, run: fetchProfiles },
    { name: 'files', everyMs: 1000, limitMs: 300_000, alone: true, run: fetchFiles },
    { name: 'retention', everyMs: 3_600_000, limitMs: 300_000, run: dropOldPayloads },
  ];
  const timers: NodeJS.Timeout[] = [];
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  async function runTask(task: Task): Promise<void> {
    const under = running.get(task.name);
    if (under || stopped) return under;
    const run = within(task.limitMs ?? LIMIT_MS, turnOf(task))
      .catch((error: unknown) =>
        parts.log.error({ err: error, task: task.name }, 'a scheduled task failed; it runs again'),
      )
      .finally(() => running.delete(task.name));
    running.set(task.name, run);
    return run;
  }

  async function turnOf(task: Task): Promise<void> {
    if (task.alone) await parts.store.withLock(`schedule/${task.name}`, 0, task.run);
    else await task.run();
  }

  /** Inbound events that failed again rest, longer each time, so that they neither flood the log nor hide the rest. */
  const resting = new Map<string, { until: number; waitMs: number }>();

  /** In the order of the platform's time per person: batches are sorted and taken one by one. */
  async function actAgain(): Promise<void> {
    const before = new Date(parts.database.now().getTime() - LEFT_LYING_MS);
    const rest = [...resting].filter(([, { until }]) => until > Date.now()).map(([id]) => id);
    const rows = await parts.models.inbox
      .find({ body: { $exists: true }, receivedAt: { $lte: before }, ...(rest.length ? { _id: { $nin: rest } } : {}) })
      .sort({ receivedAt: 1 })
      .limit(BATCH)
      .lean<InboxRecord[]>();
    const inOrder = rows.toSorted((a, b) => a.at.getTime() - b.at.getTime() || (a.key < b.key ? -1 : 1));
    for (const row of inOrder) {
      try {
        await parts.actOnInbox(row);
        resting.delete(row._id);
      } catch (error) {
        const waitMs = Math.min((resting.get(row._id)?.waitMs ?? LEFT_LYING_MS / 2) * 2, REST_MAX_MS);
        resting.set(row._id, { until: Date.now() + waitMs, waitMs });
        parts.log.error({ err: error, inboxId: row._id, waitMs }, 'an inbound event still cannot be acted on');
      }
    }
  }

  /** Where the sweep goes on: rows that wait behind others of their lane must not hide the rest. In memory, since any start will do. */
  const sweptTo: Partial<Record<'pending' | 'held', DuePlace>> = {};

  async function sweepOutbox(): Promise<void> {
    for (const state of ['pending', 'held'] as const) {
      const rows = await parts.outbox.due(state, BATCH, sweptTo[state]);
      for (const row of rows) parts.offer(row);
      const last = rows.length === BATCH ? rows.at(-1) : undefined;
      if (last) sweptTo[state] = last;
      else delete sweptTo[state];
    }
  }

  async function endLeases(): Promise<void> {
    for (const row of await parts.outbox.expired(BATCH)) {
      if (row.state === 'sending') await parts.settle(row, outcomeOfExpired(row));
      if (row.state !== 'claimed') continue;
      await parts.outbox.release(row);
      parts.offer(row);
    }
  }

  /** Nobody knows whether it arrived. Only a route with an idempotency key at the platform may carry it again. */
  function outcomeOfExpired(row: OutboxRecord): SendResult {
    const repeatable = parts.channel(row.to.channel)?.capabilities.idempotentRoutes ?? [];
    const safe = row.route !== undefined && repeatable.includes(row.route);
    if (safe) return { outcome: 'retry', reason: 'lease.expired', afterMs: 0, scope: 'message' };
    return { outcome: 'unknown', reason: 'lease.expired' };
  }

  /** Accounts whose profiles cannot be asked for now, until when. */
  const profilesPaused = new Map<string, Date>();

  async function fetchProfiles(): Promise<void> {
    const wanted = await parts.customers.wantedProfiles(PROFILES_AT_ONCE);
    for (const key of new Set(wanted.map(accountOf))) {
      if ((profilesPaused.get(key) ?? NEVER) > parts.clock.now()) continue;
      const ofAccount = wanted.filter((one) => accountOf(one) === key);
      await fetchProfilesOf(key, ofAccount);
    }
  }

  async function fetchProfilesOf(key: string, wanted: readonly WantedProfile[]): Promise<void> {
    const first = wanted[0]?.address;
    const profiles = first && parts.channel(first.channel)?.capabilities.profiles;
    const users = wanted.map(({ address }) => address.user);
    const answer = profiles && (await profiles(first.account, users));
    if (answer && !answer.ok) {
      const { reason, detail, retryAfterMs = PROFILES_PAUSE_MS } = answer;
      parts.log.warn({ account: key, reason, detail }, 'profiles could not be fetched; asked again later');
      profilesPaused.set(key, new Date(parts.clock.now().getTime() + retryAfterMs));
      return;
    }
    for (const profile of answer?.value ?? []) {
      const asked = wanted.find(({ address }) => address.user === profile.user);
      if (!asked) continue;
      await parts.act({
        cause: { door: 'clock', task: 'profiles' },
        change: (tx) => parts.customers.takeProfile(tx, asked, parts.clock.now(), profile),
      });
    }
    await parts.customers.countProfileTry(wanted);
  }

  /** Copies what customers sent into our own store before the platform forgets it. */
  async function fetchFiles(): Promise<void> {
    for (const message of await parts.mediaFetches.due(parts.clock.now(), FILES_AT_ONCE)) {
      const mediaId = await fetchFile(message).catch((error: unknown) => {
        parts.log.error(
          { err: error, messageId: String(message._id) },
          'a file could not be copied; tried again later',
        );
        return undefined;
      });
      if (mediaId === undefined) await parts.mediaFetches.failed(message, parts.clock.now());
    }
  }

  /** Undefined when the platform does not hand it out. */
  async function fetchFile(message: MessageRecord): Promise<string | undefined> {
    const address = await parts.mediaFetches.addressOf(message);
    const fetch = address && parts.channel(address.channel)?.capabilities.fetchMedia;
    const platformId = 'media' in message.content ? message.content.media.platformId : undefined;
    const answer = address && fetch && platformId ? await fetch(address.account, platformId) : undefined;
    if (!answer?.ok) return undefined;
    const { id } = await parts.media.add(answer.value.bytes, answer.value.mimeType);
    await parts.act({
      cause: { door: 'clock', task: 'files' },
      change: (tx) => parts.mediaFetches.stored(tx, message, id, parts.clock.now()),
    });
    return id;
  }

  async function dropOldPayloads(): Promise<void> {
    await parts.models.inbox.updateMany(
      { rawUntil: { $lte: parts.database.now() } },
      { $unset: { raw: 1, rawUntil: 1, reply: 1 } },
    );
  }

  return {
    start: () => {
      for (const task of tasks) timers.push(setInterval(() => void runTask(task), task.everyMs));
      parts.clock.onJump(() => void Promise.all(tasks.map(runTask)));
      void Promise.all(tasks.map(runTask));
    },
    stop: async () => {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
    runAll: async () => void (await Promise.all(tasks.map(runTask))),
  };
}

const accountOf = ({ address }: WantedProfile): string => `${address.channel}/${address.account}`;
