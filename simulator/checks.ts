/** Checks that several calls of the platform API share: the JSON object, texts, media ids. */
import { PlatformError } from './errors.js';
import type { Account, World } from './state.js';

export type Fields = Record<string, unknown>;

/** The value as an object, or 47001. */
export function objectOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PlatformError(47001);
  return value as Fields;
}

/** The member `key` as an object; an absent one is the empty object, so that its own fields are found missing. */
export function partOf(value: Fields, key: string): Fields {
  const part = value[key];
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? (part as Fields) : {};
}

export function textOf(value: Fields, key: string): string {
  const text = value[key];
  return typeof text === 'string' ? text : '';
}

/** Text of a message: 44004 when empty, 45002 above 2048 bytes (docs/wechat.md 2.5). */
export function checkText(text: string, maxBytes = 2048): void {
  if (text.trim() === '') throw new PlatformError(44004);
  if (Buffer.byteLength(text) > maxBytes) throw new PlatformError(45002);
}

/** A media id of this account that has not expired, or 40007 (docs/wechat.md 2.10). */
export function checkMedia(input: { world: World; account: Account; id: string; types?: readonly string[] }): void {
  const media = input.world.media.get(input.id);
  const known = media?.appId === input.account.appId && media.createdAt + 3 * 86_400_000 > input.world.clock.now();
  if (!known || (input.types !== undefined && !input.types.includes(media.type))) throw new PlatformError(40007);
}

/** JSON must carry characters as UTF-8; `\u` escapes of them are refused with 40033 (docs/wechat.md 0.3). */
export function refuseEscapes(raw: Buffer): void {
  const escapes = raw.toString('utf8').matchAll(/(?<!\\)(?:\\\\)*\\u([0-9a-fA-F]{4})/g);
  for (const [, code] of escapes) if (Number.parseInt(code ?? '0', 16) >= 0x80) throw new PlatformError(40033);
}
