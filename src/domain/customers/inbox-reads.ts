/** Up to when somebody has read the messages that the mini-program keeps for them. Owns that moment alone; the messages are the outbox's. */
import type { Types } from 'mongoose';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { InboxReadRecord } from './member-models.js';
import type { CustomerModels } from './models.js';

export interface InboxReads {
  /** Over all customers of a person; undefined when none ever read. */
  of(customerIds: readonly Types.ObjectId[]): Promise<Date | undefined>;
  /** Never goes back: an older moment that arrives late changes nothing. */
  mark(customerId: Types.ObjectId, until: Date): Promise<void>;
}

export function createInboxReads({ inboxReads }: Pick<CustomerModels, 'inboxReads'>): InboxReads {
  return {
    async of(customerIds) {
      const found = await inboxReads
        .find({ _id: { $in: [...customerIds] } }, null, IN_ONE_ANSWER)
        .lean<InboxReadRecord[]>();
      const latest = Math.max(...found.map(({ until }) => until.getTime()));
      return found.length > 0 ? new Date(latest) : undefined;
    },
    async mark(customerId, until) {
      await inboxReads.updateOne({ _id: customerId }, { $max: { until } }, { upsert: true });
    },
  };
}
