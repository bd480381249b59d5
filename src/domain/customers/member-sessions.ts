/**
 * What the mini-program shows us instead of a password: opaque tokens of 256 random bits, of which only a hash is stored. They hold 30 days of
 * real time and do not slide; the platform's login makes a new one at any time.
 */
import type { ClientSession, Types } from 'mongoose';
import type { Address } from '../../contracts/index.js';
import { hashToken, randomToken } from '../../infra/crypto.js';
import { insertRecords } from '../../infra/mongo.js';
import { byAddress } from './addresses.js';
import type { MemberSessionRecord } from './member-models.js';
import type { CustomerModels } from './models.js';

const DAY_MS = 86_400_000;
const SESSION_DAYS = 30;

export interface MemberSession {
  customerId: Types.ObjectId;
  address: Address;
}

export type MemberSessions = ReturnType<typeof createMemberSessions>;

export function createMemberSessions({ memberSessions }: Pick<CustomerModels, 'memberSessions'>) {
  return {
    async open(
      tx: ClientSession | null,
      { customerId, address }: MemberSession,
      now: Date,
    ): Promise<{ token: string; expiresAt: Date }> {
      const token = randomToken();
      const expiresAt = new Date(now.getTime() + SESSION_DAYS * DAY_MS);
      const record: MemberSessionRecord = { _id: hashToken(token), customerId, address, createdAt: now, expiresAt };
      await insertRecords(memberSessions, [record], tx ?? undefined);
      return { token, expiresAt };
    },
    /** Undefined when unknown, ended or expired. */
    async find(token: string, now: Date): Promise<MemberSession | undefined> {
      const found = await memberSessions.findById(hashToken(token)).lean<MemberSessionRecord>();
      if (!found || found.expiresAt <= now) return undefined;
      return { customerId: found.customerId, address: found.address };
    },
    async end(token: string): Promise<void> {
      await memberSessions.deleteOne({ _id: hashToken(token) });
    },
    async endAll(customerId: Types.ObjectId, tx?: ClientSession): Promise<void> {
      await memberSessions.deleteMany({ customerId }, tx ? { session: tx } : {});
    },
    /** Those of one address: its person took back what they allowed. */
    async endOf(tx: ClientSession, customerId: Types.ObjectId, address: Address): Promise<void> {
      await memberSessions.deleteMany({ $and: [{ customerId }, byAddress(address)] }, { session: tx });
    },
  };
}
