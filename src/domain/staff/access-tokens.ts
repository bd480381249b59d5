/** Personal access tokens: for scripts of staff, with the permissions their owner has at that moment. Shown once, stored hashed. */
import { Types } from 'mongoose';
import { RequestProblem, notFound } from '../../errors.js';
import { hashToken, randomToken } from '../../infra/crypto.js';
import type { AccessTokenRecord, StaffModels, StaffRecord } from './models.js';

/** Makes a leaked token easy to find by secret scanners. */
export const TOKEN_PREFIX = 'huike_pat_';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MAX_TOKENS = 20;

export interface AccessTokenView {
  id: string;
  name: string;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
}

export interface AccessTokens {
  list(staffId: string): Promise<AccessTokenView[]>;
  /** 409 token.tooMany when the owner has twenty. */
  add(
    staffId: string,
    body: { name: string; expiresInDays: number },
    now: Date,
  ): Promise<AccessTokenView & { token: string }>;
  /** 404 token.notFound, also for another's token. */
  remove(staffId: string, id: string): Promise<void>;
  find(token: string, now: Date): Promise<StaffRecord | undefined>;
  removeAll(staffId: StaffRecord['_id']): Promise<void>;
}

export function accessTokensIn({ tokens, staff }: StaffModels): AccessTokens {
  return {
    list: async (staffId) => {
      const rows = await tokens
        .find({ staffId: new Types.ObjectId(staffId) })
        .sort({ _id: -1 })
        .limit(MAX_TOKENS)
        .lean();
      return rows.map(present);
    },
    add: async (staffId, { name, expiresInDays }, now) => {
      const owner = new Types.ObjectId(staffId);
      if ((await tokens.find({ staffId: owner }).limit(MAX_TOKENS).lean()).length >= MAX_TOKENS) {
        throw new RequestProblem(409, 'token.tooMany', `At most ${MAX_TOKENS} tokens; remove one first.`);
      }
      const token = TOKEN_PREFIX + randomToken();
      const expiresAt = new Date(now.getTime() + expiresInDays * DAY_MS);
      const fields = { name, createdAt: now, expiresAt, lastUsedAt: null };
      const row = await tokens.create({ tokenHash: hashToken(token), staffId: owner, ...fields });
      return { ...present(row), token };
    },
    remove: async (staffId, id) => {
      const owner = new Types.ObjectId(staffId);
      const { deletedCount } = await tokens.deleteOne({ _id: new Types.ObjectId(id), staffId: owner });
      if (deletedCount === 0) throw notFound('token');
    },
    find: async (token, now) => {
      const row = await tokens.findOne({ tokenHash: hashToken(token) }).lean();
      if (!row || row.expiresAt <= now) return undefined;
      const owner = await staff.findById(row.staffId).lean();
      if (!owner || owner.disabled) return undefined;
      if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > MINUTE_MS) {
        await tokens.updateOne({ _id: row._id }, { $set: { lastUsedAt: now } });
      }
      return owner;
    },
    removeAll: async (staffId) => {
      await tokens.deleteMany({ staffId });
    },
  };
}

function present(row: AccessTokenRecord): AccessTokenView {
  return {
    id: row._id.toHexString(),
    name: row.name,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
