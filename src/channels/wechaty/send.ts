/**
 * One attempt to say one message through the bot that is signed in here. `retry` only where nothing was said; once the puppet was asked,
 * and did not answer, it is `unknown`: wechaty has no key by which the same message would be said once.
 */
import { safeFileName } from '../../contracts/index.js';
import type { ChannelPorts, Content, MediaRef, OutboundMessage, SendResult } from '../../contracts/index.js';
import type { WechatyAccount } from './account.js';
import type { BotSendable } from './bot.js';
import type { Login } from './login.js';
import { createDayCount } from './pace.js';
import type { Pace } from './pace.js';
import { readUser } from './user.js';

export interface SendParts {
  account: WechatyAccount;
  ports: Pick<ChannelPorts, 'store' | 'media' | 'now' | 'log'>;
  login: Pick<Login, 'current' | 'bot'>;
  pace: Pace;
}

export type Send = (message: OutboundMessage, signal: AbortSignal) => Promise<SendResult>;

const ELSEWHERE_MS = 3000;

export const refused = (reason: string, scope: 'message' | 'person' | 'account' = 'message'): SendResult => ({
  outcome: 'refused',
  reason,
  scope,
});

const later = (reason: string, afterMs: number): SendResult => ({
  outcome: 'retry',
  reason,
  afterMs,
  scope: 'account',
});

export function createSend({ account, ports, login, pace }: SendParts): Send {
  return async (message, signal) => {
    const to = readUser(message.to.user);
    if (message.route !== 'wechaty') return refused('content.notForRoute');
    if (!to) return refused('person.unknown', 'person');
    const what = await sendableOf(message.content, ports.media);
    if ('outcome' in what) return what;
    const held = login.current();
    if (!held || signal.aborted) return later(login.bot() ? 'bot.offline' : 'bot.elsewhere', ELSEWHERE_MS);
    const wait = pace.turn();
    if (wait > 0) return later('wechaty.pace', wait);
    const counted = await createDayCount(account, ports, held.fenced)
      .take()
      .catch(() => undefined);
    if (counted === undefined) return later('bot.offline', ELSEWHERE_MS);
    // Somebody waits for this answer: that it cannot go must be seen today, not go out tomorrow.
    if (!counted) return refused('wechaty.dayLimit');
    // The login may have been lost while it was counted.
    if (login.current()?.bot !== held.bot || signal.aborted) return later('bot.offline', ELSEWHERE_MS);
    return said(held.bot.say(to, what), signal);
  };
}

async function said(saying: Promise<{ id?: string } | 'absent'>, signal: AbortSignal): Promise<SendResult> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, fail) => {
    onAbort = () => fail(new Error('no answer of the puppet in time'));
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const done = await Promise.race([saying, aborted]);
    if (done === 'absent') return refused('person.unknown', 'person');
    return { outcome: 'sent', ...(done.id === undefined ? {} : { platformId: done.id }) };
  } catch (error) {
    saying.catch(() => undefined);
    return {
      outcome: 'unknown',
      reason: 'bot.noAnswer',
      detail: error instanceof Error ? error.message.slice(0, 200) : '',
    };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Text, pictures and files; cards, links and the rest only come in. */
async function sendableOf(content: Content, media: SendParts['ports']['media']): Promise<BotSendable | SendResult> {
  switch (content.type) {
    case 'text':
      return content.text.trim() ? { text: content.text } : refused('content.refused');
    case 'image':
    case 'voice':
    case 'video':
      return fileOf(content.media, media);
    case 'file':
      return fileOf(content.media, media, safeFileName(content.name));
    case 'music':
    case 'location':
    case 'link':
    case 'menu':
    case 'mini-program-card':
    case 'article':
    case 'coupon-card':
    case 'template':
    case 'notice':
    case 'unknown':
      return refused('content.notForRoute');
  }
}

/** Puppets tell a picture from a file by its name. */
const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
};

/** What has no name of its own is named after its content. */
async function fileOf(
  { id }: MediaRef,
  media: SendParts['ports']['media'],
  name?: string,
): Promise<BotSendable | SendResult> {
  const found = id === undefined ? undefined : await media.read(id);
  if (!found || id === undefined) return refused('content.mediaMissing');
  return { file: { ...found, name: name ?? `${id.slice(0, 16)}.${extensions[found.mimeType] ?? 'bin'}` } };
}
