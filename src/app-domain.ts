/** Composition of what is true: every domain module with what it needs of the others. Part of app.ts; opens no port and starts nothing. */
import type { Model } from 'mongoose';
import { actions } from './actions/index.js';
import type { Config } from './config.js';
import { commerceModels, createCommerce } from './domain/commerce/index.js';
import { createNoticeLedger, createQuotaLedger, noticeModel, quotaModel } from './domain/contact/index.js';
import type { QuotaLedger } from './domain/contact/index.js';
import { conversationModels, createConversations } from './domain/conversations/index.js';
import type { Conversations } from './domain/conversations/index.js';
import {
  createCardCodes,
  createConsents,
  createCustomers,
  createFigures,
  createIdentification,
  createMemberSessions,
  createPersons,
  createProfiles,
  createReferences,
  customerModels,
} from './domain/customers/index.js';
import type { Identification } from './domain/customers/index.js';
import { createScenes, createSenders, createStrategies, marketingModels } from './domain/marketing/index.js';
import { createMembership, membershipModels } from './domain/membership/index.js';
import type { Membership } from './domain/membership/index.js';
import { forgetGiven } from './flow/forget.js';
import { flowModels } from './flow/models.js';
import type { KeyRing } from './infra/crypto.js';
import type { Database } from './infra/mongo.js';
import { creditRules } from './quota-rules.js';
import { triggers } from './triggers/index.js';

/** What a test may put in place of a guard of the domain. */
export interface ReplaceInDomain {
  ledger?: (real: QuotaLedger) => QuotaLedger;
  passFence?: Conversations['passFence'];
  membership?: (real: Membership) => Membership;
  identification?: (real: Identification) => Identification;
}

export type Domain = Awaited<ReturnType<typeof createDomain>>;

export async function createDomain(parts: {
  config: Config;
  database: Database;
  keys: KeyRing;
  replace: ReplaceInDomain;
}) {
  const { config, database, keys, replace } = parts;
  const { connection } = database;
  const models = {
    people: customerModels(connection),
    chats: conversationModels(connection),
    commerce: commerceModels(connection),
    membership: membershipModels(connection),
    marketing: marketingModels(connection),
    flow: flowModels(connection),
    contact: { quotas: quotaModel(connection), notices: noticeModel(connection) },
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
  });
  const realIdentification = createIdentification(models.people, { persons, keys });
  const identification = replace.identification?.(realIdentification) ?? realIdentification;
  return {
    models,
    persons,
    writeFigures,
    ledger,
    sessions,
    notices: createNoticeLedger(models.contact.notices),
    references: createReferences(models.people, { persons, keys }),
    profiles: createProfiles(models.people, { persons, keys }),
    consents: createConsents(models.people),
    cardCodes: createCardCodes(models.people),
    commerce: createCommerce(models.commerce, {
      writeFigures,
      timeZone: config.timeZone,
      closesAfterMinutes: config.orders.closesAfterMinutes,
    }),
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
    strategies: createStrategies(models.marketing, { triggers, actions }),
    senders: createSenders(models.marketing),
    scenes: createScenes(models.marketing),
  };
}

async function prepare(models: ReadonlyArray<Model<unknown>>): Promise<void> {
  for (const model of models) await model.createCollection();
  for (const model of models) await model.createIndexes();
}
