/** The demo's two accounts, an official account and a mini-program of one owner: their keys, made once per data folder and kept there. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DemoAccount {
  /** As the configuration and the webhook's address name it. */
  id: string;
  name: string;
  appId: string;
  appSecret: string;
  token: string;
  /** 43 letters and digits. */
  encodingAesKey: string;
}

/** Of one owner: a person has an openid at each and one unionid over both. */
export interface DemoAccounts {
  official: DemoAccount;
  mini: DemoAccount;
}

export const CHANNEL = 'official-account';
export const ACCOUNT_ID = 'main';
export const MINI_CHANNEL = 'mini-program';
export const MINI_ID = 'mini';
export const FILE = 'demo-account.json';

/** Fresh keys in the shapes that the platform hands out. */
export function makeAccounts(): DemoAccounts {
  return { official: makeAccount(ACCOUNT_ID, '栖木生活'), mini: makeAccount(MINI_ID, '栖木会员') };
}

function makeAccount(id: string, name: string): DemoAccount {
  return {
    id,
    name,
    appId: `wx${randomBytes(8).toString('hex')}`,
    appSecret: randomBytes(16).toString('hex'),
    token: lettersAndDigits(24),
    encodingAesKey: lettersAndDigits(43),
  };
}

/** The accounts of this data folder; their keys stay the same over restarts, as real accounts' would. */
export function keepAccounts(dataDir: string): DemoAccounts {
  const file = join(dataDir, FILE);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoAccounts | DemoAccount) : undefined;
  if (kept && 'mini' in kept) return kept;
  // An older demo had the official account alone.
  const accounts = { ...makeAccounts(), ...(kept ? { official: kept as DemoAccount } : {}) };
  writeFileSync(file, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
  return accounts;
}

/** An AES key in this notation ends its base64 with a letter whose last two bits are dropped; any of them decodes. */
function lettersAndDigits(length: number): string {
  let text = '';
  while (text.length < length)
    text += randomBytes(64)
      .toString('base64')
      .replace(/[^A-Za-z0-9]/g, '');
  return text.slice(0, length);
}
