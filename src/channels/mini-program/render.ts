/** Content → what a mini-program's calls take. Pure. Media are already the platform's own media ids here (wechat/media.ts sees to that). */
import type { Content } from '../../contracts/index.js';
import { present } from '../wechat/fields.js';
import { noticeValues } from '../wechat/notice-values.js';
import { fileMessage, miniProgramCard, of, textMessage } from '../wechat/render.js';
import type { JsonBody, Of } from '../wechat/render.js';

/**
 * Body of `message/custom/send`, or undefined when this content cannot go that way: a mini-program sends texts, pictures, links and cards.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/customer-message/send.html
 */
export function renderCustomerMessage(user: string, content: Content): JsonBody | undefined {
  const message = customerMessage(content);
  return message && { touser: user, ...message };
}

function customerMessage(content: Content): JsonBody | undefined {
  switch (content.type) {
    case 'text':
      return textMessage(content);
    case 'image':
      return fileMessage(content);
    case 'link':
      return of('link', linkOf(content));
    case 'mini-program-card':
      return miniProgramCard(content);
    case 'voice':
    case 'video':
    case 'file':
    case 'music':
    case 'location':
    case 'menu':
    case 'article':
    case 'coupon-card':
    case 'template':
    case 'notice':
    case 'unknown':
      return undefined;
  }
}

const linkOf = ({ title, description, url, pictureUrl }: Of<'link'>): JsonBody => ({
  title,
  description,
  url,
  ...present({ thumb_url: pictureUrl }),
});

/**
 * Body of `message/subscribe/send`, or the field that has no value. The state and the language are optional only in older pages of the
 * platform, so both are always said.
 * https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage
 */
export function renderNotice(
  user: string,
  { templateId, page, data }: Of<'notice'>,
): { ok: true; json: JsonBody } | { ok: false; field: string } {
  const values = noticeValues(data);
  if (!values.ok) return values;
  const opens = present({ page: page?.replace(/^\/+/, '') });
  const version = { miniprogram_state: 'formal', lang: 'zh_CN' };
  return { ok: true, json: { touser: user, template_id: templateId, ...opens, data: values.data, ...version } };
}
