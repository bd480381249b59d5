/** What the customers' routes mean. */
import { Types } from 'mongoose';
import type { Model } from 'mongoose';
import type { ConversationReads } from '../../domain/conversations/index.js';
import { customerName } from '../../domain/customers/index.js';
import type { CustomerReads, Customers, Persons } from '../../domain/customers/index.js';
import { notFound } from '../../errors.js';
import type { Act } from '../../flow/act.js';
import type { EventRecord } from '../../flow/models.js';
import type { Clock } from '../../infra/clock.js';
import { olderThan } from '../../infra/mongo.js';
import type { CustomersPort } from '../ports.js';
import { cursorOf, positionOf, toPage } from './cursor.js';
import { presentCustomer } from './present.js';

export interface CustomersServiceParts {
  act: Act;
  clock: Clock;
  customers: Customers;
  customerReads: CustomerReads;
  persons: Pick<Persons, 'of'>;
  conversationReads: ConversationReads;
  events: Model<EventRecord>;
}

export function createCustomersService(parts: CustomersServiceParts): CustomersPort {
  const { customerReads, conversationReads } = parts;

  /** The record, with the identities and conversations of its person. */
  async function get(id: string) {
    const customer = await customerReads.get(id);
    if (!customer) throw notFound('customer');
    const { customerIds } = await parts.persons.of(null, customer._id);
    const [identities, conversations] = await Promise.all([
      customerReads.identitiesOf(customerIds),
      conversationReads.ofCustomers(customerIds),
    ]);
    return presentCustomer(customer, identities, conversations);
  }

  return {
    get,
    list: async (query) => {
      const after = positionOf(query.cursor);
      const found = await customerReads.list({ limit: query.limit + 1, search: query.search, after });
      const identities = await customerReads.identitiesOf(found.map((customer) => customer._id));
      const identityOf = (id: unknown) => identities.find((identity) => String(identity.customerId) === String(id));
      return toPage(
        found,
        query.limit,
        (customer) => ({
          id: String(customer._id),
          name: customerName(customer),
          createdAt: customer.createdAt.toISOString(),
          lastSeenAt: customer.lastSeenAt?.toISOString() ?? null,
          followUp: customer.followUp,
          following: identityOf(customer._id)?.following ?? false,
          channel: identityOf(customer._id)?.address.channel ?? '',
        }),
        (customer) => cursorOf(customer.lastSeenAt ?? new Date(0), customer._id),
      );
    },
    change: async (id, body, by) => {
      const { remark } = body;
      if (remark !== undefined) {
        await parts.act({
          cause: { door: 'http', staffId: by.staffId, requestId: by.requestId },
          change: (tx) => parts.customers.setRemark(tx, id, parts.clock.now(), remark),
        });
      }
      return get(id);
    },
    timeline: async (id, page) => {
      const { customerIds } = await parts.persons.of(null, new Types.ObjectId(id));
      const before = positionOf(page.cursor);
      const found = await parts.events
        .find({ customerId: { $in: customerIds }, ...(before ? olderThan('at', before) : {}) })
        .sort({ at: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<EventRecord[]>();
      return toPage(
        found,
        page.limit,
        (event) => ({
          id: String(event._id),
          kind: event.kind,
          at: event.at.toISOString(),
          conversationId: event.conversationId ? String(event.conversationId) : null,
          data: withoutPrivate(event.data),
        }),
        (event) => cursorOf(event.at, event._id),
      );
    },
  };
}

/** Who may read a timeline need not know by which platform id, number or place the person is reached. */
const privateFields: ReadonlySet<string> = new Set([
  'address',
  'openid',
  'unionid',
  'user',
  'phone',
  'latitude',
  'longitude',
  'location',
]);

function withoutPrivate(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !privateFields.has(name)));
}
