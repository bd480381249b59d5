/** Every question about who is who goes by an index: told by the database's own explain. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mongoose, { Types } from 'mongoose';
import type { ClientSession, Connection } from 'mongoose';
import {
  createCardCodes,
  createConsents,
  createCustomerReads,
  createIdentification,
  createMemberSessions,
  createPersons,
  createProfiles,
  createReferences,
  customerModels,
} from '../../../src/domain/customers/index.js';
import type { CustomerModels, IdentityRecord } from '../../../src/domain/customers/index.js';
import { createKeyRing } from '../../../src/infra/crypto.js';
import { startEmbedded } from '../../../src/infra/embedded.js';
import type { Embedded } from '../../../src/infra/embedded.js';
import { createLogger } from '../../../src/infra/logger.js';
import { insertRecords } from '../../../src/infra/mongo.js';

let folder: string;
let embedded: Embedded;
let connection: Connection;
let models: CustomerModels;
const at = new Date('2026-11-22T04:00:00Z');
const ids = [new Types.ObjectId(), new Types.ObjectId()] as const;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'huike-people-explain-'));
  embedded = await startEmbedded(folder, createLogger({ level: 'silent' }));
  connection = mongoose.createConnection(embedded.uri, { autoIndex: false, autoCreate: false, monitorCommands: true });
  await connection.asPromise();
  models = customerModels(connection);
  for (const model of Object.values(models)) {
    await model.createCollection();
    await model.createIndexes();
  }
  await insertRecords(
    models.customers,
    ids.map((_id) => ({ _id, personId: _id, createdAt: at, followUp: 'none' as const })),
  );
}, 60_000);
afterAll(async () => {
  await connection.close();
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the work asks and writes by a filter, as explain takes it. */
async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const asked: Record<string, unknown>[] = [];
  const client = connection.getClient();
  const note = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }): void => {
    if (['find', 'count', 'aggregate', 'findAndModify', 'delete'].includes(commandName)) asked.push(command);
    if (commandName === 'update') {
      for (const one of command['updates'] as object[]) asked.push({ update: command['update'], updates: [one] });
    }
  };
  client.on('commandStarted', note);
  await work();
  client.off('commandStarted', note);
  return asked;
}

async function scans(command: Record<string, unknown>): Promise<boolean> {
  const { lsid: _1, $db: _2, $clusterTime: _3, $readPreference: _4, txnNumber: _5, ...more } = command;
  const { autocommit: _6, startTransaction: _7, readConcern: _8, writeConcern: _9, ordered: _10, ...plain } = more;
  const told = await connection.getClient().db(connection.name).command({ explain: plain, verbosity: 'queryPlanner' });
  return JSON.stringify((told as { queryPlanner: unknown }).queryPlanner).includes('COLLSCAN');
}

const tx = (work: (tx: ClientSession) => Promise<unknown>) => async () => {
  const session = await connection.startSession();
  try {
    await session.withTransaction(() => work(session));
  } finally {
    await session.endSession();
  }
};

it('persons, references, profiles, consents, sessions and reads never scan', async () => {
  const keys = createKeyRing([`k1:${Buffer.alloc(32, 7).toString('base64')}`]);
  const persons = createPersons(models, { keys });
  const parts = { persons, keys };
  const references = createReferences(models, parts);
  const profiles = createProfiles(models, parts);
  const identification = createIdentification(models, parts);
  const reads = createCustomerReads(models, { keys });
  const sessions = createMemberSessions(models);
  const [a, b] = ids;
  const address = { channel: 'mini-program', account: 'mp', user: 'o1' } as const;
  const identity: IdentityRecord = {
    _id: new Types.ObjectId(),
    customerId: a,
    address,
    following: true,
    profileTries: 0,
    createdAt: at,
  };
  const phone = '13800138000';
  const page = { limit: 10, after: { at, id: 'f'.repeat(24) } };
  const works: Array<() => Promise<unknown>> = [
    tx((s) => persons.link(s, a, b, { kind: 'shop-member', source: 's' }, at)),
    tx((s) => persons.link(s, a, b, { kind: 'phone', verifiedAt: [at, null] }, at)),
    tx(async (s) => {
      const [edge] = await persons.linksOf([a]);
      await persons.unlink(s, edge!._id, { staffId: 's', reason: 'r' }, at);
    }),
    tx((s) => persons.link(s, b, a, { kind: 'phone', verifiedAt: [at, null] }, at)),
    () => persons.ofMany(null, ids),
    () => persons.proposals(page),
    () => persons.proposalsOf(ids),
    tx(async (s) => {
      const [one] = await persons.proposals({ limit: 1 });
      await persons.decide(s, one!._id, { accept: true, staffId: 's', reason: 'r' }, at);
    }),
    tx((s) => references.resolve(s, 'shop', { externalId: 'm', unionid: 'u', openid: 'o9', phone, name: 'x' }, at)),
    tx((s) => references.resolve(s, 'shop', { externalId: 'm', phone, phoneVerifiedAt: at }, at)),
    tx((s) => references.resolve(s, 'shop', { phone: '13900139000' }, at)),
    () => references.find({ phone }),
    () => references.find({ unionid: 'u' }),
    () => references.find({ openid: 'o9' }),
    tx((s) => identification.attachUnionid(s, identity, 'u', at)),
    tx((s) => identification.recognise(s, identity, at)),
    tx((s) => profiles.put(s, a, { name: '王', phone, birthday: '05-04' }, at, { kind: 'member' })),
    tx((s) => profiles.join(s, a, { age: '14to17', privacyVersion: 'p' }, at)),
    tx((s) => profiles.verifyPhone(s, b, phone, at)),
    tx((s) =>
      createConsents(models).record(
        s,
        a,
        { purpose: 'care', channel: 'sms', textVersion: 'v', at, by: { kind: 'shop' } },
        false,
      ),
    ),
    () => createConsents(models).of(ids),
    () => sessions.find('x', at),
    () => sessions.endAll(a),
    tx((s) => sessions.endOf(s, a, address)),
    () => createCardCodes(models).find('1'.repeat(18), at),
    () => reads.list({ ...page, search: phone }),
    () => reads.idsByName('王'),
    () => reads.idsByName(phone),
    () => reads.shopIdentitiesOf(ids),
  ];
  const scanned: unknown[] = [];
  let asked = 0;
  for (const work of works) {
    for (const command of await commandsOf(work)) {
      asked++;
      if (await scans(command)) scanned.push(command['filter'] ?? command);
    }
  }
  expect(asked).toBeGreaterThan(works.length);
  expect(scanned).toEqual([]);
  expect(await scans({ find: 'customers', filter: { 'profile.city.value': '杭州' } })).toBe(true);
}, 60_000);

it('finds customers by a whole phone and by the beginning of a name', async () => {
  const keys = createKeyRing([`k1:${Buffer.alloc(32, 7).toString('base64')}`]);
  const reads = createCustomerReads(models, { keys });
  const found = async (search: string) => (await reads.list({ limit: 10, search })).map(({ _id }) => _id);
  expect(await found('+86 138-0013-8000')).toEqual(expect.arrayContaining([ids[1]]));
  expect(await found('1380013800')).toEqual([]);
  expect(await found('王')).toEqual([ids[0]]);
  expect(await found('芳')).toEqual([]);
  const without = createCustomerReads(models);
  expect(await without.list({ limit: 10, search: '13800138000' })).toEqual([]);
});
