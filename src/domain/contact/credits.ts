/**
 * Arithmetic of customer-message credits, pure. Each of the person's actions opens a credit of its own (a repeat of the same
 * action opens it anew), a send uses the credit that ends first, unfollowing clears all. How overlapping credits combine is not
 * documented by WeChat; this is the careful reading.
 * Source of the numbers: developers.weixin.qq.com, customer messages, table of user actions; they are dated configuration.
 */
import type { CreditKind, Origin } from '../../contracts/index.js';

export interface CreditRule {
  messages: number;
  lastsMs: number;
  /** Messages of this credit that only a person may use. */
  keptForPeople: number;
}

export interface Credit {
  kind: CreditKind;
  openedAt: Date;
  endsAt: Date;
  left: number;
  /** How many of those still left the automation may use. */
  automationLeft: number;
}

export interface Ledger {
  credits: Credit[];
  /** When the latest sends were reserved, so that a credit whose action we learn of late does not forget them. */
  recentSends: Date[];
}

const RECENT_SENDS = 20;

export const emptyLedger = (): Ledger => ({ credits: [], recentSends: [] });

/**
 * The person acted at `at` (to the second). Sends reserved after that moment, before we learned of the action, already used
 * this credit at the platform, so they are counted off. An action older than the credit we know changes nothing.
 */
export function openCredit(ledger: Ledger, kind: CreditKind, at: Date, rule: CreditRule): Ledger {
  const known = ledger.credits.find((credit) => credit.kind === kind);
  if (known && known.openedAt.getTime() >= at.getTime() && known.openedAt.getTime() !== at.getTime()) return ledger;
  const used = ledger.recentSends.filter((sent) => sent.getTime() > at.getTime()).length;
  const left = Math.max(0, rule.messages - used);
  const automationLeft = Math.max(0, rule.messages - rule.keptForPeople - used);
  const opened: Credit = { kind, openedAt: at, endsAt: new Date(at.getTime() + rule.lastsMs), left, automationLeft };
  return { ...ledger, credits: [...ledger.credits.filter((credit) => credit.kind !== kind), opened] };
}

export interface WindowView {
  open: boolean;
  left: number;
  /** Of those, what the automation may use. */
  automationLeft: number;
  endsAt: Date | null;
}

/** What a person of the staff may still send now. */
export function windowOf(ledger: Ledger, now: Date): WindowView {
  const live = liveCredits(ledger, now);
  const left = live.reduce((sum, credit) => sum + credit.left, 0);
  const ends = live.filter((credit) => credit.left > 0).map((credit) => credit.endsAt.getTime());
  const automationLeft = live.reduce((sum, credit) => sum + Math.min(credit.left, credit.automationLeft), 0);
  return { open: left > 0, left, automationLeft, endsAt: ends.length ? new Date(Math.max(...ends)) : null };
}

export type Reservation =
  | { ok: true; ledger: Ledger; kind: CreditKind }
  | { ok: false; reason: 'window.closed' | 'window.used' | 'window.keptForPeople' };

/** Takes one message from the credit that ends first and that this origin may use. */
export function reserve(ledger: Ledger, origin: Origin, now: Date): Reservation {
  const live = liveCredits(ledger, now);
  if (live.length === 0) return { ok: false, reason: 'window.closed' };
  const withRoom = live.filter((credit) => credit.left > 0);
  if (withRoom.length === 0) return { ok: false, reason: 'window.used' };
  const usable = withRoom.filter((credit) => origin === 'staff' || credit.automationLeft > 0);
  const chosen = usable.sort((a, b) => a.endsAt.getTime() - b.endsAt.getTime())[0];
  if (!chosen) return { ok: false, reason: 'window.keptForPeople' };
  return { ok: true, ledger: use(ledger, chosen, origin, now), kind: chosen.kind };
}

function use(ledger: Ledger, chosen: Credit, origin: Origin, now: Date): Ledger {
  const credits = ledger.credits.map((credit) => {
    if (credit.kind !== chosen.kind) return credit;
    const left = credit.left - 1;
    const automationLeft = origin === 'automation' ? credit.automationLeft - 1 : credit.automationLeft;
    return { ...credit, left, automationLeft };
  });
  return { credits, recentSends: [...ledger.recentSends, now].slice(-RECENT_SENDS) };
}

/** The platform surely did not take the message: what it had reserved comes back, unless the credit was opened anew since. */
export function giveBack(ledger: Ledger, kind: CreditKind, origin: Origin, reservedAt: Date): Ledger {
  const credits = ledger.credits.map((credit) => {
    if (credit.kind !== kind || credit.openedAt.getTime() > reservedAt.getTime()) return credit;
    const automationLeft = origin === 'automation' ? credit.automationLeft + 1 : credit.automationLeft;
    return { ...credit, left: credit.left + 1, automationLeft };
  });
  const recentSends = ledger.recentSends.filter((sent) => sent.getTime() !== reservedAt.getTime());
  return { credits, recentSends };
}

/** The person left at `upTo`: what they opened until then is gone at the platform too. */
export function clearUpTo(ledger: Ledger, upTo: Date): Ledger {
  return {
    credits: ledger.credits.filter((credit) => credit.openedAt.getTime() > upTo.getTime()),
    recentSends: ledger.recentSends.filter((sent) => sent.getTime() > upTo.getTime()),
  };
}

/** The platform says there is nothing left (45047, 45015): others spent too. Nothing is left until the person acts again. */
export function exhaust(ledger: Ledger): Ledger {
  return { ...ledger, credits: ledger.credits.map((credit) => ({ ...credit, left: 0, automationLeft: 0 })) };
}

function liveCredits(ledger: Ledger, now: Date): Credit[] {
  return ledger.credits.filter((credit) => credit.endsAt.getTime() > now.getTime());
}
