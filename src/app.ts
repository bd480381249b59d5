/**
 * Composition root: the only file that knows every part. Read it from top to bottom and you have read the product.
 * Guards that a test wants to switch off are replaced here, in `replace`, never by a switch in the parts.
 */
import { channelKinds } from './channels/index.js';
import type { Config } from './config.js';
import type { Channel, Receive, WebhookRequest } from './contracts/index.js';
import { actions } from './actions/index.js';
import { createDriftWatch, createQuotaLedger, DRIFT_LIMIT, quietUntil, quotaModel } from './domain/contact/index.js';
import type { QuotaLedger } from './domain/contact/index.js';
import {
  conversationModels,
  createConversationReads,
  createConversations,
  createMediaFetches,
} from './domain/conversations/index.js';
import type { Conversations } from './domain/conversations/index.js';
import { createCustomerReads, createCustomers, customerModels } from './domain/customers/index.js';
import { createScenes, createStrategies, marketingModels } from './domain/marketing/index.js';
import { createStaff } from './domain/staff/index.js';
import type { StaffModule } from './domain/staff/index.js';
import { createAct } from './flow/act.js';
import type { Act } from './flow/act.js';
import { decide } from './flow/decide.js';
import type { Decide } from './flow/decide.js';
import { createDeliver } from './flow/deliver.js';
import type { Deliver } from './flow/deliver.js';
import { forgetGiven } from './flow/forget.js';
import { createInbound } from './flow/inbound.js';
import { createLive } from './flow/live.js';
import type { Live } from './flow/live.js';
import { flowModels } from './flow/models.js';
import type { OutboxRecord } from './flow/models.js';
import { createOutbox } from './flow/outbox.js';
import { createPassive } from './flow/passive.js';
import { createActOnInbox, createReceive, naturalKey } from './flow/receive.js';
import { createSchedule } from './flow/schedule.js';
import type { Schedule } from './flow/schedule.js';
import { createSettle } from './flow/settle.js';
import { createUnderWay } from './flow/under-way.js';
import type { HttpPorts } from './http/ports.js';
import { createCustomersService } from './http/services/customers.js';
import { createInboxService } from './http/services/inbox.js';
import { createLiveService } from './http/services/live.js';
import { createScenesService, createStrategiesService } from './http/services/marketing.js';
import { notFound } from './errors.js';
import { createChannelStore } from './infra/channel-store.js';
import { fileClock, localTime, systemClock } from './infra/clock.js';
import type { Clock } from './infra/clock.js';
import { createKeyRing, loadSecretKeys } from './infra/crypto.js';
import { fetchPicture } from './infra/fetch-picture.js';
import type { Logger } from './infra/logger.js';
import { createMediaStore } from './infra/media-store.js';
import { createMetrics } from './infra/metrics.js';
import { openDatabase } from './infra/mongo.js';
import type { Database } from './infra/mongo.js';
import { createQueues } from './infra/queue/index.js';
import type { Queues } from './infra/queue/index.js';
import { createTokenBucket } from './infra/rate.js';
import type { TokenBucket } from './infra/rate.js';
import { creditRules } from './quota-rules.js';
import { triggers } from './triggers/index.js';

/** What a test may put in place of a guard, to see that its absence is noticed. */
export interface Replace {
  inboxKey?: typeof naturalKey;
  decide?: Decide;
  ledger?: (real: QuotaLedger) => QuotaLedger;
  deliver?: (real: Deliver) => Deliver;
  passFence?: Conversations['passFence'];
}

export interface AppOptions {
  config: Config;
  log: Logger;
  replace?: Replace;
}

export interface App {
  config: Config;
  database: Database;
  clock: Clock;
  queues: Queues;
  channels: readonly Channel[];
  staff: StaffModule;
  act: Act;
  deliver: Deliver;
  schedule: Schedule;
  live: Live;
  ports: HttpPorts;
  metrics: ReturnType<typeof createMetrics>;
  /** Takes events from the channels' webhooks. */
  startChannels(): Promise<void>;
  /** Delivers what the queues hint at and runs what the clock makes due. */
  startWork(): void;
  close(): Promise<void>;
}

export async function createApp({ config, log, replace = {} }: AppOptions): Promise<App> {
  // ---- machines
  const clock = config.clockFile ? fileClock(config.clockFile) : systemClock;
  const keys = createKeyRing(loadSecretKeys(config));
  const database = await openDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  const queues = await createQueues({ redisUrl: config.redisUrl, log }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const metrics = createMetrics();
  const media = createMediaStore({ dataDir: config.dataDir });
  const store = createChannelStore({ database, keys });

  // ---- what is true
  const { connection } = database;
  const people = customerModels(connection);
  const chats = conversationModels(connection);
  const marketing = marketingModels(connection);
  const flow = flowModels(connection);
  const quotas = quotaModel(connection);
  const conversations = {
    ...createConversations(chats),
    ...(replace.passFence ? { passFence: replace.passFence } : {}),
  };
  const realLedger = createQuotaLedger(quotas, creditRules(config));
  const ledger = replace.ledger?.(realLedger) ?? realLedger;
  const customers = createCustomers(people, {
    left: async (tx, { customerId, address }, at) => {
      await ledger.clear(tx, address, at);
      await forgetGiven(flow, tx, { customerId, address, upTo: at });
    },
  });
  const rules = { triggers, actions };
  const strategies = createStrategies(marketing, rules);
  const scenes = createScenes(marketing);
  const staff = createStaff({ database, options: { ...config.security, auditDays: config.retention.auditDays } });
  const owned = [
    ...Object.values(people),
    ...Object.values(chats),
    ...Object.values(marketing),
    ...Object.values(flow),
    quotas,
  ];
  for (const model of owned) await model.createCollection();
  for (const model of owned) await model.createIndexes();
  await staff.ensureIndexes();

  // ---- how the outside chats
  const channels = createChannels(config, { store, media, now: () => clock.now(), log });
  const channel = (name: string): Channel | undefined => channels.find((one) => one.name === name);

  // ---- the corridor
  const live = createLive({ events: flow.events, database, log });
  const outbox = createOutbox(flow.outbox, { database, clock });
  const underWay = createUnderWay();
  /** A row that is due later is the sweep's: a hint kept back would hide it from a sweep after a jump of the clock. */
  const offer = (row: OutboxRecord): void => {
    if (row.dueAt > clock.now()) return;
    queues
      .open(queueName(row.to, row.queue))
      .add({ rowId: row._id }, { id: row._id })
      .catch((error: unknown) =>
        log.warn({ err: error, outboxId: row._id }, 'a hint was lost; the sweep finds the row'),
      );
  };
  const transact = createAct({
    database,
    clock,
    timeZone: config.timeZone,
    models: flow,
    customers: people,
    conversations,
    outbox,
    decide: replace.decide ?? decide,
    rules,
    strategiesInForce: strategies.inForce,
    afterCommit: ({ rows, events }) => {
      if (events.length) live.nudge();
      for (const row of rows) if (row.state === 'pending') offer(row);
    },
  });
  const act: Act = (request) => underWay.add(transact(request));
  const driftWatch = createDriftWatch((share) => {
    log.error({ share, limit: DRIFT_LIMIT }, 'other systems spend from the same message quota; see docs/operations.md');
  });
  const settle = createSettle({
    act,
    outbox,
    conversations,
    customers,
    ledger,
    clock,
    maxAttempts: config.delivery.maxAttempts,
    onOutcome: (row, settlement) => {
      const route = row.route ?? 'none';
      metrics.deliveries.inc({ route, outcome: settlement.state, reason: settlement.reason ?? '' });
      metrics.deliverySeconds.observe({ route }, Math.max(0, clock.now().getTime() - row.dueAt.getTime()) / 1000);
    },
    onMetered: (drifted) => {
      if (drifted) metrics.quotaDrifts.inc();
      driftWatch.count(drifted);
    },
    offerNext: async (lane) => {
      const next = await outbox.nextInLane(lane);
      if (next) offer(next);
    },
  });
  const passive = createPassive({
    inbox: flow.inbox,
    outbox,
    settle,
    log,
    leaseMs: config.delivery.passiveLeaseSeconds * 1000,
    underWay,
  });
  const apply = createInbound({
    customers,
    conversations,
    ledger,
    scenes,
    outbox,
    now: () => clock.now(),
  });
  const receive = createReceive({
    inbox: flow.inbox,
    database,
    clock,
    log,
    act,
    apply,
    passive,
    inboxKey: replace.inboxKey ?? naturalKey,
    encryptRaw: (raw, inboxId) => keys.encrypt(raw, `inbox.raw:${inboxId}`),
    underWay,
    options: {
      storeWithinMs: config.delivery.storeWithinMs,
      passiveBudgetMs: config.delivery.passiveBudgetMs,
      rawDays: config.retention.rawDays,
      keyDays: config.retention.keyDays,
    },
  });
  const counted =
    (inner: Receive): Receive =>
    async (event, door) => {
      const received = await inner(event, door);
      const outcome = received.stored ? (received.duplicate ? 'duplicate' : 'stored') : 'failed';
      metrics.inbound.inc({ channel: event.from.channel, kind: event.body.kind, outcome });
      return received;
    };
  const rate = accountRates(config);
  const realDeliver = createDeliver({
    outbox,
    conversations,
    customers: people,
    ledger,
    database,
    clock,
    channel,
    settle,
    quietUntil: (purpose, now) =>
      quietUntil(purpose, now, localTime(now, config.timeZone).time, config.contact.quietHours),
    rate,
    log,
    options: { leaseMs: config.delivery.leaseSeconds * 1000, sendTimeoutMs: config.delivery.sendTimeoutSeconds * 1000 },
  });
  const deliver = replace.deliver?.(realDeliver) ?? realDeliver;
  const schedule = createSchedule({
    models: flow,
    database,
    clock,
    log,
    act,
    actOnInbox: createActOnInbox({ inbox: flow.inbox, act, apply, clock }),
    outbox,
    settle,
    offer,
    customers,
    mediaFetches: createMediaFetches(chats),
    media,
    channel,
    store,
  });

  // ---- who asks over HTTP
  const customerReads = createCustomerReads(people);
  const conversationReads = createConversationReads(chats);
  const ports: HttpPorts = {
    now: () => clock.now(),
    inbox: createInboxService({
      act,
      clock,
      conversations,
      reads: conversationReads,
      customers,
      customerReads,
      ledger,
      outbox,
      mediaExists: (id) => media.exists(id),
      staffName: async (id) => {
        const member = await staff.accounts.get(id);
        return member.disabled ? undefined : member.name;
      },
    }),
    customers: createCustomersService({ act, clock, customers, customerReads, conversationReads, events: flow.events }),
    strategies: createStrategiesService({ act, clock, strategies }),
    scenes: createScenesService({
      act,
      clock,
      scenes,
      media,
      channelOf: (account) => channels.find((one) => one.accounts.includes(account) && one.capabilities.sceneCode),
      fetchImage: fetchPicture,
    }),
    media: {
      add: async (bytes, mimeType) => {
        const added = await media.add(bytes, mimeType);
        return { mediaId: added.id, mimeType: added.mimeType, bytes: added.size };
      },
      read: async (id) => (await media.read(id)) ?? missingMedia(),
    },
    live: createLiveService(live),
    health: {
      ready: async () => [
        ...(await problemOf('database', () => database.ping())),
        ...(await problemOf('queue', () => queues.ping())),
        ...channels.flatMap((one) =>
          one
            .health()
            .filter((account) => account.state === 'failing')
            .map((account) => ({ part: `${one.name}/${account.account}`, reason: account.reason ?? 'failing' })),
        ),
      ],
      metrics: () => metrics.render(),
    },
    webhooks: {
      handle: (name, request: WebhookRequest) => {
        const found = channel(name);
        if (!found?.webhook || !found.accounts.includes(request.account)) return undefined;
        // Signatures carry the platform's time; business time is what it is compared with, so that a demo's clock moves both.
        return found.webhook({ ...request, receivedAt: clock.now() });
      },
    },
    channels: () => channels.flatMap((one) => accountViews(one, config.publicUrl)),
  };

  return {
    config,
    database,
    clock,
    queues,
    channels,
    staff,
    act,
    deliver,
    schedule,
    live,
    ports,
    metrics,
    startChannels: async () => {
      for (const one of channels) await one.start(counted(receive));
      live.start();
    },
    startWork: () => {
      for (const one of channels) {
        for (const account of one.accounts) {
          for (const queue of ['replies', 'bulk'] as const) {
            const name = queueName({ channel: one.name, account }, queue);
            queues.open(name).process(config.delivery.concurrency[queue], ({ rowId }) => deliver(rowId));
          }
        }
      }
      schedule.start();
    },
    close: async () => {
      for (const one of channels) await one.stop();
      await schedule.stop();
      await queues.close();
      await underWay.done();
      await live.stop();
      clock.stop();
      await database.close();
    },
  };
}

function createChannels(
  config: Config,
  ports: Parameters<(typeof channelKinds)['official-account']['create']>[1],
): Channel[] {
  return [channelKinds['official-account'].create(config.channels['official-account'], ports)];
}

/** Two queues an account, so that service replies never wait behind bulk. */
function queueName(to: { channel: string; account: string }, queue: 'replies' | 'bulk'): string {
  return `${queue}.${to.channel}.${to.account}`;
}

function accountRates(config: Config): (account: string, queue: 'replies' | 'bulk') => number {
  const buckets = new Map<string, TokenBucket>();
  return (account, queue) => {
    const key = `${account}/${queue}`;
    const bucket = buckets.get(key) ?? createTokenBucket({ perSecond: config.delivery.ratePerSecond[queue] });
    buckets.set(key, bucket);
    return bucket.take();
  };
}

async function problemOf(part: string, check: () => Promise<void>): Promise<Array<{ part: string; reason: string }>> {
  try {
    await check();
    return [];
  } catch (error) {
    return [{ part, reason: error instanceof Error ? error.name : 'failed' }];
  }
}

function accountViews(channel: Channel, publicUrl: string): ReturnType<HttpPorts['channels']> {
  return channel.health().map(({ account, state, reason }) => ({
    channel: channel.name,
    account,
    state,
    reason: reason ?? null,
    webhookUrl: channel.webhook ? `${publicUrl}/webhooks/${channel.name}/${account}` : null,
  }));
}

function missingMedia(): never {
  throw notFound('media');
}
