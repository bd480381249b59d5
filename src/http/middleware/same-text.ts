/** Compares two secrets in a time that does not tell where they differ. */
import { createHash, timingSafeEqual } from 'node:crypto';

export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
