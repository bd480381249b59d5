/** Looks at what the server needs, part by part, and says of each whether it works. Changes nothing. */
import { access, constants, mkdir } from 'node:fs/promises';
import type { WechatApp } from '../channels/wechat/app.js';
import { createTokenSource } from '../channels/wechat/token.js';
import type { Config } from '../config.js';
import type { ChannelStore } from '../contracts/index.js';
import type { Logger } from '../infra/logger.js';
import { createQueues } from '../infra/queue/index.js';
import { openForOperator } from './database.js';

export interface Finding {
  part: string;
  ok: boolean;
  detail: string;
}

export interface DoctorParts {
  loadConfig: () => Config;
  log: Logger;
}

/** Without a configuration there is nothing else to look at. */
export async function examine({ loadConfig, log }: DoctorParts): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadConfig();
  } catch (error) {
    return [{ part: 'configuration', ok: false, detail: messageOf(error) }];
  }
  const accounts = [
    ...config.channels['official-account'].map((account) => ({ ...account, channel: 'official-account' as const })),
    ...config.channels['mini-program'].map((account) => ({ ...account, channel: 'mini-program' as const })),
  ];
  const channel = accounts.map((account) => look(`${account.channel} ${account.id}`, () => token(account)));
  return [
    { part: 'configuration', ok: true, detail: `${config.environment}, ${accounts.length} channel accounts` },
    await look('data folder', () => dataFolder(config.dataDir)),
    await look('database', () => database(config, log)),
    await look('queue', () => queue(config, log)),
    ...(await Promise.all(channel)),
  ];
}

async function look(part: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, detail: await check() };
  } catch (error) {
    return { part, ok: false, detail: messageOf(error) };
  }
}

async function dataFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  return `${folder} can be written`;
}

async function database(config: Config, log: Logger): Promise<string> {
  const opened = await openForOperator({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    await opened.ping();
    return config.mongodbUri ? 'MongoDB replica set answers' : 'embedded database answers';
  } finally {
    await opened.close();
  }
}

async function queue(config: Config, log: Logger): Promise<string> {
  const queues = await createQueues({ redisUrl: config.redisUrl, log });
  try {
    await queues.ping();
    return config.redisUrl ? 'Redis answers' : 'in-process';
  } finally {
    await queues.close();
  }
}

/** Asks the platform for the stable token, unforced: it is the one a running server uses, so none is taken away. */
async function token(account: WechatApp): Promise<string> {
  const got = await createTokenSource(account, { store: forgetful, now: () => new Date() }).current();
  if (got.ok) return 'the platform gives a token';
  throw new Error(`${got.reason}${got.detail ? ` (${got.detail})` : ''}`);
}

const forgetful: ChannelStore = {
  get: async () => undefined,
  put: async () => undefined,
  remove: async () => undefined,
  withLock: (_key, _waitMs, work) => work(forgetful),
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
