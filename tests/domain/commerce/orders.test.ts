/** Reports into a database: the stored order, the customer's figures and the events, whatever came in which order. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Types } from 'mongoose';
import type { NewDomainEvent, OrderInput } from '../../../src/contracts/index.js';
import { orderProblems } from '../../../src/domain/commerce/index.js';
import { join, keptOf } from '../../../src/domain/commerce/merge.js';
import { viewOf } from '../../../src/domain/commerce/status.js';
import type { FigureChange, WriteFigures } from '../../../src/domain/customers/index.js';
import { isDuplicateKey } from '../../../src/infra/mongo.js';
import { anyReport, at, item, now, paidReport, reportOf } from './reports.js';
import { openShelf } from './setup.js';
import type { Shelf } from './setup.js';

let shelf: Shelf;
beforeAll(async () => void (shelf = await openShelf()), 60_000);
afterEach(() => shelf.clear());
afterAll(() => shelf.close());

const kinds = (events: readonly NewDomainEvent[]): string[] => events.map(({ kind }) => kind);
const refund = (refundNo: string, amount: number, minutes: number) => ({
  ...{ refundNo, amount, status: 'succeeded' as const, at: at(minutes) },
});

describe('one report', () => {
  it('makes the order and tells what it reached; the same again changes nothing', async () => {
    const customer = await shelf.addCustomer();
    const first = await shelf.report(customer, paidReport());
    expect(first.changed).toBe(true);
    expect(kinds(first.events)).toEqual(['order.placed', 'order.paid']);
    expect(first.events[1]).toMatchObject({
      customerId: String(customer),
      at: at(10),
      data: { source: 'shop', orderNo: 'A-1', status: 'paid', paid: 105_00, item: 'Article s1', pieces: 2 },
    });
    const again = await shelf.report(customer, paidReport());
    expect(again).toMatchObject({ changed: false, events: [] });
    expect(await shelf.commerce.byKey(null, 'shop', 'A-1')).toEqual(again.order);
    expect(await shelf.check()).toEqual([]);
  });

  it('the same said at a later moment is no change, and yet what is older loses against it', async () => {
    const customer = await shelf.addCustomer();
    await shelf.report(customer, paidReport());
    expect(await shelf.report(customer, paidReport({ updatedAt: at(30) }))).toMatchObject({ changed: false });
    const between = paidReport({ amount: 200_00, updatedAt: at(20) });
    expect(await shelf.report(customer, between)).toMatchObject({ changed: false, events: [] });
    expect((await shelf.commerce.byKey(null, 'shop', 'A-1'))?.amount).toBe(110_00);
  });

  it('an order on its way tells each step once', async () => {
    const customer = await shelf.addCustomer();
    const parcel = { carrier: 'SF', trackingNo: '7' };
    const steps: Array<[Partial<OrderInput>, string[]]> = [
      [{ updatedAt: at(10) }, ['order.placed', 'order.paid']],
      [
        { status: 'dispatched', shipments: [{ ...parcel, status: 'dispatched', at: at(20) }], updatedAt: at(20) },
        ['order.dispatched'],
      ],
      [{ shipments: [{ ...parcel, trackingNo: '8', status: 'dispatched', at: at(21) }], updatedAt: at(21) }, []],
      [
        { shipments: [{ ...parcel, status: 'out-for-delivery', at: at(30) }], updatedAt: at(30) },
        ['order.outForDelivery'],
      ],
      [{ shipments: [{ ...parcel, trackingNo: '8', status: 'out-for-delivery', at: at(31) }] }, []],
      [{ status: 'delivered', receivedAt: at(40), updatedAt: at(40) }, ['order.delivered']],
      [{ status: 'completed', completedAt: at(50), updatedAt: at(50) }, ['order.completed']],
      [{ status: 'refunding', updatedAt: at(51) }, []],
    ];
    for (const [change, expected] of steps) {
      const { events } = await shelf.report(customer, paidReport(change));
      expect(kinds(events)).toEqual(expected);
      if (expected[0] === 'order.dispatched') {
        expect(events[0]?.data).toMatchObject({ carrier: 'SF', trackingNo: '7', parcels: 1 });
      }
    }
  });

  it('is received again without telling it again when one more parcel was told after the first had arrived', async () => {
    const customer = await shelf.addCustomer();
    const parcel = (trackingNo: string, status: 'dispatched' | 'delivered', minutes: number) =>
      paidReport({ shipments: [{ carrier: 'SF', trackingNo, status, at: at(minutes) }], updatedAt: at(minutes) });
    const seen: unknown[] = [];
    for (const input of [parcel('7', 'delivered', 20), parcel('8', 'dispatched', 30), parcel('8', 'delivered', 40)]) {
      const { order, events } = await shelf.report(customer, input);
      seen.push([order.status, kinds(events).includes('order.delivered')]);
    }
    expect(seen).toEqual([
      ['delivered', true],
      ['dispatched', false],
      ['delivered', false],
    ]);
  });

  it('a refund tells each change of its state', async () => {
    const customer = await shelf.addCustomer();
    await shelf.report(customer, paidReport());
    const told: unknown[] = [];
    for (const [status, minutes] of [
      ['requested', 20],
      ['approved', 30],
      ['requested', 20],
      ['succeeded', 40],
      ['succeeded', 40],
    ] as const) {
      const refunds = [{ refundNo: 'r1', amount: 20_00, status, at: at(minutes) }];
      const { events } = await shelf.report(customer, paidReport({ refunds, updatedAt: at(minutes) }));
      told.push(...events.map(({ kind, data }) => [kind, data['before'], data['refundStatus'], data['refundAmount']]));
    }
    expect(told).toEqual([
      ['order.refundChanged', null, 'requested', 20_00],
      ['order.refundChanged', 'requested', 'approved', 20_00],
      ['order.refundChanged', 'approved', 'succeeded', 20_00],
    ]);
  });

  it('the order stays with the customer it was first written with', async () => {
    const [first, second] = [await shelf.addCustomer(), await shelf.addCustomer()];
    await shelf.report(first, reportOf());
    const { order, events } = await shelf.report(second, paidReport());
    expect(order.customerId).toEqual(first);
    expect(events[0]?.customerId).toBe(String(first));
    expect((await shelf.figures(first)).orders).toBe(1);
    expect((await shelf.figures(second)).orders).toBeUndefined();
  });

  it('two first reports at once end as one order', async () => {
    const customer = await shelf.addCustomer();
    const insist = async (input: OrderInput): Promise<void> => {
      for (;;) {
        try {
          return void (await shelf.report(customer, input));
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }
    };
    await Promise.all([insist(reportOf()), insist(paidReport()), insist(paidReport())]);
    expect(await shelf.models.orders.countDocuments()).toBe(1);
    expect(await shelf.figures(customer)).toMatchObject({ orders: 1, spent: 95_00 });
    expect(await shelf.check()).toEqual([]);
  });

  it('a refused report writes nothing', async () => {
    const customer = await shelf.addCustomer();
    const reported = await shelf.transaction((tx) =>
      shelf.commerce.report(tx, customer, paidReport({ paid: 200_00 }), now),
    );
    expect(reported).toMatchObject({ ok: false, problems: [{ path: 'paid', code: 'order.paidBeyondAmount' }] });
    expect(await shelf.models.orders.countDocuments()).toBe(0);
  });
});

describe('figures', () => {
  it('first and last move back when an order stops counting, and are gone with the last one', async () => {
    const customer = await shelf.addCustomer();
    const orders = [0, 1000, 2000].map((minutes, i) =>
      paidReport({
        orderNo: `A-${i}`,
        placedAt: at(minutes),
        paidAt: at(minutes + 10),
        updatedAt: at(minutes + 10),
      }),
    );
    for (const order of orders) await shelf.report(customer, order);
    const range = { firstOrderAt: at(0), lastOrderAt: at(2000) };
    expect(await shelf.figures(customer)).toEqual({ orders: 3, spent: 285_00, items: 6, ...range });
    const undo = (i: number): OrderInput => ({
      ...(orders[i] ?? reportOf()),
      refunds: [refund('r', 105_00, 3000)],
      updatedAt: at(3000),
    });
    await shelf.report(customer, undo(2));
    expect(await shelf.figures(customer)).toMatchObject({ orders: 2, lastOrderAt: at(1000) });
    await shelf.report(customer, undo(0));
    expect(await shelf.figures(customer)).toMatchObject({ orders: 1, firstOrderAt: at(1000), lastOrderAt: at(1000) });
    await shelf.report(customer, undo(1));
    expect(await shelf.figures(customer)).toEqual({ orders: 0, spent: 0, items: 0 });
    expect(await shelf.check()).toEqual([]);
  });

  it('a corrected day moves first and last', async () => {
    const customer = await shelf.addCustomer();
    await shelf.report(customer, paidReport({ placedAt: at(5) }));
    await shelf.report(customer, paidReport({ placedAt: at(7), updatedAt: at(20) }));
    expect(await shelf.figures(customer)).toMatchObject({ firstOrderAt: at(7), lastOrderAt: at(7) });
  });

  const good = anyReport.filter((report) => orderProblems(report, now).length === 0);
  const step = fc.record({
    reports: fc.array(fc.tuple(good, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 3 }),
    history: fc.boolean(),
  });

  it('equal a recount after any sequence; the order is that of its set of reports; each state is told once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        await shelf.clear();
        const customers = [await shelf.addCustomer(), await shelf.addCustomer()];
        const all: OrderInput[] = [];
        const events: NewDomainEvent[] = [];
        for (const { reports, history } of steps) {
          const batch = reports.map(([report, i]) => {
            const customerId = customers[i % 2] ?? new Types.ObjectId();
            return { customerId, input: { ...report, orderNo: `A-${i}` } };
          });
          all.push(...batch.map(({ input }) => input));
          if (history) {
            await shelf.transaction((tx) => shelf.commerce.addHistory(tx, batch, now));
          } else {
            for (const { customerId, input } of batch) events.push(...(await shelf.report(customerId, input)).events);
          }
        }
        expect(await shelf.check()).toEqual([]);
        for (const stored of await shelf.models.orders.find().lean()) {
          const reports = all.filter(({ orderNo }) => orderNo === stored.orderNo).map(keptOf);
          expect(stored).toMatchObject(viewOf(reports.reduce(join), 60));
          const told = kinds(events.filter(({ data }) => data['orderNo'] === stored.orderNo));
          const once = told.filter((kind) => kind !== 'order.refundChanged');
          expect(new Set(once).size).toBe(once.length);
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  const broken: Array<[string, (write: WriteFigures) => WriteFigures]> = [
    ['are not written', () => () => Promise.resolve()],
    [
      'are written twice',
      (write) => async (tx, changes) => {
        await write(tx, changes);
        await write(tx, changes);
      },
    ],
    ['never move a day back', (write) => (tx, changes) => write(tx, changes.map(withoutSet))],
    ['never go down', (write) => (tx, changes) => write(tx, changes.filter(isUp))],
  ];
  it.each(broken)('are seen to differ when they %s', async (_name, breaking) => {
    const commerce = shelf.composed(breaking(shelf.writeFigures));
    const customer = await shelf.addCustomer();
    const second = { orderNo: 'A-2', placedAt: at(100), paidAt: at(101), updatedAt: at(101) };
    for (const input of [
      paidReport(),
      paidReport(second),
      paidReport({ ...second, refunds: [refund('r', 105_00, 200)], updatedAt: at(200) }),
    ]) {
      await shelf.report(customer, input, commerce);
    }
    expect(await shelf.check()).toContainEqual(expect.stringContaining('differs from a recount'));
  });

  it('and orders are seen to differ when somebody writes past the door', async () => {
    const customer = await shelf.addCustomer();
    await shelf.report(customer, paidReport());
    await shelf.models.orders.updateOne({}, { $set: { status: 'pending' } });
    expect(await shelf.check()).toEqual(['order shop/A-1: status differs from what was reported']);
  });
});

const withoutSet = ({ set: _set, unset: _unset, ...change }: FigureChange): FigureChange => change;
const isUp = ({ inc }: FigureChange): boolean => (inc?.orders ?? 0) >= 0;

describe('history', () => {
  const batchFor = (customers: readonly Types.ObjectId[], count: number) =>
    Array.from({ length: count }, (_, i) => {
      const customerId = customers[i % customers.length] ?? new Types.ObjectId();
      const change = { orderNo: `H-${i}`, placedAt: at(i), paidAt: at(i + 1), updatedAt: at(i + 2) };
      return { customerId, input: paidReport({ ...change, status: 'completed', completedAt: at(i + 2) }) };
    });

  it('is added in a few calls whatever its size, told once, and the same again changes nothing', async () => {
    const customers = [await shelf.addCustomer(), await shelf.addCustomer()];
    const batch = batchFor(customers, 500);
    const added = await shelf.transaction((tx) => shelf.commerce.addHistory(tx, batch, now));
    expect(added).toMatchObject({ unchanged: 0, updated: [], refused: [] });
    expect(added.orders.map(({ orderNo }) => orderNo)).toEqual(batch.map(({ input }) => input.orderNo));
    expect(added.events).toEqual([
      {
        kind: 'order.imported',
        at: now,
        data: {
          ...{ orders: 500, updated: 0, paid: 500 * 105_00 },
          ...{ firstPlacedAt: at(0).toISOString(), lastPlacedAt: at(499).toISOString() },
          customerIds: customers.map(String),
        },
      },
    ]);
    expect(await shelf.figures(customers[1] ?? new Types.ObjectId())).toEqual({
      ...{ orders: 250, spent: 250 * 95_00, items: 500, firstOrderAt: at(1), lastOrderAt: at(499) },
    });
    const again = await shelf.transaction((tx) => shelf.commerce.addHistory(tx, batch, now));
    expect(again).toEqual({ orders: [], updated: [], unchanged: 500, refused: [], events: [] });
    expect(await shelf.commerce.totals({ source: 'shop' })).toEqual({
      ...{ orders: 500, effective: 500, spent: 500 * 95_00, items: 1000 },
    });
    expect(await shelf.check()).toEqual([]);
  });

  it('stays history whoever reports it later, while what the shop reported first does not become it', async () => {
    const customer = await shelf.addCustomer();
    await shelf.report(customer, paidReport({ orderNo: 'S-1' }));
    const both = [paidReport({ orderNo: 'S-1' }), paidReport({ orderNo: 'P-1' })];
    const batch = both.map((input) => ({ customerId: customer, input: { ...input, updatedAt: at(30) } }));
    await shelf.transaction((tx) => shelf.commerce.addHistory(tx, batch, now));
    const later = await shelf.report(customer, paidReport({ orderNo: 'P-1', updatedAt: at(40), completedAt: at(40) }));
    expect(shelf.commerce.factsOf(later.order)).toMatchObject({ history: true, completedAt: at(40) });
    const shops = await shelf.commerce.byKey(null, 'shop', 'S-1');
    expect(shops && shelf.commerce.factsOf(shops)).not.toHaveProperty('history');
  });

  it('takes an order told twice in one batch once, changes what is known, leaves bad rows out', async () => {
    const customer = await shelf.addCustomer();
    await shelf.report(customer, paidReport());
    const reports = [
      reportOf({ orderNo: 'H-1' }),
      paidReport({ orderNo: 'H-1' }),
      paidReport({ orderNo: 'H-2', discount: 999_00 }),
      paidReport({ status: 'closed', closedAt: at(30), updatedAt: at(30) }),
    ];
    const added = await shelf.transaction((tx) =>
      shelf.commerce.addHistory(
        tx,
        reports.map((input) => ({ customerId: customer, input })),
        now,
      ),
    );
    expect(added.orders).toMatchObject([{ orderNo: 'H-1', status: 'paid' }]);
    expect(added.updated).toMatchObject([{ orderNo: 'A-1', status: 'closed' }]);
    expect(added.refused).toMatchObject([{ index: 2, problems: [{ path: 'discount' }] }]);
    expect(added.events).toMatchObject([{ data: { orders: 1, updated: 1, paid: 105_00 } }]);
    expect(await shelf.check()).toEqual([]);
  });
});

describe('reads', () => {
  it('a person’s orders by pages, newest first, over their customers', async () => {
    const customers = [await shelf.addCustomer(), await shelf.addCustomer()];
    const stranger = await shelf.addCustomer();
    for (let i = 0; i < 7; i++) {
      const customer = customers[i % 2] ?? stranger;
      await shelf.report(customer, reportOf({ orderNo: `A-${i}`, placedAt: at(Math.floor(i / 3)), updatedAt: at(9) }));
    }
    await shelf.report(stranger, reportOf({ orderNo: 'S' }));
    const seen: string[] = [];
    for (let after: { at: Date; id: string } | undefined; ;) {
      const page = await shelf.commerce.list(customers, { limit: 2, after });
      seen.push(...page.map(({ orderNo }) => orderNo));
      const last = page.at(-1);
      if (!last) break;
      after = { at: last.placedAt, id: String(last._id) };
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
    expect(seen[0]).toBe('A-6');
    const one = await shelf.commerce.byKey(null, 'shop', 'A-6');
    expect(await shelf.commerce.get(String(one?._id))).toEqual(one);
    expect(await shelf.commerce.totals({ customerIds: customers })).toMatchObject({ orders: 7, effective: 0 });
  });

  it('bought elsewhere: the same article, by the same person, paid in another order since', async () => {
    const [customer, linked, stranger] = [
      await shelf.addCustomer(),
      await shelf.addCustomer(),
      await shelf.addCustomer(),
    ];
    const { order } = await shelf.report(
      customer,
      reportOf({ placedAt: at(100), updatedAt: at(100), items: [item('s1')] }),
    );
    const elsewhere = (of: readonly Types.ObjectId[]) =>
      shelf.transaction((tx) => shelf.commerce.boughtElsewhere(tx, of, order));
    const paidAt = (minutes: number) => ({ paidAt: at(minutes), updatedAt: at(minutes) });
    await shelf.report(linked, paidReport({ orderNo: 'early', ...paidAt(99) }));
    await shelf.report(linked, paidReport({ orderNo: 'other', ...paidAt(110), items: [item('s3')] }));
    await shelf.report(stranger, paidReport({ orderNo: 'theirs', ...paidAt(110) }));
    await shelf.report(linked, reportOf({ orderNo: 'unpaid', placedAt: at(105), updatedAt: at(105) }));
    expect(await elsewhere([customer, linked])).toBe(false);
    await shelf.report(linked, paidReport({ source: 'till', orderNo: 'same', ...paidAt(110) }));
    expect(await elsewhere([customer, linked])).toBe(true);
    expect(await elsewhere([customer])).toBe(false);
    await shelf.report(customer, paidReport({ placedAt: at(100), ...paidAt(120), items: [item('s1')] }));
    expect(await elsewhere([customer])).toBe(false);
  });
});
