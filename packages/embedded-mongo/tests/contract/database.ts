/**
 * The database under test: a real MongoDB when CONTRACT_URI names one (a replica set), else the embedded database in this
 * process. Says on the error stream which one it was, so that a green run cannot be mistaken for the other.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server.js';

export const IS_REAL = process.env['CONTRACT_URI'] !== undefined;

export interface TestDatabase {
  uri: string;
  client: MongoClient;
  db: Db;
  /** Only for the embedded database. */
  server?: RunningServer;
  folder?: string;
  close(): Promise<void>;
}

let counter = 0;

export async function openContract(): Promise<TestDatabase> {
  const real = process.env['CONTRACT_URI'];
  process.stderr.write(
    real ? 'contract: a real MongoDB at CONTRACT_URI\n' : 'contract: the embedded database (CONTRACT_URI is not set)\n',
  );
  if (!real) return openEmbedded();
  const client = await MongoClient.connect(real);
  const db = client.db(`contract_${process.pid}_${(counter += 1)}`);
  return {
    uri: real,
    client,
    db,
    close: async () => {
      await db.dropDatabase();
      await client.close();
    },
  };
}

export async function openEmbedded(
  options: Partial<ServerOptions> = {},
  client?: MongoClientOptions,
): Promise<TestDatabase> {
  const folder = options.data ?? mkdtempSync(join(tmpdir(), 'embedded-'));
  const server = await startServer({ data: folder, testMode: true, ...options });
  const connected = await MongoClient.connect(server.uri, client);
  return {
    uri: server.uri,
    client: connected,
    db: connected.db('test'),
    server,
    folder,
    close: async () => {
      await connected.close();
      await server.close();
      if (options.data === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The code of the error the promise ends in; fails the test by its absence. */
export async function codeOf(promise: Promise<unknown>): Promise<number | string | undefined> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: number | string }).code;
  }
  return undefined;
}
