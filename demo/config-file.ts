/** Writes the configuration that makes the server the demo's server. Holds no defaults of its own. */
import { writeFileSync } from 'node:fs';
import { CHANNEL } from './account.js';
import type { DemoAccount } from './account.js';

export interface DemoConfig {
  publicUrl: string;
  apiBase: string;
  account: DemoAccount;
  /** Further keys, for example a shorter time-out. */
  more?: Readonly<Record<string, unknown>>;
}

/** JSON is YAML too. */
export function writeConfig(file: string, { publicUrl, apiBase, account, more = {} }: DemoConfig): void {
  const { id, appId, appSecret, token, encodingAesKey } = account;
  const config = {
    publicUrl,
    trustProxy: 'loopback',
    ...more,
    channels: { [CHANNEL]: [{ id, appId, appSecret, token, encodingAesKey, mode: 'safe', apiBase }] },
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
