/** Which call of the platform carries a message of a mini-program, or none. Decides nothing about whether to send. */
import type { ChannelPorts, Content, OutboundMessage } from '../../contracts/index.js';
import type { Platform } from '../wechat/platform.js';
import { createSender as createWechatSender, refused } from '../wechat/send.js';
import type { Request, Sender } from '../wechat/send.js';
import { renderCustomerMessage, renderNotice } from './render.js';

export function createSender(platform: Platform, ports: Pick<ChannelPorts, 'store' | 'media'>): Sender {
  const send = createWechatSender(platform, ports, requestFor);
  return async (message, signal) => (message.route === 'member-inbox' ? keep(message.content) : send(message, signal));
}

/** A message inside the mini-program is delivered by being stored, which it was before it came here: the person reads it there. */
const keep = ({ type }: Content) =>
  type === 'text' || type === 'notice' ? { outcome: 'sent' as const } : refused('content.notForRoute');

function requestFor({ route, to, content }: OutboundMessage): Request {
  switch (route) {
    case 'customer-message': {
      const json = renderCustomerMessage(to.user, content);
      return json && { path: '/cgi-bin/message/custom/send', json };
    }
    case 'subscription-notice': {
      if (content.type !== 'notice') return undefined;
      const rendered = renderNotice(to.user, content);
      if (!rendered.ok) return refused('content.refused', `${rendered.field} is empty`);
      return { path: '/cgi-bin/message/subscribe/send', json: rendered.json };
    }
    case 'member-inbox':
    case 'passive-reply':
    case 'template':
    case 'mass-send':
    case 'wechaty':
      return undefined;
  }
}
