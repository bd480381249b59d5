/**
 * Keys of shop systems: making, revoking, proving a signature, using up a nonce. A key is a program, not a staff member: it has no role, and
 * may do what /open/v1 offers for its sources. Follows real time by the database's clock. Knows no HTTP.
 */
import { createHmac } from 'node:crypto';
import { Types } from 'mongoose';
import { RequestProblem, notFound } from '../../errors.js';
import { randomToken, sameSecret } from '../../infra/crypto.js';
import type { KeyRing } from '../../infra/crypto.js';
import { insertRecords, isDuplicateKey } from '../../infra/mongo.js';
import type { Database } from '../../infra/mongo.js';
import { answerRules, answersIn } from './api-keys-answers.js';
import type { AnswerRules, Answers } from './api-keys-answers.js';
import { apiKeyModels, ensureApiKeyIndexes } from './api-keys-models.js';
import type { ApiKeyRecord } from './api-keys-models.js';
import type { AddApiKey, ApiKey } from '../../contracts/index.js';

/** Makes a leaked secret easy to find by secret scanners. */
export const SECRET_PREFIX = 'huike_sec_';
const MAX_KEYS = 1000;
const USED_EVERY_MS = 10 * 60_000;
/** Longer than a timestamp stays good on both sides of now, with room for clocks that differ. */
const NONCE_MS = 20 * 60_000;

export interface ProvedKey {
  keyId: string;
  name: string;
  verifiesPhones: boolean;
  sources: readonly string[];
}

/** `revoked` is told to nobody but who has the secret. */
export type Proof = { kind: 'proved'; key: ProvedKey } | { kind: 'revoked' } | { kind: 'wrong' };

export interface ApiKeys {
  /** Makes missing collections and indexes; once at start. */
  ensureIndexes(): Promise<void>;
  /** `by`: the name of who makes it. The secret is told here and never again. 409 key.tooMany. */
  add(body: AddApiKey, by: string): Promise<ApiKey & { secret: string }>;
  /** All of them, newest first, revoked ones too; at most 1,000 are ever there. */
  list(): Promise<ApiKey[]>;
  /** Holds from the next request on. 404 key.notFound; a key that is revoked stays so. */
  revoke(id: string): Promise<void>;
  /** Compares hex HMAC-SHA256 of `text`. Takes as long for a key that does not exist. */
  prove(tried: { keyId: string; text: string; signature: string }): Promise<Proof>;
  /** False when this key has used this nonce. */
  takeNonce(keyId: string, nonce: string): Promise<boolean>;
  answers: Answers;
}

export interface ApiKeyParts {
  database: Database;
  keys: KeyRing;
  rules?: Partial<AnswerRules>;
}

export function createApiKeys({ database, keys: ring, rules = {} }: ApiKeyParts): ApiKeys {
  const models = apiKeyModels(database.connection);
  const { keys, nonces } = models;
  const now = (): Date => database.now();
  const nobody = noSuchKey(ring);
  return {
    ensureIndexes: () => ensureApiKeyIndexes(models),
    add: async (body, by) => {
      if ((await keys.countDocuments()) >= MAX_KEYS) {
        throw new RequestProblem(409, 'key.tooMany', `At most ${MAX_KEYS} keys may ever be made.`);
      }
      const secret = SECRET_PREFIX + randomToken();
      const row = newRow(body, { by, at: now(), secret, ring });
      await insertRecords(keys, [row]);
      return { ...present(row), secret };
    },
    list: async () => (await keys.find().sort({ _id: -1 }).limit(MAX_KEYS).lean()).map(present),
    revoke: async (id) => {
      const _id = new Types.ObjectId(id);
      const done = await keys.updateOne({ _id, revokedAt: null }, { $set: { revokedAt: now() } });
      if (done.matchedCount === 0 && !(await keys.findById(_id).lean())) throw notFound('key');
    },
    prove: async ({ keyId, text, signature }) => {
      const known = /^[0-9a-f]{24}$/.test(keyId) ? new Types.ObjectId(keyId) : nobody._id;
      const found = await keys.findById(known).lean();
      const row = found ?? nobody;
      const expected = createHmac('sha256', ring.decrypt(row.secret, contextOf(row._id)))
        .update(text)
        .digest('hex');
      if (!sameSecret(expected, signature.toLowerCase()) || !found) return { kind: 'wrong' };
      if (found.revokedAt) return { kind: 'revoked' };
      if (now().getTime() - (found.lastUsedAt?.getTime() ?? 0) > USED_EVERY_MS) {
        await keys.updateOne({ _id: found._id }, { $set: { lastUsedAt: now() } });
      }
      const { name, verifiesPhones, sources } = found;
      return { kind: 'proved', key: { keyId: found._id.toHexString(), name, verifiesPhones, sources } };
    },
    takeNonce: async (keyId, nonce) => {
      try {
        await insertRecords(nonces, [{ _id: `${keyId}:${nonce}`, expiresAt: new Date(now().getTime() + NONCE_MS) }]);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
    answers: answersIn(models.answers, now, { ...answerRules, ...rules }),
  };
}

const contextOf = (id: Types.ObjectId): string => `api_keys.secret:${id.toHexString()}`;

function newRow(
  { name, verifiesPhones, sources }: AddApiKey,
  { by, at, secret, ring }: { by: string; at: Date; secret: string; ring: KeyRing },
): ApiKeyRecord {
  const _id = new Types.ObjectId();
  const sealed = ring.encrypt(secret, contextOf(_id));
  const made = { createdAt: at, createdBy: by, lastUsedAt: null, revokedAt: null };
  return { _id, name, secret: sealed, verifiesPhones, sources: [...new Set(sources)], ...made };
}

/** Stands in for a key that is not there, so that nobody learns by the time it takes which keys exist. */
function noSuchKey(ring: KeyRing): Pick<ApiKeyRecord, '_id' | 'secret'> {
  const _id = new Types.ObjectId('0'.repeat(24));
  return { _id, secret: ring.encrypt(SECRET_PREFIX + randomToken(), contextOf(_id)) };
}

function present(row: ApiKeyRecord): ApiKey {
  const { name, verifiesPhones, sources, createdBy } = row;
  return {
    id: row._id.toHexString(),
    name,
    verifiesPhones,
    sources: [...sources],
    createdAt: row.createdAt.toISOString(),
    createdBy,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
