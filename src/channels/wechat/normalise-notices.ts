/**
 * What the platform pushes about notices that people ask for: their answers and the receipts of what was sent. Pure.
 * https://developers.weixin.qq.com/doc/service/guide/product/subscription_messages/push.html
 */
import type { InboundBody } from '../../contracts/index.js';
import { child, listOf, text } from './fields.js';
import { isFields } from './xml.js';
import type { Fields } from './xml.js';

export type EventReader = (fields: Fields) => InboundBody | undefined;

export const noticeReaders: Readonly<Record<string, EventReader>> = {
  subscribe_msg_popup_event: (fields) => answered('popup', entriesOf(fields, popupWrapper)),
  subscribe_msg_change_event: (fields) => answered('settings', entriesOf(fields, 'SubscribeMsgChangeEvent')),
  subscribe_msg_sent_event: finished,
};

const popupWrapper = 'SubscribeMsgPopupEvent';

/** `accept` has several forms (with sound, with an alert …); everything else is no acceptance. */
function answered(where: 'popup' | 'settings', entries: readonly Fields[]): InboundBody | undefined {
  const answers = entries.flatMap((entry) => {
    const templateId = text(entry['TemplateId']);
    const status = text(entry['SubscribeStatusString']);
    return templateId && status ? [{ templateId, accepted: /^accept/i.test(status) }] : [];
  });
  return answers.length > 0 ? { kind: 'notices-answered', where, answers } : undefined;
}

/** Receipt of a notice. One push may hold several, which no single event can say: that stays unknown. */
function finished(fields: Fields): InboundBody | undefined {
  const [only, ...others] = entriesOf(fields, 'SubscribeMsgSentEvent');
  const platformId = only && text(only['MsgID']);
  if (!only || !platformId || others.length > 0) return undefined;
  const delivered = text(only['ErrorCode']) === '0';
  const detail = text(only['ErrorStatus']) ?? text(only['ErrorCode']) ?? '';
  return { kind: 'send-finished', platformId, status: delivered ? 'delivered' : 'failed', detail };
}

/**
 * The entries of such an event. In XML they stand under a wrapper (and the platform's own sample uses the pop-up's wrapper for another
 * event); in JSON the wrapper is gone, and one entry is an object where several are a list.
 */
function entriesOf(fields: Fields, wrapper: string): Fields[] {
  const outer = [fields, child(fields, wrapper), child(fields, popupWrapper)].find((f) => f && 'List' in f);
  return listOf(outer?.['List']).flatMap((entry) =>
    'item' in entry ? listOf(entry['item']).filter(isFields) : [entry],
  );
}
