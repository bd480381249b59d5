import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { rawDataSignature, sealData, sessionSignature } from '../../simulator/session-crypto.js';

interface Vector {
  inputs: Record<string, string>;
  expected: Record<string, string>;
}

const vectors = JSON.parse(readFileSync(new URL('./mini-program-vectors.json', import.meta.url), 'utf8')) as Record<
  string,
  Vector
>;

function vector(id: string): Vector {
  const found = vectors[id];
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
}

describe('session key (docs/wechat.md 3.1, 3.2)', () => {
  it('encrypts as the platform does', () => {
    const { inputs, expected } = vector('mini-encrypted-data');
    const { session_key: sessionKey = '', iv = '', encryptedData } = inputs;
    const text = expected['plaintext'] ?? '';
    expect(sealData({ sessionKey, iv, text })).toBe(encryptedData);
    expect(sealData({ sessionKey, iv, text: `${text} ` })).not.toBe(encryptedData);
  });

  it('signs raw data', () => {
    const { inputs, expected } = vector('mini-rawdata-signature');
    expect(rawDataSignature(inputs['session_key'] ?? '', inputs['rawData'] ?? '')).toBe(expected['signature']);
  });

  it.each(['mini-session-hmac', 'mini-checksession-empty-hmac'])('signs the log-in state: %s', (id) => {
    const { inputs, expected } = vector(id);
    expect(sessionSignature(inputs['session_key'] ?? '', inputs['data'])).toBe(expected['signature_hex']);
  });
});
