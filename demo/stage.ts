/**
 * Sets the stage for demo and check alike: the front port, the simulated WeChat in this process, the server as a child,
 * the accounts registered between them. Stops in reverse order, also when a part fails to start.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../src/app.js';
import type { App } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { createLogger } from '../src/infra/logger.js';
import { startSimulator } from '../simulator/main.js';
import type { Simulator, SimulatorOptions } from '../simulator/main.js';
import { CHANNEL, MINI_CHANNEL, keepAccounts } from './account.js';
import type { DemoAccounts } from './account.js';
import { writeOffset } from './clock.js';
import { writeConfig } from './config-file.js';
import { PREVIEW_PATH, startFront } from './front.js';
import type { Front } from './front.js';
import { templatesOf } from './notices.js';
import type { Preview } from './preview.js';
import { root } from './root.js';
import { startServer } from './server-process.js';
import type { ServerProcess } from './server-process.js';
import { createSimClient } from './sim-client.js';
import type { SimClient } from './sim-client.js';

export interface StageOptions {
  dataDir: string;
  /** Of the front; 0 takes a free one. */
  port: number;
  serverEntry: string;
  serverArgs?: readonly string[] | undefined;
  /** Shift of business time with which a new data folder begins; an old one keeps its own. */
  offsetMs?: number;
  /** Further keys of the server's configuration. */
  config?: Readonly<Record<string, unknown>>;
  /** Entries of the account's menu at the bottom of the chat. */
  menu?(accounts: DemoAccounts): readonly unknown[];
  /** The mini-program in the browser, served on /m. */
  preview?: Preview | undefined;
  simulator?: SimulatorOptions;
  /** Runs before the server starts, when nothing else uses the data folder. */
  prepare(backstage: Backstage): Promise<void>;
  landing(stage: Omit<Stage, 'stop'>): string;
}

/** What there is before the server runs. */
export interface Backstage {
  dataDir: string;
  accounts: DemoAccounts;
  simulator: Simulator;
  sim: SimClient;
  /** Registers both accounts at the simulated platform. */
  register(callbackUrls: CallbackUrls): Promise<void>;
  /** Opens the product's parts in this process; close them before the server starts. */
  openApp(): Promise<App>;
}

/** Where the platform pushes what happens at each account. */
export interface CallbackUrls {
  official: string;
  mini: string;
}

export interface Stage extends Backstage {
  front: Front;
  server: ServerProcess;
  /** Ends the server with kill -9 and starts it again on the same data and port. Resolves once it serves. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const started: Array<() => Promise<void>> = [];
  const stop = async (): Promise<void> => {
    for (let end = started.pop(); end; end = started.pop()) await end();
  };
  try {
    return Object.assign(await open(options, (end) => void started.push(end)), { stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(options: StageOptions, onStop: (end: () => Promise<void>) => void): Promise<Omit<Stage, 'stop'>> {
  const { dataDir } = options;
  const front = await startFront(options.port);
  onStop(() => front.close());
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const clockFile = join(dataDir, 'clock');
  if (!existsSync(clockFile)) writeOffset(clockFile, options.offsetMs ?? 0);
  const simulator = await startSimulator({ ...options.simulator, clockFile });
  onStop(() => simulator.stop());
  const sim = createSimClient(simulator.controlUrl);
  const accounts = keepAccounts(dataDir);
  const configFile = join(dataDir, 'huike.json');
  writeConfig(configFile, { publicUrl: front.url, apiBase: simulator.apiBase, accounts, more: options.config ?? {} });
  const openApp = (): Promise<App> => openInProcess({ configFile, dataDir, clockFile });
  const { menu, preview } = options;
  const register = registering(sim, accounts, { menu: menu?.(accounts), preview });
  const backstage: Backstage = { dataDir, accounts, simulator, sim, register, openApp };
  await options.prepare(backstage);
  const { serverEntry: entry, serverArgs: args } = options;
  const start = (port?: number): Promise<ServerProcess> =>
    startServer({ entry, args, dataDir, configFile, clockFile, port });
  const server = await start();
  const webhook = (channel: string, id: string): string =>
    `http://127.0.0.1:${String(server.port)}/webhooks/${channel}/${id}`;
  await register({
    official: webhook(CHANNEL, accounts.official.id),
    mini: webhook(MINI_CHANNEL, accounts.mini.id),
  });
  const stage: Omit<Stage, 'stop'> = {
    ...{ ...backstage, front, server },
    crash: async () => {
      await stage.server.kill();
      stage.server = await start(server.port);
    },
  };
  onStop(() => stage.server.stop());
  const phone = { host: '127.0.0.1', port: Number(new URL(simulator.phoneUrl).port) };
  front.open({
    server: { host: '127.0.0.1', port: server.port },
    phone,
    landing: options.landing(stage),
    preview: preview?.handle,
  });
  return stage;
}

/** What registers both accounts with their templates, menu and pages. */
export function registering(
  sim: SimClient,
  { official, mini }: DemoAccounts,
  { menu, preview }: { menu?: readonly unknown[] | undefined; preview?: Preview | undefined } = {},
): Backstage['register'] {
  const entries = menu && { menu };
  const pages = preview && { pages: preview.pages, previewUrl: PREVIEW_PATH };
  return async (callbackUrls) => {
    await sim.registerAccount(official, callbackUrls.official, { templates: templatesOf('template'), ...entries });
    await sim.registerMini(mini, callbackUrls.mini, { templates: templatesOf('one-time'), ...pages });
  };
}

export function openInProcess(files: { configFile: string; dataDir: string; clockFile: string }): Promise<App> {
  const env = { HUIKE_CONFIG: files.configFile, HUIKE_DATA_DIR: files.dataDir, HUIKE_CLOCK: files.clockFile };
  return createApp({ config: loadConfig({ env, cwd: root }), log: createLogger({ level: 'error' }) });
}
