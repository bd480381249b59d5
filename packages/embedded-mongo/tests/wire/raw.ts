/** Speaks the wire protocol by hand on one socket, for what a driver would never send. */
import { createConnection, type Socket } from 'node:net';
import { deserialize, serialize, type Document } from 'bson';

export function connectTo(uri: string): Promise<Socket> {
  const address = /^mongodb:\/\/([^:/]+):(\d+)/.exec(uri);
  if (!address) throw new Error(`no TCP address in ${uri}`);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: address[1] as string, port: Number(address[2]) }, () => resolve(socket));
    socket.once('error', reject);
  });
}

export function opMsg(sections: Buffer, flags = 0, requestId = 1): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(20 + sections.length + (flags & 1 ? 4 : 0), 0);
  head.writeInt32LE(requestId, 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, sections, ...(flags & 1 ? [Buffer.alloc(4)] : [])]);
}

export function bodySection(command: Document): Buffer {
  return Buffer.concat([Buffer.from([0]), serialize(command)]);
}

export function sequenceSection(name: string, documents: readonly Document[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map((doc) => serialize(doc))]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(content.length + 4, 0);
  return Buffer.concat([Buffer.from([1]), size, content]);
}

/** The next whole message of the socket, or undefined when it is closed instead. */
export function readMessage(socket: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let all = Buffer.alloc(0);
    const receive = (chunk: Buffer): void => {
      all = Buffer.concat([all, chunk]);
      if (all.length < 4 || all.length < all.readInt32LE(0)) return;
      socket.off('data', receive);
      resolve(all);
    };
    socket.on('data', receive);
    socket.once('close', () => resolve(undefined));
  });
}

export async function sendRaw(uri: string, command: Document): Promise<Document> {
  const socket = await connectTo(uri);
  socket.write(opMsg(bodySection(command)));
  const reply = await readMessage(socket);
  socket.destroy();
  if (!reply) throw new Error('the connection was closed');
  return deserialize(reply.subarray(21));
}
