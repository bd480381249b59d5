/** Keys of shop systems in the database: secrets at rest, proofs, nonces. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApiKeys } from '../../../src/domain/staff/index.js';
import type { ApiKeys } from '../../../src/domain/staff/index.js';
import { createKeyRing } from '../../../src/infra/crypto.js';
import { openTestDatabase } from './setup.js';
import type { TestDatabase } from './setup.js';

const ringOf = (...ids: number[]) =>
  createKeyRing(ids.map((id) => `k${id}:${Buffer.alloc(32, id).toString('base64')}`));
let db: TestDatabase;
let keys: ApiKeys;
beforeAll(async () => {
  db = await openTestDatabase();
  keys = createApiKeys({ database: db.database, keys: ringOf(1) });
  await keys.ensureIndexes();
});
afterAll(() => db.close());

const add = (body: Partial<{ name: string; verifiesPhones: boolean; sources: string[] }> = {}) =>
  keys.add({ name: 'Mall', verifiesPhones: false, sources: [], ...body }, 'Lin');
const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

describe('a key', () => {
  it('is proved by the HMAC-SHA256 of a text under its secret', async () => {
    const { id: keyId, secret } = await add({ verifiesPhones: true, sources: ['mall', 'mall', 'till'] });
    const text = '1772330400\nn-1\nPOST\n/open/v1/orders\nabc';
    expect(await keys.prove({ keyId, text, signature: sign(secret, text) })).toEqual({
      kind: 'proved',
      key: { keyId, name: 'Mall', verifiesPhones: true, sources: ['mall', 'till'] },
    });
    const wrong = [
      { keyId, text: `${text}x`, signature: sign(secret, text) },
      { keyId, text, signature: sign(`${secret}x`, text) },
      { keyId, text, signature: '' },
      { keyId: '0'.repeat(24), text, signature: sign(secret, text) },
      { keyId: 'no id', text, signature: sign(secret, text) },
    ];
    for (const tried of wrong) expect(await keys.prove(tried)).toEqual({ kind: 'wrong' });
  });

  it('keeps its secret encrypted, under a context of its own, and over a rotation of the key ring', async () => {
    const [one, other] = [await add(), await add()];
    const stored = db.database.connection.collection('api_keys');
    const rows = await stored.find().toArray();
    expect(JSON.stringify(rows)).not.toContain('huike_sec_');
    const rotated = createApiKeys({ database: db.database, keys: ringOf(2, 1) });
    const signature = sign(one.secret, 'x');
    expect((await rotated.prove({ keyId: one.id, text: 'x', signature })).kind).toBe('proved');
    // Put in the place of another's, a secret does not decrypt.
    const [mine, theirs] = [one.id, other.id].map((id) => rows.find((row) => String(row._id) === id));
    if (!mine || !theirs) throw new Error('both are stored');
    await stored.updateOne({ _id: mine._id }, { $set: { secret: theirs['secret'] } });
    await expect(keys.prove({ keyId: one.id, text: 'x', signature: sign(other.secret, 'x') })).rejects.toThrow();
  });

  it('is listed newest first without its secret, with who made it and roughly when it was used', async () => {
    const { id, secret, ...made } = await add({ name: 'Till' });
    expect(made).toMatchObject({ name: 'Till', createdBy: 'Lin', lastUsedAt: null, revokedAt: null });
    const use = () => keys.prove({ keyId: id, text: 'x', signature: sign(secret, 'x') });
    const lastUsed = async () => (await keys.list())[0]?.lastUsedAt;
    await use();
    const first = await lastUsed();
    expect(first).toEqual(expect.any(String));
    db.skip(9 * 60_000);
    await use();
    expect(await lastUsed()).toBe(first);
    db.skip(2 * 60_000);
    await use();
    expect(Date.parse(String(await lastUsed())) - Date.parse(String(first))).toBeGreaterThan(10 * 60_000);
    expect((await keys.list())[0]).toMatchObject({ id, name: 'Till' });
    expect(JSON.stringify(await keys.list())).not.toMatch(/secret/);
  });

  it('is revoked once and for good, for who has the secret and who has not', async () => {
    const { id, secret } = await add();
    await keys.revoke(id);
    const revokedAt = (await keys.list())[0]?.revokedAt;
    db.skip(1000);
    await keys.revoke(id);
    expect([revokedAt, (await keys.list())[0]?.revokedAt]).toEqual([expect.any(String), revokedAt]);
    expect(await keys.prove({ keyId: id, text: 'x', signature: sign(secret, 'x') })).toEqual({ kind: 'revoked' });
    expect(await keys.prove({ keyId: id, text: 'x', signature: sign('guess', 'x') })).toEqual({ kind: 'wrong' });
    await expect(keys.revoke('0'.repeat(24))).rejects.toMatchObject({ status: 404, code: 'key.notFound' });
  });
});

describe('proving', () => {
  it('does the same work for a key that is not there: nobody learns by the time it takes which keys exist', async () => {
    const ring = ringOf(1);
    let decrypted = 0;
    const counting = { ...ring, decrypt: (...given: [string, string]) => ((decrypted += 1), ring.decrypt(...given)) };
    const watched = createApiKeys({ database: db.database, keys: counting });
    const { id, secret } = await add();
    const signature = sign(`${secret}x`, 'x');
    for (const keyId of [id, '0'.repeat(24), `${'0'.repeat(23)}1`, 'no id', '']) {
      decrypted = 0;
      expect([await watched.prove({ keyId, text: 'x', signature }), decrypted]).toEqual([{ kind: 'wrong' }, 1]);
    }
  });
});

describe('a nonce', () => {
  it('is taken once a key, also by many at once, and forgotten by the database when its time is over', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => keys.takeNonce('k', 'n')));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await keys.takeNonce('other', 'n')).toBe(true);
    const [row] = await db.database.connection
      .collection('api_nonces')
      .find({ expiresAt: { $gt: new Date(0) } })
      .toArray();
    // Longer than a timestamp is good: 300 s on both sides.
    const lives = (row?.['expiresAt'] as Date).getTime() - db.database.now().getTime();
    expect(lives).toBeGreaterThan(2 * 300_000);
    const indexes = await db.database.connection.collection('api_nonces').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });
});
