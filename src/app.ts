/**
 * The composition root: builds every part in the order in which things happen and hands each what it needs. Plain function calls, no
 * container. app-domain.ts composes what is true, app-http.ts who asks over HTTP.
 */
import { createDomain } from './app-domain.js';
import type { Domain, ReplaceInDomain } from './app-domain.js';
import { createPorts } from './app-http.js';
import { createCampaigns, createPolicy } from './app-campaigns.js';
import type { Campaigns } from './app-campaigns.js';
import { accountRates, createChannels, isBot, queueName, spokenByUs } from './app-delivery.js';
import { createImports } from './app-imports.js';
import { actions } from './actions/index.js';
import type { Config } from './config.js';
import type { Channel, Receive, Strategy } from './contracts/index.js';
import { createDriftWatch, DRIFT_LIMIT } from './domain/contact/index.js';
import { createMediaFetches } from './domain/conversations/index.js';
import { createApiKeys, createStaff } from './domain/staff/index.js';
import type { StaffModule } from './domain/staff/index.js';
import { createAct } from './flow/act.js';
import type { Act } from './flow/act.js';
import { createChase } from './flow/chase.js';
import type { Chase } from './flow/chase.js';
import { decide } from './flow/decide.js';
import type { Decide } from './flow/decide.js';
import { createDeliver } from './flow/deliver.js';
import type { Deliver } from './flow/deliver.js';
import { createDue } from './flow/due.js';
import { createInbound } from './flow/inbound.js';
import { createOptOut } from './flow/inbound-opt-out.js';
import { createLive } from './flow/live.js';
import type { Live } from './flow/live.js';
import type { OutboxRecord } from './flow/models.js';
import { createReportOrder } from './flow/orders.js';
import { createOutbox } from './flow/outbox.js';
import { createPassive } from './flow/passive.js';
import { dueHandlers, reactionsOf } from './flow/reactions.js';
import { createActOnInbox, createReceive, naturalKey } from './flow/receive.js';
import { createSchedule } from './flow/schedule.js';
import type { Schedule } from './flow/schedule.js';
import { createSettle } from './flow/settle.js';
import { createUnderWay } from './flow/under-way.js';
import { createWriteDecision } from './flow/write-decision.js';
import type { HttpPorts } from './http/ports.js';
import { createChannelStore } from './infra/channel-store.js';
import { fileClock, systemClock } from './infra/clock.js';
import type { Clock } from './infra/clock.js';
import { createKeyRing, loadSecretKeys } from './infra/crypto.js';
import { createKeyedLock } from './infra/keyed-lock.js';
import type { Logger } from './infra/logger.js';
import { createMediaStore } from './infra/media-store.js';
import { createMetrics } from './infra/metrics.js';
import { openDatabase } from './infra/mongo.js';
import type { Database } from './infra/mongo.js';
import { throughOutages } from './infra/outage.js';
import { createQueues } from './infra/queue/index.js';
import type { Queues } from './infra/queue/index.js';
import { triggers } from './triggers/index.js';

/** What a test may put in place of a guard, to see that its absence is noticed. */
export interface Replace extends ReplaceInDomain {
  inboxKey?: typeof naturalKey;
  decide?: Decide;
  deliver?: (real: Deliver) => Deliver;
  chase?: (real: Chase) => Chase;
  optOut?: typeof createOptOut;
}

export interface AppOptions {
  config: Config;
  log: Logger;
  replace?: Replace;
}

/** Channels that the platform calls need the web, bots their own role: only the process that holds a login can speak through it. */
export interface ChannelRoles {
  web: boolean;
  bot: boolean;
}
export interface WorkRoles {
  worker: boolean;
  bot: boolean;
}

export interface App {
  config: Config;
  database: Database;
  clock: Clock;
  queues: Queues;
  channels: readonly Channel[];
  domain: Domain;
  staff: StaffModule;
  act: Act;
  deliver: Deliver;
  schedule: Schedule;
  campaigns: Campaigns;
  live: Live;
  ports: HttpPorts;
  metrics: ReturnType<typeof createMetrics>;
  /** Takes events from the channels' webhooks. */
  startChannels(roles?: ChannelRoles): Promise<void>;
  /** Delivers what the queues hint at and runs what the clock makes due. */
  startWork(roles?: WorkRoles): void;
  close(): Promise<void>;
}

/** A database that goes away meanwhile is waited for. @throws StartProblem when it, or Redis, cannot be reached in the first place. */
export function createApp(options: AppOptions): Promise<App> {
  return throughOutages(() => open(options), options.log);
}

async function open(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const database = await openDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  const clock = config.clockFile ? fileClock(config.clockFile) : systemClock;
  // A row is its holder's for one lease until it turns `sending` and for one more after.
  const jobMs = 2 * config.delivery.leaseSeconds * 1000;
  let queues: Queues | undefined;
  try {
    queues = await createQueues({ redisUrl: config.redisUrl, log, jobMs });
    return await compose(options, { database, queues, clock });
  } catch (error) {
    // Nothing of a start that failed stays open: neither the database's process nor a connection.
    clock.stop();
    await queues?.close();
    await database.close();
    throw error;
  }
}

async function compose(
  { config, log, replace = {} }: AppOptions,
  { database, queues, clock }: Pick<App, 'database' | 'queues' | 'clock'>,
): Promise<App> {
  // ---- machines
  const keys = createKeyRing(loadSecretKeys(config));
  const metrics = createMetrics();
  const media = createMediaStore({ dataDir: config.dataDir });
  const store = createChannelStore({ database, keys });
  const lock = createKeyedLock();

  // ---- what is true
  const domain = await createDomain({ config, database, keys, clock, replace });
  const { models, conversations, customers, ledger, notices } = domain;
  const flow = models.flow;
  const staff = createStaff({ database, options: { ...config.security, auditDays: config.retention.auditDays } });
  await staff.ensureIndexes();
  const apiKeys = createApiKeys({ database, keys });
  await apiKeys.ensureIndexes();

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
  const policy = createPolicy({ config, clock, log, domain, replace, channel });
  const strategiesInForce = async (): Promise<Strategy[]> =>
    spokenByUs(await domain.strategies.inForce(), await domain.senders.ours());
  const transact = createAct({
    database,
    clock,
    timeZone: config.timeZone,
    models: flow,
    customers: models.people,
    persons: domain.persons,
    reactions: reactionsOf({ ...domain, clock }),
    conversations,
    decide: replace.decide ?? decide,
    rules: { triggers, actions },
    strategiesInForce,
    learn: policy.acquaintance.learn,
    write: createWriteDecision({ clock, customers: models.people, conversations, outbox, admit: policy.admit }),
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
    notices,
    campaigns: policy.campaigns,
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
    notices,
    scenes: domain.scenes,
    outbox,
    optOut: (replace.optOut ?? createOptOut)(domain),
    massBatches: policy.massBatches,
    now: () => clock.now(),
  });
  const actOnInbox = createActOnInbox({ inbox: flow.inbox, act, apply, clock });
  const receive = createReceive({
    inbox: flow.inbox,
    database,
    clock,
    log,
    actOnInbox,
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
    customers: models.people,
    ledger,
    notices,
    database,
    clock,
    channel,
    settle,
    persons: domain.persons,
    judging: policy.judging,
    book: domain.book,
    campaigns: policy.campaigns,
    isInForce: async (code) => (await strategiesInForce()).some((strategy) => strategy.code === code),
    rate,
    log,
    options: { leaseMs: config.delivery.leaseSeconds * 1000, sendTimeoutMs: config.delivery.sendTimeoutSeconds * 1000 },
  });
  const deliver = replace.deliver?.(realDeliver) ?? realDeliver;
  const { quietHours } = config.contact;
  const rules = { ...config.orders.chase, night: quietHours, timeZone: config.timeZone };
  const realChase = createChase({ ...domain, clock, rules });
  const chase = replace.chase?.(realChase) ?? realChase;
  const due = createDue({ models: flow, clock, log, act, handlers: dueHandlers({ ...domain, clock, chase }) });
  const reportOrder = createReportOrder({ ...domain, act, clock, chase, lock });
  const campaigns = createCampaigns({
    ...{ config, clock, log, domain, outbox, replace, channel, policy, act, database, strategiesInForce },
  });
  const imports = await createImports({ config, database, clock, log, domain, reportOrder });
  const schedule = createSchedule({
    models: flow,
    database,
    clock,
    log,
    act,
    actOnInbox,
    more: [
      { name: 'due', everyMs: 1000, limitMs: 300_000, run: () => due.run() },
      { name: 'imports', everyMs: 30_000, run: async () => void (await imports.resume()) },
      ...campaigns.tasks,
      { name: 'old imports', everyMs: 3_600_000, run: () => imports.tidy() },
    ],
    outbox,
    settle,
    offer,
    customers,
    mediaFetches: createMediaFetches(models.chats),
    media,
    channel,
    store,
  });

  // ---- who asks over HTTP
  const ports = createPorts({
    ...{
      config,
      database,
      apiKeys,
      keys,
      clock,
      queues,
      channels,
      domain,
      staff,
      act,
      outbox,
      media,
      live,
      metrics,
      lock,
      reportOrder,
      strategiesInForce,
      imports,
      campaigns,
      policy,
      log,
    },
  });

  return {
    config,
    database,
    clock,
    queues,
    channels,
    domain,
    staff,
    act,
    deliver,
    schedule,
    campaigns,
    live,
    ports,
    metrics,
    startChannels: async ({ web, bot } = { web: true, bot: true }) => {
      for (const one of channels) if (isBot(one) ? bot : web) await one.start(counted(receive));
      if (web) live.start();
    },
    startWork: ({ worker, bot } = { worker: true, bot: true }) => {
      for (const one of channels.filter((each) => (isBot(each) ? bot : worker))) {
        for (const account of one.accounts) {
          for (const queue of ['replies', 'bulk'] as const) {
            const name = queueName({ channel: one.name, account }, queue);
            queues.open(name).process(config.delivery.concurrency[queue], ({ rowId }) => deliver(rowId));
          }
        }
      }
      if (worker) schedule.start();
    },
    close: async () => {
      for (const one of channels) await one.stop();
      await schedule.stop();
      await imports.close();
      await queues.close();
      await underWay.done();
      await live.stop();
      clock.stop();
      await database.close();
    },
  };
}
