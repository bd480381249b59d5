import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'bson';
import { openEmbedded, type TestDatabase } from '../contract/database.js';
import { bodySection, connectTo, opMsg, readMessage, sequenceSection } from './raw.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openEmbedded();
});
afterAll(() => database.close());

async function exchange(message: Buffer): Promise<Record<string, unknown> | undefined> {
  const socket = await connectTo(database.uri);
  socket.write(message);
  const reply = await readMessage(socket);
  socket.destroy();
  return reply && deserialize(reply.subarray(21));
}

describe('OP_MSG', () => {
  it('answers the request id, also when the message comes byte by byte', async () => {
    const socket = await connectTo(database.uri);
    for (const byte of opMsg(bodySection({ ping: 1, $db: 'admin' }), 0, 77)) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const reply = await readMessage(socket);
    expect(reply?.readInt32LE(8)).toBe(77);
    socket.destroy();
  });

  it('takes documents as a sequence, with a checksum', async () => {
    const sections = Buffer.concat([
      bodySection({ insert: 'seq', $db: 'wire' }),
      sequenceSection('documents', [{ _id: 1 }, { _id: 2 }]),
    ]);
    expect(await exchange(opMsg(sections, 1))).toMatchObject({ ok: 1, n: 2 });
  });

  it('stays silent on moreToCome, and goes on with the next message', async () => {
    const socket = await connectTo(database.uri);
    socket.write(opMsg(bodySection({ insert: 'quiet', documents: [{ _id: 1 }], $db: 'wire' }), 2, 1));
    socket.write(opMsg(bodySection({ count: 'quiet', $db: 'wire' }), 0, 2));
    const reply = await readMessage(socket);
    expect(reply?.readInt32LE(8)).toBe(2);
    expect(deserialize((reply as Buffer).subarray(21))).toMatchObject({ n: 1 });
    socket.destroy();
  });

  it.each([
    ['an unknown required flag', opMsg(bodySection({ ping: 1 }), 4)],
    ['a message that is only a header', Buffer.from([16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 221, 7, 0, 0])],
    ['a query without a name', Buffer.from([20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 212, 7, 0, 0, 1, 1, 1, 1])],
    ['an unknown opcode', Buffer.concat([Buffer.from([16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])])],
    ['a length beyond the limit', Buffer.from([255, 255, 255, 127, 1, 0, 0, 0, 0, 0, 0, 0, 221, 7, 0, 0])],
    ['no body', opMsg(sequenceSection('documents', [{}]))],
    ['a document that overruns the message', opMsg(Buffer.concat([Buffer.from([0, 200, 0, 0, 0]), Buffer.alloc(8)]))],
    [
      'garbage in the document',
      opMsg(Buffer.concat([Buffer.from([0, 12, 0, 0, 0]), Buffer.from([99, 65, 0, 1, 2, 3, 4, 0])])),
    ],
  ])('closes the connection on %s and lives on', async (_name, message) => {
    expect(await exchange(message)).toBeUndefined();
    expect(await exchange(opMsg(bodySection({ ping: 1, $db: 'admin' })))).toMatchObject({ ok: 1 });
  });
});

describe('hello', () => {
  it('is answered as OP_REPLY to an OP_QUERY', async () => {
    const query = serialize({ ismaster: 1, helloOk: true });
    const head = Buffer.alloc(20);
    const name = Buffer.from('admin.$cmd\0');
    const numbers = Buffer.alloc(8);
    numbers.writeInt32LE(-1, 4);
    const message = Buffer.concat([head, name, numbers, query]);
    message.writeInt32LE(message.length, 0);
    message.writeInt32LE(2004, 12);
    const socket = await connectTo(database.uri);
    socket.write(message);
    const reply = (await readMessage(socket)) as Buffer;
    expect(reply.readInt32LE(12)).toBe(1);
    expect(deserialize(reply.subarray(36))).toMatchObject({ ismaster: true, setName: 'rs0', helloOk: true });
    socket.destroy();
  });

  it('says what a driver needs for sessions and retries, and the real time', async () => {
    const hello = await database.db.admin().command({ hello: 1 });
    expect(hello).toMatchObject({
      isWritablePrimary: true,
      setName: 'rs0',
      logicalSessionTimeoutMinutes: 30,
      minWireVersion: 0,
      maxWireVersion: 21,
    });
    expect(hello).not.toHaveProperty('topologyVersion');
    expect(Math.abs((hello['localTime'] as Date).getTime() - Date.now())).toBeLessThan(2000);
    expect(await database.db.admin().command({ buildInfo: 1 })).toMatchObject({ version: '7.0.0', embedded: true });
  });
});

describe('a unix socket', () => {
  it('lies in a private folder and serves transactions', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'Embedded-'));
    const socket = join(folder, 'private', 'Db.sock');
    const other = await openEmbedded({ data: join(folder, 'data'), socket });
    await expect(openEmbedded({ data: join(folder, 'second'), socket })).rejects.toThrow('already listens');
    await expect(openEmbedded({ data: join(folder, 'third'), socket: join(folder, 'x'.repeat(120)) })).rejects.toThrow(
      'longer than 100 bytes',
    );
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    await other.client.withSession((session) =>
      session.withTransaction(() => other.db.collection('a').insertOne({ x: 1 }, { session })),
    );
    expect(await other.db.collection('a').countDocuments()).toBe(1);
    await other.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
