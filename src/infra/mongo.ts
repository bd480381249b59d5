/**
 * The database: any MongoDB 5+ replica set by URI, or the embedded one as a child process. Nothing but this file knows the difference.
 * Owns the connection, transactions and the database's clock; knows no collection.
 */
import mongoose from 'mongoose';
import type { ClientSession, Connection, Model } from 'mongoose';
import { StartProblem } from '../errors.js';
import { startEmbedded } from './embedded.js';
import { hasErrorCode } from './error-code.js';
import type { Logger } from './logger.js';
import { DatabaseAway, isOutage } from './outage.js';

export interface Database {
  connection: Connection;
  /** Runs `work` in one transaction; it may run more than once, so it must touch nothing but the database. */
  transaction<T>(work: (tx: ClientSession) => Promise<T>): Promise<T>;
  /** Real time by the database's clock: leases of all processes agree on it. */
  now(): Date;
  ping(): Promise<void>;
  /** The process id of the embedded database, when there is one. */
  embeddedPid(): number | undefined;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  uri?: string | undefined;
  dataDir: string;
  log: Logger;
  /** After so many milliseconds without an answer a command fails and its connection is made anew. */
  silentMs?: number;
}

/**
 * A connection can go silent without closing: a machine that vanished, a firewall that forgot it. Without a limit its command, and the
 * periodic work that waits for it, would hang until the kernel gives up, which takes many minutes. MongoDB ends a transaction after the
 * same minute (transactionLifetimeLimitSeconds). An index that takes longer to build is built on, and the start waits for it.
 */
const SILENT_MS = 60_000;
/** For a connection to open, and for the answer to a heartbeat: after it, commands under way to that server are given up too. */
const CONNECT_MS = 10_000;
/** For one of the pool's connections to be free. */
const POOL_WAIT_MS = 30_000;

const transactionOptions = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', j: true } } as const;

/**
 * @throws DatabaseAway when the database cannot be reached, StartProblem when it is none that Huike can use; the driver's own error when it
 * went away after it had been reached.
 */
export async function openDatabase({ uri, dataDir, log, silentMs = SILENT_MS }: DatabaseOptions): Promise<Database> {
  const embedded = uri ? undefined : await startEmbedded(dataDir, log);
  const target = uri ?? embedded?.uri ?? '';
  const connection = mongoose.createConnection(target, {
    serverSelectionTimeoutMS: 5000,
    connectTimeoutMS: CONNECT_MS,
    socketTimeoutMS: silentMs,
    waitQueueTimeoutMS: POOL_WAIT_MS,
    autoIndex: false,
    autoCreate: false,
    maxPoolSize: 32,
    retryWrites: true,
  });
  let met = false;
  try {
    await connection.asPromise();
    met = true;
    const offset = await clockOffset(connection);
    return {
      connection,
      transaction: (work) => runTransaction(connection, work),
      now: () => new Date(Date.now() + offset),
      ping: async () => void (await connection.getClient().db('admin').command({ ping: 1 })),
      embeddedPid: () => embedded?.pid(),
      close: async () => {
        await connection.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await connection.close().catch(() => undefined);
    await embedded?.stop();
    if (error instanceof StartProblem || (met && isOutage(error))) throw error;
    throw new DatabaseAway(
      `MongoDB cannot be reached at ${hideSecret(target)}: ${reasonOf(error)}. Check MONGODB_URI, or unset it to use the embedded database.`,
    );
  }
}

/** Half the round trip is the error of this reading; leases are tens of seconds. Refuses a server that has no transactions. */
async function clockOffset(connection: Connection): Promise<number> {
  const before = Date.now();
  const hello = await connection.getClient().db('admin').command({ hello: 1 });
  const after = Date.now();
  if (typeof hello['setName'] !== 'string') {
    throw new StartProblem(
      'MongoDB at MONGODB_URI is not a replica set, and Huike needs transactions. Start mongod with --replSet rs0 and run rs.initiate() once.',
    );
  }
  const serverTime = hello['localTime'] instanceof Date ? hello['localTime'].getTime() : after;
  return Math.round(serverTime - (before + after) / 2);
}

/** A unique key is taken: the one error of the database that callers expect. */
export const isDuplicateKey = (error: unknown): boolean => hasErrorCode(error, 11000);

/**
 * What follows a place in a list that is sorted by a time, latest first, then by id. Written as a range of that time, so that an index
 * gives the list in its order and nothing is sorted.
 */
export function olderThan(field: string, { at, id }: { at: Date; id: unknown }): Record<string, unknown> {
  return { [field]: { $lte: at }, $or: [{ [field]: { $lt: at } }, { _id: { $lt: id } }] };
}

/**
 * Stores records that our own typed code has built, past mongoose's document layer: building and validating a document for each
 * cost a quarter of what a callback costs. What comes from outside was checked by zod at the border.
 */
export async function insertRecords<T>(model: Model<T>, records: readonly T[], tx?: ClientSession): Promise<void> {
  await model.collection.insertMany(records as unknown as object[], tx ? { session: tx } : {});
}

/**
 * For reads of a known, bounded size: the answer comes at once, instead of one round trip for the first hundred documents and another
 * for the rest.
 */
export const IN_ONE_ANSWER = { batchSize: 10_000 } as const;

async function runTransaction<T>(connection: Connection, work: (tx: ClientSession) => Promise<T>): Promise<T> {
  const session = await connection.startSession();
  try {
    return await session.withTransaction(() => work(session), transactionOptions);
  } finally {
    await session.endSession();
  }
}

function hideSecret(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//***@');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
