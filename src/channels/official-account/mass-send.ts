/**
 * One content to many followers in one call, and what surely became of it. Owns the shape and limits of that call; who is in the audience, how
 * many sends of the month a person has left and when to go is decided elsewhere. The platform tells the totals later, by a push.
 * https://developers.weixin.qq.com/doc/service/api/notify/message/api_masssend.html
 */
import type { ChannelPorts, Content, MassMessage, MassResult, SendResult } from '../../contracts/index.js';
import { text } from '../wechat/fields.js';
import { createMediaOut } from '../wechat/media.js';
import type { Platform, PlatformResult } from '../wechat/platform.js';
import { of, textMessage } from '../wechat/render.js';
import type { JsonBody } from '../wechat/render.js';
import { failureOf, isMediaError, withoutMedia } from '../wechat/send.js';
import { secondMs } from '../wechat/times.js';

export const massSendLimits = { fewest: 2, most: 10_000 } as const;

/** Bytes of a text; the platform refuses a longer one. */
const mostTextBytes = 2048;
/** A call that names 10,000 people is some 300 kB long. */
const timeoutMs = 20 * secondMs;
/** `clientmsgid exist`: the platform took this very send before, and says under which id. */
const takenBefore = 45065;

export type MassSender = (message: MassMessage, signal: AbortSignal) => Promise<MassResult>;

/** One attempt. The same `clientId` again is never a second send, so an `unknown` one may be tried again under it. */
export function createMassSender(platform: Platform, ports: Pick<ChannelPorts, 'store' | 'media'>): MassSender {
  const media = createMediaOut(platform, ports);
  return async ({ users, content, clientId }, signal) => {
    if (!/^[\w-]{1,64}$/.test(clientId)) throw new RangeError('clientId of a mass send: 1 to 64 of [A-Za-z0-9_-]');
    const touser = [...new Set(users)];
    if (touser.length < massSendLimits.fewest) return refused('massSend.tooFew', String(touser.length));
    if (touser.length > massSendLimits.most) return refused('massSend.tooMany', String(touser.length));
    const resolved = await media.resolve(content, signal);
    if (resolved.kind !== 'ready') return massResultOf(withoutMedia(resolved, platform.now()));
    const rendered = renderMassSend(resolved.content);
    if (!rendered.ok) return refused(rendered.reason, rendered.detail);
    const json = { touser, ...rendered.json, clientmsgid: clientId };
    const result = await platform.call({ path: '/cgi-bin/message/mass/send', json, timeoutMs, signal });
    if (isMediaError(result)) await media.forget(content);
    return outcomeOf(result, platform.now());
  };
}

export type Rendered = { ok: true; json: JsonBody } | { ok: false; reason: string; detail?: string };

/** What everybody gets; media are already the platform's own ids. Pure. */
export function renderMassSend(content: Content): Rendered {
  switch (content.type) {
    case 'text':
      return checkedText(content.text) ?? { ok: true, json: textMessage(content) };
    case 'image': {
      const { platformId } = content.media;
      if (!platformId) return { ok: false, reason: 'content.mediaMissing' };
      // Unlike in every other call the picture is one of a list, under a name in the plural.
      return { ok: true, json: { msgtype: 'image', images: { media_ids: [platformId] } } };
    }
    case 'article': {
      if (!content.materialId) return notForRoute;
      // 0: judged to be a reprint of somebody else's, it goes to nobody.
      return { ok: true, json: { ...of('mpnews', { media_id: content.materialId }), send_ignore_reprint: 0 } };
    }
    case 'voice':
    case 'video':
    case 'file':
    case 'music':
    case 'location':
    case 'link':
    case 'menu':
    case 'mini-program-card':
    case 'coupon-card':
    case 'template':
    case 'notice':
    case 'unknown':
      return notForRoute;
  }
}

const notForRoute: Rendered = { ok: false, reason: 'content.notForRoute' };

function checkedText(said: string): Rendered | undefined {
  if (said.trim() === '') return { ok: false, reason: 'content.refused', detail: 'empty text' };
  const bytes = Buffer.byteLength(said);
  if (bytes <= mostTextBytes) return undefined;
  return { ok: false, reason: 'content.refused', detail: `${bytes} bytes of text, ${mostTextBytes} at most` };
}

function outcomeOf(result: PlatformResult, now: Date): MassResult {
  const isTaken = result.kind === 'body' || (result.kind === 'error' && result.error.code === takenBefore);
  if (!isTaken) return massResultOf(failureOf(result, now));
  const platformId = text(result.body['msg_id']);
  if (platformId) return { outcome: 'submitted', platformId };
  return { outcome: 'unknown', reason: 'platform.brokenAnswer', detail: 'no msg_id' };
}

const refused = (reason: string, detail?: string): MassResult => ({
  outcome: 'refused',
  reason,
  scope: 'message',
  ...(detail === undefined ? {} : { detail }),
});

/** A send to many has no person or window it could be refused for: what the platform says of one openid concerns the call. */
function massResultOf(result: SendResult): MassResult {
  switch (result.outcome) {
    case 'refused': {
      const { reason, scope, detail } = result;
      if (scope === 'person' || scope === 'window') return refused('platform.refused', detail);
      return { outcome: 'refused', reason, scope, ...(detail === undefined ? {} : { detail }) };
    }
    case 'retry': {
      const { outcome, reason, afterMs, detail } = result;
      return { outcome, reason, afterMs, ...(detail === undefined ? {} : { detail }) };
    }
    case 'submitted':
    case 'unknown':
      return result;
    case 'sent':
      return { outcome: 'unknown', reason: 'platform.brokenAnswer', detail: 'no msg_id' };
  }
}
