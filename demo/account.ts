/** The demo's official account: its keys, made once per data folder and kept there. Knows nothing of server or simulator. */
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

export const CHANNEL = 'official-account';
export const ACCOUNT_ID = 'main';

/** Fresh keys in the shapes that the platform hands out. */
export function makeAccount(): DemoAccount {
  return {
    id: ACCOUNT_ID,
    name: '栖木生活',
    appId: `wx${randomBytes(8).toString('hex')}`,
    appSecret: randomBytes(16).toString('hex'),
    token: lettersAndDigits(24),
    encodingAesKey: lettersAndDigits(43),
  };
}

/** The account of this data folder; its keys stay the same over restarts, as a real account's would. */
export function keepAccount(dataDir: string): DemoAccount {
  const file = join(dataDir, 'demo-account.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoAccount;
  const account = makeAccount();
  writeFileSync(file, `${JSON.stringify(account, null, 2)}\n`, { mode: 0o600 });
  return account;
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
