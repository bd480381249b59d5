/**
 * One proved payload of the platform → one InboundEvent, in words that belong to no platform. Pure: no I/O, no clock, never throws.
 * Owns who, when, which and the natural key; what an event means is the channel's dialect.
 */
import { createHash } from 'node:crypto';
import type { ChannelName, CreditKind, InboundBody, InboundEvent } from '../../contracts/index.js';
import { contentOf } from './normalise-content.js';
import { text } from './fields.js';
import type { Fields } from './xml.js';

/** `fields` is the parsed payload, undefined when it could not be parsed; `raw` the payload as proved; `receivedAt` real time. */
export interface ProvedPayload {
  account: string;
  fields: Fields | undefined;
  raw: string;
  receivedAt: Date;
}

/** What differs between the platform's kinds of accounts. Event names are given in lower case: the wire mixes `SCAN` and `subscribe`. */
export interface Dialect {
  channel: ChannelName;
  bodyOf(event: string, fields: Fields): InboundBody;
  /** Which events open a credit of customer messages. */
  credits: Readonly<Record<string, CreditKind>>;
  /** Whom an event is about, where that is not its sender. */
  userOf?(event: string, fields: Fields): string | undefined;
}

/** Stands in for the sender when a proved payload names none; such events are kept as unknown and never acted on. */
const nobody = 'unknown';

export const createNormaliser =
  (dialect: Dialect) =>
  (payload: ProvedPayload): InboundEvent => {
    const { fields, raw, account } = payload;
    const name = (fields && text(fields['Event'])?.toLowerCase()) ?? '';
    const type = fields && text(fields['MsgType'])?.toLowerCase();
    const user = fields && ((type === 'event' && dialect.userOf?.(name, fields)) || text(fields['FromUserName']));
    const at = fields && instantOf(text(fields['CreateTime']));
    if (!fields || !user || !at || !type) return unreadable(dialect.channel, payload, user || undefined);
    const from = { channel: dialect.channel, account, user };
    return type === 'event'
      ? eventFrom(dialect, name, { fields, raw, from, at })
      : messageFrom({ fields, raw, from, at });
  };

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

function eventFrom({ bodyOf, credits }: Dialect, name: string, { fields, raw, from, at }: Readable): InboundEvent {
  const body = bodyOf(name, fields);
  const parts = [from.user, text(fields['CreateTime']), name, text(fields['EventKey']) ?? '', finishedId(body, fields)];
  const more = distinguished(body, raw);
  if (more !== undefined) parts.push(more);
  const event: InboundEvent = { key: keyOf(parts.join('/')), from, at, body, raw };
  const opens = Object.hasOwn(credits, name) ? credits[name] : undefined;
  if (opens) event.opens = opens;
  return event;
}

function finishedId(body: InboundBody, fields: Fields): string {
  if (body.kind === 'send-finished' || body.kind === 'mass-send-finished') return body.platformId;
  return text(fields['MsgID']) ?? '';
}

/** Events without a key of their own can come twice in one second, so what they say tells them apart. */
function distinguished(body: InboundBody, raw: string): string | undefined {
  // Nothing is known of what tells two unknown events apart, so their whole content does.
  if (body.kind === 'unknown') return digest(raw);
  if (body.kind === 'notices-answered') return digest(JSON.stringify(body.answers));
  return body.kind === 'chat-entered' ? digest(body.from) : undefined;
}

function unreadable(
  channel: ChannelName,
  { account, fields, raw, receivedAt }: ProvedPayload,
  user: string | undefined,
): InboundEvent {
  const second = new Date(Math.floor(receivedAt.getTime() / 1000) * 1000);
  return {
    key: `unreadable/${digest(raw)}`,
    from: { channel, account, user: user ?? nobody },
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
