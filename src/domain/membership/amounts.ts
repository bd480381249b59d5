/** How many points an order is worth, before and after refunds. Whole numbers all the way: money is in fen, the product may pass 2^53. Pure. */

const MICRO = 1_000_000;
/** Fen in a yuan x per cent x millionths. */
const SCALE = 100n * 100n * BigInt(MICRO);

/** floor(yuan x perYuan x percent / 100). `perYuan` counts to six decimals. */
export function worth(cash: number, perYuan: number, percent = 100): number {
  return Number((BigInt(cash) * BigInt(Math.round(perYuan * MICRO)) * BigInt(percent)) / SCALE);
}

/** A part of a whole, of money. */
export interface Share {
  part: number;
  whole: number;
}

/** floor(amount x share) */
export const portion = (amount: number, { part, whole }: Share): number =>
  Number((BigInt(amount) * BigInt(part)) / BigInt(whole));

/** What of the order's worth stays after refunds: rounded once from the cumulative refund, so that partial refunds end where one full refund ends. */
export const kept = (amount: number, { part, whole }: Share): number => portion(amount, { part: whole - part, whole });
