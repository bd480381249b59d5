/** The quota ledger in the database: loads a person's credits, applies the arithmetic of credits.ts, writes them back in the caller's transaction. */
import type { ClientSession, Model } from 'mongoose';
import { addressKey } from '../../contracts/index.js';
import type { Address, CreditKind, Origin } from '../../contracts/index.js';
import { clearUpTo, emptyLedger, exhaust, giveBack, openCredit, reserve, windowOf } from './credits.js';
import type { CreditRule, Ledger, WindowView } from './credits.js';
import type { QuotaRecord } from './models.js';

/** The rule in force for an action on a channel at a moment; undefined when the action opens nothing there. */
export type CreditRules = (channel: string, kind: CreditKind, at: Date) => CreditRule | undefined;

export type Reserved = { ok: true; kind: CreditKind; at: Date } | { ok: false; reason: string };

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

  async function window(address: Address, now: Date, tx: ClientSession | null = null): Promise<WindowView> {
    return windowOf(await read(tx, address), now);
  }

  return { open, clear, take, refund, correct, window };
}
