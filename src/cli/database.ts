/** The database for a command: also beside a running server, whose embedded database is then used through its socket. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartProblem } from '../errors.js';
import { openDatabase } from '../infra/mongo.js';
import type { Database, DatabaseOptions } from '../infra/mongo.js';

export async function openForOperator(options: DatabaseOptions): Promise<Database> {
  try {
    return await openDatabase(options);
  } catch (error) {
    const socket = resolve(options.dataDir, 'db', 'db.sock');
    const inUse = error instanceof StartProblem && error.message.includes('in use');
    if (options.uri || !inUse || !existsSync(socket)) throw error;
    const uri = `mongodb://${encodeURIComponent(socket)}/huike?directConnection=true`;
    return openDatabase({ ...options, uri });
  }
}
