/**
 * Why a person is left in peace for a while: a refund, a complaint, or because the staff say so. Placed and lifted in the caller's transaction,
 * events returned. Closing something does not end its hold at once but some days later. The hold after an enquiry is worked out in standings.ts.
 */
import { Types } from 'mongoose';
import type { ClientSession, Model } from 'mongoose';
import type { NewDomainEvent, Owed } from '../../contracts/index.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import type { HoldRecord, PlacedHoldKind } from './contact-models.js';

/** `key` tells two of one kind apart, for example two refunds. */
export interface HoldName {
  customerId: Types.ObjectId;
  kind: PlacedHoldKind;
  key: string;
}

export interface Placing {
  at: Date;
  /** Absent: until it is lifted. */
  until?: Date | undefined;
  /** Absent: it followed from an event. */
  by?: string | undefined;
  note?: string | undefined;
}

/** `atOnce`: without the days that follow what was closed. */
export interface Lifting {
  at: Date;
  by?: string | undefined;
  atOnce?: boolean | undefined;
}

export interface HoldOptions {
  /** How long a hold stays after what it was for is closed, in milliseconds. */
  afterMs: Readonly<Record<PlacedHoldKind, number>>;
  /** Business time. */
  now(): Date;
}

const DAY_MS = 86_400_000;
export const defaultHoldAfterMs: HoldOptions['afterMs'] = { refund: 3 * DAY_MS, complaint: 3 * DAY_MS, staff: 0 };

export type Holds = ReturnType<typeof createHolds>;

export function createHolds(holds: Model<HoldRecord>, { afterMs, now }: HoldOptions) {
  const read = (tx: ClientSession | null, name: HoldName): Promise<HoldRecord | null> =>
    holds.findById(holdId(name), null, { session: tx }).lean<HoldRecord>();

  /** Placed again it is as placed last; told the same again nothing changes. */
  async function place(tx: ClientSession, name: HoldName, placing: Placing): Promise<NewDomainEvent[]> {
    const { at, until, by, note } = placing;
    const before = await read(tx, name);
    if (before && before.until?.getTime() === until?.getTime() && before.note === note) return [];
    await holds.updateOne(
      { _id: holdId(name) },
      {
        $set: { ...name, at, ...(until ? { until } : {}), ...(by ? { by } : {}), ...(note ? { note } : {}) },
        $unset: { ...(until ? {} : { until: 1 }), ...(by ? {} : { by: 1 }), ...(note ? {} : { note: 1 }) },
      },
      { session: tx, upsert: true },
    );
    return [eventOf('hold.placed', name, at, { until, by, note })];
  }

  /** What it was for is closed. Nothing where there is no hold, or its end is known and no later. */
  async function lift(tx: ClientSession, name: HoldName, { at, by, atOnce }: Lifting): Promise<NewDomainEvent[]> {
    const before = await read(tx, name);
    const until = new Date(at.getTime() + (atOnce ? 0 : afterMs[name.kind]));
    if (!before || (before.until && before.until <= until)) return [];
    await holds.updateOne({ _id: holdId(name) }, { $set: { until } }, { session: tx });
    return [eventOf('hold.lifted', name, at, { until, by })];
  }

  /** Those in force at `at`, of everybody named. */
  async function of(tx: ClientSession | null, customerIds: readonly Types.ObjectId[], at: Date): Promise<HoldRecord[]> {
    const found = await holds
      .find({ customerId: { $in: [...customerIds] } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<HoldRecord[]>();
    return found.filter(({ until }) => !until || until > at);
  }

  /**
   * The reaction to order.refundChanged: an open refund holds, a closed one some days more. A refund that was closed long ago, as when a
   * year of orders is imported, holds nobody and is not written down.
   */
  async function holdReaction(tx: ClientSession, event: NewDomainEvent): Promise<Owed> {
    const name = refundOf(event);
    if (!name) return { events: [], due: [], cancel: [] };
    const status = event.data['refundStatus'];
    const isOpen = status === 'requested' || status === 'approved';
    const events = isOpen ? await place(tx, name, { at: event.at }) : await close(tx, name, event.at);
    return { events, due: [], cancel: [] };
  }

  async function close(tx: ClientSession, name: HoldName, at: Date): Promise<NewDomainEvent[]> {
    if (await read(tx, name)) return lift(tx, name, { at });
    const until = new Date(at.getTime() + afterMs[name.kind]);
    return until > now() ? place(tx, name, { at, until }) : [];
  }

  /** Everything about these people goes, as when they are erased. */
  async function forget(tx: ClientSession, customerIds: readonly Types.ObjectId[]): Promise<void> {
    await holds.deleteMany({ customerId: { $in: [...customerIds] } }, { session: tx });
  }

  return { place, lift, of, holdReaction, forget };
}

const holdId = ({ customerId, kind, key }: HoldName): string => `${String(customerId)} ${kind} ${key}`;

function refundOf({ kind, customerId, data }: NewDomainEvent): HoldName | undefined {
  if (kind !== 'order.refundChanged' || !customerId) return undefined;
  const key = `${String(data['orderId'])} ${String(data['refundNo'])}`;
  return { customerId: new Types.ObjectId(customerId), kind: 'refund', key };
}

function eventOf(
  kind: 'hold.placed' | 'hold.lifted',
  { customerId, kind: hold, key }: HoldName,
  at: Date,
  { until, by, note }: Pick<Placing, 'until' | 'by' | 'note'>,
): NewDomainEvent {
  const data = { hold, key, until: until?.toISOString() ?? null, by: by ?? null, note: note ?? null };
  return { kind, customerId: String(customerId), at, data };
}
