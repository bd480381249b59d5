/** The quota ledger in the database: loads a person's credits, applies the arithmetic of credits.ts, writes them back in the caller's transaction. */
import type { ClientSession, Model } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Address, CreditKind, Origin } from '../../contracts/index.js';
import { IN_ONE_ANSWER } from '../../infra/mongo.js';
import { clearUpTo, emptyLedger, exhaust, giveBack, openCredit, reserve, windowOf } from './credits.js';
import type { CreditRule, Ledger, WindowView } from './credits.js';
import type { QuotaRecord } from './models.js';

/** The rule in force for an action on a channel at a moment; undefined when the action opens nothing there. */
export type CreditRules = (channel: string, kind: CreditKind, at: Date) => CreditRule | undefined;

export type Reserved = { ok: true; kind: CreditKind; at: Date } | { ok: false; reason: string };

/** `wrote`: the person's own message opened a window that is still open. `spent`: why nothing can be sent now, if so. */
export interface Room {
  wrote: boolean;
  spent?: 'window.closed' | 'window.used' | 'window.keptForPeople';
}

export type QuotaLedger = ReturnType<typeof createQuotaLedger>;

export function createQuotaLedger(quotas: Model<QuotaRecord>, rules: CreditRules) {
  async function read(tx: ClientSession | null, address: Address): Promise<Ledger> {
    const found = await quotas.findById(addressKey(address), null, { session: tx }).lean<QuotaRecord>();
    return found ? { credits: found.credits, recentSends: found.recentSends } : emptyLedger();
  }

  async function write(tx: ClientSession, address: Address, ledger: Ledger, drifts = 0): Promise<void> {
    await quotas.updateOne(
      { _id: addressKey(address) },
      { $set: { credits: ledger.credits, recentSends: ledger.recentSends }, $inc: { drifts } },
      { session: tx, upsert: true },
    );
  }

  async function open(tx: ClientSession, address: Address, kind: CreditKind, at: Date): Promise<void> {
    const rule = rules(address.channel, kind, at);
    if (rule) await write(tx, address, openCredit(await read(tx, address), kind, at, rule));
  }

  const clear = async (tx: ClientSession, address: Address, upTo: Date): Promise<void> =>
    write(tx, address, clearUpTo(await read(tx, address), upTo));

  /** Takes one message for this send; two sends of one person conflict on the document, so none is taken twice. */
  async function take(tx: ClientSession, address: Address, origin: Origin, now: Date): Promise<Reserved> {
    const result = reserve(await read(tx, address), origin, now);
    if (!result.ok) return result;
    await write(tx, address, result.ledger);
    return { ok: true, kind: result.kind, at: now };
  }

  async function refund(
    tx: ClientSession,
    address: Address,
    taken: { kind: CreditKind; at: Date },
    origin: Origin,
  ): Promise<void> {
    await write(tx, address, giveBack(await read(tx, address), taken.kind, origin, taken.at));
  }

  /** The platform refused for quota although the ledger had some: spending by others. Sets the person's ledger to 0 and counts the drift. */
  async function correct(tx: ClientSession, address: Address): Promise<void> {
    await write(tx, address, exhaust(await read(tx, address)), 1);
  }

  /** What each of these addresses has left for whoever speaks, by addressKey. */
  async function roomOf(
    tx: ClientSession | null,
    addresses: readonly Address[],
    origin: Origin,
    now: Date,
  ): Promise<ReadonlyMap<string, Room>> {
    const keys = addresses.map(addressKey);
    const found = await quotas
      .find({ _id: { $in: keys } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<QuotaRecord[]>();
    const known = new Map(found.map((one) => [one._id, one]));
    return new Map(keys.map((key) => [key, roomIn(known.get(key) ?? emptyLedger(), origin, now)]));
  }

  async function window(address: Address, now: Date, tx: ClientSession | null = null): Promise<WindowView> {
    return windowOf(await read(tx, address), now);
  }

  return { open, clear, take, refund, correct, window, roomOf };
}

function roomIn(ledger: Ledger, origin: Origin, now: Date): Room {
  const wrote = ledger.credits.some(({ kind, endsAt }) => kind === 'message' && endsAt > now);
  const tried = reserve(ledger, origin, now);
  return tried.ok ? { wrote } : { wrote, spent: tried.reason };
}
