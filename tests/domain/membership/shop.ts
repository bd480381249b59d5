/** What the tests of membership share: a programme, orders, and a membership on the real embedded database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { OrderFacts, ProgrammeRules } from '../../../src/contracts/index.js';
import { createFigures, customerModels } from '../../../src/domain/customers/index.js';
import type { Person } from '../../../src/domain/customers/index.js';
import { createMembership, membershipModels } from '../../../src/domain/membership/index.js';
import type { Membership, MembershipModels, MembershipOptions } from '../../../src/domain/membership/index.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

export const zone = 'Asia/Shanghai';
/** Noon of a day in the shop's zone. */
export const noon = (day: string): Date => new Date(`${day}T12:00:00+08:00`);

export function rulesWith(points: Partial<ProgrammeRules['points']> = {}): ProgrammeRules {
  const titles = (name: string) => ({ 'zh-CN': name, en: name });
  const level = (code: string, growth: number, pointsPercent = 100) => ({
    ...{ code, growth, pointsPercent, title: titles(code), vip: growth >= 2000, benefits: [] },
  });
  return {
    points: {
      ...{
        perYuan: 1,
        returnWindowDays: 0,
        receivedAfterDays: 15,
        validMonths: 12,
        checkin: 5,
        join: 20,
        birthdayChangeDays: 365,
      },
      ...points,
    },
    growth: { perYuan: 1, join: 0, windowDays: 365, validDays: 365 },
    levels: [level('member', 0), level('silver', 600), level('gold', 2000), level('platinum', 5000)],
  };
}

let orderCount = 0;
/** An order that was paid; amounts in yuan. */
export function orderOf(
  customerId: Types.ObjectId,
  at: Date,
  yuan: number,
  rest: Partial<OrderFacts> = {},
): OrderFacts {
  orderCount += 1;
  return {
    id: String(new Types.ObjectId()),
    source: 'shop',
    orderNo: `N${orderCount}`,
    customerId: String(customerId),
    placedAt: at,
    paidAt: at,
    cash: Math.round(yuan * 100),
    refunds: [],
    ...rest,
  };
}

export const refundOf = (refundNo: string, yuan: number, at: Date): OrderFacts['refunds'][number] => ({
  refundNo,
  amount: Math.round(yuan * 100),
  at,
});

export const alone = (id: Types.ObjectId): Person => ({ id, customerIds: [id] });
export const together = (...customerIds: [Types.ObjectId, ...Types.ObjectId[]]): Person => ({
  id: customerIds[0],
  customerIds,
});

export interface Bench {
  database: Database;
  models: MembershipModels;
  customers: ReturnType<typeof customerModels>;
  membership: Membership;
  tx<T>(work: (tx: ClientSession) => Promise<T>): Promise<T>;
  /** A customer record of its own. */
  customer(): Promise<Types.ObjectId>;
  close(): Promise<void>;
}

export async function openBench(
  options: Partial<Pick<MembershipOptions, 'defaults' | 'replace'>> = {},
): Promise<Bench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-membership-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const customers = customerModels(database.connection);
  const models = membershipModels(database.connection);
  for (const model of [customers, models].flatMap((all) => Object.values(all))) {
    await model.createCollection();
    await model.createIndexes();
  }
  const writeFigures = createFigures(customers);
  const membership = createMembership(models, { writeFigures, timeZone: zone, defaults: rulesWith(), ...options });
  return {
    ...{ database, models, customers, membership },
    tx: (work) => database.transaction(work),
    customer: async () => {
      const _id = new Types.ObjectId();
      await customers.customers.collection.insertOne({ _id, personId: _id, createdAt: new Date(0) } as never);
      return _id;
    },
    close: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
