/** Composition of what is true: every domain module with what it needs of the others. Part of app.ts; opens no port and starts nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import { parse } from 'yaml';
import { actions } from './actions/index.js';
import { createChoices, createUsedBy } from './app-segments.js';
import type { Config } from './config.js';
import { commerceModels, createCommerce } from './domain/commerce/index.js';
import {
  contactModels,
  createContactBook,
  createHolds,
  createMassSends,
  createNoticeLedger,
  createPromotionSwitch,
  createQuotaLedger,
  defaultHoldAfterMs,
  noticeModel,
  quotaModel,
} from './domain/contact/index.js';
import type { ContactBook, Judge, MassSends, PromotionSwitch, QuotaLedger } from './domain/contact/index.js';
import { conversationModels, createConversations } from './domain/conversations/index.js';
import type { Conversations } from './domain/conversations/index.js';
import {
  createCardCodes,
  createConsents,
  createCustomFields,
  createCustomers,
  createFigures,
  createIdentification,
  createInboxReads,
  createMemberSessions,
  createPersons,
  createProfiles,
  createReferences,
  createTags,
  customerModels,
} from './domain/customers/index.js';
import type { Identification } from './domain/customers/index.js';
import {
  campaignModels,
  createAudience,
  createBroadcasts,
  createBudgets,
  createPlans,
  createScenes,
  createSenders,
  createStrategies,
  marketingModels,
} from './domain/marketing/index.js';
import { ForbiddenWords } from './domain/marketing/index.js';
import type { Audience, BroadcastOptions, ForbiddenWord } from './domain/marketing/index.js';
import { createInsight, insightModels } from './domain/insight/index.js';
import { createMembership, membershipModels } from './domain/membership/index.js';
import type { Membership } from './domain/membership/index.js';
import { checkRule, createPortraits, createSegments, portraitModels, segmentModels } from './domain/segments/index.js';
import type { Segments } from './domain/segments/index.js';
import { forgetGiven } from './flow/forget.js';
import { flowModels } from './flow/models.js';
import { followerModel } from './flow/portraits.js';
import { rehearsalModel } from './flow/rehearsals.js';
import type { KeyRing } from './infra/crypto.js';
import type { Database } from './infra/mongo.js';
import type { Clock } from './infra/clock.js';
import { creditRules, massSendsPerMonth } from './quota-rules.js';
import { triggers } from './triggers/index.js';

/** What a test may put in place of a guard of the domain. */
export interface ReplaceInDomain {
  ledger?: (real: QuotaLedger) => QuotaLedger;
  passFence?: Conversations['passFence'];
  membership?: (real: Membership) => Membership;
  identification?: (real: Identification) => Identification;
  /** The contact policy's judge, for example one without a gate. */
  judge?: Judge;
  book?: (real: ContactBook) => ContactBook;
  massSends?: (real: MassSends) => MassSends;
  promotionSwitch?: (real: PromotionSwitch) => PromotionSwitch;
  segments?: (real: Segments) => Segments;
  audience?: (real: Audience) => Audience;
  /** What keeps a draft of a broadcast from being stored. */
  draftProblems?: BroadcastOptions['problemsOf'];
}

const DAY_MS = 86_400_000;

export type Domain = Awaited<ReturnType<typeof createDomain>>;

export async function createDomain(parts: {
  config: Config;
  database: Database;
  keys: KeyRing;
  clock: Clock;
  replace: ReplaceInDomain;
}) {
  const { config, database, keys, clock, replace } = parts;
  const { connection } = database;
  const models = {
    people: customerModels(connection),
    chats: conversationModels(connection),
    commerce: commerceModels(connection),
    membership: membershipModels(connection),
    marketing: marketingModels(connection),
    flow: {
      ...flowModels(connection),
      followers: followerModel(connection),
      rehearsals: rehearsalModel(connection),
    },
    contact: { quotas: quotaModel(connection), notices: noticeModel(connection), ...contactModels(connection) },
    campaigns: campaignModels(connection),
    segments: { ...portraitModels(connection), ...segmentModels(connection) },
    insight: insightModels(connection),
  };
  await prepare(Object.values(models).flatMap((group) => Object.values(group) as Array<Model<unknown>>));

  const persons = createPersons(models.people, {
    keys,
    rules: {
      phoneFreezeHours: config.identity.freezeHours,
      phoneVerifiedDays: config.identity.phoneValidDays,
    },
  });
  const writeFigures = createFigures(models.people);
  const realLedger = createQuotaLedger(models.contact.quotas, creditRules(config));
  const ledger = replace.ledger?.(realLedger) ?? realLedger;
  const sessions = createMemberSessions(models.people);
  const realMembership = createMembership(models.membership, {
    writeFigures,
    timeZone: config.timeZone,
    defaults: { points: config.points, growth: config.growth, levels: config.levels },
    warn: config.contact.warnings,
  });
  const realBook = createContactBook(models.contact.contactBooks, { caps: config.contact.caps });
  const realMassSends = createMassSends(models.contact.massSends, massSendsPerMonth(config));
  const realSwitch = createPromotionSwitch(models.contact.promotionSwitch);
  const customFields = createCustomFields(models.people);
  const tags = createTags(models.people);
  const commerce = createCommerce(models.commerce, {
    writeFigures,
    timeZone: config.timeZone,
    closesAfterMinutes: config.orders.closesAfterMinutes,
  });
  const { categories, default: usual } = config.marketing.repurchaseDays;
  const realSegments = createSegments(models.segments, {
    timeZone: config.timeZone,
    cycleDays: (category) => categories[category] ?? usual,
    customFields: customFields.byKey,
    choices: createChoices({ membership: realMembership, commerce, tags, now: () => clock.now() }),
    usedBy: createUsedBy({ ...models.marketing, ...models.campaigns }),
    realNow: () => database.now(),
  });
  const segments = replace.segments?.(realSegments) ?? realSegments;
  const realAudience = createAudience(models.campaigns);
  const realIdentification = createIdentification(models.people, { persons, keys });
  const identification = replace.identification?.(realIdentification) ?? realIdentification;
  return {
    models,
    persons,
    writeFigures,
    ledger,
    sessions,
    notices: createNoticeLedger(models.contact.notices),
    book: replace.book?.(realBook) ?? realBook,
    massSends: replace.massSends?.(realMassSends) ?? realMassSends,
    promotionSwitch: replace.promotionSwitch?.(realSwitch) ?? realSwitch,
    holds: createHolds(models.contact.holds, {
      afterMs: { ...defaultHoldAfterMs, refund: config.contact.holds.refundDays * DAY_MS },
      now: () => clock.now(),
    }),
    tags,
    customFields,
    segments,
    portraits: createPortraits(
      { ...models.people, ...models.commerce, ...models.membership, ...models.segments, ...models.insight },
      { timeZone: config.timeZone, transaction: database.transaction, listsOf: segments.lists.listsOf },
    ),
    insight: createInsight({ ...models.insight, ...models.segments }, { timeZone: config.timeZone }),
    broadcasts: createBroadcasts(models.campaigns, {
      limits: config.marketing.approval,
      words: loadForbiddenWords(config),
      problemsOf: replace.draftProblems,
    }),
    audience: replace.audience?.(realAudience) ?? realAudience,
    budgets: createBudgets(models.campaigns),
    plans: createPlans(models.campaigns),
    references: createReferences(models.people, { persons, keys }),
    profiles: createProfiles(models.people, { persons, keys }),
    consents: createConsents(models.people),
    cardCodes: createCardCodes(models.people),
    inboxReads: createInboxReads(models.people),
    commerce,
    membership: replace.membership?.(realMembership) ?? realMembership,
    conversations: {
      ...createConversations(models.chats),
      ...(replace.passFence ? { passFence: replace.passFence } : {}),
    },
    identification,
    customers: createCustomers(
      models.people,
      {
        left: async (tx, { customerId, address }, at) => {
          await ledger.clear(tx, address, at);
          await forgetGiven(models.flow, tx, { customerId, address, upTo: at });
          await sessions.endOf(tx, customerId, address);
        },
      },
      identification,
    ),
    strategies: createStrategies(models.marketing, {
      triggers,
      actions,
      checkRule: async (rule) => checkRule(rule, await segments.context(clock.now())),
      knowsCoupon: async (id) => (await realMembership.coupons.get(new Types.ObjectId(id))) !== null,
    }),
    senders: createSenders(models.marketing),
    scenes: createScenes(models.marketing),
  };
}

/** What advertising law forbids to say, as the shop's list has it. */
export function loadForbiddenWords({ configDir }: Pick<Config, 'configDir'>): readonly ForbiddenWord[] {
  return ForbiddenWords.parse(parse(readFileSync(join(configDir, 'forbidden-words.yaml'), 'utf8')));
}

async function prepare(models: ReadonlyArray<Model<unknown>>): Promise<void> {
  for (const model of models) await model.createCollection();
  for (const model of models) await model.createIndexes();
}
