/**
 * The key ring of private data: encryption of fields, blind indexes for look-up, tokens. Owns the file of made keys; knows no field.
 *
 * Rotation: put a new key in front and keep the old ones as long as data written with them exists. Blind indexes must stay comparable over
 * the years, so their key is derived from the oldest key, the last of the list: that one must never be taken away.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSecretKey } from '../config-schema.js';
import { StartProblem } from '../errors.js';
import { hasErrorCode } from './error-code.js';

export interface KeyRing {
  /**
   * AES-256-GCM under the newest key: `v1.<key id>.<base64url of nonce, tag, text>`. `context` says where the text belongs (such as
   * `customers.phone`); a text moved to another context does not decrypt.
   */
  encrypt(text: string, context: string): string;
  /** @throws when the text was changed, belongs to another context, or its key is not in the ring. */
  decrypt(sealed: string, context: string): string;
  /** The same text and context give the same 64 hex digits for ever, over all rotations; says nothing to who lacks the key. */
  blindIndex(text: string, context: string): string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `keys`: `id:base64` of 32 bytes each, newest first. */
export function createKeyRing(keys: readonly string[]): KeyRing {
  const ring = keys.map(readKey);
  const newest = ring[0];
  const oldest = ring.at(-1);
  if (!newest || !oldest) throw new StartProblem('There is no secret key. Set HUIKE_SECRET_KEYS.');
  const indexKey = Buffer.from(hkdfSync('sha256', oldest.key, '', 'huike blind index v1', 32));
  const byId = new Map(ring.map(({ id, key }) => [id, key]));
  return {
    encrypt: (text, context) => `v1.${newest.id}.${seal(newest.key, text, context).toString('base64url')}`,
    decrypt: (sealed, context) => {
      const [version, id = '', body = ''] = sealed.split('.');
      const key = byId.get(id);
      if (version !== 'v1' || !key) throw new Error(`no key ${JSON.stringify(id)} in the key ring for this text`);
      return open(key, Buffer.from(body, 'base64url'), context);
    },
    blindIndex: (text, context) => createHmac('sha256', indexKey).update(`${context}\0${text}`).digest('hex'),
  };
}

/** The configured keys; else those in `<dataDir>/secret-keys`, made at the first start. Production does not come here without keys. */
export function loadSecretKeys(config: {
  secretKeys?: readonly string[] | undefined;
  dataDir: string;
}): readonly string[] {
  if (config.secretKeys) return config.secretKeys;
  const file = join(config.dataDir, 'secret-keys');
  if (!existsSync(file)) makeKeyFile(file);
  const keys = readFileSync(file, 'utf8').split(/\s+/).filter(Boolean);
  if (keys.length > 0) return keys;
  throw new StartProblem(`${file} holds no key. Restore it from your backup; without it private data cannot be read.`);
}

/** A link appears whole or not at all, and never replaces the keys another process made first. */
function makeKeyFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const made = `${file}.${randomToken(6)}`;
  writeFileSync(made, `k1:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(made, file);
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(made);
  }
}

/** URL-safe, unguessable. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** What is stored of a token made by `randomToken`. Not for passwords, which are guessable. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two secrets in a time that does not tell where they differ, nor how long they are; an absent one is simply wrong. */
export function sameSecret(expected: string, given: string | undefined): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given ?? '')) && given !== undefined;
}

function readKey(text: string): { id: string; key: Buffer } {
  const key = parseSecretKey(text);
  if (!key)
    throw new StartProblem(
      'A secret key is not id:base64 of 32 bytes. Correct HUIKE_SECRET_KEYS, or the file secret-keys in the data folder.',
    );
  return key;
}

function seal(key: Buffer, text: string, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function open(key: Buffer, sealed: Buffer, context: string): string {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
}
