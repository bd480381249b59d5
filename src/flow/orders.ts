/**
 * A report of an order, in one transaction: who it is, what the order is now, what is owed in points, growth and vouchers, and what the
 * clock is to remind of. The same report again, or an older one late, changes nothing.
 */
import type { ClientSession, Types } from 'mongoose';
import type { Cause, CustomerRef, FieldProblem, NewDomainEvent, OrderInput } from '../contracts/index.js';
import type { Commerce, OrderRecord } from '../domain/commerce/index.js';
import type { FigureWriter, Person, Persons, References } from '../domain/customers/index.js';
import type { Membership } from '../domain/membership/index.js';
import type { Clock } from '../infra/clock.js';
import type { KeyedLock } from '../infra/keyed-lock.js';
import type { Act, Acting } from './act.js';
import type { Chase } from './chase.js';

export interface OrdersParts {
  act: Act;
  clock: Clock;
  references: Pick<References, 'resolve'>;
  writeFigures: Pick<FigureWriter, 'atOnce'>;
  persons: Pick<Persons, 'of' | 'propose'>;
  commerce: Pick<Commerce, 'report' | 'factsOf'>;
  membership: Pick<Membership, 'settleOrder'>;
  chase: Pick<Chase, 'owedFor'>;
  lock: KeyedLock;
}

/** `phonesVerified`: whoever reports sends codes to its customers' phones, so a phone it names was theirs at the report's time. */
export interface Reporter {
  cause: Cause;
  phonesVerified: boolean;
}

/** `problems`: why the report was refused; nothing of it is kept then, the person it would have begun included. */
export type Reported = { ok: true; orderId: string; changed: boolean } | { ok: false; problems: FieldProblem[] };

export type ReportOrder = (input: OrderInput, by: Reporter) => Promise<Reported>;

export function createReportOrder(parts: OrdersParts): ReportOrder {
  return async (input, by) => {
    try {
      // Reports of one order come in bursts: taken one after the other they need not run again for one another.
      return await parts.lock(`order ${input.source} ${input.orderNo}`, () => report(input, by));
    } catch (error) {
      if (error instanceof Refused) return { ok: false, problems: error.problems };
      throw error;
    }
  };

  async function report(input: OrderInput, by: Reporter): Promise<Reported> {
    let reported: Reported | undefined;
    await parts.act({
      cause: by.cause,
      change: async (tx, acting) => {
        const written = await write(tx, acting, input, by);
        reported = written.reported;
        return written.events;
      },
    });
    if (!reported) throw new Error('an order was reported without a result');
    return reported;
  }

  async function write(
    tx: ClientSession,
    acting: Acting,
    input: OrderInput,
    { phonesVerified }: Reporter,
  ): Promise<{ reported: Reported; events: NewDomainEvent[] }> {
    const now = parts.clock.now();
    const ref = asVerified(input.customer, phonesVerified ? input.updatedAt : undefined);
    const who = await parts.references.resolve(tx, input.source, ref, now);
    const { order, changed, events, owed, proposed } = await parts.writeFigures.atOnce(tx, async () => {
      const result = await parts.commerce.report(tx, who.customerId, input, now);
      if (!result.ok) throw new Refused(result.problems);
      const isWriter = who.customerId.equals(result.order.customerId);
      const proposed = isWriter ? [] : await propose(tx, result.order, who.customerId, now);
      if (!result.changed) return { ...result, proposed, owed: undefined };
      const isAlone = who.alone && isWriter;
      const person = isAlone ? personOf(who.customerId) : await parts.persons.of(tx, result.order.customerId);
      return {
        ...result,
        proposed,
        owed: await parts.membership.settleOrder(tx, person, parts.commerce.factsOf(result.order), now),
      };
    });
    const reported = { ok: true as const, orderId: String(order._id), changed };
    const told = [...who.events, ...proposed, ...events];
    if (!owed) return { reported, events: told };
    acting.owe(owed);
    acting.owe(parts.chase.owedFor(order));
    return { reported, events: [...told, ...owed.events] };
  }

  /** The order stays with the customer it was first written with; where it is told of another person now, staff may say that the two are one. */
  function propose(
    tx: ClientSession,
    { customerId, source }: OrderRecord,
    toldOf: Types.ObjectId,
    at: Date,
  ): Promise<NewDomainEvent[]> {
    return parts.persons.propose(tx, customerId, toldOf, { kind: 'shop-member', reason: 'order', source }, at);
  }
}

const personOf = (customerId: Types.ObjectId): Person => ({ id: customerId, customerIds: [customerId] });

/** Rolls back what the report would have begun. */
class Refused extends Error {
  constructor(readonly problems: FieldProblem[]) {
    super('the report of an order was refused');
  }
}

/** What a reporter says of a phone's proof counts only from one that is known to prove phones; from others the number is merely told. */
export function asVerified({ phoneVerifiedAt, ...ref }: CustomerRef, at: Date | undefined): CustomerRef {
  return ref.phone && at ? { ...ref, phoneVerifiedAt: phoneVerifiedAt ?? at } : ref;
}
