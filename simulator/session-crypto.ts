/**
 * What the client of a mini-program signs and encrypts with the session key (docs/wechat.md 3.1, 3.2). Pure.
 * The key is used as its base64 text for signatures and as its 16 bytes for encryption.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';

/** Log-in state: HMAC-SHA256 in hex; over the empty text it is the `signature` of /wxa/checksession. */
export function sessionSignature(sessionKey: string, data = ''): string {
  return createHmac('sha256', sessionKey).update(data).digest('hex');
}

/** The `signature` beside `rawData`: SHA-1 in hex over the text and the key after it. */
export function rawDataSignature(sessionKey: string, rawData: string): string {
  return createHash('sha1')
    .update(rawData + sessionKey)
    .digest('hex');
}

/** `encryptedData`: AES-128-CBC with PKCS#7 padding, key and iv as base64 texts. */
export function sealData(input: { sessionKey: string; iv: string; text: string }): string {
  const cipher = createCipheriv(
    'aes-128-cbc',
    Buffer.from(input.sessionKey, 'base64'),
    Buffer.from(input.iv, 'base64'),
  );
  return Buffer.concat([cipher.update(input.text, 'utf8'), cipher.final()]).toString('base64');
}
