/**
 * The platform's signatures and message cipher. Pure but for random bytes; knows nothing of XML, JSON or accounts.
 * https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

const randomLength = 16;
const headerLength = randomLength + 4;
/** The platform pads to 32 bytes, not to the 16 of AES, so Node's own padding would refuse pads of 17 to 32. */
const padBlock = 32;

/** Lower-case hex SHA-1 over the parts, sorted by bytes and joined. */
export function signatureOf(parts: readonly string[]): string {
  return createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex');
}

/** Compares in constant time; an absent or odd-sized value is simply wrong. Its own, since a channel imports no machines. */
export function sameSecret(expected: string, given: string | undefined): boolean {
  const right = Buffer.from(expected);
  const left = Buffer.from(given ?? '');
  return left.length === right.length && timingSafeEqual(left, right);
}

export type Decrypted =
  { ok: true; text: string } | { ok: false; reason: 'cipher.length' | 'cipher.padding' | 'cipher.receiver' };

export interface MessageCipher {
  /** Base64 of the cipher. `random` is 16 bytes, fresh unless a test gives them. */
  encrypt(text: string, random?: Buffer): string;
  /** Never throws: whatever is not exactly right is refused with a reason. */
  decrypt(base64: string): Decrypted;
}

/** `receiver` is the app id that must stand at the end of every plain text. */
export function createMessageCipher(encodingAesKey: string, receiver: string): MessageCipher {
  const bytes = Buffer.from(`${encodingAesKey}=`, 'base64');
  const iv = bytes.subarray(0, 16);
  const key = createSecretKey(bytes);
  return {
    encrypt(text, random = randomBytes(randomLength)) {
      const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
      return Buffer.concat([cipher.update(pack(text, receiver, random)), cipher.final()]).toString('base64');
    },
    decrypt(base64) {
      const sealed = Buffer.from(base64, 'base64');
      if (sealed.length < padBlock || sealed.length % 16 !== 0) return { ok: false, reason: 'cipher.length' };
      const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
      return unpack(Buffer.concat([decipher.update(sealed), decipher.final()]), receiver);
    },
  };
}

function pack(text: string, receiver: string, random: Buffer): Buffer {
  const message = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const plain = Buffer.concat([random, length, message, Buffer.from(receiver)]);
  const pad = padBlock - (plain.length % padBlock);
  return Buffer.concat([plain, Buffer.alloc(pad, pad)]);
}

function unpack(padded: Buffer, receiver: string): Decrypted {
  const plain = withoutPadding(padded);
  if (!plain) return { ok: false, reason: 'cipher.padding' };
  if (plain.length < headerLength) return { ok: false, reason: 'cipher.length' };
  const end = headerLength + plain.readUInt32BE(randomLength);
  if (end > plain.length) return { ok: false, reason: 'cipher.length' };
  if (!sameSecret(receiver, plain.toString('utf8', end))) return { ok: false, reason: 'cipher.receiver' };
  return { ok: true, text: plain.toString('utf8', headerLength, end) };
}

/** Undefined unless the last byte is 1..32 and every byte of the padding repeats it. */
function withoutPadding(padded: Buffer): Buffer | undefined {
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > padBlock || pad > padded.length) return undefined;
  const start = padded.length - pad;
  for (let at = start; at < padded.length; at += 1) if (padded[at] !== pad) return undefined;
  return padded.subarray(0, start);
}
