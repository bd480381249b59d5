/** Which call of the platform carries a message of an official account. Decides nothing about whether to send. */
import type { ChannelPorts, OutboundMessage } from '../../contracts/index.js';
import type { Platform } from '../wechat/platform.js';
import { createSender as createWechatSender, refused } from '../wechat/send.js';
import type { Request, Sender } from '../wechat/send.js';
import { renderCustomerMessage, renderNotice, renderTemplate } from './render.js';

export const createSender = (platform: Platform, ports: Pick<ChannelPorts, 'store' | 'media'>): Sender =>
  createWechatSender(platform, ports, requestFor);

function requestFor(message: OutboundMessage): Request {
  const { id, to, content } = message;
  switch (message.route) {
    case 'customer-message': {
      const json = renderCustomerMessage(to.user, content);
      return json && { path: '/cgi-bin/message/custom/send', json };
    }
    case 'template': {
      const json = renderTemplate(to.user, content, id);
      return json && { path: '/cgi-bin/message/template/send', json };
    }
    case 'subscription-notice': {
      if (content.type !== 'notice') return undefined;
      const rendered = renderNotice(to.user, content);
      if (!rendered.ok) return refused('content.refused', `${rendered.field} is empty`);
      return { path: '/cgi-bin/message/subscribe/bizsend', json: rendered.json };
    }
    case 'passive-reply':
    case 'mass-send':
    case 'member-inbox':
    case 'wechaty':
      return undefined;
  }
}
