/**
 * Signing in. The answer and the time it takes are the same for a wrong password, an unknown account and a disabled one;
 * wrong passwords lead to a captcha, then to a lock, by account and by address.
 */
import type { SignIn, Staff } from '../../contracts/index.js';
import { presentStaff } from './accounts.js';
import type { Attempts } from './attempts.js';
import type { Captchas } from './captcha.js';
import type { StaffModels, StaffRecord } from './models.js';
import type { StaffOptions } from './options.js';
import { verifyPassword } from './passwords.js';
import { csrfTokenOf } from './secrets.js';
import type { Sessions } from './sessions.js';

export type SignInResult =
  | { kind: 'signedIn'; staff: Staff; secret: string; csrfToken: string; expiresAt: Date }
  /** `known` is for the audit log alone. */
  | { kind: 'wrongCredentials'; known: Staff | undefined }
  | { kind: 'captchaRequired' }
  | { kind: 'locked'; until: Date };

interface Parts {
  models: StaffModels;
  attempts: Attempts;
  captchas: Captchas;
  sessions: Sessions;
  options: StaffOptions;
  now(): Date;
}

interface Try {
  body: SignIn;
  address: string;
}

export async function signIn(parts: Parts, tried: Try): Promise<SignInResult> {
  const gate = await passGate(parts, tried);
  if (gate !== 'open') return gate;
  const member = await parts.models.staff.findOne({ account: tried.body.account.toLowerCase() }).lean();
  const matches = await verifyPassword(member?.passwordHash, tried.body.password);
  if (!member || !matches || member.disabled) {
    return { kind: 'wrongCredentials', known: member ? presentStaff(member) : undefined };
  }
  await parts.attempts.forget(accountKey(tried));
  await parts.attempts.takeBack(addressKey(tried));
  return begin(parts, member);
}

const accountKey = ({ body }: Try): string => `account:${body.account.toLowerCase()}`;
const addressKey = ({ address }: Try): string => `address:${address}`;

/** Counts this attempt as a failure in advance; a right password takes it back. */
async function passGate(parts: Parts, tried: Try): Promise<'open' | Exclude<SignInResult, { kind: 'signedIn' }>> {
  const { attempts, options, captchas } = parts;
  const now = parts.now();
  const windowMs = options.lockoutMinutes * 60_000;
  const wanted = async (): Promise<boolean> =>
    (await attempts.failures(accountKey(tried), now)) >= options.captchaAfterFailures ||
    (await attempts.failures(addressKey(tried), now)) >= options.captchaAfterAddressFailures;
  const solved = tried.body.captcha !== undefined && (await captchas.solve(tried.body.captcha, now));
  if (!solved && (await wanted())) {
    const locked = await lockedUntil(parts, tried);
    return locked ? { kind: 'locked', until: locked } : { kind: 'captchaRequired' };
  }
  const address = await attempts.count(addressKey(tried), { limit: options.lockoutAddressFailures, windowMs }, now);
  if (!address.ok) return { kind: 'locked', until: address.until };
  const account = await attempts.count(accountKey(tried), { limit: options.lockoutFailures, windowMs }, now);
  if (!account.ok) return { kind: 'locked', until: account.until };
  // Many at once may all have looked before any was counted: the count itself decides.
  return solved || account.failures <= options.captchaAfterFailures ? 'open' : { kind: 'captchaRequired' };
}

/** Somebody who is locked is told so before being asked to read a captcha. */
async function lockedUntil({ attempts, options, now }: Parts, tried: Try): Promise<Date | undefined> {
  const at = now();
  const account = await attempts.lockedUntil(accountKey(tried), options.lockoutFailures, at);
  return account ?? attempts.lockedUntil(addressKey(tried), options.lockoutAddressFailures, at);
}

async function begin({ models, sessions, now }: Parts, member: StaffRecord): Promise<SignInResult> {
  const at = now();
  const { secret, expiresAt } = await sessions.begin(member, at);
  await models.staff.updateOne({ _id: member._id }, { $set: { lastSignInAt: at } });
  const staff = presentStaff({ ...member, lastSignInAt: at });
  return { kind: 'signedIn', staff, secret, csrfToken: csrfTokenOf(secret), expiresAt };
}
