/** The services behind the console's routes of broadcasts, plans and the contact policy, put together. */
import { createCalendar } from '../../../domain/marketing/index.js';
import type { CampaignModels } from '../../../domain/marketing/index.js';
import type { OrderRecord } from '../../../domain/commerce/index.js';
import type { Persons } from '../../../domain/customers/index.js';
import type { CustomerModels } from '../../../domain/customers/index.js';
import type { ConversationModels, Conversations } from '../../../domain/conversations/index.js';
import type { Coupons, VoucherRecord } from '../../../domain/membership/index.js';
import type { FlowModels } from '../../../flow/models.js';
import type { Acquaintance } from '../../../flow/acquaintance.js';
import type { ForecastBroadcast } from '../../../flow/broadcasts/forecast.js';
import type { MassBatches } from '../../../flow/broadcasts/mass-batches.js';
import type { Judging } from '../../../flow/judging.js';
import type { Outbox } from '../../../flow/outbox.js';
import type { Logger } from '../../../infra/logger.js';
import type { Audience } from '../../../domain/marketing/index.js';
import type { Model } from 'mongoose';
import type { HttpPorts } from '../../ports.js';
import { createBroadcastsService } from './broadcasts.js';
import type { BroadcastsServiceParts } from './broadcasts.js';
import { createContactService } from './contact.js';
import type { ContactServiceParts } from './contact.js';
import { createForecastJobs } from './forecasts.js';
import { createPlansService } from './plans.js';
import type { PlansServiceParts } from './plans.js';
import { campaignWords, createPreview } from './preview.js';
import { createResults } from './results.js';
import { createSentByDay } from './sent-by-day.js';
import { createTestSend } from './test-send.js';

export interface CampaignServicesParts
  extends
    Omit<BroadcastsServiceParts, 'forecasts' | 'preview' | 'sendTest' | 'results' | 'audience'>,
    Omit<ContactServiceParts, 'approval'>,
    Omit<PlansServiceParts, 'calendar'> {
  models: {
    campaigns: CampaignModels;
    people: Pick<CustomerModels, 'identities'>;
    chats: Pick<ConversationModels, 'conversations'>;
    commerce: { orders: Model<OrderRecord> };
    membership: { vouchers: Model<VoucherRecord> };
    flow: Pick<FlowModels, 'outbox' | 'massBatches'>;
  };
  persons: Persons;
  conversations: Pick<Conversations, 'queue'>;
  audience: Audience;
  acquaintance: Pick<Acquaintance, 'ofPersons'>;
  judging: Pick<Judging, 'gather' | 'judge'>;
  outbox: Pick<Outbox, 'add'>;
  coupons: Pick<Coupons, 'get'>;
  massBatches: Pick<MassBatches, 'of'>;
  forecast: ForecastBroadcast;
  timeZone: string;
  log: Logger;
}

export function createCampaignServices(
  parts: CampaignServicesParts,
): Pick<HttpPorts, 'broadcasts' | 'plans' | 'contact'> {
  const { models, log, coupons, limits } = parts;
  const sentByDay = createSentByDay({ ...parts, ...models.flow });
  const calendar = createCalendar(models.campaigns, { timeZone: parts.timeZone, sentByDay });
  const forecasts = createForecastJobs({
    ...parts,
    onFailure: (err, broadcastId) => log.error({ err, broadcastId }, 'a forecast failed; ask for it again'),
  });
  const { results } = createResults({
    ...parts,
    rows: models.campaigns.audience,
    orders: models.commerce.orders,
    vouchers: models.membership.vouchers,
    onFailure: (err, broadcastId) => log.error({ err, broadcastId }, 'the effect of a broadcast was not counted'),
  });
  const sendTest = createTestSend({
    ...parts,
    identities: models.people.identities,
    chats: models.chats,
    wordsOf: (broadcast) => campaignWords(coupons, broadcast),
  });
  return {
    broadcasts: createBroadcastsService({ ...parts, forecasts, results, sendTest, preview: createPreview(parts) }),
    plans: createPlansService({ ...parts, calendar }),
    contact: createContactService({ ...parts, approval: limits }),
  };
}
