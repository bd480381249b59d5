/** Why two customers are, or may be, one person: what is told, what is stored, and which of it is enough. Pure. */

export type LinkEvidence =
  | { kind: 'unionid'; unionid: string }
  /** The same number, seen to be held by each of the two at these moments; null: a number nobody verified. */
  | { kind: 'phone'; verifiedAt: [Date | null, Date | null] }
  /** A shop's member record that names an address or another record of the same person. */
  | { kind: 'shop-member'; source: string }
  | { kind: 'staff'; staffId: string; reason: string };

/** As kept on a link: of a unionid only its blind index, so that the link outlives the platform's data. */
export type StoredEvidence =
  | { kind: 'unionid'; unionidIndex: string }
  | { kind: 'phone'; verifiedAt: [Date | null, Date | null] }
  | { kind: 'shop-member'; source: string }
  | { kind: 'staff'; staffId: string; reason: string };

/**
 * Why it is left to the staff: the number `unverified` on one side, or verified too long ago (`old`); `conflict`: the platform gave them
 * different unionids, so they are two people to it; `order`: one order was reported of both.
 */
export type ProposalReason = 'unverified' | 'old' | 'conflict' | 'order';

export type ProposedEvidence =
  | { kind: 'phone'; reason: ProposalReason; verifiedAt: [Date | null, Date | null] }
  | { kind: 'shop-member'; reason: ProposalReason; source: string }
  | { kind: 'unionid'; reason: ProposalReason };

export interface LinkRules {
  /** Nothing may be redeemed so long after a link by phone: family phones and re-issued numbers exist. */
  phoneFreezeHours: number;
  /** A number verified longer ago may be somebody else's now. */
  phoneVerifiedDays: number;
}

export const defaultLinkRules: LinkRules = { phoneFreezeHours: 24, phoneVerifiedDays: 180 };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Nothing where both sides verified the number within the window. */
export function weaknessOfPhones(
  verifiedAt: readonly [Date | null, Date | null],
  at: Date,
  { phoneVerifiedDays }: LinkRules,
): 'unverified' | 'old' | undefined {
  if (!verifiedAt[0] || !verifiedAt[1]) return 'unverified';
  const oldest = Math.min(verifiedAt[0].getTime(), verifiedAt[1].getTime());
  return at.getTime() - oldest > phoneVerifiedDays * DAY_MS ? 'old' : undefined;
}

export function freezeEnd(at: Date, { phoneFreezeHours }: LinkRules): Date {
  return new Date(at.getTime() + phoneFreezeHours * HOUR_MS);
}

/** The platform gave both persons ids, and none in common. */
export function unionidsConflict(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size > 0 && b.size > 0 && [...a].every((one) => !b.has(one));
}
