/** Reads the command line of `npm run demo`. */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';

export const HELP = `Usage: npm run demo [-- options]

Starts the whole product on one port: server, embedded database, simulated WeChat, sample shop. Ctrl-C stops it.

  --port N       the port to open (3000)
  --data DIR     where the demo keeps its data (./data/demo)
  --fresh        start from empty data
  --check        walk one customer's day in a temporary folder and judge it; exit code 0 or 1
  --only STEP    with --check: this step and what it needs
  --help         this text`;

export type Asked =
  | { kind: 'demo'; port: number; dataDir: string; fresh: boolean }
  | { kind: 'check'; only: string | undefined }
  | { kind: 'help' }
  | { kind: 'wrong'; message: string };

const options = {
  port: { type: 'string', default: '3000' },
  data: { type: 'string', default: 'data/demo' },
  fresh: { type: 'boolean', default: false },
  check: { type: 'boolean', default: false },
  only: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Relative folders are taken from `cwd`. */
export function readOptions(args: readonly string[], cwd: string): Asked {
  const given = parsed(args);
  if (typeof given === 'string') return { kind: 'wrong', message: given };
  if (given.help) return { kind: 'help' };
  if (given.only !== undefined && !given.check) return { kind: 'wrong', message: '--only belongs to --check.' };
  if (given.check) return { kind: 'check', only: given.only };
  const port = Number(given.port);
  if (!/^\d{1,5}$/.test(given.port) || port > 65_535) return { kind: 'wrong', message: `${given.port} is not a port.` };
  return { kind: 'demo', port, dataDir: resolve(cwd, given.data), fresh: given.fresh };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
