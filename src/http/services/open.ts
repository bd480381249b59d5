/** What shop systems' routes mean: reports go into the domain in one `act` each, refusals come out as problems. */
import type { ClientSession, Types } from 'mongoose';
import type * as c from '../../contracts/index.js';
import type { Cause, FieldProblem, NewDomainEvent, Owed } from '../../contracts/index.js';
import type { Commerce } from '../../domain/commerce/index.js';
import { customerProblems } from '../../domain/customers/index.js';
import type {
  CardCodes,
  Consents,
  CustomFields,
  Persons,
  Profiles,
  References,
  Tags,
} from '../../domain/customers/index.js';
import type { Membership } from '../../domain/membership/index.js';
import { RequestProblem, notFound } from '../../errors.js';
import type { Act, Acting } from '../../flow/act.js';
import { asVerified } from '../../flow/orders.js';
import type { ReportOrder } from '../../flow/orders.js';
import type { Clock } from '../../infra/clock.js';
import type { KeyedLock } from '../../infra/keyed-lock.js';
import type { OpenPort, ShopSystem } from '../ports.js';
import { refusedBy } from './refusals.js';

export interface OpenServiceParts {
  act: Act;
  clock: Clock;
  lock: KeyedLock;
  reportOrder: ReportOrder;
  references: References;
  persons: Persons;
  profiles: Profiles;
  consents: Consents;
  tags: Pick<Tags, 'tag'>;
  customFields: Pick<CustomFields, 'set'>;
  cardCodes: CardCodes;
  commerce: Commerce;
  membership: Membership;
}

/** How far the shop's clock may be ahead of ours, as in its reports. */
const MOST_AHEAD_MS = 10 * 60_000;

export function createOpenService(parts: OpenServiceParts): OpenPort {
  const { act, clock, references, persons, commerce, membership } = parts;

  /** One change under its door; what it gives beside events is handed out. */
  async function change<T>(
    by: ShopSystem,
    work: (tx: ClientSession, acting: Acting) => Promise<{ events: NewDomainEvent[]; result: T }>,
  ): Promise<T> {
    let result: T | undefined;
    await act({
      cause: causeOf(by),
      change: async (tx, acting) => {
        const done = await work(tx, acting);
        ({ result } = done);
        return done.events;
      },
    });
    return result as T;
  }

  async function order(input: c.OrderInput, by: ShopSystem): Promise<c.OpenReceipt> {
    const reported = await parts.reportOrder(input, { cause: causeOf(by), phonesVerified: by.verifiesPhones });
    if (!reported.ok)
      throw refusedReport('order.refused', 'The order cannot be as it was reported.', reported.problems);
    return { id: reported.orderId, repeated: !reported.changed };
  }

  function event(input: c.BehaviourInput, by: ShopSystem): Promise<c.OpenReceipt> {
    return change(by, async (tx) => {
      const ref = asVerified(input.customer, by.verifiesPhones ? input.at : undefined);
      const who = await references.resolve(tx, input.source, ref, clock.now());
      const recorded = await commerce.recordBehaviour(tx, who.customerId, input, clock.now());
      if (!recorded.ok) {
        throw refusedReport('behaviour.refused', 'The event cannot be as it was reported.', recorded.problems);
      }
      const result = { id: recorded.id, repeated: recorded.repeated };
      return { events: [...who.events, ...recorded.events], result };
    });
  }

  function customer(input: c.CustomerInput, by: ShopSystem): Promise<c.OpenReceipt> {
    const problems = customerProblems(input, clock.now());
    if (problems.length) throw refusedReport('customer.refused', 'The customer cannot be as reported.', problems);
    return change(by, async (tx) => {
      const now = clock.now();
      const at = input.updatedAt ?? now;
      const { source, externalId, unionid, openid, consents = [], createdAt: _c, updatedAt: _u, ...rest } = input;
      const { phoneVerifiedAt: claimedAt, tags, fields, ...profile } = rest;
      const phoneVerifiedAt = by.verifiesPhones ? (claimedAt ?? at) : undefined;
      const told = { externalId, unionid, openid, name: profile.name, phone: profile.phone };
      const ref = asVerified(defined(told), phoneVerifiedAt);
      const who = await references.resolve(tx, source, ref, now);
      const teller = { kind: 'shop' as const, id: source };
      const put = await parts.profiles.put(tx, who.customerId, profile, at, teller, { phoneVerifiedAt, now });
      if (!put.ok) throw refusedBy(put);
      const agreed: NewDomainEvent[] = [];
      for (const { withdrawn = false, ...consent } of consents) {
        agreed.push(...(await parts.consents.record(tx, who.customerId, { ...consent, by: teller }, withdrawn)));
      }
      const marked = await mark(tx, who.customerId, { tags, fields }, by, at);
      const events = [...who.events, ...put.events, ...agreed, ...marked];
      return { events, result: { id: String(who.customerId), repeated: events.length === 0 } };
    });
  }

  async function mark(
    tx: ClientSession,
    customerId: Types.ObjectId,
    { tags: add = [], fields = {} }: { tags: c.CustomerInput['tags']; fields: c.CustomerInput['fields'] },
    { keyId }: ShopSystem,
    at: Date,
  ): Promise<NewDomainEvent[]> {
    const tagged = add.length ? await parts.tags.tag(tx, customerId, { add }, keyId, at) : undefined;
    if (tagged && !tagged.ok) throw refusedBy(tagged);
    const set = await parts.customFields.set(tx, customerId, fields, keyId, at);
    if (!set.ok) {
      const problems = set.problems.map(({ key, reason }) => {
        return { path: `fields.${key}`, code: reason, message: 'does not fit the field as the shop defined it' };
      });
      throw refusedReport('customer.refused', 'The customer cannot be as reported.', problems);
    }
    return [...(tagged?.events ?? []), ...set.events];
  }

  function product(input: c.ProductInput, by: ShopSystem): Promise<c.OpenReceipt> {
    return change(by, async (tx) => {
      const { changed, events } = await commerce.putProduct(tx, input, clock.now());
      return { events, result: { id: input.sku, repeated: !changed } };
    });
  }

  async function found(lookup: c.CustomerLookup): Promise<Types.ObjectId> {
    const id =
      'cardCode' in lookup ? await parts.cardCodes.find(lookup.cardCode, clock.now()) : await references.find(lookup);
    if (!id) throw notFound('customer');
    return id;
  }

  /** A card's code is good for minutes, a spending's key for ever: what was spent by it tells whose card it was. */
  async function spender({ customer: lookup }: c.SpendBody, key: string): Promise<Types.ObjectId> {
    if (!('cardCode' in lookup)) return found(lookup);
    const id = await parts.cardCodes.find(lookup.cardCode, clock.now());
    return id ?? (await membership.points.spentBy(key)) ?? missing('customer');
  }

  async function lookup({ customer: by }: c.LookupBody): Promise<c.OpenCustomer> {
    const now = clock.now();
    const person = await persons.of(null, await found(by));
    const [profile, balance, level, vouchers] = await Promise.all([
      parts.profiles.read(person.customerIds),
      membership.points.balance(person, now),
      membership.levels.of(person.customerIds, now),
      membership.vouchers.usable(person.customerIds, { limit: 100, now }),
    ]);
    const { available, pending, debt, spendable } = balance;
    return {
      id: String(person.id),
      name: profile.name,
      phone: profile.phone,
      member: profile.joinedAt !== null,
      points: { available, pending, debt, spendable },
      level: {
        code: level.level.code,
        title: level.level.title['zh-CN'],
        growth: level.growth,
        validUntil: level.validUntil?.toISOString() ?? null,
      },
      vouchers: vouchers.map(({ code, title, amountOff, threshold, state, expiresAt }) => ({
        ...{ code, title, amountOff, threshold, state },
        expiresAt: expiresAt.toISOString(),
      })),
    };
  }

  async function spend(body: c.SpendBody, by: ShopSystem): Promise<c.Spent> {
    const { amount, reason, sourceKey, order: ref } = body;
    const key = `open:${by.keyId}:${sourceKey}`;
    const customerId = await spender(body, key);
    const { id } = await persons.of(null, customerId);
    // One account is written by one at a time; those behind wait here instead of running again and again.
    return parts.lock(`points ${String(id)}`, () =>
      change(by, async (tx, acting) => {
        const person = await persons.of(tx, customerId);
        const now = clock.now();
        const request = { amount, reason, key, by: by.keyId, ...(ref ? { order: ref } : {}) };
        const spent = await membership.points.spend(tx, person, request, now);
        if (!spent.ok) throw refusedBy(spent, now);
        const events = take(acting, spent.owed);
        if (ref && !spent.repeated) events.push(...(await settleUndone(tx, acting, ref)));
        const result = { id: spent.id, amount, available: spent.available, repeated: spent.repeated };
        return { events, result };
      }),
    );
  }

  /**
   * What is used for an order may be told after the order was closed or refunded. Nothing more will be reported of it then, so what was
   * used goes back now, as if it had been told in time.
   */
  async function settleUndone(
    tx: ClientSession,
    acting: Acting,
    { source, orderNo }: { source: string; orderNo: string },
  ): Promise<NewDomainEvent[]> {
    const order = await commerce.byKey(tx, source, orderNo);
    const facts = order && commerce.factsOf(order);
    if (!order || !facts || (!facts.closedAt && facts.refunds.length === 0)) return [];
    const person = await persons.of(tx, order.customerId);
    return take(acting, await membership.settleOrder(tx, person, facts, clock.now()));
  }

  /** A use or release from the future would outweigh what really comes after it. */
  function refuseFuture(at: Date): void {
    if (at.getTime() > clock.now().getTime() + MOST_AHEAD_MS) throw refusedBy({ reason: 'voucher.timeInFuture' });
  }

  async function redeem(code: string, body: c.RedeemBody, by: ShopSystem): Promise<c.OpenReceipt> {
    refuseFuture(body.at);
    return change(by, async (tx, acting) => {
      const voucher = await membership.vouchers.byCode(code, tx);
      if (!voucher) throw notFound('voucher');
      const person = await persons.of(tx, voucher.customerId);
      const now = clock.now();
      const redeemed = await membership.vouchers.redeem(tx, person, voucher, body, now);
      if (!redeemed.ok) throw refusedBy(redeemed, now);
      const events = take(acting, redeemed.owed);
      if (!redeemed.repeated) events.push(...(await settleUndone(tx, acting, body)));
      return { events, result: receiptOf(voucher._id, redeemed) };
    });
  }

  async function release(code: string, body: c.ReleaseBody, by: ShopSystem): Promise<c.OpenReceipt> {
    refuseFuture(body.at);
    return change(by, async (tx, acting) => {
      const voucher = await membership.vouchers.byCode(code, tx);
      if (!voucher) throw notFound('voucher');
      const released = await membership.vouchers.release(tx, voucher, body, clock.now());
      if (!released.ok) throw refusedBy(released);
      return { events: take(acting, released.owed), result: receiptOf(voucher._id, released) };
    });
  }

  return { order, event, customer, product, lookup, spend, redeem, release };
}

/** Without the names that hold nothing. */
function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const held = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(held) as { [K in keyof T]?: NonNullable<T[K]> };
}

const causeOf = ({ keyId, requestId }: ShopSystem): Cause => ({ door: 'open', keyId, requestId });

const receiptOf = (id: unknown, { repeated }: { repeated: boolean }): c.OpenReceipt => ({ id: String(id), repeated });

function missing(what: string): never {
  throw notFound(what);
}

/** Hands what is owed to the clock over, and gives the events. */
export function take(acting: Acting, owed: Owed): NewDomainEvent[] {
  acting.owe(owed);
  return owed.events;
}

function refusedReport(code: string, message: string, errors: FieldProblem[]): RequestProblem {
  return new RequestProblem(422, code, message, { errors });
}
