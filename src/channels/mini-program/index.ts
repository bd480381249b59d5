/**
 * WeChat mini-programs as a channel: signs people in, proves and normalises what comes in, renders and sends what goes out. Knows no
 * customers, members or database. Read webhook.ts for the way in, send.ts for the way out, login.ts for who somebody is; what it shares
 * with official accounts is in ../wechat/.
 */
import type { CallResult, ChannelCapabilities, ChannelPorts } from '../../contracts/index.js';
import { createWechatChannel, unknownAccount } from '../wechat/channel.js';
import type { AccountParts, WechatChannel } from '../wechat/channel.js';
import { fetchMedia } from '../wechat/media.js';
import { createPlatform } from '../wechat/platform.js';
import { appOf } from './account.js';
import type { MiniProgramAccount } from './account.js';
import { checkText, createPageCode } from './calls.js';
import { createLogin } from './login.js';
import type { Login } from './login.js';
import { createSender } from './send.js';
import { createWebhook } from './webhook.js';

export { MiniProgramAccount } from './account.js';

export interface MiniProgramChannel extends WechatChannel {
  /** Whether the platform still knows the session of this person's last sign-in. */
  sessionValid(account: string, user: string): Promise<CallResult<boolean>>;
}

interface Parts extends AccountParts {
  login: Login;
}

/** `accounts` have distinct ids. */
export function createMiniProgramChannel(
  accounts: readonly MiniProgramAccount[],
  ports: ChannelPorts,
): MiniProgramChannel {
  const parts = new Map(accounts.map((account) => [account.id, partsOf(account, ports)] as const));
  return {
    ...createWechatChannel('mini-program', parts, capabilitiesOf(parts)),
    async sessionValid(id, user) {
      const account = parts.get(id);
      return account ? account.login.sessionValid(user) : unknownAccount;
    },
  };
}

function partsOf(account: MiniProgramAccount, ports: ChannelPorts): Parts {
  const platform = createPlatform(appOf(account), ports);
  return {
    platform,
    send: createSender(platform, ports),
    login: createLogin(platform, ports.store),
    webhook: createWebhook(account, ports.log),
  };
}

function capabilitiesOf(parts: ReadonlyMap<string, Parts>): ChannelCapabilities {
  const by = async <T>(account: string, call: (found: Parts) => Promise<CallResult<T>>): Promise<CallResult<T>> => {
    const found = parts.get(account);
    return found ? call(found) : unknownAccount;
  };
  return {
    routes: ['customer-message', 'subscription-notice', 'member-inbox'],
    // What is kept in the mini-program is kept once, under the message's id; the platform's calls here have no such field.
    idempotentRoutes: ['member-inbox'],
    fetchMedia: (account, platformId) => by(account, ({ platform }) => fetchMedia(platform, platformId)),
    login: (account, code) => by(account, ({ login }) => login.login(code)),
    phoneNumber: (account, code) => by(account, ({ login }) => login.phoneNumber(code)),
    pageCode: (account, scene, options) => by(account, ({ platform }) => createPageCode(platform, scene, options)),
    checkText: (account, user, text, kind) => by(account, ({ platform }) => checkText(platform, user, text, kind)),
  };
}
