import { afterAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyRing, hashToken, loadSecretKeys, randomToken, sameSecret } from '../../src/infra/crypto.js';

const key = (id: string): string => `${id}:${Buffer.alloc(32, id).toString('base64')}`;
const folder = mkdtempSync(join(tmpdir(), 'huike-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('encryption of fields', () => {
  const ring = createKeyRing([key('a')]);

  it.each(['', '13800138000', '你好 👋', 'x'.repeat(10_000)])('gives back %p', (text) => {
    expect(ring.decrypt(ring.encrypt(text, 'c'), 'c')).toBe(text);
  });

  it('never gives the same bytes twice and names its key', () => {
    const [one, two] = [ring.encrypt('same', 'c'), ring.encrypt('same', 'c')];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.a\.[\w-]+$/);
    expect(one).not.toContain(Buffer.from('same').toString('base64url'));
  });

  it('refuses another context, another key, a changed byte anywhere, a cut text and another version', () => {
    const sealed = ring.encrypt('secret', 'customers.phone');
    expect(() => ring.decrypt(sealed, 'customers.name')).toThrow();
    expect(() => createKeyRing([key('b')]).decrypt(sealed, 'customers.phone')).toThrow('no key "a"');
    expect(() => createKeyRing(['a:' + key('b').slice(2)]).decrypt(sealed, 'customers.phone')).toThrow();
    const body = Buffer.from(sealed.split('.')[2] ?? '', 'base64url');
    for (let i = 0; i < body.length; i++) {
      const changed = Buffer.from(body);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => ring.decrypt(`v1.a.${changed.toString('base64url')}`, 'customers.phone')).toThrow();
    }
    expect(() => ring.decrypt(`v1.a.${body.subarray(0, 20).toString('base64url')}`, 'customers.phone')).toThrow();
    expect(() => ring.decrypt(sealed.replace('v1', 'v2'), 'customers.phone')).toThrow();
    expect(() => ring.decrypt('', 'customers.phone')).toThrow();
  });

  it('rotates: the newest key writes, the old ones still read', () => {
    const rotated = createKeyRing([key('b'), key('a')]);
    expect(rotated.decrypt(ring.encrypt('old', 'c'), 'c')).toBe('old');
    expect(rotated.encrypt('new', 'c')).toMatch(/^v1\.b\./);
  });
});

describe('the blind index', () => {
  it('is the same for ever, over rotations, and differs by text, context and oldest key', () => {
    const before = createKeyRing([key('a')]).blindIndex('13800138000', 'phone');
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(createKeyRing([key('c'), key('b'), key('a')]).blindIndex('13800138000', 'phone')).toBe(before);
    const others = [
      createKeyRing([key('a')]).blindIndex('13800138001', 'phone'),
      createKeyRing([key('a')]).blindIndex('13800138000', 'email'),
      createKeyRing([key('a'), key('b')]).blindIndex('13800138000', 'phone'),
    ];
    expect(others).not.toContain(before);
    expect(createKeyRing([key('a')]).blindIndex('b', 'a')).not.toBe(createKeyRing([key('a')]).blindIndex('', 'ab'));
  });
});

describe('the keys', () => {
  it('come from the configuration when it has some', () => {
    const dataDir = join(folder, 'configured');
    expect(loadSecretKeys({ secretKeys: [key('x')], dataDir })).toEqual([key('x')]);
    expect(() => statSync(dataDir)).toThrow();
  });

  it('are otherwise made once, for the owner alone, and kept', () => {
    const dataDir = join(folder, 'made');
    const first = loadSecretKeys({ dataDir });
    expect(loadSecretKeys({ dataDir })).toEqual(first);
    expect(statSync(join(dataDir, 'secret-keys')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['secret-keys']);
    expect(loadSecretKeys({ dataDir: join(folder, 'other') })).not.toEqual(first);
    const ring = createKeyRing(first);
    expect(ring.decrypt(ring.encrypt('x', 'c'), 'c')).toBe('x');
  });

  it('are not replaced when the file was emptied', () => {
    const dataDir = join(folder, 'emptied');
    loadSecretKeys({ dataDir });
    chmodSync(join(dataDir, 'secret-keys'), 0o600);
    writeFileSync(join(dataDir, 'secret-keys'), '');
    expect(() => loadSecretKeys({ dataDir })).toThrow(/holds no key. Restore it/);
    expect(readFileSync(join(dataDir, 'secret-keys'), 'utf8')).toBe('');
  });

  it('must be keys', () => {
    expect(() => createKeyRing([])).toThrow('no secret key');
    expect(() => createKeyRing(['a:b'])).toThrow('32 bytes');
  });
});

describe('tokens', () => {
  it('differ, are URL-safe, and are stored as a hash', () => {
    const tokens = Array.from({ length: 100 }, () => randomToken());
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every((token) => /^[\w-]{43}$/.test(token))).toBe(true);
    // FIPS 180-2, appendix B.1
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('comparing secrets', () => {
  it('knows the same one, and neither another, a part, nor none', () => {
    const given = ['abc', 'abd', 'ab', '', undefined];
    expect(given.map((one) => sameSecret('abc', one))).toEqual([true, false, false, false, false]);
    expect(sameSecret('', undefined)).toBe(false);
  });
});
