/** How each kind of message looks. Gets an entry of the chat, gives an element; taps go to the functions it was handed. */
import { avatar, h } from './dom.js';
import { t } from './text.js';

const media = (id) => `media/${encodeURIComponent(id ?? '')}`;
const isWebAddress = (url) => /^https?:\/\//i.test(url ?? '');

/** Text with addresses, WeChat's own `<a href>` and its links into mini-programs; every other tag stays as it was written. */
function richText(text, ctx) {
  const parts = [];
  const pattern = /<a\s+([^>]*)>([^<]*)<\/a>|(https?:\/\/[^\s<>"，。）)]+)/gi;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(last, match.index));
    parts.push(match[3] ? webLink(match[3], match[3]) : anchor(attributesOf(match[1]), match[2], ctx));
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

const attributesOf = (text) =>
  Object.fromEntries([...text.matchAll(/([a-z-]+)="([^"]*)"/gi)].map(([, key, value]) => [key.toLowerCase(), value]));

const webLink = (url, label) =>
  isWebAddress(url) ? h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label) : label;

function anchor(attributes, label, ctx) {
  const account = ctx.appOf(attributes['data-miniprogram-appid']);
  if (account?.previewUrl === undefined) return webLink(attributes['href'], label);
  const page = attributes['data-miniprogram-path'] ?? '';
  const open = () => ctx.open(account, page);
  return h('button', { type: 'button', class: 'link', 'data-testid': 'phone-link', onclick: open }, label);
}

const card = (kind, title, text, url) => {
  const inner = [
    h('span', { class: 'card-title' }, title || kind),
    text ? h('span', { class: 'card-text' }, text) : null,
    h('span', { class: 'card-kind' }, kind),
  ];
  if (!isWebAddress(url)) return h('div', { class: 'card' }, inner);
  return h('a', { class: 'card', href: url, target: '_blank', rel: 'noopener noreferrer' }, inner);
};

/** A card that opens a page of a mini-program, when this phone knows one of that app id. */
function pageCard(inner, target, ctx) {
  const account = target === undefined ? undefined : ctx.appOf(target.appId);
  if (account?.previewUrl === undefined) return h('div', { class: 'card' }, inner);
  const open = () => ctx.open(account, target.page);
  return h('button', { type: 'button', class: 'card', 'data-testid': 'phone-card', onclick: open }, inner);
}

/** A template message or a service notice, with the words of its template when they are known. */
function noticeCard({ content, accountId, route }, ctx) {
  const sender = ctx.accountOf(accountId);
  const template = sender?.templates?.find((each) => each.templateId === content.template_id);
  const rows = Object.entries(content.data ?? {}).map(([key, field]) =>
    h('div', { class: 'template-row' }, h('span', {}, template?.fields[key] ?? key), h('b', {}, field.value)),
  );
  const target = targetOf(content, sender);
  const foot = target === undefined ? sender?.name : `${ctx.appOf(target.appId)?.name ?? ''} · ${t('details')} ›`;
  const inner = [
    route === 'notice' || template !== undefined ? h('span', { class: 'card-from' }, sender?.name ?? '') : null,
    h('span', { class: 'card-title' }, template?.title ?? t('template')),
    ...rows,
    target === undefined && route !== 'notice' ? null : h('span', { class: 'card-kind' }, foot),
  ];
  if (target !== undefined || !isWebAddress(content.url)) return pageCard(inner, target, ctx);
  return h('a', { class: 'card', href: content.url, target: '_blank', rel: 'noopener noreferrer' }, inner);
}

function targetOf({ miniprogram, page }, sender) {
  if (miniprogram?.appid) return { appId: miniprogram.appid, page: miniprogram.pagepath ?? '' };
  return page && sender?.kind === 'mini-program' ? { appId: sender.appId, page } : undefined;
}

function menuMessage(content, tap) {
  const entries = content.list.map((item) =>
    h(
      'button',
      {
        type: 'button',
        class: 'menu-entry',
        'data-testid': `phone-msgmenu-${item.id}`,
        onclick: () => tap(String(item.id)),
      },
      item.content,
    ),
  );
  const tail = content.tail_content ? h('p', {}, content.tail_content) : null;
  return h('div', { class: 'bubble' }, content.head_content ? h('p', {}, content.head_content) : null, entries, tail);
}

const bodies = {
  text: ({ content }, ctx) => h('div', { class: 'bubble' }, richText(content, ctx)),
  image: ({ content }) => {
    const ids = content.media_ids ?? [content.media_id];
    return h(
      'div',
      { class: 'pictures' },
      ids.map((id) => h('img', { class: 'picture', src: media(id), alt: t('image') })),
    );
  },
  voice: () => h('div', { class: 'bubble voice' }, t('voice')),
  video: ({ content }) => card(t('video'), content.title, content.description),
  music: ({ content }) => card(t('music'), content.title, content.description, content.musicurl),
  location: ({ content }) =>
    h(
      'div',
      { class: 'card place' },
      h('span', { class: 'card-title' }, content.label || t('location')),
      h('span', { class: 'card-text' }, `${content.latitude}, ${content.longitude}`),
      h('span', { class: 'map', 'aria-hidden': 'true' }, h('i', { class: 'pin' })),
    ),
  link: ({ content }) => card(t('link'), content.title, content.description, content.url),
  news: ({ content }) => {
    const [article] = content.articles;
    const element = card(t('article'), article.title, article.description, article.url);
    if (isWebAddress(article.picurl)) element.prepend(h('img', { class: 'cover', src: article.picurl, alt: '' }));
    return element;
  },
  mpnews: (entry, ctx) =>
    entry.content.articles?.[0]?.title ? bodies.news(entry, ctx) : card(t('article'), entry.content.media_id),
  msgmenu: ({ content }, ctx) => menuMessage(content, ctx.tap),
  template: noticeCard,
  subscribe: noticeCard,
  miniprogrampage: ({ content, accountId }, ctx) =>
    pageCard(
      [
        h('span', { class: 'card-title' }, content.title),
        content.thumb_media_id ? h('img', { class: 'thumb', src: media(content.thumb_media_id), alt: '' }) : null,
        h('span', { class: 'card-kind' }, t('miniprogram')),
      ],
      { appId: content.appid ?? accountId, page: content.pagepath },
      ctx,
    ),
  wxcard: ({ content }) => card(t('card'), content.card_id),
};

/**
 * One message with its avatar, or a line in the middle for a notice. `ctx`: the `names` to draw, `tap(id)` for a menu in a
 * message, `open(account, page)` for a card of a mini-program, and `accountOf`, `appOf` to find accounts by app id.
 */
export function messageElement(entry, ctx) {
  const { names } = ctx;
  if (entry.from === 'notice') {
    return h('p', { class: 'notice', 'data-testid': 'phone-notice', 'data-seq': entry.seq }, entry.content);
  }
  const mine = entry.from === 'person';
  const body = (bodies[entry.msgtype] ?? (() => card(t('article'), entry.msgtype)))(entry, ctx);
  const route = { passive: t('passive'), customer: t('customer'), mass: t('mass') }[entry.route];
  const attributes = {
    class: `message ${mine ? 'mine' : 'theirs'}`,
    'data-testid': 'phone-message',
    'data-seq': entry.seq,
    'data-from': entry.from,
    'data-route': entry.route,
    'data-msgtype': entry.msgtype,
  };
  const block = h('div', { class: 'body' }, body, route ? h('span', { class: 'route' }, route) : null);
  return h(
    'div',
    attributes,
    avatar(mine ? names.person : (ctx.accountOf(entry.accountId)?.name ?? names.account), mine ? '' : 'account'),
    block,
  );
}

/** One line for the list of people. */
export function preview(entry) {
  if (entry === undefined) return '';
  if (entry.msgtype === 'text' || entry.msgtype === 'notice') return entry.content;
  if (entry.msgtype === 'subscribe') return `[${t('template')}]`;
  if (entry.msgtype === 'msgmenu') return entry.content.head_content ?? '';
  const kinds = { news: 'article', miniprogrampage: 'miniprogram', wxcard: 'card', mpnews: 'article' };
  return `[${t(kinds[entry.msgtype] ?? entry.msgtype)}]`;
}
