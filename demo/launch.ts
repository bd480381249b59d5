/** The running demo: sets the stage, fills the shop once, says where everything is, and ends with Ctrl-C or when a part dies. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE as ACCOUNTS_FILE, CHANNEL, MINI_CHANNEL } from './account.js';
import { PREVIEW_PATH } from './front.js';
import { landingPage } from './landing.js';
import { colleague, logins } from './logins.js';
import { menu, peopleOnPhone } from './people.js';
import { keepPreview } from './preview.js';
import { DemoProblem } from './problem.js';
import { fillShop } from './sample-shop/fill.js';
import { SHOP_SOURCE } from './sample-shop/orders.js';
import type { ShopKey } from './service.js';
import { openStage } from './stage.js';
import type { Stage } from './stage.js';
import { say } from './words.js';

export interface DemoOptions {
  port: number;
  dataDir: string;
  fresh: boolean;
  serverEntry: string;
}

/** Resolves with the exit code: 0 after a signal, 1 when the server died. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const signalled = untilSignal();
  const begun = performance.now();
  if (options.fresh) await empty(options.dataDir);
  let key: ShopKey | undefined;
  const stage = await openStage({
    dataDir: options.dataDir,
    port: options.port,
    serverEntry: options.serverEntry,
    menu,
    preview: await keepPreview(),
    prepare: async (backstage) => {
      const filled = await fillShop(backstage);
      ({ key } = filled);
      await peopleOnPhone(backstage, filled.filledAt);
    },
    landing: ({ accounts }) => landingPage(accounts.official.name, [...logins, colleague], key),
  });
  const keys = key ? [key] : [];
  const file = writeFacts(stage, keys);
  say.running(stage, { seconds: (performance.now() - begun) / 1000, file, keys });
  const ended = await Promise.race([signalled, stage.server.died]);
  if (ended !== 'signal') console.error(`\n${ended}`);
  else say.stopping();
  await stage.stop();
  rmSync(file, { force: true });
  return ended === 'signal' ? 0 : 1;
}

function untilSignal(): Promise<'signal'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('signal'));
  });
}

/** Deletes only what is a demo's folder, and not under a running demo. */
async function empty(dataDir: string): Promise<void> {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return;
  if (!existsSync(join(dataDir, ACCOUNTS_FILE))) {
    throw new DemoProblem(`${dataDir} is not a demo's data folder, so --fresh does not empty it.`);
  }
  const pid = runningDemo(dataDir);
  if (pid !== undefined) {
    throw new DemoProblem(`The demo in ${dataDir} is running (process ${String(pid)}). Stop it first, or use --data.`);
  }
  rmSync(dataDir, { recursive: true, force: true });
}

function runningDemo(dataDir: string): number | undefined {
  const file = join(dataDir, 'demo.json');
  if (!existsSync(file)) return undefined;
  const facts = JSON.parse(readFileSync(file, 'utf8')) as { pids?: { demo?: number } };
  const pid = facts.pids?.demo;
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Everything that a script needs to use the running demo. */
function writeFacts({ dataDir, front, simulator, server, accounts }: Stage, keys: readonly ShopKey[]): string {
  const file = join(dataDir, 'demo.json');
  const { url } = front;
  const facts = {
    addresses: {
      landing: `${url}/`,
      phone: `${url}/phone/`,
      miniProgram: `${url}${PREVIEW_PATH}`,
      console: `${url}/console/`,
      docs: `${url}/docs`,
    },
    frontPort: front.port,
    serverPort: server.port,
    control: simulator.controlUrl,
    controlPort: Number(new URL(simulator.controlUrl).port),
    apiBase: simulator.apiBase,
    clockFile: join(dataDir, 'clock'),
    accounts: [
      { channel: CHANNEL, mode: 'safe', ...accounts.official },
      { channel: MINI_CHANNEL, mode: 'safe', ...accounts.mini },
    ],
    logins: [...logins, colleague],
    keys: keys.map((key) => ({ ...key, source: SHOP_SOURCE })),
    pids: { demo: process.pid, server: server.pid, database: databasePid(dataDir) },
  };
  writeFileSync(file, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** The embedded database writes its process id into its lock. */
function databasePid(dataDir: string): number | null {
  const lock = join(dataDir, 'db', 'server.lock');
  if (!existsSync(lock)) return null;
  return (JSON.parse(readFileSync(lock, 'utf8')) as { pid?: number }).pid ?? null;
}
