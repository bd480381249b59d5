/** Codes that open a page, and the check of texts that others will see. Owns their shapes and limits. */
import type { CallResult, TextCheck } from '../../contracts/index.js';
import { child, present, text } from '../wechat/fields.js';
import { toCallResult } from '../wechat/platform.js';
import type { Platform } from '../wechat/platform.js';
import type { Fields } from '../wechat/xml.js';

const sceneLength = 32;
const sceneCharacters = /^[\w!#$&'()*+,/:;=?@.~-]+$/;

/**
 * A picture that opens `page` (none: the first page) with `scene`, 1 to 32 characters of those the platform allows. There may be any number.
 * https://developers.weixin.qq.com/miniprogram/dev/server/API/qrcode-link/qr-code/api_getunlimitedqrcode
 */
export async function createPageCode(
  platform: Platform,
  scene: string,
  { page }: { page?: string },
): Promise<CallResult<{ bytes: Buffer; mimeType: string }>> {
  if (scene.length < 1 || scene.length > sceneLength) return { ok: false, reason: 'scene.length' };
  if (!sceneCharacters.test(scene)) return { ok: false, reason: 'scene.characters' };
  const path = page?.replace(/^\/+/, '');
  if (path?.includes('?')) return { ok: false, reason: 'page.query' };
  const json = { scene, ...present({ page: path || undefined }), env_version: 'release' };
  const result = await platform.call({ path: '/wxa/getwxacodeunlimit', json });
  if (result.kind === 'file') return { ok: true, value: { bytes: result.bytes, mimeType: result.mimeType } };
  return toCallResult<{ bytes: Buffer; mimeType: string }>(result, platform.now(), () => undefined);
}

const longestText = 2500;
const scenes = { profile: 1, comment: 2 } as const;
/** How the older version of the check says that a text is risky. */
const riskyCode = 87014;

/**
 * Whether others may see this text. Only `suggest` decides: single findings have codes of their own.
 * https://developers.weixin.qq.com/miniprogram/dev/server/API/sec-center/sec-check/api_msgseccheck
 */
export async function checkText(
  platform: Platform,
  user: string,
  content: string,
  kind: keyof typeof scenes,
): Promise<CallResult<TextCheck>> {
  if (content.trim() === '') return { ok: true, value: 'pass' };
  if ([...content].length > longestText) return { ok: false, reason: 'text.length' };
  const json = { content, version: 2, scene: scenes[kind], openid: user };
  const result = await platform.call({ path: '/wxa/msg_sec_check', json });
  if (result.kind === 'error' && result.error.code === riskyCode) return { ok: true, value: 'risky' };
  return toCallResult(result, platform.now(), suggestionOf);
}

/** A word that this version does not know is for a person to look at. */
function suggestionOf(body: Fields): TextCheck | undefined {
  const result = child(body, 'result');
  const suggest = result && text(result['suggest']);
  if (!suggest) return undefined;
  return suggest === 'pass' || suggest === 'risky' ? suggest : 'review';
}
