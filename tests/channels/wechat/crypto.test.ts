/** Signatures and the message cipher, held to published values, and to themselves under random input. */
import { describe, expect, it } from '@jest/globals';
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { createMessageCipher, sameSecret, signatureOf } from '../../../src/channels/wechat/crypto.js';
import { account, fixture } from '../official-account/parts.js';

interface Vector {
  inputs: Record<string, string> & { parts?: string[] };
  expected: Record<string, string>;
}
const vectors = JSON.parse(fixture('vectors.json')) as Record<string, Vector>;
const vector = (id: string): Vector => {
  const found = vectors[id];
  if (!found) throw new Error(`no vector ${id}`);
  return found;
};
const cipherOf = ({ inputs }: Vector) => createMessageCipher(inputs['encodingAESKey'] ?? '', inputs['receiveid'] ?? '');
const part = (from: Vector, name: string): string => from.inputs[name] ?? '';

describe('published values', () => {
  it.each(['wxjava-sha1-sorted-concat', 'node-wechat-crypto-signature'])('%s', (id) => {
    const { inputs, expected } = vector(id);
    expect(signatureOf(inputs.parts ?? [])).toBe(expected['sha1']);
  });

  it.each(['oa-url-verify', 'oa-plain-push-signature', 'oa-safe-mode-push'])('%s: signature', (id) => {
    const from = vector(id);
    const signature = signatureOf([part(from, 'token'), part(from, 'timestamp'), part(from, 'nonce')]);
    expect(signature).toBe(from.expected['signature']);
  });

  it.each(['wxjava-encrypt-short', 'wxjava-encrypt-xml'])('%s: both ways', (id) => {
    const from = vector(id);
    const encrypted = cipherOf(from).encrypt(part(from, 'plaintext'), Buffer.from(part(from, 'random16')));
    expect(encrypted).toBe(from.expected['encrypt']);
    expect(cipherOf(from).decrypt(encrypted)).toEqual({ ok: true, text: part(from, 'plaintext') });
  });

  it('oa-safe-mode-push: message signature and text', () => {
    const from = vector('oa-safe-mode-push');
    const encrypt = part(from, 'encrypt');
    const parts = [part(from, 'token'), part(from, 'timestamp'), part(from, 'nonce'), encrypt];
    expect(signatureOf(parts)).toBe(from.expected['msg_signature']);
    expect(cipherOf(from).decrypt(encrypt)).toEqual({ ok: true, text: from.expected['plaintext'] });
  });
});

describe('refusals', () => {
  const cipher = createMessageCipher(account.encodingAesKey, account.appId);
  const sealed = Buffer.from(cipher.encrypt('hello'), 'base64');

  it('another receiver inside the cipher', () => {
    const foreign = createMessageCipher(account.encodingAesKey, 'wx0000000000000000').encrypt('hello');
    expect(cipher.decrypt(foreign)).toEqual({ ok: false, reason: 'cipher.receiver' });
  });

  it('another key', () => {
    const other = createMessageCipher('b'.repeat(43), account.appId);
    expect(other.decrypt(sealed.toString('base64')).ok).toBe(false);
  });

  it.each([
    ['empty', 0],
    ['not whole blocks', 40],
    ['half of one', 16],
  ])('%s', (_name, length) => {
    expect(cipher.decrypt(sealed.subarray(0, length).toString('base64'))).toEqual({
      ok: false,
      reason: 'cipher.length',
    });
  });

  it('the last block cut off', () => {
    expect(cipher.decrypt(sealed.subarray(0, sealed.length - 16).toString('base64')).ok).toBe(false);
  });

  it('any single bit turned over in the last block is refused', () => {
    for (let bit = 0; bit < 128; bit += 1) {
      const bent = Buffer.from(sealed);
      const at = bent.length - 16 + (bit >> 3);
      bent.writeUInt8(bent.readUInt8(at) ^ (1 << (bit & 7)), at);
      expect(cipher.decrypt(bent.toString('base64')).ok).toBe(false);
    }
  });

  /** A cipher of exactly these bytes: right key, wrong inside. */
  const sealRaw = (plain: Buffer): string => {
    const key = Buffer.from(`${account.encodingAesKey}=`, 'base64');
    const raw = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([raw.update(plain), raw.final()]).toString('base64');
  };
  /** `random ‖ length ‖ message ‖ receiver ‖ padding` in 64 bytes; 39 before the padding of 25. */
  const packed = ({ length = 1, padding = Buffer.alloc(25, 25) as Buffer } = {}): string => {
    const head = Buffer.alloc(20);
    head.writeUInt32BE(length, 16);
    return sealRaw(Buffer.concat([head, Buffer.from(`m${account.appId}`), padding]));
  };
  const padding = (last: number, first = last): Buffer => Buffer.concat([Buffer.from([first]), Buffer.alloc(24, last)]);

  it.each([
    ['nothing wrong', packed(), { ok: true, text: 'm' }],
    ['padding of 0', packed({ padding: Buffer.concat([padding(25).subarray(1), Buffer.from([0])]) }), 'cipher.padding'],
    ['padding of 33', sealRaw(Buffer.alloc(64, 33)), 'cipher.padding'],
    ['padding of 255', packed({ padding: padding(255) }), 'cipher.padding'],
    ['one odd byte in the padding', packed({ padding: padding(25, 24) }), 'cipher.padding'],
    ['nothing but padding', sealRaw(Buffer.alloc(32, 32)), 'cipher.length'],
    ['a length past the end', packed({ length: 20 }), 'cipher.length'],
    ['a huge length', packed({ length: 0xffffffff }), 'cipher.length'],
    ['a length into the receiver', packed({ length: 2 }), 'cipher.receiver'],
    ['a length short of the receiver', packed({ length: 0 }), 'cipher.receiver'],
  ])('%s', (_name, encrypted, expected) => {
    expect(cipher.decrypt(encrypted)).toEqual(
      typeof expected === 'string' ? { ok: false, reason: expected } : expected,
    );
  });

  it('secrets of another length, or none', () => {
    expect([
      sameSecret('abc', 'abc'),
      sameSecret('abc', 'abd'),
      sameSecret('abc', 'ab'),
      sameSecret('abc', undefined),
    ]).toEqual([true, false, false, false]);
  });
});

describe('under random input', () => {
  const cipher = createMessageCipher(account.encodingAesKey, account.appId);

  it('decrypt undoes encrypt for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(cipher.decrypt(cipher.encrypt(text))).toEqual({ ok: true, text });
      }),
    );
  });

  it('random bytes are refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(cipher.decrypt(Buffer.from(bytes).toString('base64')).ok).toBe(false);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => expect(cipher.decrypt(text).ok).toBe(false)));
  });

  it('whole random blocks are refused too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        (blocks, stream) => {
          const bytes = Buffer.from([...stream.take(blocks * 16)]);
          expect(cipher.decrypt(bytes.toString('base64')).ok).toBe(false);
        },
      ),
    );
  });
});
