/**
 * Content → what the platform's calls take. Pure. Media are already the platform's own media ids here (wechat/media.ts sees to that).
 * Owns all ways out: the calls for customer messages, templates and notices, and the answer inside the platform's own request.
 */
import type { Content } from '../../contracts/index.js';
import { present } from '../wechat/fields.js';
import { noticeValues } from '../wechat/notice-values.js';
import { fileMessage, miniProgramCard, of, textMessage, withMedia } from '../wechat/render.js';
import type { JsonBody, Of } from '../wechat/render.js';
import { writeXml } from '../wechat/xml.js';
import type { Tree } from '../wechat/xml.js';

/** Text limit of an answer in bytes; a longer one goes by the customer message call, whose refusal can be seen. */
const passiveTextLimit = 2048;

/**
 * Body of `message/custom/send`, or undefined when this content cannot go that way.
 * https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
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
    case 'voice':
      return fileMessage(content);
    case 'video':
      return withMedia(content.media, (media_id) => of('video', { media_id, ...videoTexts(content) }));
    case 'music':
      return withMedia(content.thumb, (thumb_media_id) => of('music', { ...musicTexts(content), thumb_media_id }));
    case 'link':
      return of('news', { articles: [article(content)] });
    case 'article':
      return articleOf(content);
    case 'menu':
      return of('msgmenu', menuOf(content));
    case 'coupon-card':
      return of('wxcard', { card_id: content.cardId });
    case 'mini-program-card':
      return miniProgramCard(content);
    case 'file':
    case 'location':
    case 'template':
    case 'notice':
    case 'unknown':
      return undefined;
  }
}

const videoTexts = (video: Of<'video'>): JsonBody =>
  present({ thumb_media_id: video.thumb?.platformId, title: video.title, description: video.description });

const musicTexts = (music: Of<'music'>): JsonBody => ({
  title: music.title,
  description: music.description,
  musicurl: music.url,
  hqmusicurl: music.hqUrl,
});

const article = (link: Of<'link'>): JsonBody => ({
  title: link.title,
  description: link.description,
  url: link.url,
  ...present({ picurl: link.pictureUrl }),
});

const menuOf = (menu: Of<'menu'>): JsonBody => ({
  head_content: menu.head,
  list: menu.entries.map(({ id, text }) => ({ id, content: text })),
  ...present({ tail_content: menu.tail }),
});

function articleOf({ articleId, materialId }: Of<'article'>): JsonBody | undefined {
  if (articleId) return of('mpnewsarticle', { article_id: articleId });
  return materialId ? of('mpnews', { media_id: materialId }) : undefined;
}

/**
 * Body of `message/template/send`. `id` makes the call idempotent; with a page and a mini-program the platform prefers the mini-program.
 * https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage.html
 */
export function renderTemplate(user: string, content: Content, id: string): JsonBody | undefined {
  if (content.type !== 'template') return undefined;
  const program = content.miniProgram && { appid: content.miniProgram.appId, pagepath: content.miniProgram.pagePath };
  const data = Object.fromEntries(Object.entries(content.data).map(([key, value]) => [key, { value }]));
  const jump = present({ url: content.url, miniprogram: program });
  return { touser: user, template_id: content.templateId, ...jump, client_msg_id: id, data };
}

/**
 * Body of `message/subscribe/bizsend`, or the field that has no value. A page of a mini-program cannot be named without its app, so only a
 * web page is opened. https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html
 */
export function renderNotice(
  user: string,
  { templateId, page, data }: Of<'notice'>,
): { ok: true; json: JsonBody } | { ok: false; field: string } {
  const values = noticeValues(data);
  if (!values.ok) return values;
  // The newer page of the platform wants the last two, the older one has them not.
  const version = { miniprogram_state: 'formal', lang: 'zh_CN' };
  const webPage = page !== undefined && /^https?:\/\//.test(page) ? page : undefined;
  return {
    ok: true,
    json: { touser: user, template_id: templateId, ...present({ page: webPage }), data: values.data, ...version },
  };
}

/** Both ends of an answer, as the platform named them in its request, and its time in seconds. */
export interface PassiveEnvelope {
  toUser: string;
  fromAccount: string;
  createTime: number;
  format: 'xml' | 'json';
}

/**
 * The answer in plain XML or JSON, or undefined when this content cannot go this way: menus and cards have no such form, and media only
 * when the platform already has them. https://developers.weixin.qq.com/doc/service/guide/product/message/Passive_user_reply_message.html
 */
export function renderPassive(content: Content, envelope: PassiveEnvelope): string | undefined {
  const body = passiveBody(content);
  if (!body) return undefined;
  const { toUser: ToUserName, fromAccount: FromUserName, createTime: CreateTime } = envelope;
  const tree: Tree = { ToUserName, FromUserName, CreateTime, ...body };
  return envelope.format === 'json' ? JSON.stringify(tree) : writeXml(tree);
}

function passiveBody(content: Content): Tree | undefined {
  switch (content.type) {
    case 'text':
      return passiveText(content.text);
    case 'image':
      return content.media.platformId ? { MsgType: 'image', Image: { MediaId: content.media.platformId } } : undefined;
    case 'voice':
      return content.media.platformId ? { MsgType: 'voice', Voice: { MediaId: content.media.platformId } } : undefined;
    case 'video':
      return passiveVideo(content);
    case 'music':
      return passiveMusic(content);
    case 'link':
      return passiveNews(content);
    case 'file':
    case 'location':
    case 'menu':
    case 'mini-program-card':
    case 'article':
    case 'coupon-card':
    case 'template':
    case 'notice':
    case 'unknown':
      return undefined;
  }
}

function passiveText(text: string): Tree | undefined {
  if (text === '' || Buffer.byteLength(text) > passiveTextLimit) return undefined;
  return { MsgType: 'text', Content: text };
}

function passiveVideo(video: Of<'video'>): Tree | undefined {
  if (!video.media.platformId) return undefined;
  const texts = present({ Title: video.title, Description: video.description });
  return { MsgType: 'video', Video: { MediaId: video.media.platformId, ...texts } };
}

function passiveMusic(music: Of<'music'>): Tree | undefined {
  if (!music.thumb.platformId) return undefined;
  const { title: Title, description: Description, url: MusicUrl, hqUrl: HQMusicUrl } = music;
  const Music = { Title, Description, MusicUrl, HQMusicUrl, ThumbMediaId: music.thumb.platformId };
  return { MsgType: 'music', Music };
}

function passiveNews(link: Of<'link'>): Tree {
  const item = { Title: link.title, Description: link.description, PicUrl: link.pictureUrl ?? '', Url: link.url };
  return { MsgType: 'news', ArticleCount: 1, Articles: [item] };
}
