/**
 * MongoDB's wire protocol as bytes: OP_MSG (sections 0 and 1, moreToCome, checksum flag) and the OP_QUERY a driver may
 * open with. Source: MongoDB manual, "MongoDB Wire Protocol". Parses and frames; must not know any command.
 */
import { onDemand, serialize } from 'bson';
import { engine } from '../engine.js';
import type { Doc } from '../types.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** The only other flag a server must tolerate; bits below 16 that are unknown must be refused. */
const KNOWN_REQUIRED_FLAGS = CHECKSUM_PRESENT | MORE_TO_COME;
export const MAX_MESSAGE_BYTES = 48_000_000;

export interface Request {
  requestId: number;
  /** The command's name: the first key of the body. */
  name: string;
  db: string;
  body: Doc;
  /** Documents as the client sent them, by argument name (`documents`, `updates`, `deletes`). */
  sequences: Map<string, Uint8Array[]>;
  /** The client wants no reply. */
  moreToCome: boolean;
  /** Came as OP_QUERY, wants OP_REPLY. */
  legacy: boolean;
}

export class ProtocolError extends Error {}

type Element = [type: number, nameOffset: number, nameLength: number, offset: number, length: number];

/** One whole message. Throws ProtocolError on what is not the protocol; the connection is then closed. */
export function parseMessage(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) return parseMsg(message, requestId);
  if (opCode === OP_QUERY) return parseQuery(message, requestId);
  throw new ProtocolError(`unknown opcode ${opCode}`);
}

function parseMsg(message: Buffer, requestId: number): Request {
  const flags = message.readUInt32LE(HEADER_BYTES);
  if ((flags & 0xffff & ~KNOWN_REQUIRED_FLAGS) !== 0) throw new ProtocolError(`unknown flag bits ${flags}`);
  const end = flags & CHECKSUM_PRESENT ? message.length - 4 : message.length;
  const sequences = new Map<string, Uint8Array[]>();
  let body: Uint8Array | undefined;
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = message[at];
    const size = readSize(message, at + 1, end);
    const section = message.subarray(at + 1, at + 1 + size);
    if (kind === 0 && body === undefined) body = section;
    else if (kind === 1) parseSequence(section, sequences);
    else throw new ProtocolError(`unexpected section kind ${kind}`);
    at += 1 + size;
  }
  if (body === undefined) throw new ProtocolError('a message without a body');
  return finish(body, requestId, sequences, (flags & MORE_TO_COME) !== 0, false);
}

function parseSequence(section: Buffer, sequences: Map<string, Uint8Array[]>): void {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new ProtocolError('a document sequence without a name');
  const documents: Uint8Array[] = [];
  let at = nameEnd + 1;
  while (at < section.length) {
    const size = readSize(section, at, section.length);
    documents.push(section.subarray(at, at + size));
    at += size;
  }
  sequences.set(section.toString('utf8', 4, nameEnd), documents);
}

function parseQuery(message: Buffer, requestId: number): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  const namespace = message.toString('utf8', HEADER_BYTES + 4, nameEnd);
  const at = nameEnd + 9;
  const body = message.subarray(at, at + readSize(message, at, message.length));
  const request = finish(body, requestId, new Map(), false, true);
  request.db = namespace.slice(0, namespace.indexOf('.'));
  return request;
}

function readSize(buffer: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? buffer.readInt32LE(at) : -1;
  if (size < 5 || at + size > end) throw new ProtocolError('a length that does not fit the message');
  return size;
}

function finish(
  bytes: Uint8Array,
  requestId: number,
  sequences: Map<string, Uint8Array[]>,
  moreToCome: boolean,
  legacy: boolean,
): Request {
  try {
    const body = engine.decode(liftDocuments(bytes, sequences));
    const name = Object.keys(body)[0] ?? '';
    return { requestId, name, db: String(body['$db'] ?? 'admin'), body, sequences, moreToCome, legacy };
  } catch (error) {
    throw new ProtocolError(`unreadable command: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The documents of an insert are kept as bytes: they are stored as they came, never decoded and encoded again. */
function liftDocuments(bytes: Uint8Array, sequences: Map<string, Uint8Array[]>): Uint8Array {
  if (!startsWithInsert(bytes)) return bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements = elementsOf(bytes);
  const lifted = elements.find((e) => e[0] === 4 && buffer.toString('utf8', e[1], e[1] + e[2]) === 'documents');
  if (!lifted) return bytes;
  const list = buffer.subarray(lifted[3], lifted[3] + lifted[4]);
  sequences.set(
    'documents',
    elementsOf(list)
      .filter((e) => e[0] === 3)
      .map((e) => list.subarray(e[3], e[3] + e[4])),
  );
  const rest = Buffer.concat([buffer.subarray(0, lifted[1] - 1), buffer.subarray(lifted[3] + lifted[4])]);
  rest.writeInt32LE(rest.length, 0);
  return rest;
}

const INSERT = Buffer.from('insert\0');

function startsWithInsert(bytes: Uint8Array): boolean {
  return INSERT.compare(bytes, 5, 5 + INSERT.length) === 0;
}

export function elementsOf(bytes: Uint8Array): Element[] {
  return [...onDemand.parseToElements(bytes)] as unknown as Element[];
}

let nextRequestId = 1;

/** Frames a reply document. */
export function frameReply(request: Pick<Request, 'requestId' | 'legacy'>, bytes: Uint8Array): Buffer[] {
  const extra = request.legacy ? 20 : 5;
  const head = Buffer.alloc(HEADER_BYTES + extra);
  head.writeInt32LE(head.length + bytes.byteLength, 0);
  head.writeInt32LE(nextRequestId++ & 0x7fffffff, 4);
  head.writeInt32LE(request.requestId, 8);
  head.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    head.writeInt32LE(8, HEADER_BYTES);
    head.writeInt32LE(1, HEADER_BYTES + 16);
  }
  return [head, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)];
}

/** A cursor reply around stored documents, which go out exactly as they lie in the table. */
export function encodeBatch(
  batchName: 'firstBatch' | 'nextBatch',
  batch: readonly Uint8Array[],
  rest: { id: unknown; ns: string },
): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 5;
  batch.forEach((bytes, at) => {
    const name = Buffer.from(`\x03${at}\0`, 'latin1');
    parts.push(name, bytes);
    size += name.length + bytes.byteLength;
  });
  const tail = serialize(rest).subarray(4);
  const arrayName = Buffer.from(`\x04${batchName}\0`, 'latin1');
  const cursorName = Buffer.from('\x03cursor\0', 'latin1');
  const end = serialize({ ok: 1.0 }).subarray(4);
  const cursorSize = 4 + arrayName.length + size + tail.length;
  return Buffer.concat([
    int32(4 + cursorName.length + cursorSize + end.length),
    cursorName,
    int32(cursorSize),
    arrayName,
    int32(size),
    ...parts,
    ZERO,
    tail,
    end,
  ]);
}

const ZERO = Buffer.alloc(1);

function int32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(n, 0);
  return bytes;
}
