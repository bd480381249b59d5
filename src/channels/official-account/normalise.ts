/**
 * One proved payload of the platform → one InboundEvent, in words that belong to no platform. Pure: no I/O, no clock, never throws.
 * Kinds: https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html and
 * https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_event_pushes.html
 */
import { createHash } from 'node:crypto';
import type { CreditKind, InboundBody, InboundEvent } from '../../contracts/index.js';
import { contentOf } from './normalise-content.js';
import { eventBodyOf } from './normalise-events.js';
import { text } from './fields.js';
import type { Fields } from './xml.js';

/** `fields` is the parsed payload, undefined when it could not be parsed; `raw` the payload as proved; `receivedAt` real time. */
export interface ProvedPayload {
  account: string;
  fields: Fields | undefined;
  raw: string;
  receivedAt: Date;
}

/** Stands in for the sender when a proved payload names none; such events are kept as unknown and never acted on. */
const nobody = 'unknown';

export function normalise(payload: ProvedPayload): InboundEvent {
  const { fields, raw } = payload;
  const user = fields && text(fields['FromUserName']);
  const at = fields && instantOf(text(fields['CreateTime']));
  const type = fields && text(fields['MsgType']);
  if (!fields || !user || !at || !type) return unreadable(payload, user);
  const from = { channel: 'official-account' as const, account: payload.account, user };
  if (type.toLowerCase() === 'event') return eventFrom({ fields, raw, from, at });
  return messageFrom({ fields, raw, from, at });
}

interface Readable {
  fields: Fields;
  raw: string;
  from: InboundEvent['from'];
  at: Date;
}

function messageFrom({ fields, raw, from, at }: Readable): InboundEvent {
  const platformMessageId = text(fields['MsgId']) ?? digest(raw);
  const menuEntryId = text(fields['bizmsgmenuid']);
  const body: InboundBody = { kind: 'message', content: contentOf(fields), platformMessageId };
  if (menuEntryId) body.menuEntryId = menuEntryId;
  // A tap on an entry of a menu message comes as a text, yet counts as a menu click and not as a message of the person.
  return { key: keyOf(platformMessageId), from, at, body, opens: menuEntryId ? 'menu' : 'message', raw };
}

function eventFrom({ fields, raw, from, at }: Readable): InboundEvent {
  const name = text(fields['Event'])?.toLowerCase() ?? '';
  const body = eventBodyOf(name, fields);
  const parts = [from.user, text(fields['CreateTime']), name, text(fields['EventKey']) ?? '', finishedId(body, fields)];
  // Nothing is known of what tells two unknown events apart, so their content does.
  if (body.kind === 'unknown') parts.push(digest(raw));
  const event: InboundEvent = { key: keyOf(parts.join('/')), from, at, body, raw };
  const opens = creditOf(name);
  if (opens) event.opens = opens;
  return event;
}

function finishedId(body: InboundBody, fields: Fields): string {
  if (body.kind === 'send-finished' || body.kind === 'mass-send-finished') return body.platformId;
  return text(fields['MsgID']) ?? '';
}

/**
 * Which event opens a credit of customer messages. Of the menu only these three do; VIEW and the picture and place pickers do not.
 * https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
 */
const credits: Readonly<Record<string, CreditKind>> = {
  subscribe: 'follow',
  scan: 'scan',
  click: 'menu',
  scancode_push: 'menu',
  scancode_waitmsg: 'menu',
};

const creditOf = (name: string): CreditKind | undefined => (Object.hasOwn(credits, name) ? credits[name] : undefined);

function unreadable({ account, fields, raw, receivedAt }: ProvedPayload, user: string | undefined): InboundEvent {
  const second = new Date(Math.floor(receivedAt.getTime() / 1000) * 1000);
  return {
    key: `unreadable/${digest(raw)}`,
    from: { channel: 'official-account', account, user: user ?? nobody },
    at: (fields && instantOf(text(fields['CreateTime']))) ?? second,
    body: { kind: 'unknown', platformKind: (fields && text(fields['MsgType'])) ?? 'unreadable' },
    raw,
  };
}

/** Seconds since 1970, as the platform writes times; undefined for anything else. */
function instantOf(seconds: string | undefined): Date | undefined {
  return seconds !== undefined && /^\d{1,11}$/.test(seconds) ? new Date(Number(seconds) * 1000) : undefined;
}

/** Events are found by their key for ever; a platform's own are short, and a longer one is as good as its digest. */
const keyOf = (key: string): string => (key.length <= 300 ? key : `long/${digest(key)}`);

const digest = (raw: string): string => createHash('sha256').update(raw).digest('hex').slice(0, 32);
