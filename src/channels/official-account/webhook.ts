/**
 * An official account's webhook: what the platform pushes becomes an event, and where the person can be answered inside the platform's own
 * request there is a door for it. Proof and opening are wechat/push.ts. Knows no customers and sends nothing.
 */
import { randomInt } from 'node:crypto';
import type { ChannelLog, Content, InboundEvent, PassiveDoor, WebhookRequest } from '../../contracts/index.js';
import { createMessageCipher, signatureOf } from '../wechat/crypto.js';
import type { MessageCipher } from '../wechat/crypto.js';
import { text } from '../wechat/fields.js';
import { createPushWebhook } from '../wechat/push.js';
import type { Format, Push } from '../wechat/push.js';
import { writeXml } from '../wechat/xml.js';
import type { OfficialAccount } from './account.js';
import { normalise } from './normalise.js';
import { renderPassive } from './render.js';

/** The webhook of one account. */
export function createWebhook(account: OfficialAccount, log: ChannelLog) {
  const cipher = createMessageCipher(account.encodingAesKey, account.appId);
  const lock = { account: account.id, token: account.token, cipher, acceptsPlain: account.mode === 'plain' };
  return createPushWebhook(lock, log, (push, request) => {
    const event = normalise({
      account: account.id,
      fields: push.fields,
      raw: push.raw,
      receivedAt: request.receivedAt,
    });
    return { event, door: passiveDoor({ account, cipher, request, push, event }) };
  });
}

/** An answer reaches the person only after these. */
const answerable: ReadonlySet<InboundEvent['body']['kind']> = new Set([
  'message',
  'followed',
  'scanned',
  'menu-tapped',
]);

interface DoorParts {
  account: OfficialAccount;
  cipher: MessageCipher;
  request: WebhookRequest;
  push: Push;
  event: InboundEvent;
}

function passiveDoor({ account, cipher, request, push, event }: DoorParts): PassiveDoor | undefined {
  const fromAccount = push.fields && text(push.fields['ToUserName']);
  if (!fromAccount || !answerable.has(event.body.kind)) return undefined;
  const createTime = Math.floor(request.receivedAt.getTime() / 1000);
  const envelope = { toUser: event.from.user, fromAccount, createTime, format: push.format };
  const render = (content: Content): string | undefined => {
    const plain = renderPassive(content, envelope);
    if (plain === undefined || !push.sealed) return plain;
    return seal({ account, cipher, plain, createTime, format: push.format });
  };
  return { render, writable: () => request.writable() };
}

/** The encrypted answer. Note the names: `MsgSignature` and `TimeStamp`, unlike those of the request. */
export function seal(parts: {
  account: Pick<OfficialAccount, 'token'>;
  cipher: MessageCipher;
  plain: string;
  createTime: number;
  format: Format;
  nonce?: string;
  random?: Buffer;
}): string {
  const Encrypt = parts.cipher.encrypt(parts.plain, parts.random);
  const Nonce = parts.nonce ?? String(randomInt(1_000_000_000));
  const MsgSignature = signatureOf([parts.account.token, String(parts.createTime), Nonce, Encrypt]);
  const tree = { Encrypt, MsgSignature, TimeStamp: parts.createTime, Nonce };
  return parts.format === 'json' ? JSON.stringify(tree) : writeXml(tree);
}
