/**
 * Event fields of the platform → InboundBody. Pure. Names are compared in lower case: the wire mixes `SCAN` and `subscribe`.
 * Known events that say nothing we act on (sessions of the platform's own staff client …) stay `unknown`.
 */
import type { InboundBody } from '../../contracts/index.js';
import { child, number, present, text } from '../wechat/fields.js';
import { noticeReaders } from '../wechat/normalise-notices.js';
import type { EventReader } from '../wechat/normalise-notices.js';
import type { Fields } from '../wechat/xml.js';

const scenePrefix = 'qrscene_';

const readers: Readonly<Record<string, EventReader>> = {
  subscribe: (fields) => {
    const key = text(fields['EventKey']);
    const scene = key?.startsWith(scenePrefix) ? key.slice(scenePrefix.length) : undefined;
    return { kind: 'followed', ...present({ scene: scene || undefined, ticket: text(fields['Ticket']) }) };
  },
  unsubscribe: () => ({ kind: 'unfollowed' }),
  scan: (fields) => {
    const scene = text(fields['EventKey']);
    return scene ? { kind: 'scanned', scene, ...present({ ticket: text(fields['Ticket']) }) } : undefined;
  },
  location: (fields) => {
    const latitude = number(fields['Latitude']);
    const longitude = number(fields['Longitude']);
    if (latitude === undefined || longitude === undefined) return undefined;
    return { kind: 'located', latitude, longitude, ...present({ precision: number(fields['Precision']) }) };
  },
  click: tapped('click'),
  scancode_push: tapped('scancode_push', 'ScanCodeInfo'),
  scancode_waitmsg: tapped('scancode_waitmsg', 'ScanCodeInfo'),
  pic_sysphoto: tapped('pic_sysphoto', 'SendPicsInfo'),
  pic_photo_or_album: tapped('pic_photo_or_album', 'SendPicsInfo'),
  pic_weixin: tapped('pic_weixin', 'SendPicsInfo'),
  location_select: tapped('location_select', 'SendLocationInfo'),
  view: (fields) => ({ kind: 'link-opened', target: 'web', url: text(fields['EventKey']) ?? '' }),
  view_miniprogram: (fields) => ({
    kind: 'link-opened',
    target: 'mini-program',
    url: text(fields['EventKey']) ?? '',
  }),
  templatesendjobfinish: templateFinished,
  masssendjobfinish: massFinished,
  ...noticeReaders,
};

/** A tap on the account's menu; `info` names the element with what the person picked, scanned or photographed. */
function tapped(action: string, info?: string): EventReader {
  return (fields) => {
    const picked = info ? child(fields, info) : undefined;
    // What a database could not hold is left out of the event, not the event out of the database; the payload is kept whole beside it.
    const data = picked && isStorable(picked, maxDepth) ? picked : undefined;
    return { kind: 'menu-tapped', action, key: text(fields['EventKey']) ?? '', ...(data ? { data: { ...data } } : {}) };
  };
}

/** XML is no deeper either. */
const maxDepth = 8;

function isStorable(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(
    ([name, inner]) => !/^\$|[.\0]|^__proto__$/.test(name) && isStorable(inner, depth - 1),
  );
}

/** `Status` is `success`, `failed:user block` or `failed: system failed`: the blank after the colon comes and goes. */
function templateFinished(fields: Fields): InboundBody | undefined {
  const platformId = text(fields['MsgID']) ?? text(fields['MsgId']);
  const detail = text(fields['Status']);
  if (!platformId || !detail) return undefined;
  const status = /^success$/i.test(detail) ? 'delivered' : /user block/i.test(detail) ? 'blocked' : 'failed';
  return { kind: 'send-finished', platformId, status, detail };
}

function massFinished(fields: Fields): InboundBody | undefined {
  const platformId = text(fields['MsgID']) ?? text(fields['MsgId']);
  const status = text(fields['Status']);
  if (!platformId || !status) return undefined;
  const count = (name: string): number => Math.trunc(number(fields[name]) ?? 0);
  return {
    kind: 'mass-send-finished',
    platformId,
    status,
    total: count('TotalCount'),
    filtered: count('FilterCount'),
    sent: count('SentCount'),
    failed: count('ErrorCount'),
  };
}

/** `name` in lower case. */
export function eventBodyOf(name: string, fields: Fields): InboundBody {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return reader?.(fields) ?? { kind: 'unknown', platformKind: text(fields['Event']) ?? 'event' };
}
