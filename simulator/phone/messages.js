/** How each kind of message looks. Gets an entry of the chat, gives an element; taps go to the `tap` it was handed. */
import { avatar, h } from './dom.js';
import { t } from './text.js';

const media = (id) => `media/${encodeURIComponent(id ?? '')}`;
const isWebAddress = (url) => /^https?:\/\//i.test(url ?? '');

/** Text with addresses and WeChat's own `<a href>` as links; every other tag stays as it was written. */
function richText(text) {
  const parts = [];
  const pattern = /<a\s+[^>]*?href="([^"]*)"[^>]*>([^<]*)<\/a>|(https?:\/\/[^\s<>"，。）)]+)/gi;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(last, match.index));
    const url = match[1] ?? match[3];
    const label = match[2] ?? match[3];
    parts.push(isWebAddress(url) ? h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label) : label);
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
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

function templateCard(content) {
  const rows = Object.entries(content.data ?? {}).map(([key, field]) =>
    h('div', { class: 'template-row' }, h('span', {}, key), h('b', {}, field.value)),
  );
  return h('div', { class: 'card' }, h('span', { class: 'card-title' }, t('template')), rows);
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
  text: ({ content }) => h('div', { class: 'bubble' }, richText(content)),
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
  msgmenu: ({ content }, tap) => menuMessage(content, tap),
  template: ({ content }) => templateCard(content),
  miniprogrampage: ({ content }) => card(t('miniprogram'), content.title, content.pagepath),
  wxcard: ({ content }) => card(t('card'), content.card_id),
};

/** One message with its avatar, or a line in the middle for a notice. */
export function messageElement(entry, names, tap) {
  if (entry.from === 'notice') {
    return h('p', { class: 'notice', 'data-testid': 'phone-notice', 'data-seq': entry.seq }, entry.content);
  }
  const mine = entry.from === 'person';
  const body = (bodies[entry.msgtype] ?? (() => card(t('article'), entry.msgtype)))(entry, tap);
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
  return h('div', attributes, avatar(mine ? names.person : names.account, mine ? '' : 'account'), block);
}

/** One line for the list of people. */
export function preview(entry) {
  if (entry === undefined) return '';
  if (entry.msgtype === 'text' || entry.msgtype === 'notice') return entry.content;
  if (entry.msgtype === 'msgmenu') return entry.content.head_content ?? '';
  const kinds = { news: 'article', miniprogrampage: 'miniprogram', wxcard: 'card', mpnews: 'article' };
  return `[${t(kinds[entry.msgtype] ?? entry.msgtype)}]`;
}
