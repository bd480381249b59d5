/** What both WeChat channels are made of: accounts by id, each with its way in and its way out. Knows no kind of account. */
import type {
  Channel,
  ChannelCapabilities,
  Receive,
  SendResult,
  WebhookRequest,
  WebhookResponse,
} from '../../contracts/index.js';
import type { Platform } from './platform.js';
import type { Sender } from './send.js';

export interface AccountParts {
  platform: Platform;
  send: Sender;
  /** Absent: the platform was given no address to call for this account. */
  webhook: ((request: WebhookRequest, receive: Receive) => Promise<WebhookResponse>) | undefined;
}

export type WechatChannel = Channel & { webhook: (request: WebhookRequest) => Promise<WebhookResponse> };

const noAccount: SendResult = { outcome: 'refused', reason: 'account.unknown', scope: 'account' };
export const unknownAccount = { ok: false as const, reason: 'account.unknown' };

/** Nothing is called before it is needed: start() only takes the function that stores. */
export function createWechatChannel(
  name: Channel['name'],
  parts: ReadonlyMap<string, AccountParts>,
  capabilities: ChannelCapabilities,
): WechatChannel {
  let receive: Receive | undefined;
  return {
    name,
    accounts: [...parts.keys()],
    capabilities,
    start(given) {
      receive = given;
      return Promise.resolve();
    },
    stop() {
      receive = undefined;
      return Promise.resolve();
    },
    async send(message, signal) {
      const account = message.to.channel === name ? parts.get(message.to.account) : undefined;
      return account ? account.send(message, signal) : noAccount;
    },
    async webhook(request) {
      const webhook = parts.get(request.account)?.webhook;
      if (!webhook) return { kind: 'answer', status: 404, contentType: 'text/plain', body: 'webhook.noAccount' };
      // Nobody can store now, so the platform shall come again.
      return receive ? webhook(request, receive) : { kind: 'abandon' };
    },
    health: () => [...parts.values()].map(({ platform }) => platform.health()),
  };
}
