/**
 * Decides on the waiting people of a running broadcast, a batch in one transaction: what the policy says of each, the voucher, the way. The
 * mini-program's own messages are there with this transaction; a notice or a chat message becomes an outbox row; who can only be reached by a
 * mass send joins its next batch. Nobody leaves `waiting` without a state and, where nothing is sent, a reason.
 */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Message, NewDomainEvent, PersonFacts } from '../../contracts/index.js';
import type { ContactBook, MassSends, Standing, Verdict } from '../../domain/contact/index.js';
import type { CouponRecord, Coupons, GrantedVoucher, GrantVoucher } from '../../domain/membership/index.js';
import { broadcastCampaign, fillIn, isLimited } from '../../domain/marketing/index.js';
import type { AudienceChange, AudienceRecord, BroadcastRecord } from '../../domain/marketing/index.js';
import type { Acquaintance } from '../acquaintance.js';
import type { Acting } from '../act.js';
import type { NewRow, Outbox } from '../outbox.js';
import type { MassBatches } from './mass-batches.js';
import { endOf } from './ports.js';
import type { CampaignParts } from './ports.js';

const BATCH = 200;
/** Batches under way at once: while the database works on one, this process works on the other. */
const AT_ONCE = 2;

export interface EmitParts extends CampaignParts {
  outbox: Pick<Outbox, 'addMany' | 'wooed'>;
  book: Pick<ContactBook, 'reserveMany'>;
  massSends: Pick<MassSends, 'take'>;
  massBatches: Pick<MassBatches, 'join'>;
  coupons: Pick<Coupons, 'get'>;
  grant(tx: ClientSession, standing: Standing, request: GrantVoucher, now: Date): Promise<GrantedVoucher>;
  acquaintance: Pick<Acquaintance, 'ofPersons'>;
  timeZone: string;
  broadcastDays: number;
}

type Permitted = Extract<Verdict, { ok: true }>;

/** One person on the way to an outcome. */
interface Candidate {
  row: AudienceRecord;
  standing: Standing;
  verdict: Permitted;
  voucherId?: string;
}

/** What is gathered in one batch's transaction. */
interface Batch {
  tx: ClientSession;
  broadcast: BroadcastRecord;
  now: Date;
  /** That of its vouchers, where it has any. */
  coupon: CouponRecord | null;
  acting: Acting;
  changes: Array<AudienceChange & { _id: string }>;
  events: NewDomainEvent[];
}

/** How many people were decided on; 0 when none is left now. */
export type Emit = (broadcast: BroadcastRecord) => Promise<number>;

export function createEmit(parts: EmitParts): Emit {
  return async (broadcast) => {
    const now = parts.clock.now();
    const most = BATCH * (writesApart(broadcast) ? AT_ONCE : 1);
    const waiting = await parts.audience.next(broadcast._id, most, now);
    const batches: Array<Promise<void>> = [];
    for (let first = 0; first < waiting.length; first += BATCH)
      batches.push(decideTogether(broadcast, waiting.slice(first, first + BATCH), now));
    const ended = await Promise.allSettled(batches);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    return waiting.length;
  };

  async function decideTogether(broadcast: BroadcastRecord, rows: readonly AudienceRecord[], now: Date): Promise<void> {
    await parts.act({
      cause: { door: 'clock', task: broadcastCampaign(broadcast._id) },
      change: async (tx, acting) => {
        // Whoever goes on with it after this process was held up for long may have stopped it.
        if ((await parts.broadcasts.get(broadcast._id, tx)).state !== 'running') return [];
        const { couponId } = broadcast;
        const coupon = couponId ? await parts.coupons.get(new Types.ObjectId(couponId), tx) : null;
        const batch: Batch = { tx, broadcast, now, coupon, acting, changes: [], events: [] };
        await decideOn(batch, await parts.audience.still(tx, rows));
        await parts.audience.markEach(tx, batch.changes, now);
        return batch.events;
      },
    });
  }

  async function decideOn(batch: Batch, rows: readonly AudienceRecord[]): Promise<void> {
    const permitted = await judged(batch, rows);
    const offered = await withOffers(batch, await withinBudget(batch, permitted));
    const uncapped = await withinCaps(batch, offered);
    await toMass(
      batch,
      uncapped.filter(({ verdict }) => verdict.route === 'mass-send'),
    );
    await toRows(
      batch,
      uncapped.filter(({ verdict }) => verdict.route !== 'mass-send'),
    );
  }

  /** The policy, and then the order of those who want the same person: what is owed, then service, then strategies, last campaigns. */
  async function judged(batch: Batch, rows: readonly AudienceRecord[]): Promise<Candidate[]> {
    const { tx, broadcast, changes } = batch;
    const { message } = broadcast;
    const customerIds = rows.map(({ customerId }) => customerId);
    const standings = await parts.judging.gather(tx, customerIds, message);
    const all = [...standings.values()].flatMap((one) => one.customerIds);
    const wooed = message.purpose === 'promotion' ? await parts.outbox.wooed(tx, all) : new Set<string>();
    const persons = rows.map(
      ({ _id, customerId }) => [_id, standings.get(String(customerId))?.customerIds ?? []] as const,
    );
    const doubles = await parts.audience.doubles(tx, broadcast._id, new Map(persons));
    return rows.flatMap((row) => {
      const standing = standings.get(String(row.customerId));
      if (!standing) return skip(batch, row, 'person.gone');
      if (doubles.has(row._id)) return skip(batch, row, 'person.merged');
      const verdict = parts.judging.judge(message, standing);
      if (!verdict.ok) {
        if (verdict.outcome === 'skipped') return skip(batch, row, verdict.reason);
        changes.push({ _id: row._id, state: 'held', reason: verdict.reason, dueAt: verdict.until });
        return [];
      }
      if (standing.customerIds.some((id) => wooed.has(String(id)))) return skip(batch, row, 'contact.outranked');
      return { row, standing, verdict };
    });
  }

  async function withinBudget(batch: Batch, all: Candidate[]): Promise<Candidate[]> {
    const { tx, broadcast, coupon } = batch;
    const { budget } = broadcast;
    if (!isLimited(budget)) return all;
    const asked = { wanted: all.length, fenEach: coupon?.amountOff ?? 0 };
    const room = await parts.budgets.reserveUpTo(tx, broadcastCampaign(broadcast._id), asked, budget);
    for (const { row } of all.slice(room)) skip(batch, row, 'campaign.budgetUsed');
    return all.slice(0, room);
  }

  /** Where the voucher cannot be granted, nothing is sent, and what was reserved of the budget comes back. */
  async function withOffers(batch: Batch, all: Candidate[]): Promise<Candidate[]> {
    const { tx, broadcast, now, acting, coupon } = batch;
    const { couponId, budget } = broadcast;
    if (!couponId) return all;
    const kept: Candidate[] = [];
    let fen = 0;
    for (const one of all) {
      // One that was taken back when the person had to wait does not come again: the next has a name of its own.
      const again = one.row.state === 'held' ? `:${one.row.at.getTime()}` : '';
      const key = `${broadcastCampaign(broadcast._id)}:${one.standing.personId}${again}`;
      const granted = await parts.grant(tx, one.standing, { couponId: new Types.ObjectId(couponId), key }, now);
      if (!granted.ok) {
        skip(batch, one.row, `offer.${granted.reason}`);
        continue;
      }
      const { voucher, owed } = granted;
      acting.owe(owed);
      batch.events.push(...owed.events);
      fen += voucher.amountOff;
      kept.push({ ...one, voucherId: String(voucher._id) });
    }
    const lost = all.length - kept.length;
    if (lost > 0 && isLimited(budget)) {
      const back = { people: lost, fen: lost * (coupon?.amountOff ?? 0) };
      await parts.budgets.giveBack(tx, broadcastCampaign(broadcast._id), back);
    }
    if (kept.length) await parts.broadcasts.granted(tx, broadcast._id, { vouchers: kept.length, fen });
    return kept;
  }

  /** What is sent with this transaction counts with it; a row of the outbox is counted when it is sent. */
  async function withinCaps(batch: Batch, all: Candidate[]): Promise<Candidate[]> {
    const { tx, broadcast, now } = batch;
    if (broadcast.message.purpose !== 'promotion') return all;
    const atOnce = all.filter(({ verdict }) => verdict.route === 'mass-send' || verdict.route === 'member-inbox');
    const asked = atOnce.map(({ row, standing }) => ({ row: row._id, customerIds: standing.customerIds }));
    const capped = await parts.book.reserveMany(tx, asked, now);
    for (const { row } of atOnce) if (capped.has(row._id)) skip(batch, row, 'contact.capped');
    return all.filter(({ row }) => !capped.has(row._id));
  }

  async function toMass({ tx, broadcast, now, changes }: Batch, all: readonly Candidate[]): Promise<void> {
    if (all.length === 0) return;
    const taken = await parts.massSends.take(
      tx,
      all.map(({ verdict }) => verdict.address),
      now,
    );
    const keys = new Set(taken.map(addressKey));
    const byAccount = new Map<string, Candidate[]>();
    for (const one of all) {
      const { address } = one.verdict;
      if (!keys.has(addressKey(address))) {
        changes.push({ _id: one.row._id, state: 'skipped', reason: 'massSend.used' });
        continue;
      }
      byAccount.set(address.account, [...(byAccount.get(address.account) ?? []), one]);
    }
    for (const people of byAccount.values()) {
      const [first] = people;
      if (!first) continue;
      const joined = await parts.massBatches.join(tx, broadcast, first.verdict.address, people, now);
      for (const [{ row, verdict, voucherId }, batchId] of joined) {
        const given = voucherId === undefined ? {} : { voucherId };
        const { route, address } = verdict;
        changes.push({ _id: row._id, state: 'queued', reason: '', route, batchId, user: address.user, ...given });
      }
    }
  }

  async function toRows({ tx, broadcast, acting, changes, coupon }: Batch, all: readonly Candidate[]): Promise<void> {
    const persons = await parts.acquaintance.ofPersons(
      tx,
      all.map(({ row }) => row.personId),
    );
    const words = coupon ? { voucher: coupon.title } : {};
    const rows = all.map((one) => {
      const message = wordFor(broadcast.message, persons.get(String(one.row.personId)), words, parts.timeZone);
      return rowOf(broadcast, one, message);
    });
    acting.rows.push(...(await parts.outbox.addMany(tx, rows)));
    for (const { row, verdict } of all) {
      const state = verdict.route === 'member-inbox' ? 'sent' : 'queued';
      changes.push({ _id: row._id, state, reason: '', route: verdict.route });
    }
  }

  function rowOf(
    broadcast: BroadcastRecord,
    { row, standing, verdict, voucherId }: Candidate,
    message: Message,
  ): NewRow {
    const { 'mass-send': _many, ...variants } = message.variants;
    const { address, route } = verdict;
    const ends = endOf(broadcast, parts.broadcastDays);
    const others = standing.places.map((place) => place.address);
    return {
      id: row._id,
      to: address,
      also: others.filter((other) => addressKey(other) !== addressKey(address)),
      customerId: row.customerId,
      message: { ...message, variants },
      origin: 'automation',
      broadcastId: String(broadcast._id),
      ...(voucherId ? { voucherId } : {}),
      cause: { door: 'clock', task: broadcastCampaign(broadcast._id) },
      ...(ends ? { staleAt: ends } : {}),
      ...(route === 'member-inbox' ? { born: { state: 'sent', route } } : {}),
    };
  }
}

/** Where every batch counts in the same document (budget, coupon, mass send), two at once would only undo one another. */
const writesApart = ({ couponId, budget, message }: BroadcastRecord): boolean =>
  couponId === undefined && !isLimited(budget) && !message.variants['mass-send'];

/** The message as this person reads it. */
export function wordFor(
  message: Message,
  person: PersonFacts | undefined,
  more: { voucher?: string },
  timeZone: string,
): Message {
  const variants = Object.entries(message.variants).map(([route, content]) => [
    route,
    fillIn(content, person, more, timeZone),
  ]);
  return { ...message, variants: Object.fromEntries(variants) as Message['variants'] };
}

function skip({ changes }: Batch, { _id }: AudienceRecord, reason: string): [] {
  changes.push({ _id, state: 'skipped', reason });
  return [];
}
