/** Commerce on an embedded database of its own, with customers to report orders of. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { NewDomainEvent, OrderInput } from '../../../src/contracts/index.js';
import { commerceModels, createCommerce } from '../../../src/domain/commerce/index.js';
import type { Commerce, CommerceModels, OrderRecord } from '../../../src/domain/commerce/index.js';
import { createFigures, customerModels } from '../../../src/domain/customers/index.js';
import type { CustomerModels, Figures, WriteFigures } from '../../../src/domain/customers/index.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords, openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';
import { now } from './reports.js';

export interface Shelf {
  database: Database;
  models: CommerceModels;
  people: CustomerModels;
  writeFigures: WriteFigures;
  commerce: Commerce;
  /** Composed otherwise: a guard off, a writer broken. */
  composed(writeFigures: WriteFigures): Commerce;
  transaction<T>(work: (tx: ClientSession) => Promise<T>): Promise<T>;
  addCustomer(): Promise<Types.ObjectId>;
  figures(customerId: Types.ObjectId): Promise<Figures>;
  report(customerId: Types.ObjectId, input: OrderInput, commerce?: Commerce): Promise<Taken>;
  check(): Promise<string[]>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface Taken {
  order: OrderRecord;
  changed: boolean;
  events: NewDomainEvent[];
}

export async function openShelf(): Promise<Shelf> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-commerce-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const models = commerceModels(database.connection);
  const people = customerModels(database.connection);
  for (const model of [...Object.values(models), ...Object.values(people)]) {
    await model.createCollection();
    await model.createIndexes();
  }
  const writeFigures = createFigures(people);
  const composed = (write: WriteFigures): Commerce =>
    createCommerce(models, { writeFigures: write, closesAfterMinutes: 60, timeZone: 'Asia/Shanghai' });
  const commerce = composed(writeFigures);
  const figuresOf = async (ids: readonly Types.ObjectId[]): Promise<Map<string, Figures>> => {
    const found = await people.customers.find({ _id: { $in: [...ids] } }, { figures: 1 }).lean();
    return new Map(found.map(({ _id, figures }) => [String(_id), figures ?? {}]));
  };
  return {
    ...{ database, models, people, writeFigures, commerce, composed },
    transaction: (work) => database.transaction(work),
    addCustomer: async () => {
      const _id = new Types.ObjectId();
      await insertRecords(people.customers, [{ _id, personId: _id, createdAt: now, followUp: 'none' as const }]);
      return _id;
    },
    figures: async (customerId) => (await figuresOf([customerId])).get(String(customerId)) ?? {},
    report: async (customerId, input, by = commerce) => {
      const reported = await database.transaction((tx) => by.report(tx, customerId, input, now));
      if (!reported.ok) throw new Error(JSON.stringify(reported.problems));
      return reported;
    },
    check: () => commerce.check(figuresOf),
    clear: async () => {
      for (const model of Object.values(models)) await model.collection.deleteMany({});
      await people.customers.deleteMany({});
    },
    close: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
