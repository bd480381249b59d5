/** The calls that send nothing: people, scene codes, the typing sign. Owns their shapes and limits. */
import type { CallResult, PlatformProfile, SceneCode } from '../../contracts/index.js';
import { imageBaseOf } from './account.js';
import { actionOf } from '../wechat/codes.js';
import { listOf, number, present, text } from '../wechat/fields.js';
import { toCallResult } from '../wechat/platform.js';
import type { Platform, PlatformResult } from '../wechat/platform.js';
import { secondMs } from '../wechat/times.js';
import type { Fields } from '../wechat/xml.js';

/** https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/api_batchuserinfo */
const profilesPerCall = 100;

/** What the platform tells of these people, in the order it answers. Stops at the first call that fails. */
export async function fetchProfiles(
  platform: Platform,
  users: readonly string[],
): Promise<CallResult<PlatformProfile[]>> {
  const found: PlatformProfile[] = [];
  for (let start = 0; start < users.length; start += profilesPerCall) {
    const result = await profilesOf(platform, users.slice(start, start + profilesPerCall));
    if (!result.ok) return result;
    found.push(...result.value);
  }
  return { ok: true, value: found };
}

async function profilesOf(platform: Platform, users: readonly string[]): Promise<CallResult<PlatformProfile[]>> {
  const [only, ...others] = users;
  if (only !== undefined && others.length === 0) {
    const result = await platform.call({ path: '/cgi-bin/user/info', query: { openid: only, lang: 'zh_CN' } });
    return toCallResult(result, platform.now(), (body) => profiles([body]));
  }
  const json = { user_list: users.map((openid) => ({ openid, lang: 'zh_CN' })) };
  const result = await platform.call({ path: '/cgi-bin/user/info/batchget', json });
  return toCallResult(result, platform.now(), (body) => profiles(listOf(body['user_info_list'])));
}

function profiles(entries: readonly Fields[]): PlatformProfile[] | undefined {
  const read = entries.map(profileOf);
  return read.every((profile) => profile !== undefined) ? read : undefined;
}

/** Names and regions still stand in the schema but come empty; who does not follow comes with the id alone. */
function profileOf(fields: Fields): PlatformProfile | undefined {
  const user = text(fields['openid']);
  if (!user) return undefined;
  const seconds = number(fields['subscribe_time']);
  return {
    user,
    following: number(fields['subscribe']) === 1,
    ...present({
      unionid: text(fields['unionid']),
      nickname: text(fields['nickname']),
      language: text(fields['language']),
      followSource: text(fields['subscribe_scene']),
      scene: text(fields['qr_scene_str']) ?? wholeScene(fields['qr_scene']),
    }),
    ...present({ followedAt: seconds ? new Date(seconds * secondMs) : undefined }),
  };
}

/** A number of 0 says that no code was scanned. */
const wholeScene = (value: unknown): string | undefined => (text(value) === '0' ? undefined : text(value));

/** The platform's longest life of a temporary code, in seconds: 30 days. */
const longestSceneSeconds = 2_592_000;

/**
 * A code to scan that names `scene` (1 to 64 characters); permanent unless it expires. An account has 100,000 permanent ones for ever.
 * https://developers.weixin.qq.com/doc/service/api/qrcode/qrcodes/api_createqrcode
 */
export async function createSceneCode(
  platform: Platform,
  scene: string,
  { expiresInSeconds }: { expiresInSeconds?: number },
): Promise<CallResult<SceneCode>> {
  if (scene.length < 1 || scene.length > 64) return { ok: false, reason: 'scene.length' };
  const action_info = { scene: { scene_str: scene } };
  const json =
    expiresInSeconds === undefined
      ? { action_name: 'QR_LIMIT_STR_SCENE', action_info }
      : { expire_seconds: Math.min(expiresInSeconds, longestSceneSeconds), action_name: 'QR_STR_SCENE', action_info };
  const result = await platform.call({ path: '/cgi-bin/qrcode/create', json });
  return toCallResult(result, platform.now(), (body) => sceneCodeOf(platform, body));
}

function sceneCodeOf(platform: Platform, body: Fields): SceneCode | undefined {
  const ticket = text(body['ticket']);
  const url = text(body['url']);
  if (!ticket || !url) return undefined;
  const seconds = number(body['expire_seconds']);
  const imageUrl = `${imageBaseOf(platform.app)}/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`;
  const expiresAt = seconds ? new Date(platform.now().getTime() + seconds * secondMs) : undefined;
  return { imageUrl, url, ticket, ...present({ expiresAt }) };
}

/** Shows or hides the typing sign in the person's chat; needs something the person did in the last seconds. Already shown is a success. */
export async function setTyping(platform: Platform, user: string, typing: boolean): Promise<CallResult<true>> {
  const json = { touser: user, command: typing ? 'Typing' : 'CancelTyping' };
  const result = await platform.call({ path: '/cgi-bin/message/custom/typing', json });
  if (isDone(result)) return { ok: true, value: true };
  return toCallResult(result, platform.now(), () => true as const);
}

const isDone = (result: PlatformResult): boolean =>
  result.kind === 'error' && actionOf(result.error.code).act === 'done';
