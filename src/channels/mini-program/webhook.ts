/**
 * A mini-program's webhook. There are no answers inside the platform's own request here, so what is stored is acknowledged and nothing more.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
import type { ChannelLog } from '../../contracts/index.js';
import { createMessageCipher } from '../wechat/crypto.js';
import { createPushWebhook } from '../wechat/push.js';
import type { MiniProgramAccount } from './account.js';
import { normalise } from './normalise.js';

export type Webhook = ReturnType<typeof createPushWebhook>;

/** Undefined for an account without the values that a push is proved with: then there is no webhook. */
export function createWebhook(account: MiniProgramAccount, log: ChannelLog): Webhook | undefined {
  const { id, appId, token, encodingAesKey } = account;
  const acceptsPlain = account.mode === 'plain';
  if (!token || (!encodingAesKey && !acceptsPlain)) return undefined;
  const cipher = encodingAesKey ? createMessageCipher(encodingAesKey, appId) : undefined;
  return createPushWebhook({ account: id, token, cipher, acceptsPlain }, log, ({ fields, raw }, { receivedAt }) => ({
    event: normalise({ account: id, fields, raw, receivedAt }),
  }));
}
