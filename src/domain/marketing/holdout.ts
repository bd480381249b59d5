/** Who of a campaign is left alone, so that its effect can be measured against them. Pure: no dice, the same answer every time. */
import { createHash } from 'node:crypto';

const SPACE = 2 ** 32;

/**
 * Whether the person belongs to the campaign's hold-out of so many per cent. Stable for a campaign and person, independent between
 * campaigns, and who is held out at 5 per cent is so at 10 as well.
 */
export function inHoldout(campaign: string, personId: string, percent: number): boolean {
  if (percent <= 0) return false;
  const place = createHash('sha256').update(`${campaign}\n${personId}`).digest().readUInt32BE(0);
  return place < (percent / 100) * SPACE;
}
