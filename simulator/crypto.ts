/**
 * The platform's side of signing and encrypting callbacks (docs/wechat.md 1.1, 1.2), written from the contract alone.
 * Must not import anything of the product: two independent hands on one contract find each other's mistakes.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const BLOCK = 32;

export type Opened = { ok: true; text: string; receiveId: string } | { ok: false; reason: string };

/** sha1 over the parts in byte order, hex (1.1). With a fourth part, the ciphertext, it is `msg_signature` (1.2). */
export function signature(...parts: string[]): string {
  const sorted = [...parts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return createHash('sha1').update(sorted.join('')).digest('hex');
}

/** The 32 key bytes of a 43-character EncodingAESKey (1.2 step 1). */
function keyBytes(encodingAesKey: string): Buffer {
  return Buffer.from(`${encodingAesKey}=`, 'base64');
}

export interface SealInput {
  encodingAesKey: string;
  receiveId: string;
  text: string;
  /** 16 bytes; random unless a test gives them. */
  random16?: Buffer;
}

/** random(16) + length of the UTF-8 text + text + receive id, padded to 32, AES-256-CBC, base64 (1.2 steps 2 and 3). */
export function encrypt(input: SealInput): string {
  const text = Buffer.from(input.text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([input.random16 ?? randomBytes(16), length, text, Buffer.from(input.receiveId)]);
  const pad = BLOCK - (plain.length % BLOCK);
  const key = keyBytes(input.encodingAesKey);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString(
    'base64',
  );
}

/** The reverse, with every check of 1.2 step 4: padding 1..32, length inside the buffer, the expected receive id. */
export function decrypt(input: { encodingAesKey: string; receiveId: string; encrypted: string }): Opened {
  const bytes = Buffer.from(input.encrypted, 'base64');
  if (bytes.length === 0 || bytes.length % 16 !== 0) return { ok: false, reason: 'ciphertext is not whole blocks' };
  const key = keyBytes(input.encodingAesKey);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes), decipher.final()]);
  const pad = padded[padded.length - 1] ?? 0;
  if (pad < 1 || pad > BLOCK || pad > padded.length - 20) return { ok: false, reason: 'padding is wrong' };
  const plain = padded.subarray(0, padded.length - pad);
  const end = 20 + plain.readUInt32BE(16);
  if (end > plain.length) return { ok: false, reason: 'length runs past the message' };
  const receiveId = plain.subarray(end).toString('utf8');
  if (receiveId !== input.receiveId) return { ok: false, reason: 'receive id differs' };
  return { ok: true, text: plain.subarray(20, end).toString('utf8'), receiveId };
}
