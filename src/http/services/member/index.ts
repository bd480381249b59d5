/** What the mini-program's routes mean. Everything is about the person behind the token; a person of several records is one here. */
import type { ClientSession } from 'mongoose';
import { Types } from 'mongoose';
import type * as c from '../../../contracts/index.js';
import type { Channel, NewDomainEvent, Strategy } from '../../../contracts/index.js';
import type { Commerce } from '../../../domain/commerce/index.js';
import type { NoticeLedger } from '../../../domain/contact/index.js';
import type {
  CardCodes,
  Consents,
  Customers,
  Identification,
  InboxReads,
  MemberSessions,
  Person,
  Persons,
  Profiles,
} from '../../../domain/customers/index.js';
import type { Strategies } from '../../../domain/marketing/index.js';
import { orderLabel } from '../../../domain/membership/index.js';
import type { Membership } from '../../../domain/membership/index.js';
import { RequestProblem } from '../../../errors.js';
import type { Act, Acting } from '../../../flow/act.js';
import { told } from '../../../flow/inbound.js';
import type { Outbox } from '../../../flow/outbox.js';
import type { Clock } from '../../../infra/clock.js';
import type { KeyedLock } from '../../../infra/keyed-lock.js';
import type { MemberActor, MemberPort, PageRequest } from '../../ports.js';
import { cursorOf, hashId, positionOf, toPage } from '../cursor.js';
import { take } from '../open.js';
import { refusedBy } from '../refusals.js';
import { createMe } from './me.js';
import { createLogin, oneTimeTemplates } from './login.js';
import { createJoining } from './joining.js';
import { presentEntry, presentNotice, presentOrder, presentVoucher } from './views.js';

/** What people read before they join, by version. */
export interface MemberTextsSettings {
  privacy: { version: string; text: string };
  consents: c.MemberTexts['consents'];
}

export interface MemberServiceParts {
  act: Act;
  clock: Clock;
  lock: KeyedLock;
  customers: Customers;
  identification: Identification;
  persons: Persons;
  profiles: Profiles;
  consents: Consents;
  sessions: MemberSessions;
  cardCodes: CardCodes;
  inboxReads: InboxReads;
  commerce: Commerce;
  membership: Membership;
  notices: NoticeLedger;
  outbox: Outbox;
  strategies: Pick<Strategies, 'list'>;
  /** Those that act now: switched on, and of scenes in which Huike speaks. */
  strategiesInForce(): Promise<readonly Strategy[]>;
  texts: MemberTextsSettings;
  miniProgram: Channel | undefined;
}

/** One change by a member, with their person as of the transaction. */
export type Change = <T>(
  by: MemberActor,
  work: (tx: ClientSession, person: Person, acting: Acting) => Promise<{ events: NewDomainEvent[]; result: T }>,
) => Promise<T>;

export function createMemberService(parts: MemberServiceParts): MemberPort {
  const { clock, persons, profiles, membership } = parts;
  const personOf = (by: MemberActor): Promise<Person> => persons.of(null, new Types.ObjectId(by.customerId));
  const me = createMe(parts);
  const view = async (by: MemberActor): Promise<c.MemberMe> => me(by, await personOf(by));

  /** One person's changes one after the other: those that wait need not run again. */
  const change: Change = async (by, work) => {
    const { id } = await personOf(by);
    let result: Awaited<ReturnType<typeof work>>['result'] | undefined;
    await parts.lock(`points ${String(id)}`, () =>
      parts.act({
        cause: { door: 'member', requestId: by.requestId },
        change: async (tx, acting) => {
          const person = await persons.of(tx, new Types.ObjectId(by.customerId));
          const done = await work(tx, person, acting);
          ({ result } = done);
          return done.events;
        },
      }),
    );
    return result as NonNullable<typeof result>;
  };

  async function joined(by: MemberActor): Promise<Person> {
    const person = await personOf(by);
    const { joinedAt } = await profiles.read(person.customerIds);
    if (!joinedAt) throw new RequestProblem(403, 'member.notJoined', 'This needs membership; joining takes a moment.');
    return person;
  }

  /** What is told of templates that no strategy sends is left alone: anybody could make up any number of them. */
  async function notices({ reportId, answers }: c.NoticesBody, by: MemberActor): Promise<c.NoticesTaken> {
    const all = await parts.strategies.list();
    const known = new Set(all.flatMap(({ actions }) => oneTimeTemplates(actions, parts.miniProgram)));
    const ours = answers.filter(({ templateId }) => known.has(templateId));
    return change(by, async (tx) => {
      const at = clock.now();
      const taken = await parts.notices.report(tx, by.address, { reportId, answers: ours, at });
      const events = told(taken, { customerId: new Types.ObjectId(by.customerId) }, at);
      return { events, result: { granted: taken.granted.length, repeated: taken.repeated } };
    });
  }

  async function points(page: PageRequest, by: MemberActor) {
    const { customerIds } = await personOf(by);
    const after = positionOf(page.cursor);
    const found = await membership.points.statement(customerIds, { limit: page.limit + 1, after });
    return toPage(found, page.limit, presentEntry, ({ at, id }) => cursorOf(at, id));
  }

  async function vouchers(page: PageRequest, by: MemberActor) {
    const { customerIds } = await personOf(by);
    const after = positionOf(page.cursor);
    const found = await membership.vouchers.list(customerIds, { limit: page.limit + 1, after, now: clock.now() });
    return toPage(found, page.limit, presentVoucher, ({ grantedAt, _id }) => cursorOf(grantedAt, _id));
  }

  async function offers(by: MemberActor) {
    const person = await personOf(by);
    const now = clock.now();
    const { level } = await membership.levels.of(person.customerIds, now);
    const found = await membership.vouchers.offers(person, level.code, now);
    const items = found.map(({ coupon, refusal }) => {
      const { title, amountOff, threshold, validDays } = coupon;
      return { couponId: String(coupon._id), title, amountOff, threshold, validDays, refusal };
    });
    return { items, nextCursor: null };
  }

  async function claim(body: c.ClaimBody, by: MemberActor): Promise<c.MemberVoucher> {
    await joined(by);
    // A coupon's budget is one record: those who wait for it here need not run again for one another.
    return parts.lock(`coupon ${body.couponId}`, () =>
      change(by, async (tx, person, acting) => {
        const request = { couponId: new Types.ObjectId(body.couponId), key: body.requestKey };
        const claimed = await membership.vouchers.claim(tx, person, request, clock.now());
        if (!claimed.ok) throw refusedBy(claimed);
        return { events: take(acting, claimed.owed), result: presentVoucher(claimed.voucher) };
      }),
    );
  }

  async function checkin(by: MemberActor): Promise<c.CheckedIn> {
    await joined(by);
    return change(by, async (tx, person, acting) => {
      const { amount, days, repeated, owed } = await membership.points.grant(
        tx,
        person,
        { kind: 'checkin' },
        clock.now(),
      );
      return { events: take(acting, owed), result: { points: amount, days, repeated } };
    });
  }

  async function orders(page: PageRequest, by: MemberActor) {
    const { customerIds } = await personOf(by);
    const found = await parts.commerce.list(customerIds, { limit: page.limit + 1, after: positionOf(page.cursor) });
    const earned = await membership.points.ofOrders(found.slice(0, page.limit));
    return toPage(
      found,
      page.limit,
      (order) => presentOrder(order, earned.get(orderLabel(order))),
      ({ placedAt, _id }) => cursorOf(placedAt, _id),
    );
  }

  async function messages(page: PageRequest, by: MemberActor) {
    const { customerIds } = await personOf(by);
    const after = positionOf(page.cursor, hashId);
    const [found, strategies, readUntil] = await Promise.all([
      parts.outbox.notices(customerIds, page.limit + 1, after),
      parts.strategies.list(),
      parts.inboxReads.of(customerIds),
    ]);
    const titles = new Map(strategies.map(({ code, title }) => [code, title['zh-CN']]));
    return toPage(
      found,
      page.limit,
      (row) => presentNotice(row, { titles, readUntil }),
      ({ createdAt, _id }) => cursorOf(createdAt, _id),
    );
  }

  /** What nobody can have seen yet stays unread, whatever the phone says. */
  async function messagesRead({ until }: c.MessagesReadBody, by: MemberActor): Promise<void> {
    const shown = new Date(Math.min(new Date(until).getTime(), clock.now().getTime()));
    await parts.inboxReads.mark(new Types.ObjectId(by.customerId), shown);
  }

  return {
    ...createLogin(parts),
    ...createJoining(parts, change, view),
    me: view,
    notices,
    points,
    vouchers,
    levels: async () => {
      const { rules } = await membership.programme.current(clock.now());
      const items = rules.levels.map(({ code, title, growth, benefits }) => ({
        ...{ code, title: title['zh-CN'], growth },
        benefits: benefits.map((benefit) => benefit['zh-CN']),
      }));
      return { items };
    },
    offers,
    claim,
    checkin,
    orders,
    messages,
    messagesRead,
  };
}
