import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  clearUpTo,
  emptyLedger,
  exhaust,
  giveBack,
  openCredit,
  reserve,
  windowOf,
} from '../../../src/domain/contact/credits.js';
import type { CreditRule, Ledger } from '../../../src/domain/contact/credits.js';

const message: CreditRule = { messages: 5, lastsMs: 48 * 3_600_000, keptForPeople: 3 };
const follow: CreditRule = { messages: 3, lastsMs: 60_000, keptForPeople: 0 };
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));

function spend(ledger: Ledger, origin: 'staff' | 'automation', now: Date): Ledger {
  const result = reserve(ledger, origin, now);
  if (!result.ok) throw new Error(result.reason);
  return result.ledger;
}

describe('customer-message credits', () => {
  it('is closed before the person ever acted', () => {
    expect(windowOf(emptyLedger(), at(0))).toEqual({ open: false, left: 0, automationLeft: 0, endsAt: null });
    expect(reserve(emptyLedger(), 'staff', at(0))).toEqual({ ok: false, reason: 'window.closed' });
  });

  it('gives five messages for 48 hours after a message, then none', () => {
    let ledger = openCredit(emptyLedger(), 'message', at(0), message);
    for (let i = 0; i < 5; i++) ledger = spend(ledger, 'staff', at(i + 1));
    expect(reserve(ledger, 'staff', at(10))).toEqual({ ok: false, reason: 'window.used' });
    const fresh = openCredit(emptyLedger(), 'message', at(0), message);
    const end = new Date(at(0).getTime() + message.lastsMs);
    expect(windowOf(fresh, new Date(end.getTime() - 1)).open).toBe(true);
    expect(windowOf(fresh, end)).toEqual({ open: false, left: 0, automationLeft: 0, endsAt: null });
  });

  it('keeps three of the five for people', () => {
    let ledger = openCredit(emptyLedger(), 'message', at(0), message);
    ledger = spend(spend(ledger, 'automation', at(1)), 'automation', at(2));
    expect(reserve(ledger, 'automation', at(3))).toEqual({ ok: false, reason: 'window.keptForPeople' });
    ledger = spend(spend(spend(ledger, 'staff', at(3)), 'staff', at(4)), 'staff', at(5));
    expect(reserve(ledger, 'staff', at(6))).toMatchObject({ ok: false, reason: 'window.used' });
  });

  it('lets people use what automation left, and automation nothing of the rest', () => {
    let ledger = openCredit(emptyLedger(), 'message', at(0), message);
    for (let i = 0; i < 4; i++) ledger = spend(ledger, 'staff', at(i + 1));
    ledger = spend(ledger, 'automation', at(6));
    expect(windowOf(ledger, at(7)).left).toBe(0);
  });

  it('keeps nothing for people of the short credits', () => {
    let ledger = openCredit(emptyLedger(), 'follow', at(0), follow);
    for (let i = 0; i < 3; i++) ledger = spend(ledger, 'automation', at(i));
    expect(reserve(ledger, 'staff', at(5))).toMatchObject({ ok: false });
  });

  it('uses the credit that ends first', () => {
    let ledger = openCredit(openCredit(emptyLedger(), 'message', at(0), message), 'follow', at(0), follow);
    expect(windowOf(ledger, at(1)).left).toBe(8);
    const first = reserve(ledger, 'staff', at(1));
    expect(first).toMatchObject({ ok: true, kind: 'follow' });
    ledger = first.ok ? first.ledger : ledger;
    expect(windowOf(ledger, at(61)).left).toBe(5);
  });

  it('opens a credit anew with a repeat of the action, and not with an older one that arrives late', () => {
    let ledger = openCredit(emptyLedger(), 'message', at(10), message);
    ledger = spend(ledger, 'staff', at(11));
    expect(windowOf(openCredit(ledger, 'message', at(20), message), at(21)).left).toBe(5);
    expect(windowOf(openCredit(ledger, 'message', at(5), message), at(21)).left).toBe(4);
  });

  it('counts a send that left between the action and our knowing of it', () => {
    let ledger = openCredit(emptyLedger(), 'message', at(0), message);
    ledger = spend(ledger, 'staff', at(100));
    ledger = openCredit(ledger, 'message', at(99), message);
    expect(windowOf(ledger, at(101)).left).toBe(4);
  });

  it('gives back what was surely not sent, but not into a credit opened since', () => {
    const opened = openCredit(emptyLedger(), 'message', at(0), message);
    const spent = spend(opened, 'automation', at(1));
    expect(windowOf(giveBack(spent, 'message', 'automation', at(1)), at(2)).left).toBe(5);
    const anew = openCredit(spent, 'message', at(50), message);
    expect(windowOf(giveBack(anew, 'message', 'automation', at(1)), at(51)).left).toBe(5);
  });

  it('gives a retry of the staff back without taking it from automation', () => {
    let ledger = openCredit(emptyLedger(), 'message', at(0), message);
    for (let i = 0; i < 3; i++) ledger = spend(ledger, 'staff', at(i + 1));
    for (let i = 0; i < 3; i++) {
      ledger = giveBack(spend(ledger, 'staff', at(10 + i)), 'message', 'staff', at(10 + i));
    }
    expect(windowOf(ledger, at(20)).left).toBe(2);
    ledger = spend(spend(ledger, 'automation', at(21)), 'automation', at(22));
    expect(windowOf(ledger, at(23)).left).toBe(0);
  });

  it('clears what was opened until the person left, not what they opened since', () => {
    const ledger = openCredit(openCredit(emptyLedger(), 'follow', at(0), follow), 'message', at(9), message);
    expect(clearUpTo(ledger, at(5)).credits.map((credit) => credit.kind)).toEqual(['message']);
    expect(clearUpTo(ledger, at(9)).credits).toEqual([]);
  });

  it('has nothing left once the platform said so, until the person acts again', () => {
    const empty = exhaust(openCredit(emptyLedger(), 'message', at(0), message));
    expect(windowOf(empty, at(1)).open).toBe(false);
    expect(windowOf(openCredit(empty, 'message', at(2), message), at(3)).left).toBe(5);
  });

  it('never lets more than a credit holds leave, whatever the order of actions, sends and returns', () => {
    const step = fc.oneof(
      fc.constant('open' as const),
      fc.constant('staff' as const),
      fc.constant('automation' as const),
      fc.constant('back' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let ledger = emptyLedger();
        let sentSinceOpen = 0;
        let bySoftware = 0;
        let last: { kind: 'message'; origin: 'staff' | 'automation'; at: Date } | undefined;
        steps.forEach((what, index) => {
          const now = at(index * 2);
          if (what === 'open') {
            ledger = openCredit(ledger, 'message', now, message);
            sentSinceOpen = 0;
            bySoftware = 0;
            last = undefined;
          } else if (what === 'back') {
            if (!last) return;
            ledger = giveBack(ledger, 'message', last.origin, last.at);
            sentSinceOpen -= 1;
            if (last.origin === 'automation') bySoftware -= 1;
            last = undefined;
          } else {
            const result = reserve(ledger, what, now);
            if (!result.ok) return;
            ledger = result.ledger;
            sentSinceOpen += 1;
            if (what === 'automation') bySoftware += 1;
            last = { kind: 'message', origin: what, at: now };
          }
          expect(sentSinceOpen).toBeLessThanOrEqual(5);
          expect(bySoftware).toBeLessThanOrEqual(2);
          const { left, automationLeft } = windowOf(ledger, now);
          expect(automationLeft).toBe(reserve(ledger, 'automation', now).ok ? automationLeft : 0);
          expect(automationLeft).toBeLessThanOrEqual(left);
        });
      }),
    );
  });
});
