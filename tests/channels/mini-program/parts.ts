/** What tests of this channel need: its account, its fixtures, requests signed for it, a log that can be read. */
import { readFileSync } from 'node:fs';
import type { MiniProgramAccount } from '../../../src/channels/mini-program/account.js';
import type { ChannelLog } from '../../../src/contracts/index.js';
import { requestsOf } from '../wechat/parts.js';

export * from '../wechat/parts.js';

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/mini-program/${name}`, import.meta.url), 'utf8').trim();

const sealed = { token: 'minitest', encodingAesKey: 'GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba' };
export const account: MiniProgramAccount & typeof sealed = {
  id: 'mini',
  appId: 'wxb11529c136998cb7',
  appSecret: 'secret-of-the-mini-test',
  ...sealed,
};

export const { signedQuery, post, safePush } = requestsOf(account);

/** Everything that was logged, as one text. */
export function readableLog(): { log: ChannelLog; text(): string } {
  const lines: string[] = [];
  const write = (fields: Record<string, unknown>, message: string): void =>
    void lines.push(`${JSON.stringify(fields)} ${message}`);
  return { log: { info: write, warn: write, error: write }, text: () => lines.join('\n') };
}
