/** An embedded database of portraits. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portraitModels } from '../../../src/domain/segments/index.js';
import type { PortraitModels, PortraitRecord } from '../../../src/domain/segments/index.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords, openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

export interface Portraits extends Pick<PortraitModels, 'portraits'> {
  database: Database;
  fill(people: readonly PortraitRecord[]): Promise<void>;
  /** Ids of those whom the filter finds, sorted. */
  find(filter: Record<string, unknown>): Promise<string[]>;
  close(): Promise<void>;
}

export async function openPortraits(): Promise<Portraits> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-segments-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const { portraits } = portraitModels(database.connection);
  await portraits.createCollection();
  await portraits.createIndexes();
  return {
    ...{ database, portraits },
    fill: async (people) => {
      await portraits.collection.deleteMany({});
      if (people.length > 0) await insertRecords(portraits, people);
    },
    find: async (filter) => {
      const found = await portraits.collection.find(filter, { projection: { _id: 1 }, batchSize: 1000 }).toArray();
      return found.map(({ _id }) => String(_id)).sort();
    },
    close: async () => {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
