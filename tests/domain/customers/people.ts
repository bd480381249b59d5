/** The customers module on the real embedded database, in a folder of its own. Transactions run again after a lost race, as the doors do. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { Address } from '../../../src/contracts/index.js';
import {
  createConsents,
  createCustomers,
  createIdentification,
  createPersons,
  createProfiles,
  createReferences,
  customerModels,
} from '../../../src/domain/customers/index.js';
import type { IdentityRecord, LinkRules } from '../../../src/domain/customers/index.js';
import { createKeyRing } from '../../../src/infra/crypto.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords, isDuplicateKey, openDatabase } from '../../../src/infra/mongo.js';

export const at = new Date('2026-11-22T04:00:00Z');
export const daysBefore = (days: number): Date => new Date(at.getTime() - days * 86_400_000);

export type People = Awaited<ReturnType<typeof openPeople>>;

export async function openPeople(rules?: LinkRules) {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-people-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const models = customerModels(database.connection);
  for (const model of Object.values(models)) {
    await model.createCollection();
    await model.createIndexes();
  }
  const keys = createKeyRing([`k1:${randomBytes(32).toString('base64')}`]);
  const persons = createPersons(models, { keys, ...(rules ? { rules } : {}) });
  const identification = createIdentification(models, { persons, keys });
  const left: string[] = [];
  const hooks = {
    left: (_tx: ClientSession, { address }: { address: Address }) => {
      left.push(address.user);
      return Promise.resolve();
    },
  };

  async function tx<T>(work: (tx: ClientSession) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await database.transaction(work);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  /** A record of its own, `order` says how old it is against others. */
  async function addCustomer(order = 0): Promise<Types.ObjectId> {
    const _id = new Types.ObjectId();
    const createdAt = new Date(at.getTime() - 1e9 + order * 1000);
    await insertRecords(models.customers, [{ _id, personId: _id, createdAt, followUp: 'none' as const }]);
    return _id;
  }

  async function addIdentity(
    customerId: Types.ObjectId,
    user: string,
    more: Partial<IdentityRecord> = {},
  ): Promise<IdentityRecord> {
    const identity: IdentityRecord = {
      _id: new Types.ObjectId(),
      customerId,
      address: { channel: 'official-account', account: 'main', user },
      following: true,
      profileTries: 0,
      createdAt: at,
      ...more,
    };
    await insertRecords(models.identities, [identity]);
    return identity;
  }

  return {
    database,
    models,
    keys,
    persons,
    left,
    tx,
    addCustomer,
    addIdentity,
    customers: createCustomers(models, hooks, identification),
    identification,
    profiles: createProfiles(models, { keys, persons }),
    references: createReferences(models, { persons, keys }),
    consents: createConsents(models),
    async clear(): Promise<void> {
      left.length = 0;
      for (const model of Object.values(models)) await model.deleteMany({});
    },
    async close(): Promise<void> {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export const kindsOf = (events: ReadonlyArray<{ kind: string }>): string[] => events.map(({ kind }) => kind);
