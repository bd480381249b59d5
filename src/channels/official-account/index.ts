/**
 * WeChat official accounts as a channel: proves and normalises what comes in, renders and sends what goes out.
 * Knows no customers, strategies or database. Read webhook.ts for the way in, send.ts for the way out;
 * what it shares with mini-programs (proof, calls, tokens, files, what a refusal means) is in ../wechat/.
 */
import type { CallResult, ChannelCapabilities, ChannelPorts } from '../../contracts/index.js';
import { appOf } from './account.js';
import type { OfficialAccount } from './account.js';
import { createSceneCode, fetchProfiles, setTyping } from './calls.js';
import { createWechatChannel, unknownAccount } from '../wechat/channel.js';
import type { AccountParts, WechatChannel } from '../wechat/channel.js';
import { fetchMedia } from '../wechat/media.js';
import { createPlatform } from '../wechat/platform.js';
import type { Platform } from '../wechat/platform.js';
import { createMassSender, massSendLimits } from './mass-send.js';
import type { MassSender } from './mass-send.js';
import { createSender } from './send.js';
import { createWebhook } from './webhook.js';

export { OfficialAccount } from './account.js';

export interface OfficialAccountChannel extends WechatChannel {
  typing(account: string, user: string, typing: boolean): Promise<CallResult<true>>;
}

/** `accounts` have distinct ids. */
export function createOfficialAccountChannel(
  accounts: readonly OfficialAccount[],
  ports: ChannelPorts,
): OfficialAccountChannel {
  const parts = new Map(accounts.map((account) => [account.id, partsOf(account, ports)] as const));
  return {
    ...createWechatChannel('official-account', parts, capabilitiesOf(parts)),
    async typing(id, user, typing) {
      const account = parts.get(id);
      return account ? setTyping(account.platform, user, typing) : unknownAccount;
    },
  };
}

type Parts = AccountParts & { massSend: MassSender };

function partsOf(account: OfficialAccount, ports: ChannelPorts): Parts {
  const platform = createPlatform(appOf(account), ports);
  return {
    platform,
    send: createSender(platform, ports),
    massSend: createMassSender(platform, ports),
    webhook: createWebhook(account, ports.log),
  };
}

function capabilitiesOf(parts: ReadonlyMap<string, Parts>): ChannelCapabilities {
  const platformOf = (account: string): Platform | undefined => parts.get(account)?.platform;
  return {
    routes: ['passive-reply', 'customer-message', 'template', 'subscription-notice'],
    // Templates carry our id as `client_msg_id`; customer messages and notices have no such field.
    idempotentRoutes: ['template'],
    massSend: {
      ...massSendLimits,
      send: async (message, signal) =>
        parts.get(message.account)?.massSend(message, signal) ?? {
          outcome: 'refused',
          reason: unknownAccount.reason,
          scope: 'account',
        },
    },
    profiles: async (account, users) => {
      const platform = platformOf(account);
      return platform ? fetchProfiles(platform, users) : unknownAccount;
    },
    fetchMedia: async (account, platformId) => {
      const platform = platformOf(account);
      return platform ? fetchMedia(platform, platformId) : unknownAccount;
    },
    sceneCode: async (account, scene, options) => {
      const platform = platformOf(account);
      return platform ? createSceneCode(platform, scene, options) : unknownAccount;
    },
  };
}
