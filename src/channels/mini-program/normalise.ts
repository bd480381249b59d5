/**
 * What a mini-program's payloads mean, in XML and in JSON. Pure.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/customer-message/receive.html
 */
import type { InboundBody } from '../../contracts/index.js';
import { text } from '../wechat/fields.js';
import { createNormaliser } from '../wechat/normalise.js';
import { noticeReaders } from '../wechat/normalise-notices.js';
import type { EventReader } from '../wechat/normalise-notices.js';
import type { Fields } from '../wechat/xml.js';

/**
 * Here the platform speaks of a person: the sender is one of its own, and the person stands in `OpenID`. Its sample in JSON has a blank
 * before that name.
 * https://developers.weixin.qq.com/miniprogram/dev/server/event_push/platform/authorized_user_information_changes
 */
const aboutSomebody: ReadonlySet<string> = new Set([
  'user_info_modified',
  'user_authorization_revoke',
  'user_authorization_cancellation',
]);

const personOf = (fields: Fields): string | undefined => text(fields['OpenID']) ?? text(fields[' OpenID']);

const revoked =
  (cancelled: boolean): EventReader =>
  (fields) =>
    // Without the person it is about somebody of a plug-in, whom we do not know.
    personOf(fields) ? { kind: 'authorization-revoked', cancelled } : undefined;

const readers: Readonly<Record<string, EventReader>> = {
  user_enter_tempsession: (fields) => ({ kind: 'chat-entered', from: text(fields['SessionFrom']) ?? '' }),
  user_authorization_revoke: revoked(false),
  user_authorization_cancellation: revoked(true),
  ...noticeReaders,
};

function bodyOf(name: string, fields: Fields): InboundBody {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return reader?.(fields) ?? { kind: 'unknown', platformKind: text(fields['Event']) ?? 'event' };
}

export const normalise = createNormaliser({
  channel: 'mini-program',
  bodyOf,
  credits: { user_enter_tempsession: 'enter' },
  userOf: (name, fields) => (aboutSomebody.has(name) ? personOf(fields) : undefined),
});
