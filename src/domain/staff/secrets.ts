/** What is derived from a session's secret. */
import { createHmac } from 'node:crypto';

/** The CSRF token of a session: derived from its secret, so it is bound to it and needs no storage. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('huike csrf token').digest('base64url');
}
