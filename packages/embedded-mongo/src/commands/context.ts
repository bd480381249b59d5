/** What a command is given and what it must say about itself. */
import { failure } from '../session/failure.js';
import type { Catalog, Collection } from '../store/catalog.js';
import type { Store } from '../store/store.js';
import type { View } from '../store/view.js';
import { beginTurn } from '../plan/turn.js';
import type { Sessions, Session } from '../session/sessions.js';
import type { Transaction } from '../session/transaction.js';
import type { FailPoints } from '../session/failpoints.js';
import type { Connection } from '../wire/connection.js';
import type { Request } from '../wire/message.js';
import type { Doc } from '../types.js';
import type { Cursors } from './cursors.js';

export interface Server {
  store: Store;
  catalog: Catalog;
  sessions: Sessions;
  cursors: Cursors;
  failPoints: FailPoints;
  /** What `hello` tells clients to connect to. */
  address: string;
  testMode: boolean;
  startedAt: number;
  connections: Set<Connection>;
  counts: Map<string, number>;
  /** Why the last background task (expiry, tidying) failed; it is tried again at its next turn. Shown by serverStatus. */
  backgroundError?: string;
}

export interface Call {
  server: Server;
  request: Request;
  db: string;
  body: Doc;
  connection: Connection;
  session?: Session;
  /** The open transaction the command is a statement of. */
  transaction?: Transaction;
  /** The number of a retryable write outside a transaction. */
  retryNumber?: bigint;
  /** Set by a statement whose write error ends the transaction although the command itself answers. */
  abortTransaction?: boolean;
}

export type Reply = Doc | Uint8Array;

export interface Command {
  /** The options it understands, besides those every command takes; any other is refused (238). */
  fields: readonly string[];
  /** May be a statement of a multi-document transaction. */
  inTransaction?: boolean;
  run(call: Call): Promise<Reply> | Reply;
}

/** A state to read: the transaction's, or the last commit pinned until released. */
export interface Reading {
  view: View;
  seq: number;
  release(): void;
}

export function openReading(call: Call): Reading {
  const { transaction } = call;
  beginTurn();
  if (transaction) return { view: transaction.view, seq: transaction.snapshotSeq, release: () => undefined };
  return call.server.store.snapshot();
}

export function namespaceName(call: Call): string {
  return `${call.db}.${collectionName(call)}`;
}

/** The value of the command's first key, which names the collection. */
export function collectionName(call: Call): string {
  const name = call.body[call.request.name] as unknown;
  if (typeof name !== 'string') throw failure(73, 'collection name has invalid type');
  checkName(call.db, name);
  return name;
}

export function findCollection(call: Call): Collection | undefined {
  return call.server.catalog.get(call.db, collectionName(call));
}

function checkName(db: string, name: string): void {
  const bad = name === '' || name.includes('\0') || name.startsWith('.') || name.endsWith('.') || name.includes('$');
  if (bad || db === '' || /[\s/\\."$\0]/.test(db)) throw failure(73, `Invalid namespace specified '${db}.${name}'`);
}
