/**
 * One attempt to send one message, and what surely became of it. `retry` only where nothing of the message left; after a byte went out and no
 * code came back it is `unknown`, because the platform may have delivered it. Which call carries a message is the channel's to say.
 */
import type { ChannelPorts, OutboundMessage, SendResult } from '../../contracts/index.js';
import { actionOf, sendResultOf } from './codes.js';
import { text } from './fields.js';
import { createMediaOut } from './media.js';
import type { Resolved } from './media.js';
import type { CallFailure, Platform, PlatformResult } from './platform.js';
import type { JsonBody } from './render.js';
import { secondMs } from './times.js';
import type { Fields } from './xml.js';

const retryAfterMs = 5 * secondMs;

export type Sender = (message: OutboundMessage, signal: AbortSignal) => Promise<SendResult>;

/** The call for a message whose files the platform holds, a result where no call is needed, or undefined where it cannot go this way. */
export type Request = { path: string; json: JsonBody } | SendResult | undefined;

export function createSender(
  platform: Platform,
  ports: Pick<ChannelPorts, 'store' | 'media'>,
  requestFor: (message: OutboundMessage) => Request,
): Sender {
  const media = createMediaOut(platform, ports);
  return async (message, signal) => {
    const resolved = await media.resolve(message.content, signal);
    if (resolved.kind !== 'ready') return withoutMedia(resolved, platform.now());
    const request = requestFor({ ...message, content: resolved.content });
    if (!request) return refused('content.notForRoute');
    if ('outcome' in request) return request;
    const result = await platform.call({ ...request, signal });
    if (isMediaError(result)) await media.forget(message.content);
    return result.kind === 'body' ? accepted(message, result.body) : failureOf(result, platform.now());
  };
}

export const refused = (reason: string, detail?: string): SendResult => ({
  outcome: 'refused',
  reason,
  scope: 'message',
  ...(detail === undefined ? {} : { detail }),
});

/** The platform no longer knows a file that it once took. */
export function isMediaError(result: PlatformResult): boolean {
  if (result.kind !== 'error') return false;
  const action = actionOf(result.error.code);
  return action.act === 'refuse' && action.reason === 'content.media';
}

/** Outcome of a call that sends and was not simply accepted. */
export function failureOf(result: Exclude<PlatformResult, { kind: 'body' }>, now: Date): SendResult {
  switch (result.kind) {
    case 'error':
      return sendResultOf(result.error, now);
    case 'noToken':
      return withoutToken(result.failure);
    case 'notSent':
      return {
        outcome: 'retry',
        reason: result.reason,
        detail: result.detail,
        afterMs: retryAfterMs,
        scope: 'account',
      };
    case 'unclear':
      return { outcome: 'unknown', reason: result.reason, detail: result.detail };
    case 'file':
      return { outcome: 'unknown', reason: 'platform.brokenAnswer', detail: 'a file came back' };
  }
}

/** A customer message is done when it is accepted and has no id; what goes by a template is told of later, under its id. */
function accepted(message: OutboundMessage, body: Fields): SendResult {
  const platformId = text(body['msgid']);
  if (message.route !== 'customer-message' && platformId) return { outcome: 'submitted', platformId };
  // Every send answers with a code: an object without one is not the platform's answer, and may stand for anything.
  if (text(body['errcode']) === undefined)
    return { outcome: 'unknown', reason: 'platform.brokenAnswer', detail: 'no errcode' };
  return { outcome: 'sent' };
}

/** Without a token nothing was sent, whatever the reason. */
function withoutToken({ reason, detail = '', retryAfterMs: afterMs }: CallFailure): SendResult {
  if (afterMs === undefined) return { outcome: 'refused', reason, detail, scope: 'account' };
  return { outcome: 'retry', reason, detail, afterMs, scope: 'account' };
}

/** Only files travelled so far, and a file twice at the platform harms nobody. */
export function withoutMedia(resolved: Exclude<Resolved, { kind: 'ready' }>, now: Date): SendResult {
  if (resolved.kind === 'missing') return refused('content.mediaMissing');
  const { result } = resolved;
  switch (result.kind) {
    case 'noToken':
      return withoutToken(result.failure);
    case 'error':
      return sendResultOf(result.error, now);
    case 'notSent':
    case 'unclear':
      return {
        outcome: 'retry',
        reason: result.reason,
        detail: result.detail,
        afterMs: retryAfterMs,
        scope: 'message',
      };
  }
}
