/** The code a member shows at the counter: 18 random digits that name a customer for five minutes. Stored as a hash. */
import { randomInt } from 'node:crypto';
import type { Types } from 'mongoose';
import { hashToken } from '../../infra/crypto.js';
import { insertRecords } from '../../infra/mongo.js';
import type { CardCodeRecord } from './member-models.js';
import type { CustomerModels } from './models.js';

const LIFE_MS = 5 * 60_000;

export type CardCodes = ReturnType<typeof createCardCodes>;

export function createCardCodes({ cardCodes }: Pick<CustomerModels, 'cardCodes'>) {
  return {
    /** A new one each time; older ones hold until they expire. */
    async issue(customerId: Types.ObjectId, now: Date): Promise<{ code: string; expiresAt: Date }> {
      const code = newCode();
      const expiresAt = new Date(now.getTime() + LIFE_MS);
      const record: CardCodeRecord = { _id: hashToken(code), customerId, expiresAt };
      await insertRecords(cardCodes, [record]);
      return { code, expiresAt };
    },
    /** Undefined when unknown or expired. */
    async find(code: string, now: Date): Promise<Types.ObjectId | undefined> {
      const found = await cardCodes.findById(hashToken(code)).lean<CardCodeRecord>();
      return found && found.expiresAt > now ? found.customerId : undefined;
    },
  };
}

/**
 * 8 or 9 first: tills take 18 digits that begin with 10 to 15 for a payment code of WeChat Pay, and 25 to 30 and 62 are other wallets'.
 * https://pay.weixin.qq.com/wiki/doc/api/micropay.php?chapter=5_1
 */
function newCode(): string {
  const digits = (count: number): string => String(randomInt(10 ** count)).padStart(count, '0');
  return `${randomInt(8, 10)}${digits(9)}${digits(8)}`;
}
