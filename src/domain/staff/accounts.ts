/** Staff accounts: adding, changing, disabling, new passwords. There is always an admin who can sign in. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { z } from 'zod';
import type { AddStaff, ChangeStaff, Staff } from '../../contracts/index.js';
import { RequestProblem, notFound } from '../../errors.js';
import { isDuplicateKey } from '../../infra/mongo.js';
import type { Database } from '../../infra/mongo.js';
import type { AccessTokens } from './access-tokens.js';
import type { PageOf } from './audit.js';
import type { StaffModels, StaffRecord } from './models.js';
import { hashPassword, verifyPassword } from './passwords.js';
import type { Sessions } from './sessions.js';

export interface Accounts {
  /** By account name. */
  list(page: { limit: number; cursor?: string | undefined }): Promise<PageOf<Staff>>;
  /** 404 staff.notFound. */
  get(id: string): Promise<Staff>;
  /** 409 staff.accountTaken. The password is hashed here; nothing keeps it. */
  add(body: z.infer<typeof AddStaff>): Promise<Staff>;
  /** 409 staff.lastAdmin when no admin would be left. Disabling ends the sessions. */
  change(id: string, body: z.infer<typeof ChangeStaff>): Promise<Staff>;
  /** Another's new password: ends their sessions and removes their tokens. */
  resetPassword(id: string, password: string): Promise<void>;
  /** One's own: 409 staff.wrongPassword when `current` is not it. Ends all sessions but the asking one. */
  changePassword(id: string, body: { current: string; password: string }, keepSession?: string): Promise<void>;
}

interface Parts {
  database: Database;
  models: StaffModels;
  sessions: Sessions;
  tokens: AccessTokens;
}

export function accountsIn({ database, models, sessions, tokens }: Parts): Accounts {
  const { staff } = models;
  const setPassword = async (id: Types.ObjectId, password: string): Promise<StaffRecord> => {
    const passwordHash = await hashPassword(password);
    const change = { $set: { passwordHash }, $inc: { passwordVersion: 1 } };
    const member = await staff.findOneAndUpdate({ _id: id }, change, { returnDocument: 'after' }).lean();
    if (!member) throw notFound('staff');
    return member;
  };

  return {
    list: async ({ limit, cursor }) => {
      const after = cursor === undefined ? {} : { account: { $gt: cursor } };
      const rows = await staff
        .find(after)
        .sort({ account: 1 })
        .limit(limit + 1)
        .lean();
      const items = rows.slice(0, limit);
      return {
        items: items.map(presentStaff),
        nextCursor: rows.length > limit ? (items.at(-1)?.account ?? null) : null,
      };
    },
    get: async (id) => {
      const member = await staff.findById(new Types.ObjectId(id)).lean();
      if (!member) throw notFound('staff');
      return presentStaff(member);
    },
    add: async ({ password, ...fields }) => {
      const passwordHash = await hashPassword(password);
      const fresh = { passwordVersion: 1, disabled: false, createdAt: database.now(), lastSignInAt: null };
      try {
        const member = await staff.create({ ...fields, passwordHash, ...fresh });
        return presentStaff(member);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new RequestProblem(409, 'staff.accountTaken', `The account name ${fields.account} is taken.`);
      }
    },
    change: async (id, body) => {
      const _id = new Types.ObjectId(id);
      const member = await database.transaction((tx) => changeKeepingAnAdmin(models, { _id, body }, tx));
      if (member.disabled) {
        await sessions.endAll(_id);
        await tokens.removeAll(_id);
      }
      return presentStaff(member);
    },
    resetPassword: async (id, password) => {
      const member = await setPassword(new Types.ObjectId(id), password);
      await sessions.endAll(member._id);
      await tokens.removeAll(member._id);
    },
    changePassword: async (id, { current, password }, keepSession) => {
      const _id = new Types.ObjectId(id);
      const member = await staff.findById(_id).lean();
      if (!(await verifyPassword(member?.passwordHash, current))) {
        throw new RequestProblem(409, 'staff.wrongPassword', 'The current password is not right.');
      }
      const { passwordVersion } = await setPassword(_id, password);
      await sessions.endAll(_id, keepSession === undefined ? undefined : { secret: keepSession, passwordVersion });
    },
  };
}

/** Two changes that each leave one admin could together leave none, so both write the same guard document and one of them runs again. */
async function changeKeepingAnAdmin(
  { staff, guards }: StaffModels,
  { _id, body }: { _id: Types.ObjectId; body: z.infer<typeof ChangeStaff> },
  tx: ClientSession,
): Promise<StaffRecord> {
  await guards.updateOne({ _id: 'admins' }, { $inc: { changes: 1 } }, { upsert: true, session: tx });
  const set = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const after = { session: tx, returnDocument: 'after' } as const;
  const member =
    Object.keys(set).length === 0
      ? await staff.findById(_id).session(tx).lean()
      : await staff.findOneAndUpdate({ _id }, { $set: set }, after).lean();
  if (!member) throw notFound('staff');
  const admin = await staff.findOne({ role: 'admin', disabled: false }).session(tx).lean();
  if (!admin) throw new RequestProblem(409, 'staff.lastAdmin', 'This is the last admin who can sign in.');
  return member;
}

export function presentStaff({ _id, account, name, role, disabled, createdAt, lastSignInAt }: StaffRecord): Staff {
  const times = { createdAt: createdAt.toISOString(), lastSignInAt: lastSignInAt?.toISOString() ?? null };
  return { id: _id.toHexString(), account, name, role, disabled, ...times };
}
