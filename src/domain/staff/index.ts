/**
 * The staff module's door: accounts, sign-in, sessions, tokens, permissions, audit log.
 * Follows real time by the database's clock, never business time. Knows no HTTP.
 */
import type { Permission, SignIn } from '../../contracts/index.js';
import type { Database } from '../../infra/mongo.js';
import { accessTokensIn } from './access-tokens.js';
import type { AccessTokens } from './access-tokens.js';
import { accountsIn, presentStaff } from './accounts.js';
import type { Accounts } from './accounts.js';
import { attemptsIn } from './attempts.js';
import { auditIn } from './audit.js';
import type { Audit, AuditInput } from './audit.js';
import { captchasIn } from './captcha.js';
import type { CaptchaOptions } from './captcha.js';
import { ensureStaffIndexes, staffModels } from './models.js';
import { staffDefaults } from './options.js';
import type { StaffOptions } from './options.js';
import { rolePermissions } from './permissions.js';
import { sessionsIn } from './sessions.js';
import { signIn } from './sign-in.js';
import type { SignInResult } from './sign-in.js';
import type { Staff } from '../../contracts/index.js';

export { may, rolePermissions } from './permissions.js';
export { staffDefaults } from './options.js';
export type { StaffOptions } from './options.js';
export type { SignInResult } from './sign-in.js';
export type { AuditInput } from './audit.js';
export { createApiKeys } from './api-keys.js';
export type { ApiKeyParts, ApiKeys, ProvedKey } from './api-keys.js';
export type { Attempt, KeptAnswer } from './api-keys-answers.js';

/** A staff member proved by session or token, with what they may do now. */
export interface Proof {
  staff: Staff;
  permissions: readonly Permission[];
}

export interface StaffModule {
  /** Makes missing collections and indexes; once at start, before anything else. */
  ensureIndexes(): Promise<void>;
  accounts: Omit<Accounts, 'add'>;
  /** Adds an account; also how the command line and the demo make the first admin. 409 staff.accountTaken. */
  addStaff: Accounts['add'];
  /** Counts, locks and asks for captchas as the rules say; every outcome is a value. `address` is the client's. */
  signIn(tried: { body: SignIn; address: string }): Promise<SignInResult>;
  signOut(sessionSecret: string): Promise<void>;
  /** Who holds the session, or undefined. Slides its expiry, unless `slide` is false: then nobody is at work, a program only looks. */
  session(secret: string, slide?: boolean): Promise<(Proof & { csrfToken: string; expiresAt: Date }) | undefined>;
  /** Who owns the personal access token, or undefined. */
  token(token: string): Promise<Proof | undefined>;
  tokens: Pick<AccessTokens, 'list' | 'remove'> & {
    add(staffId: string, body: { name: string; expiresInDays: number }): ReturnType<AccessTokens['add']>;
  };
  captcha(): Promise<{ id: string; svg: string; expiresAt: Date }>;
  audit: Pick<Audit, 'list'> & { add(entry: AuditInput): Promise<void> };
}

export interface StaffParts {
  database: Database;
  options?: Partial<StaffOptions>;
  /** Tests that must know a captcha's answer give their own. */
  pickLetter?: CaptchaOptions['pickLetter'];
}

export function createStaff({ database, options: given = {}, pickLetter }: StaffParts): StaffModule {
  const options: StaffOptions = { ...staffDefaults, ...given };
  const models = staffModels(database.connection);
  const sessions = sessionsIn(models, options);
  const tokens = accessTokensIn(models);
  const attempts = attemptsIn(models.attempts);
  const captchas = captchasIn(models.captchas, { ...options, ...(pickLetter ? { pickLetter } : {}) });
  const audit = auditIn(models.audit, options);
  const { add: addStaff, ...accounts } = accountsIn({ database, models, sessions, tokens });
  const now = (): Date => database.now();
  const proof = (staff: Staff): Proof => ({ staff, permissions: rolePermissions[staff.role] });

  return {
    ensureIndexes: () => ensureStaffIndexes(models),
    accounts,
    addStaff,
    signIn: (tried) => signIn({ models, attempts, captchas, sessions, options, now }, tried),
    signOut: (secret) => sessions.end(secret),
    session: async (secret, slide = true) => {
      const found = await sessions.find(secret, now(), slide);
      if (!found) return undefined;
      return { ...proof(presentStaff(found.staff)), csrfToken: found.csrfToken, expiresAt: found.expiresAt };
    },
    token: async (token) => {
      const owner = await tokens.find(token, now());
      return owner && proof(presentStaff(owner));
    },
    tokens: { list: tokens.list, remove: tokens.remove, add: (staffId, body) => tokens.add(staffId, body, now()) },
    captcha: () => captchas.make(now()),
    audit: { list: audit.list, add: (entry) => audit.add(entry, now()) },
  };
}
