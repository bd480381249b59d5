/**
 * WeChat official accounts as a channel: proves and normalises what comes in, renders and sends what goes out.
 * Knows no customers, strategies or database. Read webhook.ts for the way in, send.ts for the way out, codes.ts for what a refusal means.
 */
import type {
  CallResult,
  Channel,
  ChannelCapabilities,
  ChannelPorts,
  Receive,
  SendResult,
  WebhookRequest,
  WebhookResponse,
} from '../../contracts/index.js';
import type { OfficialAccount } from './account.js';
import { createSceneCode, fetchProfiles, setTyping } from './calls.js';
import { fetchMedia } from './media.js';
import { createPlatform } from './platform.js';
import type { Platform } from './platform.js';
import { createSender } from './send.js';
import type { Sender } from './send.js';
import { createWebhook } from './webhook.js';

export { OfficialAccount } from './account.js';

export interface OfficialAccountChannel extends Channel {
  webhook: (request: WebhookRequest) => Promise<WebhookResponse>;
  typing(account: string, user: string, typing: boolean): Promise<CallResult<true>>;
}

interface Parts {
  platform: Platform;
  send: Sender;
  webhook: ReturnType<typeof createWebhook>;
}

/** `accounts` have distinct ids. Nothing is called before it is needed: start() only takes the function that stores. */
export function createOfficialAccountChannel(
  accounts: readonly OfficialAccount[],
  ports: ChannelPorts,
): OfficialAccountChannel {
  const parts = new Map(accounts.map((account) => [account.id, partsOf(account, ports)] as const));
  let receive: Receive | undefined;
  return {
    name: 'official-account',
    accounts: accounts.map(({ id }) => id),
    capabilities: capabilitiesOf(parts),
    start(given) {
      receive = given;
      return Promise.resolve();
    },
    stop() {
      receive = undefined;
      return Promise.resolve();
    },
    async send(message, signal) {
      const account = message.to.channel === 'official-account' ? parts.get(message.to.account) : undefined;
      return account ? account.send(message, signal) : noAccount;
    },
    async webhook(request) {
      const account = parts.get(request.account);
      if (!account) return { kind: 'answer', status: 404, contentType: 'text/plain', body: 'webhook.noAccount' };
      // Nobody can store now, so the platform shall come again.
      return receive ? account.webhook(request, receive) : { kind: 'abandon' };
    },
    async typing(id, user, typing) {
      const account = parts.get(id);
      return account ? setTyping(account.platform, user, typing) : unknownAccount;
    },
    health: () => [...parts.values()].map(({ platform }) => platform.health()),
  };
}

function partsOf(account: OfficialAccount, ports: ChannelPorts): Parts {
  const platform = createPlatform(account, ports);
  return { platform, send: createSender(platform, ports), webhook: createWebhook(account, ports.log) };
}

const noAccount: SendResult = { outcome: 'refused', reason: 'account.unknown', scope: 'account' };
const unknownAccount = { ok: false as const, reason: 'account.unknown' };

function capabilitiesOf(parts: ReadonlyMap<string, Parts>): ChannelCapabilities {
  const platformOf = (account: string): Platform | undefined => parts.get(account)?.platform;
  return {
    routes: ['passive-reply', 'customer-message', 'template'],
    // Templates carry our id as `client_msg_id`; customer messages have no such field.
    idempotentRoutes: ['template'],
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
