import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decrypt, encrypt, signature } from '../../simulator/crypto.js';

interface Vector {
  id: string;
  inputs: Record<string, string> & { parts?: string[] };
  expected: Record<string, string>;
}

const vectors = JSON.parse(
  readFileSync(new URL('./official-account-vectors.json', import.meta.url), 'utf8'),
) as Vector[];

function vector(id: string): { inputs: Record<string, string>; parts: string[]; expected: Record<string, string> } {
  const found = vectors.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return { inputs: found.inputs, parts: found.inputs.parts ?? [], expected: found.expected };
}

const text = (value: string | undefined) => value ?? '';

describe('signatures (docs/wechat.md 1.1)', () => {
  it.each(['oa-url-verify', 'oa-plain-push-signature', 'oa-safe-mode-push'])('%s', (id) => {
    const { inputs, expected } = vector(id);
    expect(signature(text(inputs['token']), text(inputs['timestamp']), text(inputs['nonce']))).toBe(
      expected['signature'],
    );
  });

  it.each(['wxjava-sha1-sorted-concat', 'node-wechat-crypto-signature'])('%s', (id) => {
    const { parts, expected } = vector(id);
    expect(signature(...parts)).toBe(expected['sha1']);
    expect(signature(...[...parts].reverse())).toBe(expected['sha1']);
    expect(signature(...parts, 'more')).not.toBe(expected['sha1']);
  });
});

describe('encryption (docs/wechat.md 1.2)', () => {
  it.each(['oa-safe-mode-reply', 'wxjava-encrypt-short', 'wxjava-encrypt-xml'])('%s is written byte for byte', (id) => {
    const { inputs, expected } = vector(id);
    const sealed = encrypt({
      encodingAesKey: text(inputs['encodingAESKey']),
      receiveId: text(inputs['receiveid']),
      text: text(inputs['plaintext']),
      random16: Buffer.from(text(inputs['random16'])),
    });
    expect(sealed).toBe(expected['encrypt']);
    if (expected['msg_signature'] === undefined) return;
    const parts = [text(inputs['token']), text(inputs['timestamp']), text(inputs['nonce']), sealed];
    expect(signature(...parts)).toBe(expected['msg_signature']);
  });

  it('oa-safe-mode-push is read', () => {
    const { inputs, expected } = vector('oa-safe-mode-push');
    const sealed = { encodingAesKey: text(inputs['encodingAESKey']), encrypted: text(inputs['encrypt']) };
    const receiveId = text(inputs['receiveid']);
    const parts = [text(inputs['token']), text(inputs['timestamp']), text(inputs['nonce']), sealed.encrypted];
    expect(signature(...parts)).toBe(expected['msg_signature']);
    expect(decrypt({ ...sealed, receiveId })).toEqual({ ok: true, text: expected['plaintext'], receiveId });
    expect(decrypt({ ...sealed, receiveId: 'wxother' })).toMatchObject({ ok: false, reason: 'receive id differs' });
  });

  it('refuses what is no ciphertext, or one under another key', () => {
    const key = 'A'.repeat(43);
    const encrypted = encrypt({ encodingAesKey: key, receiveId: 'wx', text: 'hi' });
    expect(decrypt({ encodingAesKey: key, receiveId: 'wx', encrypted: 'AAAA' }).ok).toBe(false);
    expect(decrypt({ encodingAesKey: `B${'A'.repeat(42)}`, receiveId: 'wx', encrypted }).ok).toBe(false);
    expect(decrypt({ encodingAesKey: key, receiveId: 'wx', encrypted }).ok).toBe(true);
  });

  it('pads to 32 and uses fresh random bytes', () => {
    const seal = (length: number) =>
      encrypt({ encodingAesKey: 'A'.repeat(43), receiveId: 'wx', text: 'x'.repeat(length) });
    for (const length of [0, 9, 10, 11, 41, 42, 43]) expect(Buffer.from(seal(length), 'base64').length % 32).toBe(0);
    expect(seal(5)).not.toBe(seal(5));
  });
});
