/** What the tests of orders share: a shop at ten in the morning with a notice for every scene, orders as shop systems report them, and what is to be seen of a person. */
import { Types } from 'mongoose';
import type { NewDomainEvent, Owed, ServiceScene } from '../../src/contracts/index.js';
import { serviceScenes } from '../../src/contracts/index.js';
import type { CustomerRecord, Figures, Person } from '../../src/domain/customers/index.js';
import type { OutboxRecord } from '../../src/flow/models.js';
import type { LineAnswer, OpenAnswer, OpenClient } from './open-client.js';
import { account, eventually, miniAccount, openShop } from './shop.js';
import type { Shop, ShopOptions } from './shop.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** An order as it goes over the wire; times are ISO texts. */
export type Reported = Record<string, unknown> & { orderNo: string };

export interface OrderShop extends Shop {
  /** Verifies its customers' phones. */
  system: OpenClient;
  now(): Date;
  /** Moves business time and waits until what fell due by it is done. */
  advance(ms: number): Promise<void>;
  /** The next time it is so late at the shop, HH:mm. */
  advanceTo(time: string): Promise<void>;
  /** Reports one and expects it to be taken. */
  report(order: Reported): Promise<{ id: string; repeated: boolean }>;
  reports(orders: readonly Reported[]): Promise<LineAnswer[]>;
  spend(customer: object, amount: number, sourceKey: string): Promise<OpenAnswer>;
  personAt(openid: string): Promise<Person>;
  personOfMember(externalId: string): Promise<Person>;
  standing(person: Person): Promise<Standing>;
  rows(person: Person): Promise<OutboxRecord[]>;
  /** Grants a voucher as a rule of the shop would. */
  voucher(person: Person, coupon: { amountOff: number; threshold: number }): Promise<string>;
  /** All that is stored about customers, orders, points, vouchers, notices and what is due, as one text. */
  everything(): Promise<string>;
  /** What of all that is stored breaks a rule; empty when all is well. */
  check(): Promise<string[]>;
  act(change: Parameters<Shop['app']['act']>[0]['change']): Promise<void>;
}

/** What a person has. */
export interface Standing {
  available: number;
  pending: number;
  debt: number;
  growth: number;
  level: string;
  orders: number;
  spent: number;
}

export async function openOrderShop(options: ShopOptions = {}): Promise<OrderShop> {
  const shop = await openShop(options);
  const { app } = shop;
  const { domain } = app;
  const system = await shop.shopSystem({ name: 'shop', verifiesPhones: true });
  const now = (): Date => app.clock.now();

  const act: OrderShop['act'] = async (change) => {
    await app.act({ cause: { door: 'clock', task: 'test' }, change });
  };
  /** Lets what is due happen, also what became due because of it, and waits until all messages have an outcome. */
  async function settle(): Promise<void> {
    await app.schedule.runAll();
    await app.schedule.runAll();
    await eventually(async () => {
      const open = { state: { $in: ['pending', 'claimed', 'sending'] }, dueAt: { $lte: now() } };
      return (await domain.models.flow.outbox.countDocuments(open as never)) === 0;
    });
  }
  async function advance(ms: number): Promise<void> {
    await shop.control('clock', { advanceMs: ms });
    await settle();
  }
  const personOf = (id: Types.ObjectId): Promise<Person> => domain.persons.of(null, id);

  await shop.control('clock', { set: nextAt('10:00', new Date()).toISOString() });
  await sayAll(shop);
  return {
    ...shop,
    ...{ system, now, act, advance },
    advanceTo: (time) => advance(nextAt(time, now()).getTime() - now().getTime()),
    report: async (order) => {
      const { status, body } = await system.post('/orders', order);
      if (status !== 200) throw new Error(`${order.orderNo}: ${status} ${JSON.stringify(body)}`);
      await settle();
      return { id: String(body['id']), repeated: body['repeated'] === true };
    },
    reports: async (orders) => {
      const { lines } = await system.ndjson('/orders', orders);
      await settle();
      return lines;
    },
    spend: (customer, amount, sourceKey) =>
      system.post('/points/spend', { customer, amount, reason: '抵扣', sourceKey }),
    personAt: async (openid) =>
      personOf(
        await eventually(async () => {
          const found = await domain.models.people.identities.findOne({ 'address.user': openid }).lean();
          return found?.customerId;
        }),
      ),
    personOfMember: async (externalId) => {
      const found = await domain.references.find({ source: 'shop', externalId });
      if (!found) throw new Error(`nobody is known as ${externalId}`);
      return personOf(found);
    },
    standing: async (person) => {
      const { available, pending, debt } = await domain.membership.points.balance(person, now());
      const { growth, level } = await domain.membership.levels.of(person.customerIds, now());
      const { effective: orders, spent } = await domain.commerce.totals({ customerIds: person.customerIds });
      return { ...{ available, pending, debt, growth }, level: level.code, orders, spent };
    },
    rows: (person) =>
      domain.models.flow.outbox
        .find({ customerId: { $in: person.customerIds } })
        .sort({ createdAt: 1 })
        .lean<OutboxRecord[]>(),
    voucher: async (person, coupon) => {
      let code = '';
      await act(async (tx, acting) => {
        const terms = { ...coupon, title: '满减券', validDays: 30, budget: 10, perPerson: 5 };
        const rules = { ...terms, levels: [], claimable: false, enabled: true };
        const put = await domain.membership.coupons.put(tx, { rules, by: 'test' }, now());
        if (!put.ok) throw new Error(put.reason);
        const request = { couponId: put.coupon._id, key: String(put.coupon._id), by: 'test' };
        const given = await domain.membership.vouchers.grant(tx, person, request, now());
        if (!given.ok) throw new Error(given.reason);
        ({ code } = given.voucher);
        return [...put.events, ...took(acting, given.owed)];
      });
      return code;
    },
    everything: async () => {
      // The platform tells a moment later what became of a template; two looks that are alike are the end of it.
      let before = '';
      return eventually(async () => {
        await new Promise((resume) => setTimeout(resume, 200));
        const now = await everythingIn(shop);
        const still = now === before;
        before = now;
        return still && now;
      });
    },
    check: async () => {
      const figuresOf = async (ids: readonly Types.ObjectId[]): Promise<Map<string, Figures>> => {
        const found = await domain.models.people.customers.find({ _id: { $in: [...ids] } }).lean<CustomerRecord[]>();
        return new Map(found.map(({ _id, figures }) => [String(_id), figures ?? {}]));
      };
      const { persons, membership, commerce } = domain;
      return [...(await persons.check()), ...(await membership.check()), ...(await commerce.check(figuresOf))];
    },
  };
}

/** The next such moment at the shop (Asia/Shanghai) after `after`. */
function nextAt(time: string, after: Date): Date {
  const today = new Date(after.getTime() + 8 * HOUR_MS).toISOString().slice(0, 10);
  const at = new Date(`${today}T${time}:00+08:00`);
  return at > after ? at : new Date(at.getTime() + DAY_MS);
}

function took(acting: { owe(owed: Owed): void }, owed: Owed): NewDomainEvent[] {
  acting.owe(owed);
  return owed.events;
}

const wordings: Readonly<Record<ServiceScene, string>> = {
  'order-unpaid': '订单 {orderNo} 还没付款，{closesAt} 前有效',
  'order-paid': '收到付款 {orderNo} {paid}',
  'order-dispatched': '订单 {orderNo} 已发货：{carrier} {trackingNo}',
  'level-reached': '恭喜升级：{level}',
};

export const templateOf = (scene: ServiceScene): string => `tpl-${scene}`;
export const oneTimeOf = (scene: ServiceScene): string => `sub-${scene}`;

/** Huike speaks in every scene: in the chat, by a one-time notice of the mini-program, by a template of the official account. */
async function sayAll(shop: Shop): Promise<void> {
  const admin = await shop.staff('admin', 'rules');
  for (const scene of serviceScenes) {
    const fields = scene === 'level-reached' ? { thing1: '{level}' } : { character_string1: '{orderNo}' };
    const page = 'pages/card/index';
    const templates = [
      {
        ...{ route: 'template', account: account.id, templateId: templateOf(scene), fields },
        miniProgram: miniAccount.appId,
      },
      { route: 'subscription-notice', account: miniAccount.id, templateId: oneTimeOf(scene), fields },
    ];
    const put = await admin.call('PUT', `strategies/${scene}`, {
      enabled: true,
      title: { 'zh-CN': wordings[scene], en: scene },
      priority: 1,
      trigger: { code: scene, args: {} },
      actions: [{ code: 'notice', args: { text: wordings[scene], page, templates } }],
    });
    if (put.status !== 200) throw new Error(JSON.stringify(put.body));
    await shop.app.act({
      cause: { door: 'clock', task: 'test' },
      change: (tx) =>
        shop.app.domain.senders.choose(tx, scene, 'huike', { staffId: admin.id, at: shop.app.clock.now() }),
    });
  }
}

/** Sessions, tokens and keys come and go by themselves; all the rest stands still when nothing happens. */
const restless = [
  'channel_state',
  'followers',
  'api_keys',
  'api_nonces',
  'api_answers',
  'member_sessions',
  'card_codes',
  'inbox',
];

async function everythingIn({ app }: Shop): Promise<string> {
  const all = await app.database.connection.listCollections();
  const names = all.map(({ name }) => name).filter((name) => !restless.includes(name));
  const parts = names.sort().map(async (name) => {
    const rows = await app.database.connection.collection(name).find().toArray();
    return [name, rows.map((row) => JSON.stringify(row)).sort()];
  });
  return JSON.stringify(await Promise.all(parts), null, 1);
}
