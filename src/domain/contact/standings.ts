/**
 * Gathers what the judge has to know of many people at once: a handful of queries however many they are, each by an index, and none that the
 * message's purpose and routes make needless. Reads only.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Address, ChannelName, Message, Origin, Route } from '../../contracts/index.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { ConversationModels } from '../conversations/index.js';
import { ageBandOf, consentStateOf, isMinor } from '../customers/index.js';
import type {
  ConsentRecord,
  CustomerModels,
  CustomerRecord,
  IdentityRecord,
  Person,
  Persons,
} from '../customers/index.js';
import { together } from './book.js';
import type { ContactBook, Sends } from './book.js';
import type { Holds } from './holds.js';
import { isGated } from './judge.js';
import type { QuotaLedger, Room } from './ledger.js';
import type { MassSends } from './mass-sends.js';
import type { NoticeLedger } from './notices.js';
import type { ContactReason } from './reasons.js';
import type { Hold, Standing, StandingPlace } from './standing.js';

export interface StandingParts {
  customers: Pick<CustomerModels, 'customers' | 'identities' | 'consents'>;
  conversations: Pick<ConversationModels, 'conversations'>;
  persons: Pick<Persons, 'ofMany'>;
  ledger: Pick<QuotaLedger, 'roomOf'>;
  notices: Pick<NoticeLedger, 'leftOf'>;
  book: Pick<ContactBook, 'of'>;
  massSends: Pick<MassSends, 'left'>;
  holds: Pick<Holds, 'of'>;
  /** Routes the channel can send by; none for one that is not set up. */
  routesOf(channel: ChannelName): readonly Route[];
  options: {
    /** How long after a customer's last message promotion waits. */
    enquiryHoldMs: number;
  };
}

export interface GatherAsk {
  message: Pick<Message, 'purpose' | 'variants' | 'variantAccounts'>;
  origin: Origin;
  /** Only these, in this order; absent: wherever the person is reached. */
  addresses?: readonly Address[] | undefined;
  /** Ways refused already, as `<route> <addressKey>`. */
  tried?: readonly string[] | undefined;
  /** Outbox rows that are being judged: what they reserved themselves does not count against them. */
  ownRows?: readonly string[] | undefined;
}

export type Standings = ReturnType<typeof createStandings>;

type Tx = ClientSession | null;
type ByCustomer<T> = ReadonlyMap<string, readonly T[]>;
type Born = Pick<CustomerRecord, '_id' | 'age' | 'profile'>;
type Word = Pick<ConsentRecord, 'customerId' | 'purpose' | 'channel' | 'withdrawn' | 'textVersion' | 'at'>;

/** What is known of all of them, by customer; empty where the message's purpose does not ask. */
interface Known {
  minors: ReadonlySet<string>;
  words: ByCustomer<Word>;
  sends: ReadonlyMap<string, Sends>;
  holds: ByCustomer<Hold>;
}
const NOTHING: Known = { minors: new Set(), words: new Map(), sends: new Map(), holds: new Map() };

/** What is left at each address, by addressKey. */
interface Left {
  rooms: ReadonlyMap<string, Room>;
  grants: ReadonlyMap<string, readonly string[]>;
  massSends: ReadonlyMap<string, number>;
}

export function createStandings(parts: StandingParts) {
  /** By customer id; unknown customers are left out, linked ones share one standing. One query after the other: a transaction has one lane. */
  async function gather(
    tx: Tx,
    customerIds: readonly Types.ObjectId[],
    ask: GatherAsk,
    now: Date,
  ): Promise<Map<string, Standing>> {
    const persons = await parts.persons.ofMany(tx, customerIds);
    const all = [
      ...new Map([...persons.values()].flatMap((one) => one.customerIds).map((id) => [String(id), id])).values(),
    ];
    const identities = await identitiesOf(tx, all);
    const known = isGated(ask.message.purpose, ask.origin) ? await knownOf(tx, all, now) : NOTHING;
    const left = await leftAt(tx, addressesIn(ask, [...identities.values()].flat()), ask, now);
    const standings = new Map<string, Standing>();
    return new Map(
      [...persons].map(([customerId, person]) => {
        const id = String(person.id);
        const standing = standings.get(id) ?? standingOf(person, ask, identities, known, left);
        standings.set(id, standing);
        return [customerId, standing];
      }),
    );
  }

  async function identitiesOf(tx: Tx, customerIds: readonly Types.ObjectId[]): Promise<ByCustomer<IdentityRecord>> {
    const found = await parts.customers.identities
      .find({ customerId: { $in: [...customerIds] } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<IdentityRecord[]>();
    return byCustomer(found);
  }

  async function knownOf(tx: Tx, customerIds: readonly Types.ObjectId[], now: Date): Promise<Known> {
    const minors = await minorsAmong(tx, customerIds, now);
    const words = await wordsOf(tx, customerIds);
    const sends = await parts.book.of(tx, customerIds);
    const placed = await parts.holds.of(tx, customerIds, now);
    const enquiries = await enquiriesOf(tx, customerIds, now);
    return {
      minors,
      words,
      sends,
      holds: byCustomer<Hold & { customerId: Types.ObjectId }>([...placed, ...enquiries]),
    };
  }

  async function minorsAmong(tx: Tx, customerIds: readonly Types.ObjectId[], now: Date): Promise<Known['minors']> {
    const found = await parts.customers.customers
      .find({ _id: { $in: [...customerIds] } }, { age: 1, 'profile.birthday': 1 }, { session: tx, ...IN_ONE_ANSWER })
      .lean<Born[]>();
    return new Set(found.filter((one) => isUnder18(one, now)).map(({ _id }) => String(_id)));
  }

  async function wordsOf(tx: Tx, customerIds: readonly Types.ObjectId[]): Promise<ByCustomer<Word>> {
    const fields = { customerId: 1, purpose: 1, channel: 1, withdrawn: 1, textVersion: 1, at: 1 } as const;
    const found = await parts.customers.consents
      .find({ customerId: { $in: [...customerIds] } }, fields, { session: tx, ...IN_ONE_ANSWER })
      .lean<Word[]>();
    return byCustomer(found);
  }

  /** Whoever wrote a short while ago has a question, and wants its answer. */
  async function enquiriesOf(tx: Tx, customerIds: readonly Types.ObjectId[], now: Date) {
    const found = await parts.conversations.conversations
      .find(
        { customerId: { $in: [...customerIds] } },
        { customerId: 1, lastInboundAt: 1 },
        { session: tx, ...IN_ONE_ANSWER },
      )
      .lean<Array<{ customerId: Types.ObjectId; lastInboundAt?: Date }>>();
    return found.flatMap(({ customerId, lastInboundAt }) => {
      const until = lastInboundAt && new Date(lastInboundAt.getTime() + parts.options.enquiryHoldMs);
      return until && until > now ? [{ customerId, kind: 'enquiry' as const, until }] : [];
    });
  }

  /** Only of what the message could use up. */
  async function leftAt(
    tx: Tx,
    addresses: readonly Address[],
    { message: { variants }, origin }: GatherAsk,
    now: Date,
  ): Promise<Left> {
    const notice = variants['subscription-notice'];
    const templates = notice?.type === 'notice' ? [notice.templateId] : [];
    const can = (route: Route): Address[] =>
      variants[route] ? addresses.filter(({ channel }) => parts.routesOf(channel).includes(route)) : [];
    const [metered, noticed, massed] = [can('customer-message'), can('subscription-notice'), can('mass-send')];
    const rooms: Left['rooms'] = metered.length ? await parts.ledger.roomOf(tx, metered, origin, now) : new Map();
    const granted = templates.length && noticed.length ? await parts.notices.leftOf(noticed, templates, tx) : [];
    const massSends: Left['massSends'] = massed.length ? await parts.massSends.left(tx, massed, now) : new Map();
    return { rooms, grants: new Map(granted.map(({ address, templateId }) => [address, [templateId]])), massSends };
  }

  function standingOf(
    person: Person,
    ask: GatherAsk,
    identities: ByCustomer<IdentityRecord>,
    known: Known,
    left: Left,
  ): Standing {
    const { id, customerIds } = person;
    const of = <T>(map: ReadonlyMap<string, readonly T[]>): T[] =>
      customerIds.flatMap((one) => map.get(String(one)) ?? []);
    const own = new Set(ask.ownRows);
    const mine = of(identities);
    return {
      personId: String(id),
      customerIds,
      minor: customerIds.some((one) => known.minors.has(String(one))),
      consents: consentStateOf(of(known.words)),
      promotions: together([of(known.sends)]).flatMap(({ row, at }) => (own.has(row) ? [] : [at])),
      holds: of(known.holds).map(({ kind, until }) => ({ kind, ...(until ? { until } : {}) })),
      places: addressesIn(ask, mine).map((address) => placeAt(address, mine, ask, left)),
    };
  }

  function placeAt(address: Address, identities: readonly IdentityRecord[], ask: GatherAsk, left: Left): StandingPlace {
    const key = addressKey(address);
    const identity = identities.find((one) => addressKey(one.address) === key);
    const room = left.rooms.get(key);
    const spent: Partial<Record<Route, ContactReason>> = {};
    if (room?.spent) spent['customer-message'] = room.spent;
    if (left.massSends.get(key) === 0) spent['mass-send'] = 'massSend.used';
    return {
      address,
      following: identity?.following ?? false,
      ...(identity?.blocked ? { blocked: identity.blocked } : {}),
      routes: parts.routesOf(address.channel).filter((route) => isOpen(route, address, ask)),
      wroteInWindow: room?.wrote ?? false,
      granted: left.grants.get(key) ?? [],
      spent,
    };
  }

  return { gather };
}

/** A variant may belong to one account only, and a way that was refused is not tried twice. */
function isOpen(route: Route, address: Address, { message, tried }: GatherAsk): boolean {
  const only = message.variantAccounts?.[route];
  return (only === undefined || only === address.account) && !tried?.includes(`${route} ${addressKey(address)}`);
}

/** The address heard of last first. */
function addressesIn({ addresses }: GatherAsk, identities: readonly IdentityRecord[]): readonly Address[] {
  if (addresses) return addresses;
  const heardOf = ({ followedAt, createdAt }: IdentityRecord): number => (followedAt ?? createdAt).getTime();
  return identities.toSorted((a, b) => heardOf(b) - heardOf(a)).map(({ address }) => address);
}

/** What they declared, or a birthday that is known all the same. */
function isUnder18(record: Born, now: Date): boolean {
  const birthday = record.profile?.birthday?.value;
  const band = birthday === undefined ? undefined : ageBandOf(birthday, now);
  return isMinor([record]) || (band !== undefined && band !== 'adult');
}

function byCustomer<T extends { customerId: Types.ObjectId }>(records: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const record of records) {
    const key = String(record.customerId);
    const group = groups.get(key);
    if (group) group.push(record);
    else groups.set(key, [record]);
  }
  return groups;
}
