/**
 * When customer messages may be sent to one person (docs/wechat.md 2.5): every action of the person opens a credit of
 * its own; a repeat of that action resets it; a send takes from the credit that expires first; unfollowing clears all.
 */
export type CreditKind = 'message' | 'menu' | 'follow' | 'scan' | 'enter';

export interface Credit {
  kind: CreditKind;
  left: number;
  /** Business time in ms. */
  expiresAt: number;
}

export type CreditRules = Record<CreditKind, { messages: number; windowMs: number }>;

const HOUR = 3_600_000;

/** The platform's current table; older pages still say 20 messages, so the numbers can be configured. */
export const defaultCreditRules: CreditRules = {
  message: { messages: 5, windowMs: 48 * HOUR },
  menu: { messages: 3, windowMs: 60_000 },
  follow: { messages: 3, windowMs: 60_000 },
  scan: { messages: 3, windowMs: 60_000 },
  /** Entering the customer chat of a mini-program. */
  enter: { messages: 2, windowMs: 60_000 },
};

/** The credits after one more action of `kind`. */
export function openCredit(credits: readonly Credit[], kind: CreditKind, now: number, rules: CreditRules): Credit[] {
  const rule = rules[kind];
  const kept = credits.filter((credit) => credit.kind !== kind);
  return [...kept, { kind, left: rule.messages, expiresAt: now + rule.windowMs }];
}

export type Spend = { ok: true; credits: Credit[] } | { ok: false; errcode: 45015 | 45047 };

/** Takes one message. 45015 when no window is open; 45047 when windows are open but used up. */
export function spendCredit(credits: readonly Credit[], now: number): Spend {
  const open = credits.filter((credit) => credit.expiresAt > now);
  if (open.length === 0) return { ok: false, errcode: 45015 };
  const first = open.filter((credit) => credit.left > 0).sort((a, b) => a.expiresAt - b.expiresAt)[0];
  if (first === undefined) return { ok: false, errcode: 45047 };
  return {
    ok: true,
    credits: open.map((credit) => (credit === first ? { ...credit, left: credit.left - 1 } : credit)),
  };
}
