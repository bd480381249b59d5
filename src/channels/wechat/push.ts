/**
 * The platform calls us: proves the sender, opens the payload, hands one event on and answers. What a payload means is the channel's.
 * https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
 * Refusals: 400 what cannot be read before it is proved, 403 what is not proved. What is proved is always kept.
 */
import type {
  ChannelLog,
  InboundEvent,
  PassiveDoor,
  Receive,
  WebhookRequest,
  WebhookResponse,
} from '../../contracts/index.js';
import { sameSecret, signatureOf } from './crypto.js';
import type { MessageCipher } from './crypto.js';
import { text } from './fields.js';
import { parseJsonObject } from './json.js';
import { parseXml } from './xml.js';
import type { Fields } from './xml.js';

/** A captured request is useless after this. */
const maxSkewMs = 10 * 60_000;

export type Format = 'xml' | 'json';

/** A proved payload. `fields` is undefined when it could not be parsed; `sealed` when it came encrypted. */
export interface Push {
  raw: string;
  fields: Fields | undefined;
  format: Format;
  sealed: boolean;
}

/** What one account's webhook is proved and opened with. Without a cipher nothing encrypted can be read. */
export interface PushLock {
  account: string;
  token: string;
  cipher?: MessageCipher | undefined;
  /** Only where the account is set to plain: the signature of a plain push does not cover what it says. */
  acceptsPlain: boolean;
}

type Opened = ({ ok: true } & Push) | Refusal;
type Refusal = { ok: false; status: 400 | 403; reason: string };
type Read = (push: Push, request: WebhookRequest) => { event: InboundEvent; door?: PassiveDoor | undefined };

const refuse = (status: 400 | 403, reason: string): Refusal => ({ ok: false, status, reason });
const answer = (status: number, body: string, contentType = 'text/plain; charset=utf-8'): WebhookResponse => ({
  kind: 'answer',
  status,
  contentType,
  body,
});

/** The webhook of one account. `receive` is asked once for each proved payload, with what `read` made of it. */
export function createPushWebhook(lock: PushLock, log: ChannelLog, read: Read) {
  return async (request: WebhookRequest, receive: Receive): Promise<WebhookResponse> => {
    const opened = request.method === 'GET' ? undefined : open(lock, request);
    if (!opened) return verifyUrl(lock, request, log);
    if (!opened.ok) {
      log.warn({ account: lock.account, status: opened.status, reason: opened.reason }, 'webhook refused');
      return answer(opened.status, opened.reason);
    }
    const { event, door } = read(opened, request);
    return respond(await receive(event, door), opened.format);
  };
}

/** The platform's question when the address is saved: `echostr` goes back as it came, once the signature is right. */
function verifyUrl(lock: PushLock, { query, receivedAt }: WebhookRequest, log: ChannelLog): WebhookResponse {
  const proof = proveRequest(lock, query, receivedAt);
  if (proof) {
    log.warn({ account: lock.account, status: proof.status, reason: proof.reason }, 'URL verification refused');
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
function proveRequest(lock: PushLock, query: WebhookRequest['query'], at: Date): Refusal | undefined {
  const { timestamp = '', nonce = '', signature } = query;
  if (!isRecent(timestamp, at)) return refuse(403, 'webhook.timestamp');
  if (!sameSecret(signatureOf([lock.token, timestamp, nonce]), signature)) return refuse(403, 'webhook.signature');
  return undefined;
}

function isRecent(timestamp: string, at: Date): boolean {
  if (!/^\d{1,11}$/.test(timestamp)) return false;
  return Math.abs(at.getTime() - Number(timestamp) * 1000) <= maxSkewMs;
}

/** Encrypted pushes are read in every mode, since their proof is the stronger one; plain ones only where the account is set to plain. */
function open(lock: PushLock, request: WebhookRequest): Opened {
  if (request.query['encrypt_type'] === 'aes') return openSealed(lock, request);
  if (!lock.acceptsPlain) return refuse(403, 'webhook.notEncrypted');
  const proof = proveRequest(lock, request.query, request.receivedAt);
  if (proof) return proof;
  const raw = request.body.toString('utf8');
  return { ok: true, raw, ...parse(raw), sealed: false };
}

/** In compatible mode the plain fields beside `Encrypt` are proved by nothing, so only the cipher's content counts. */
function openSealed({ token, cipher }: PushLock, { query, body, receivedAt }: WebhookRequest): Opened {
  const { timestamp = '', nonce = '', msg_signature: signature } = query;
  if (!cipher) return refuse(403, 'webhook.noKey');
  if (!isRecent(timestamp, receivedAt)) return refuse(403, 'webhook.timestamp');
  const envelope = parse(body.toString('utf8'));
  const sealed = envelope.fields && text(envelope.fields['Encrypt']);
  if (!sealed) return refuse(400, 'webhook.body');
  if (!sameSecret(signatureOf([token, timestamp, nonce, sealed]), signature)) return refuse(403, 'webhook.signature');
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
