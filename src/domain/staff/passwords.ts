/** Passwords as argon2id hashes. Parameters: OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane). */
import { hash, verify } from '@node-rs/argon2';
import { randomToken } from '../../infra/crypto.js';

/** `algorithm` stays at the package's default, which is argon2id; a test reads it in the stored text. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), cost);
}

let nobody: Promise<string> | undefined;

/**
 * True when the password is the one behind `stored`. Without `stored` (no such account) it does the same work against
 * a hash of a secret nobody knows, so that the time taken does not tell which accounts exist.
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  nobody ??= hashPassword(randomToken());
  const matches = await verify(stored ?? (await nobody), password.normalize('NFKC'));
  return matches && stored !== undefined;
}
