/** As much of a standalone mongod as a driver needs to connect: it answers hello and ping, and has no replica set. */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { BSON } from 'mongodb';

const OP_QUERY = 2004;
const OP_REPLY = 1;
const OP_MSG = 2013;
const HEADER = 16;

const hello = {
  ok: 1,
  ismaster: true,
  isWritablePrimary: true,
  helloOk: true,
  minWireVersion: 0,
  maxWireVersion: 21,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  logicalSessionTimeoutMinutes: 30,
};

export async function startStandaloneMongo(): Promise<{ uri: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answerOn(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    uri: `mongodb://127.0.0.1:${port}/huike?directConnection=true`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerOn(socket: Socket): void {
  let waiting = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= HEADER && waiting.length >= waiting.readInt32LE(0)) {
      const length = waiting.readInt32LE(0);
      socket.write(answerTo(waiting.subarray(0, length)));
      waiting = waiting.subarray(length);
    }
  });
}

function answerTo(request: Buffer): Buffer {
  const document = Buffer.from(BSON.serialize({ ...hello, localTime: new Date() }));
  const requestId = request.readInt32LE(4);
  return request.readInt32LE(12) === OP_QUERY ? reply(requestId, document) : message(requestId, document);
}

function reply(to: number, document: Buffer): Buffer {
  const body = Buffer.alloc(20);
  body.writeInt32LE(8, 0);
  body.writeInt32LE(1, 16);
  return Buffer.concat([header(to, OP_REPLY, body.length + document.length), body, document]);
}

function message(to: number, document: Buffer): Buffer {
  const body = Buffer.alloc(5);
  return Buffer.concat([header(to, OP_MSG, body.length + document.length), body, document]);
}

function header(to: number, opcode: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeInt32LE(HEADER + length, 0);
  bytes.writeInt32LE(1, 4);
  bytes.writeInt32LE(to, 8);
  bytes.writeInt32LE(opcode, 12);
  return bytes;
}
