/**
 * The platform calls us: proves the sender, opens the payload, hands one InboundEvent on and answers. Knows no customers and sends nothing.
 * https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
 * Refusals: 400 what cannot be read before it is proved, 403 what is not proved, 404 no such account. What is proved is always kept.
 */
import { randomInt } from 'node:crypto';
import type {
  ChannelLog,
  Content,
  InboundEvent,
  PassiveDoor,
  Receive,
  WebhookRequest,
  WebhookResponse,
} from '../../contracts/index.js';
import type { OfficialAccount } from './account.js';
import { createMessageCipher, sameSecret, signatureOf } from './crypto.js';
import type { MessageCipher } from './crypto.js';
import { text } from './fields.js';
import { parseJsonObject } from './json.js';
import { normalise } from './normalise.js';
import { renderPassive } from './render.js';
import { parseXml, writeXml } from './xml.js';
import type { Fields } from './xml.js';

/** A captured request is useless after this. */
const maxSkewMs = 10 * 60_000;

type Format = 'xml' | 'json';
type Opened = { ok: true; raw: string; fields: Fields | undefined; format: Format; sealed: boolean } | Refusal;
type Refusal = { ok: false; status: 400 | 403; reason: string };

const refuse = (status: 400 | 403, reason: string): Refusal => ({ ok: false, status, reason });
const answer = (status: number, body: string, contentType = 'text/plain; charset=utf-8'): WebhookResponse => ({
  kind: 'answer',
  status,
  contentType,
  body,
});

/** The webhook of one account. `receive` is asked once for each proved payload. */
export function createWebhook(account: OfficialAccount, log: ChannelLog) {
  const cipher = createMessageCipher(account.encodingAesKey, account.appId);
  return async (request: WebhookRequest, receive: Receive): Promise<WebhookResponse> => {
    const opened = request.method === 'GET' ? undefined : open(account, cipher, request);
    if (!opened) return verifyUrl(account, request, log);
    if (!opened.ok) {
      log.warn({ account: account.id, status: opened.status, reason: opened.reason }, 'webhook refused');
      return answer(opened.status, opened.reason);
    }
    const { fields, raw, format } = opened;
    const event = normalise({ account: account.id, fields, raw, receivedAt: request.receivedAt });
    const door = passiveDoor({ account, cipher, request, opened, event });
    return respond(await receive(event, door), format);
  };
}

/** The platform's question when the address is saved: `echostr` goes back as it came, once the signature is right. */
function verifyUrl(account: OfficialAccount, { query, receivedAt }: WebhookRequest, log: ChannelLog): WebhookResponse {
  const proof = proveRequest(account, query, receivedAt);
  if (proof) {
    log.warn({ account: account.id, status: proof.status, reason: proof.reason }, 'URL verification refused');
    return answer(proof.status, proof.reason);
  }
  return query['echostr'] ? answer(200, query['echostr']) : answer(400, 'webhook.noEchostr');
}

function respond(received: Awaited<ReturnType<Receive>>, format: Format): WebhookResponse {
  if (!received.stored) return { kind: 'abandon' };
  const { passive } = received;
  if (!passive) return answer(200, 'success');
  const contentType = format === 'json' ? 'application/json' : 'text/xml; charset=utf-8';
  return { kind: 'answer', status: 200, contentType, body: passive.body, written: (ok) => passive.written(ok) };
}

/** Undefined when time and `signature` are right. */
function proveRequest(account: OfficialAccount, query: WebhookRequest['query'], at: Date): Refusal | undefined {
  const { timestamp = '', nonce = '', signature } = query;
  if (!isRecent(timestamp, at)) return refuse(403, 'webhook.timestamp');
  if (!sameSecret(signatureOf([account.token, timestamp, nonce]), signature)) return refuse(403, 'webhook.signature');
  return undefined;
}

function isRecent(timestamp: string, at: Date): boolean {
  if (!/^\d{1,11}$/.test(timestamp)) return false;
  return Math.abs(at.getTime() - Number(timestamp) * 1000) <= maxSkewMs;
}

/** Encrypted pushes are read in every mode, since their proof is the stronger one; plain ones only where the account is set to plain. */
function open(account: OfficialAccount, cipher: MessageCipher, request: WebhookRequest): Opened {
  if (request.query['encrypt_type'] === 'aes') return openSealed(account, cipher, request);
  if (account.mode !== 'plain') return refuse(403, 'webhook.notEncrypted');
  const proof = proveRequest(account, request.query, request.receivedAt);
  if (proof) return proof;
  const raw = request.body.toString('utf8');
  return { ok: true, raw, ...parse(raw), sealed: false };
}

/** In compatible mode the plain fields beside `Encrypt` are proved by nothing, so only the cipher's content counts. */
function openSealed(
  account: OfficialAccount,
  cipher: MessageCipher,
  { query, body, receivedAt }: WebhookRequest,
): Opened {
  const { timestamp = '', nonce = '', msg_signature: signature } = query;
  if (!isRecent(timestamp, receivedAt)) return refuse(403, 'webhook.timestamp');
  const envelope = parse(body.toString('utf8'));
  const sealed = envelope.fields && text(envelope.fields['Encrypt']);
  if (!sealed) return refuse(400, 'webhook.body');
  const expected = signatureOf([account.token, timestamp, nonce, sealed]);
  if (!sameSecret(expected, signature)) return refuse(403, 'webhook.signature');
  const decrypted = cipher.decrypt(sealed);
  if (!decrypted.ok) return refuse(403, decrypted.reason);
  return { ok: true, raw: decrypted.text, ...parse(decrypted.text), sealed: true };
}

/** By the first character, since content types of the platform's pushes do not always tell. */
function parse(body: string): { fields: Fields | undefined; format: Format } {
  const trimmed = body.trimStart();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return { fields: parseJsonObject(trimmed), format: 'json' };
  return { fields: parseXml(trimmed), format: 'xml' };
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
  opened: Extract<Opened, { ok: true }>;
  event: InboundEvent;
}

function passiveDoor({ account, cipher, request, opened, event }: DoorParts): PassiveDoor | undefined {
  const fromAccount = opened.fields && text(opened.fields['ToUserName']);
  if (!fromAccount || !answerable.has(event.body.kind)) return undefined;
  const createTime = Math.floor(request.receivedAt.getTime() / 1000);
  const envelope = { toUser: event.from.user, fromAccount, createTime, format: opened.format };
  const render = (content: Content): string | undefined => {
    const plain = renderPassive(content, envelope);
    if (plain === undefined || !opened.sealed) return plain;
    return seal({ account, cipher, plain, createTime, format: opened.format });
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
