/** Composition of who asks over HTTP: the services behind the routes. Part of app.ts. */
import { loadForbiddenWords } from './app-domain.js';
import type { Domain } from './app-domain.js';
import type { Campaigns, Policy } from './app-campaigns.js';
import { actions } from './actions/index.js';
import type { Config } from './config.js';
import type { Channel, Strategy, WebhookRequest } from './contracts/index.js';
import { createConversationReads } from './domain/conversations/index.js';
import { createCustomerReads } from './domain/customers/index.js';
import { createDashboard } from './domain/insight/index.js';
import type { ApiKeys, StaffModule } from './domain/staff/index.js';
import { notFound } from './errors.js';
import type { Act } from './flow/act.js';
import type { Live } from './flow/live.js';
import type { ReportOrder } from './flow/orders.js';
import type { Outbox } from './flow/outbox.js';
import type { HttpPorts } from './http/ports.js';
import { createConsoleServices } from './http/services/console/index.js';
import { createCampaignServices } from './http/services/campaigns/index.js';
import { createNames } from './http/services/console/names.js';
import { channelAccounts } from './http/services/channels.js';
import { createCustomersService } from './http/services/customers.js';
import { createInboxService } from './http/services/inbox.js';
import { createLiveService } from './http/services/live.js';
import { createScenesService, createStrategiesService } from './http/services/marketing.js';
import { createMemberService } from './http/services/member/index.js';
import { createOpenService } from './http/services/open.js';
import { createPeopleServices } from './http/services/people/index.js';
import type { ImportService } from './imports/index.js';
import type { Clock } from './infra/clock.js';
import type { KeyRing } from './infra/crypto.js';
import { fetchPicture } from './infra/fetch-picture.js';
import type { KeyedLock } from './infra/keyed-lock.js';
import type { MediaStore } from './infra/media-store.js';
import type { createMetrics } from './infra/metrics.js';
import type { Logger } from './infra/logger.js';
import type { Database } from './infra/mongo.js';
import type { Queues } from './infra/queue/index.js';
import { checkRule } from './domain/segments/index.js';
import { triggers } from './triggers/index.js';

export interface HttpParts {
  config: Config;
  database: Database;
  apiKeys: ApiKeys;
  keys: KeyRing;
  clock: Clock;
  queues: Queues;
  channels: readonly Channel[];
  domain: Domain;
  staff: StaffModule;
  act: Act;
  outbox: Outbox;
  media: MediaStore;
  live: Live;
  metrics: ReturnType<typeof createMetrics>;
  lock: KeyedLock;
  reportOrder: ReportOrder;
  /** Those that act now: switched on, and of scenes in which Huike speaks. */
  strategiesInForce(): Promise<readonly Strategy[]>;
  imports: ImportService;
  policy: Policy;
  campaigns: Campaigns;
  log: Logger;
}

export function createPorts(parts: HttpParts): HttpPorts {
  const { act, clock, channels, domain, media, outbox, staff, lock } = parts;
  const { customers, conversations, models } = domain;
  const customerReads = createCustomerReads(models.people, { keys: parts.keys });
  const conversationReads = createConversationReads(models.chats);
  const nameOf = createNames(staff, parts.apiKeys);
  const miniProgram = channels.find(({ name }) => name === 'mini-program');
  return {
    now: () => clock.now(),
    apiKeys: parts.apiKeys,
    open: createOpenService({ ...domain, act, clock, lock, reportOrder: parts.reportOrder }),
    member: createMemberService({
      ...domain,
      ...{ act, clock, lock, outbox, miniProgram },
      texts: parts.config.memberTexts,
      strategiesInForce: () => parts.strategiesInForce(),
    }),
    inbox: createInboxService({
      act,
      clock,
      conversations,
      reads: conversationReads,
      customers,
      customerReads,
      ledger: domain.ledger,
      outbox,
      mediaExists: (id) => media.exists(id),
      mediaSize: (id) => media.size(id),
      staffName: async (id) => {
        const member = await staff.accounts.get(id);
        return member.disabled ? undefined : member.name;
      },
    }),
    customers: createCustomersService({
      act,
      clock,
      customers,
      customerReads,
      persons: domain.persons,
      conversationReads,
      events: models.flow.events,
    }),
    ...createConsoleServices({
      ...domain,
      ...{ act, clock, lock, customerReads },
      nameOf,
      timeZone: parts.config.timeZone,
      limits: parts.config.staffLimits,
      imports: parts.imports,
    }),
    ...createPeopleServices({
      ...domain,
      ...{ act, clock, customerReads },
      nameOf,
      people: async () => await models.segments.portraits.estimatedDocumentCount(),
      dashboard: createDashboard(
        { ...models.flow, ...models.campaigns, ...models.chats, ...models.segments, ...models.insight },
        { timeZone: parts.config.timeZone },
      ),
    }),
    strategies: createStrategiesService({
      ...{ act, clock, strategies: domain.strategies, triggers, actions },
      ...{ budgets: domain.budgets, rehearsals: parts.campaigns.rehearsals },
      outbox: models.flow.outbox,
      runs: models.flow.strategyRuns,
    }),
    ...createCampaignServices({
      ...domain,
      ...parts.policy,
      ...{ act, clock, outbox: parts.outbox, customerReads, nameOf, log: parts.log },
      rules: parts.config.contact,
      limits: parts.config.marketing.approval,
      words: loadForbiddenWords(parts.config),
      coupons: domain.membership.coupons,
      checkRule: async (rule) => checkRule(rule, await domain.segments.context(clock.now())),
      forecast: parts.campaigns.forecast,
      timeZone: parts.config.timeZone,
    }),
    scenes: createScenesService({
      act,
      clock,
      scenes: domain.scenes,
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
    live: createLiveService(parts.live),
    health: { ready: () => problemsNow(parts), metrics: () => parts.metrics.render() },
    webhooks: {
      handle: (name, request: WebhookRequest) => {
        const found = channels.find((one) => one.name === name);
        if (!found?.webhook || !found.accounts.includes(request.account)) return undefined;
        // Signatures carry the platform's time; business time is what it is compared with, so that a demo's clock moves both.
        return found.webhook({ ...request, receivedAt: clock.now() });
      },
    },
    channels: () => channelAccounts(channels, parts.config.publicUrl),
  };
}

async function problemsNow({
  database,
  queues,
  channels,
}: HttpParts): Promise<Array<{ part: string; reason: string }>> {
  return [
    ...(await problemOf('database', () => database.ping())),
    ...(await problemOf('queue', () => queues.ping())),
    ...channels.flatMap((one) =>
      one
        .health()
        .filter((account) => account.state === 'failing')
        .map((account) => ({ part: `${one.name}/${account.account}`, reason: account.reason ?? 'failing' })),
    ),
  ];
}

async function problemOf(part: string, check: () => Promise<void>): Promise<Array<{ part: string; reason: string }>> {
  try {
    await check();
    return [];
  } catch (error) {
    return [{ part, reason: error instanceof Error ? error.name : 'failed' }];
  }
}

function missingMedia(): never {
  throw notFound('media');
}
