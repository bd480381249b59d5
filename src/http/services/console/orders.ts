/** What the console's routes of orders mean. Orders are reported by shop systems; nobody changes them here. */
import { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { Commerce, OrderRecord } from '../../../domain/commerce/index.js';
import { customerName } from '../../../domain/customers/index.js';
import type { CustomerReads, Persons } from '../../../domain/customers/index.js';
import { notFound } from '../../../errors.js';
import type { OrdersPort } from '../../ports.js';
import { cursorOf, positionOf, toPage } from '../cursor.js';
import { presentOrder } from './views.js';

export interface OrdersServiceParts {
  commerce: Pick<Commerce, 'get' | 'list' | 'page'>;
  persons: Pick<Persons, 'of'>;
  customerReads: Pick<CustomerReads, 'getMany'>;
}

export function createOrdersService({ commerce, persons, customerReads }: OrdersServiceParts): OrdersPort {
  async function present(found: readonly OrderRecord[]): Promise<Map<OrderRecord, c.OrderView>> {
    const ids = [...new Map(found.map(({ customerId }) => [String(customerId), customerId])).values()];
    const people = ids.length ? await customerReads.getMany(ids) : [];
    const names = new Map(people.map((customer) => [String(customer._id), customerName(customer)]));
    return new Map(found.map((order) => [order, presentOrder(order, names.get(String(order.customerId)) ?? '—')]));
  }

  async function shown(found: readonly OrderRecord[], limit: number) {
    const views = await present(found);
    const viewOf = (order: OrderRecord): c.OrderView => {
      const view = views.get(order);
      if (!view) throw new Error('an order was left without a view');
      return view;
    };
    return toPage(found, limit, viewOf, ({ placedAt, _id }) => cursorOf(placedAt, _id));
  }

  return {
    list: async ({ limit, cursor, search, status }) => {
      const after = positionOf(cursor);
      return shown(await commerce.page({ limit: limit + 1, after, orderNo: search || undefined, status }), limit);
    },
    ofCustomer: async (id, { limit, cursor }) => {
      const { customerIds } = await persons.of(null, new Types.ObjectId(id));
      return shown(await commerce.list(customerIds, { limit: limit + 1, after: positionOf(cursor) }), limit);
    },
    get: async (id) => {
      const order = await commerce.get(id);
      const view = order && (await present([order])).get(order);
      if (!view) throw notFound('order');
      return view;
    },
  };
}
