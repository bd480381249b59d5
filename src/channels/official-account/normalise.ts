/**
 * What an official account's payloads mean. Pure. Kinds:
 * https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_standard_messages.html and
 * https://developers.weixin.qq.com/doc/service/guide/product/message/Receiving_event_pushes.html
 */
import { createNormaliser } from '../wechat/normalise.js';
import { eventBodyOf } from './normalise-events.js';

export const normalise = createNormaliser({
  channel: 'official-account',
  bodyOf: eventBodyOf,
  /**
   * Of the menu only these three open a credit; VIEW and the picture and place pickers do not.
   * https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
   */
  credits: { subscribe: 'follow', scan: 'scan', click: 'menu', scancode_push: 'menu', scancode_waitmsg: 'menu' },
});
