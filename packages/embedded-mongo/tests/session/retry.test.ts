import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Binary, Long, type ClientSession, type Document } from 'mongodb';
import { codeOf, openEmbedded, type TestDatabase } from '../contract/database.js';

let database: TestDatabase;
let folder: string;
const sessions: ClientSession[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-'));
  database = await openEmbedded({ data: folder });
  await database.db.collection<Document & { _id: number }>('items').insertOne({ _id: 1, n: 0 });
});
afterEach(async () => {
  while (sessions.length > 0) await sessions.pop()?.endSession();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function fail(data: Document, mode: Document = { times: 1 }): Promise<Document> {
  return database.client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
}

async function value(): Promise<unknown> {
  return (await database.db.collection<Document & { _id: number }>('items').findOne({ _id: 1 }))?.['n'];
}

async function restart(): Promise<void> {
  await database.close();
  database = await openEmbedded({ data: folder });
}

/** A command as a driver would send it, with a session id and number of our choosing. */
function numbered(lsid: Binary, txnNumber: number, command: Document): Document {
  return { ...command, lsid: { id: lsid }, txnNumber: Long.fromNumber(txnNumber) };
}

/** The driver adds a session of its own to every command but those under `$db` admin helpers, so speak on a raw connection. */
async function raw(command: Document): Promise<Document> {
  const { sendRaw } = await import('../wire/raw.js');
  return sendRaw(database.uri, { ...command, $db: 'test' });
}

const lsid = (byte: number): Binary => new Binary(Buffer.alloc(16, byte), Binary.SUBTYPE_UUID);

describe('a retryable write', () => {
  it.each(['closeConnection', 'closeAfterApply'])('is applied once when the socket drops (%s)', async (how) => {
    await fail({ failCommands: ['update'], [how]: true });
    const result = await database.db
      .collection<Document & { _id: number }>('items')
      .updateOne({ _id: 1 }, { $inc: { n: 1 } });
    expect(result.modifiedCount).toBe(1);
    expect(await value()).toBe(1);
  });

  it('is sent again on a retryable error code', async () => {
    await fail({ failCommands: ['findAndModify'], errorCode: 91 });
    await database.db.collection<Document & { _id: number }>('items').findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } });
    expect(await value()).toBe(1);
  });

  it('is remembered over a restart, answered alike, and an older number is refused (225)', async () => {
    const update = { update: 'items', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }] };
    const first = await raw(numbered(lsid(7), 5, update));
    await restart();
    expect(await raw(numbered(lsid(7), 5, update))).toEqual(first);
    expect(await value()).toBe(1);
    expect(await raw(numbered(lsid(7), 6, update))).toMatchObject({ n: 1 });
    expect(await raw(numbered(lsid(7), 5, update))).toMatchObject({ ok: 0, code: 225 });
    expect(await raw(numbered(lsid(8), 5, update))).toMatchObject({ n: 1 });
    expect(await value()).toBe(3);
  });
});

describe('a commit', () => {
  const inTransaction = (number: number, command: Document): Document => ({
    ...numbered(lsid(9), number, command),
    autocommit: false,
  });
  const update = { update: 'items', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }] };

  it('whose reply is lost is confirmed and applied once', async () => {
    await fail({ failCommands: ['commitTransaction'], closeAfterApply: true });
    await database.client.withSession((session) =>
      session.withTransaction(() =>
        database.db
          .collection<Document & { _id: number }>('items')
          .updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session }),
      ),
    );
    expect(await value()).toBe(1);
  });

  it('lost before it was applied is applied when sent again', async () => {
    await fail({ failCommands: ['commitTransaction'], closeConnection: true });
    await database.client.withSession((session) =>
      session.withTransaction(() =>
        database.db
          .collection<Document & { _id: number }>('items')
          .updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session }),
      ),
    );
    expect(await value()).toBe(1);
  });

  it('sent again after a restart is confirmed; one that never was committed is not', async () => {
    await raw({ ...inTransaction(3, update), startTransaction: true });
    expect(await raw(inTransaction(3, { commitTransaction: 1 }))).toMatchObject({ ok: 1 });
    await raw({ ...inTransaction(4, update), startTransaction: true });
    await restart();
    expect(await raw(inTransaction(3, { commitTransaction: 1 }))).toMatchObject({ ok: 1 });
    expect(await raw(inTransaction(4, { commitTransaction: 1 }))).toMatchObject({
      ok: 0,
      code: 251,
      errorLabels: ['TransientTransactionError'],
    });
    expect(await value()).toBe(1);
  });
});

describe('an abandoned transaction', () => {
  it('is aborted by endSessions, and lets the waiting write through', async () => {
    const session = database.client.startSession();
    session.startTransaction();
    const items = database.db.collection<Document & { _id: number }>('items');
    await items.updateOne({ _id: 1 }, { $set: { n: 50 } }, { session });
    const waiting = items.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    await database.client.db('admin').command({ endSessions: [session.id] });
    await waiting;
    expect(await value()).toBe(1);
    expect(await codeOf(session.commitTransaction())).toBe(251);
    sessions.push(session);
  });

  it('is aborted when its connections are gone', async () => {
    const { sendRaw } = await import('../wire/raw.js');
    const statement = { ...numbered(lsid(3), 1, update()), autocommit: false, startTransaction: true, $db: 'test' };
    expect(await sendRaw(database.uri, statement)).toMatchObject({ n: 1 });
    const started = Date.now();
    await database.db.collection<Document & { _id: number }>('items').updateOne({ _id: 1 }, { $inc: { n: 1 } });
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(await value()).toBe(1);
  });

  it('is aborted past its lifetime', async () => {
    await database.close();
    database = await openEmbedded({ data: folder, transactionLifetimeMs: 300 });
    const session = database.client.startSession();
    sessions.push(session);
    session.startTransaction();
    const items = database.db.collection<Document & { _id: number }>('items');
    await items.updateOne({ _id: 1 }, { $set: { n: 50 } }, { session });
    await items.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    expect(await codeOf(items.findOne({}, { session }))).toBe(251);
    expect(await value()).toBe(1);
  });

  function update(): Document {
    return { update: 'items', updates: [{ q: { _id: 1 }, u: { $set: { n: 99 } } }] };
  }
});
