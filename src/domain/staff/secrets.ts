/** What is derived from a session's secret, and how two secrets are compared. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The CSRF token of a session: derived from its secret, so it is bound to it and needs no storage. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('huike csrf token').digest('base64url');
}

/** Compares in a time that tells nothing about where the two differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
