#!/usr/bin/env node
/**
 * embedded-mongo --data <dir> [--socket <path> | --port N] [--test-mode]
 * Prints one line of JSON, {"uri": …}, when ready. Ends on SIGTERM, SIGINT, and when its parent's channel closes.
 */
import { parseArgs } from 'node:util';
import { FolderLocked } from './store/lock.js';
import { FormatRefused, PlaceRefused } from './store/store.js';
import { SocketRefused, startServer, type RunningServer, type ServerOptions } from './server.js';

const USAGE = 'Usage: embedded-mongo --data <folder> [--socket <path> | --port <number>] [--test-mode]';

function readOptions(args: string[]): ServerOptions | string {
  let values: { data?: string; socket?: string; port?: string; 'test-mode'?: boolean };
  try {
    const options = {
      data: { type: 'string' },
      socket: { type: 'string' },
      port: { type: 'string' },
      'test-mode': { type: 'boolean' },
    } as const;
    ({ values } = parseArgs({ args, options, strict: true }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (!values.data) return 'The data folder is missing.';
  if (values.port !== undefined && !/^\d{1,5}$/.test(values.port)) return `'${values.port}' is not a port number.`;
  return {
    data: values.data,
    testMode: values['test-mode'] ?? false,
    ...(values.socket === undefined ? {} : { socket: values.socket }),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
  };
}

/** What went wrong at the start, in one sentence for a person. */
function explainStart(error: unknown, options: ServerOptions): string {
  const refusals = [FolderLocked, FormatRefused, PlaceRefused, SocketRefused];
  if (error instanceof Error && refusals.some((kind) => error instanceof kind)) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `The address ${options.socket ?? `127.0.0.1:${options.port}`} is already in use.`;
  if (code === 'EACCES' || code === 'EPERM') return `No permission to use ${options.data}: ${message}`;
  return `The database could not start: ${message}`;
}

function endWith(server: RunningServer, hadParent: boolean): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  // The parent may have gone while the folder was being opened.
  if (hadParent && !process.connected) end();
}

async function main(): Promise<void> {
  const hadParent = process.send !== undefined;
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n${USAGE}\n`);
    process.exit(2);
  }
  try {
    const server = await startServer(options);
    endWith(server, hadParent);
    process.stdout.write(`${JSON.stringify({ uri: server.uri })}\n`);
  } catch (error) {
    process.stderr.write(`${explainStart(error, options)}\n`);
    process.exit(1);
  }
}

await main();
