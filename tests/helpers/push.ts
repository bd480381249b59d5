/** The platform's requests to a shop's webhook, made by hand, so that a test holds the connection and the order of arrival. */
import { createMessageCipher, signatureOf } from '../../src/channels/wechat/crypto.js';
import { writeXml } from '../../src/channels/wechat/xml.js';
import type { WebhookResponse } from '../../src/contracts/index.js';
import { account } from './shop.js';
import type { Shop } from './shop.js';

type Fields = Record<string, string | number>;
export type Answer = Extract<WebhookResponse, { kind: 'answer' }>;

const cipher = createMessageCipher(account.encodingAesKey, account.appId);

/** Hands one callback to the shop, as over a connection that is open while `writable` says so. The answer is not written yet. */
export async function push(shop: Shop, fields: Fields, writable = (): boolean => true): Promise<Answer> {
  const at = shop.app.clock.now();
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const payload = writeXml({ ToUserName: 'gh_a', CreateTime: timestamp, ...fields });
  const Encrypt = cipher.encrypt(payload);
  const signature = signatureOf([account.token, timestamp, '1', Encrypt]);
  const answering = shop.app.ports.webhooks.handle('official-account', {
    account: account.id,
    method: 'POST',
    query: { timestamp, nonce: '1', encrypt_type: 'aes', msg_signature: signature },
    contentType: 'text/xml',
    body: Buffer.from(writeXml({ ToUserName: 'gh_a', Encrypt })),
    receivedAt: at,
    writable,
  });
  const answer = await answering;
  if (answer?.kind !== 'answer') throw new Error('left unanswered');
  return answer;
}

let ids = 90_000;
export const says = (openid: string, text: string, more: Fields = {}): Fields => ({
  FromUserName: openid,
  MsgType: 'text',
  Content: text,
  MsgId: String(++ids),
  ...more,
});

export const happens = (openid: string, event: string, at: Date, more: Fields = {}): Fields => ({
  FromUserName: openid,
  MsgType: 'event',
  Event: event,
  CreateTime: String(Math.floor(at.getTime() / 1000)),
  ...more,
});
