/** The database for a command: also beside a running server, whose embedded database is then used through its socket. */
import { existsSync } from 'node:fs';
import { StartProblem } from '../errors.js';
import { socketPath, socketUri } from '../infra/embedded.js';
import { openDatabase } from '../infra/mongo.js';
import type { Database, DatabaseOptions } from '../infra/mongo.js';

export async function openForOperator(options: DatabaseOptions): Promise<Database> {
  try {
    return await openDatabase(options);
  } catch (error) {
    const socket = await socketPath(options.dataDir);
    const inUse = error instanceof StartProblem && error.message.includes('in use');
    if (options.uri || !inUse || !existsSync(socket)) throw error;
    return openDatabase({ ...options, uri: socketUri(socket) });
  }
}
