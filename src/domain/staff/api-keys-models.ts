/** Stored shapes of shop systems' keys, of the nonces they used and of the answers kept for repeated requests. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';

export interface ApiKeyRecord {
  _id: Types.ObjectId;
  name: string;
  /** Encrypted with the key ring: a signature can only be checked with the secret itself, so a hash would not do. */
  secret: string;
  verifiesPhones: boolean;
  /** Empty: any source. */
  sources: string[];
  createdAt: Date;
  createdBy: string;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** `_id` is key and nonce; being unique is the whole of it. */
export interface NonceRecord {
  _id: string;
  expiresAt: Date;
}

/** What was answered to a request with an Idempotency-Key. `_id` is the API key and a hash of that header. */
export interface AnswerRecord {
  _id: string;
  /** A hash of route and body. */
  fingerprint: string;
  /** `again`: the request is done and is simply run again when it is repeated, since each of its parts has a natural key. */
  state: 'underWay' | 'done' | 'again';
  /** Whoever holds this may finish. */
  fence: string;
  leaseUntil: Date;
  status: number | null;
  contentType: string | null;
  body: string | null;
  expiresAt: Date;
}

export interface ApiKeyModels {
  keys: Model<ApiKeyRecord>;
  nonces: Model<NonceRecord>;
  answers: Model<AnswerRecord>;
}

const strict = { strict: 'throw', versionKey: false } as const;

const keySchema = new Schema<ApiKeyRecord>(
  {
    name: String,
    secret: String,
    verifiesPhones: Boolean,
    sources: [String],
    createdAt: Date,
    createdBy: String,
    lastUsedAt: Date,
    revokedAt: Date,
  },
  strict,
);

const nonceSchema = new Schema<NonceRecord>({ _id: String, expiresAt: Date }, strict).index(
  { expiresAt: 1 },
  { expireAfterSeconds: 0 },
);

const answerSchema = new Schema<AnswerRecord>(
  {
    _id: String,
    fingerprint: String,
    state: String,
    fence: String,
    leaseUntil: Date,
    status: Number,
    contentType: String,
    body: String,
    expiresAt: Date,
  },
  strict,
).index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export function apiKeyModels(connection: Connection): ApiKeyModels {
  return {
    keys: connection.model<ApiKeyRecord>('ApiKey', keySchema, 'api_keys'),
    nonces: connection.model<NonceRecord>('ApiNonce', nonceSchema, 'api_nonces'),
    answers: connection.model<AnswerRecord>('ApiAnswer', answerSchema, 'api_answers'),
  };
}

/** Makes the collections and indexes that are missing. Called once at start. */
export async function ensureApiKeyIndexes({ keys, nonces, answers }: ApiKeyModels): Promise<void> {
  await keys.createCollection();
  await nonces.createIndexes();
  await answers.createIndexes();
}
