/** Writes the configuration that makes the server the demo's server. Holds no defaults of its own. */
import { writeFileSync } from 'node:fs';
import { CHANNEL, MINI_CHANNEL } from './account.js';
import type { DemoAccount, DemoAccounts } from './account.js';

export interface DemoConfig {
  publicUrl: string;
  apiBase: string;
  accounts: DemoAccounts;
  /** Further keys, for example a shorter time-out. */
  more?: Readonly<Record<string, unknown>>;
}

/** JSON is YAML too. */
export function writeConfig(file: string, { publicUrl, apiBase, accounts, more = {} }: DemoConfig): void {
  const keysOf = ({ name: _name, ...keys }: DemoAccount) => ({ ...keys, mode: 'safe', apiBase });
  const config = {
    publicUrl,
    trustProxy: 'loopback',
    ...more,
    channels: {
      ...(more['channels'] as object | undefined),
      [CHANNEL]: [keysOf(accounts.official)],
      [MINI_CHANNEL]: [keysOf(accounts.mini)],
    },
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
