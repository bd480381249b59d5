/** Putting portraits together and following what happens goes by indexes: told by the database's own explain. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mongoose, { Types } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import { commerceModels } from '../../../src/domain/commerce/index.js';
import { customerModels } from '../../../src/domain/customers/index.js';
import { membershipModels } from '../../../src/domain/membership/index.js';
import { createPortraits, portraitModels } from '../../../src/domain/segments/index.js';
import { startEmbedded } from '../../../src/infra/embedded.js';
import type { Embedded } from '../../../src/infra/embedded.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords } from '../../../src/infra/mongo.js';

let folder: string;
let embedded: Embedded;
let connection: Connection;
const now = new Date('2026-11-22T04:00:00Z');
const ids = [new Types.ObjectId(), new Types.ObjectId()];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-portraits-explain-'));
  embedded = await startEmbedded(folder, createLogger({ level: 'silent' }));
  connection = mongoose.createConnection(embedded.uri, { autoIndex: false, autoCreate: false, monitorCommands: true });
  await connection.asPromise();
}, 60_000);
afterAll(async () => {
  await connection.close();
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

it('never reads a whole collection to refresh or to look back', async () => {
  const models = {
    ...customerModels(connection),
    ...commerceModels(connection),
    ...membershipModels(connection),
    ...portraitModels(connection),
  };
  for (const model of Object.values(models) as Array<Model<unknown>>) {
    await model.createCollection();
    await model.createIndexes();
  }
  const figures = { lastBehaviourAt: now };
  const records = ids.map((_id) => ({
    _id,
    personId: _id,
    createdAt: new Date(0),
    followUp: 'none' as const,
    figures,
  }));
  await insertRecords(models.customers, records);
  const asked: Record<string, unknown>[] = [];
  const client = connection.getClient();
  client.on('commandStarted', ({ commandName, command }) => {
    if (['find', 'aggregate', 'delete'].includes(commandName)) asked.push(command as Record<string, unknown>);
  });
  const portraits = createPortraits(models, {
    timeZone: 'Asia/Shanghai',
    transaction: (work) => connection.getClient().withSession((tx) => tx.withTransaction(() => work(tx as never))),
  });
  await portraits.refresh(ids, now);
  await portraits.build(ids, new Date(now.getTime() - 86_400_000));
  for await (const row of portraits.recordedSince(now)) expect(row).toBeUndefined();
  client.removeAllListeners('commandStarted');

  const scanned: unknown[] = [];
  for (const command of asked) {
    const { find, aggregate, delete: deleted, filter, pipeline, sort, projection, deletes, cursor } = command;
    const plain = { find, aggregate, delete: deleted, filter, pipeline, sort, projection, deletes, cursor };
    const explain = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
    const told = await client.db(connection.name).command({ explain, verbosity: 'queryPlanner' });
    if (JSON.stringify(told['queryPlanner']).includes('COLLSCAN')) scanned.push(explain);
  }
  const collections = new Set(asked.map(({ find, aggregate }) => find ?? aggregate));
  expect([...collections]).toEqual(
    expect.arrayContaining(['orders', 'behaviours', 'behaviourDays', 'consents', 'vouchers', 'portraits', 'scores']),
  );
  expect(scanned).toEqual([]);
}, 60_000);
