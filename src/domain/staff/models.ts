/** Stored shapes of the staff module and their indexes. Secrets are stored as hashes only. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { StaffRole } from '../../contracts/index.js';

export interface StaffRecord {
  _id: Types.ObjectId;
  account: string;
  name: string;
  role: StaffRole;
  passwordHash: string;
  /** Grows with every new password; sessions made under an older one are dead, whatever the order of events was. */
  passwordVersion: number;
  disabled: boolean;
  createdAt: Date;
  lastSignInAt: Date | null;
}

/** `_id` is the hash of the secret in the cookie. `endsAt` is the limit that sliding does not move. */
export interface SessionRecord {
  _id: string;
  staffId: Types.ObjectId;
  passwordVersion: number;
  createdAt: Date;
  expiresAt: Date;
  endsAt: Date;
}

export interface AccessTokenRecord {
  _id: Types.ObjectId;
  tokenHash: string;
  staffId: Types.ObjectId;
  name: string;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

export interface CaptchaRecord {
  _id: string;
  answerHash: string;
  expiresAt: Date;
}

/** Wrong passwords in one window of time, by account or by address. */
export interface AttemptsRecord {
  _id: string;
  failures: number;
  expiresAt: Date;
}

export interface AuditRecord {
  _id: Types.ObjectId;
  at: Date;
  staffId: Types.ObjectId | null;
  staffName: string | null;
  action: string;
  subject: string | null;
  address: string;
  outcome: 'done' | 'refused';
  requestId: string;
  expiresAt: Date;
}

/** One document that every change of who is an admin writes, so that two such changes cannot pass each other. */
export interface GuardRecord {
  _id: string;
  changes: number;
}

export interface StaffModels {
  staff: Model<StaffRecord>;
  sessions: Model<SessionRecord>;
  tokens: Model<AccessTokenRecord>;
  captchas: Model<CaptchaRecord>;
  attempts: Model<AttemptsRecord>;
  audit: Model<AuditRecord>;
  guards: Model<GuardRecord>;
}

const { ObjectId } = Schema.Types;
const strict = { strict: 'throw', versionKey: false } as const;

function expiring<T>(schema: Schema<T>): Schema<T> {
  return schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
}

const staffSchema = new Schema<StaffRecord>(
  {
    account: String,
    name: String,
    role: String,
    passwordHash: String,
    passwordVersion: Number,
    disabled: Boolean,
    createdAt: Date,
    lastSignInAt: Date,
  },
  strict,
)
  .index({ account: 1 }, { unique: true })
  .index({ role: 1, disabled: 1 });

const sessionSchema = expiring(
  new Schema<SessionRecord>(
    { _id: String, staffId: ObjectId, passwordVersion: Number, createdAt: Date, expiresAt: Date, endsAt: Date },
    strict,
  ),
).index({ staffId: 1 });

const tokenSchema = expiring(
  new Schema<AccessTokenRecord>(
    { tokenHash: String, staffId: ObjectId, name: String, createdAt: Date, expiresAt: Date, lastUsedAt: Date },
    strict,
  ),
)
  .index({ tokenHash: 1 }, { unique: true })
  .index({ staffId: 1, _id: -1 });

const captchaSchema = expiring(new Schema<CaptchaRecord>({ _id: String, answerHash: String, expiresAt: Date }, strict));
const attemptsSchema = expiring(new Schema<AttemptsRecord>({ _id: String, failures: Number, expiresAt: Date }, strict));

const auditSchema = expiring(
  new Schema<AuditRecord>(
    {
      at: Date,
      staffId: ObjectId,
      staffName: String,
      action: String,
      subject: String,
      address: String,
      outcome: String,
      requestId: String,
      expiresAt: Date,
    },
    strict,
  ),
).index({ at: -1, _id: -1 });

const guardSchema = new Schema<GuardRecord>({ _id: String, changes: Number }, strict);

export function staffModels(connection: Connection): StaffModels {
  return {
    staff: connection.model<StaffRecord>('Staff', staffSchema, 'staff'),
    sessions: connection.model<SessionRecord>('StaffSession', sessionSchema, 'staff_sessions'),
    tokens: connection.model<AccessTokenRecord>('StaffToken', tokenSchema, 'staff_tokens'),
    captchas: connection.model<CaptchaRecord>('StaffCaptcha', captchaSchema, 'staff_captchas'),
    attempts: connection.model<AttemptsRecord>('StaffAttempts', attemptsSchema, 'staff_attempts'),
    audit: connection.model<AuditRecord>('StaffAudit', auditSchema, 'audit'),
    guards: connection.model<GuardRecord>('StaffGuard', guardSchema, 'staff_guards'),
  };
}

/** Makes the collections and indexes that are missing. Called once at start. */
export async function ensureStaffIndexes(models: StaffModels): Promise<void> {
  await models.guards.createCollection();
  await models.staff.createIndexes();
  await models.sessions.createIndexes();
  await models.tokens.createIndexes();
  await models.captchas.createIndexes();
  await models.attempts.createIndexes();
  await models.audit.createIndexes();
}
