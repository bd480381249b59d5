/**
 * Reminding of an unpaid order: at most twice, an early word and a last one, never at night and never with a voucher first. What is due
 * is checked again when its time has come: a paid order, or the same goods bought elsewhere, end it.
 */
import type { ClientSession, Types } from 'mongoose';
import type { DueRow, NewDomainEvent, Owed } from '../contracts/index.js';
import type { Commerce, OrderRecord } from '../domain/commerce/index.js';
import { endOfQuiet } from '../domain/contact/index.js';
import type { QuietHours } from '../domain/contact/index.js';
import type { Persons } from '../domain/customers/index.js';
import type { Clock } from '../infra/clock.js';
import { localTime } from '../infra/clock.js';

export interface ChaseRules {
  /** The first word comes after this share of the time the order may be paid in. */
  firstAtShare: number;
  /** The last one so many minutes before it closes. */
  lastMinutesBefore: number;
  /** Nobody is reminded in these hours; what falls into them waits for their end. */
  night: QuietHours;
  timeZone: string;
}

export type ChaseStep = 1 | 2;

/** When to remind of an order that may be paid between two moments; a word that would come too late is none. */
export function chaseTimes(placedAt: Date, closesAt: Date, rules: ChaseRules): Array<{ step: ChaseStep; at: Date }> {
  const span = closesAt.getTime() - placedAt.getTime();
  const first = placedAt.getTime() + span * rules.firstAtShare;
  const last = closesAt.getTime() - rules.lastMinutesBefore * 60_000;
  const times = [
    { step: 1 as const, at: awake(new Date(Math.round(first)), rules) },
    { step: 2 as const, at: awake(new Date(last), rules) },
  ];
  const inTime = times.filter(({ at }) => at > placedAt && at < closesAt);
  // Two words that fall together are one.
  return inTime.filter(({ at }, index) => at.getTime() !== inTime[index + 1]?.at.getTime());
}

function awake(at: Date, { night, timeZone }: ChaseRules): Date {
  return endOfQuiet(at, localTime(at, timeZone).time, night) ?? at;
}

export interface ChaseParts {
  commerce: Pick<Commerce, 'get' | 'boughtElsewhere'>;
  persons: Pick<Persons, 'of'>;
  clock: Clock;
  rules: ChaseRules;
}

export type Chase = ReturnType<typeof createChase>;

const keyOf = (orderId: Types.ObjectId, step: ChaseStep): string => `order.chase:${String(orderId)}:${step}`;

export function createChase({ commerce, persons, clock, rules }: ChaseParts) {
  /** What the clock owes for an order as it stands now. */
  function owedFor(order: OrderRecord): Pick<Owed, 'due' | 'cancel'> {
    const all = ([1, 2] as const).map((step) => keyOf(order._id, step));
    const now = clock.now();
    if (!isUnpaid(order, now)) return { due: [], cancel: all };
    const times = chaseTimes(order.placedAt, order.closesAt, rules);
    // Told late of an order: of the words whose time has passed only the latest is still worth saying.
    const due = times.filter(({ at }, index) => at > now || (times[index + 1]?.at ?? order.closesAt) > now);
    return { due: due.map(({ step, at }) => rowOf(order, step, at)), cancel: all };
  }

  /** Its time has come: still unpaid, and not bought elsewhere? What comes round late, when nobody worked, may fall into the night. */
  async function remind(tx: ClientSession, row: DueRow): Promise<Owed> {
    const now = clock.now();
    const morning = awake(now, rules);
    if (morning > now) return { events: [], due: [{ ...row, dueAt: morning }], cancel: [] };
    return { events: await stillOwed(tx, row), due: [], cancel: [] };
  }

  async function stillOwed(tx: ClientSession, { data }: DueRow): Promise<NewDomainEvent[]> {
    const order = await commerce.get(String(data['orderId']), tx);
    const now = clock.now();
    if (!order || !isUnpaid(order, now)) return [];
    const next = chaseTimes(order.placedAt, order.closesAt, rules).find(({ step }) => step > Number(data['step']));
    if (next && next.at <= now) return [];
    const person = await persons.of(tx, order.customerId);
    if (await commerce.boughtElsewhere(tx, person.customerIds, order)) return [];
    return [paymentDue(order, data['step'] === 1 ? 1 : 2, now)];
  }

  return { owedFor, remind };
}

type Unpaid = OrderRecord & { closesAt: Date };

const isUnpaid = (order: OrderRecord, now: Date): order is Unpaid =>
  order.status === 'pending' && order.closesAt !== undefined && order.closesAt > now;

function rowOf(order: OrderRecord, step: ChaseStep, dueAt: Date): DueRow {
  return {
    key: keyOf(order._id, step),
    kind: 'order.chase',
    customerId: String(order.customerId),
    dueAt,
    data: { orderId: String(order._id), step },
  };
}

function paymentDue(order: Unpaid, step: ChaseStep, at: Date): NewDomainEvent {
  const { _id, source, orderNo, items, amount, discount, closesAt } = order;
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0);
  const data = {
    orderId: String(_id),
    source,
    orderNo,
    step,
    item: items[0]?.name ?? '',
    pieces,
    amount: Math.max(0, amount - discount),
    closesAt: closesAt.toISOString(),
  };
  return { kind: 'order.paymentDue', customerId: String(order.customerId), at, data };
}
