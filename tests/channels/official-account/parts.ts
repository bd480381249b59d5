/** What tests of this channel need: its account, its fixtures, requests signed for it. */
import { readFileSync } from 'node:fs';
import type { OfficialAccount } from '../../../src/channels/official-account/account.js';
import { requestsOf } from '../wechat/parts.js';

export * from '../wechat/parts.js';

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/official-account/${name}`, import.meta.url), 'utf8').trim();

export const account: OfficialAccount = {
  id: 'shop',
  appId: 'wxb11529c136998cb6',
  appSecret: 'secret-of-the-test',
  token: 'pamtest',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  mode: 'safe',
};

export const { signedQuery, post, safePush } = requestsOf(account);
