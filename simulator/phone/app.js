/** Puts the page together: draws what the store holds, and turns what people do into actions. */
import { avatar, byId, h } from './dom.js';
import { chatWithNews, drawChats, startingPoint } from './chats.js';
import { messageElement, preview } from './messages.js';
import { openLocation, openScan } from './dialogs.js';
import { drawMenu } from './menu.js';
import { closeUnlessOf, listen, openMini } from './mini.js';
import { act, addPerson, choose, chosen, connect, now, store } from './store.js';
import { applyWords, currentLanguage, formatWhen, t, toggleLanguage } from './text.js';

const SHOWN = 60;
const GAP_MS = 5 * 60_000;
let bannerTimer;

function say(text) {
  byId('banner').textContent = text;
  byId('banner').hidden = false;
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(draw, 4000);
}

async function run(action, body) {
  const open = chosen();
  if (open === undefined) return;
  const result = await act(open.relation.openid, action, body);
  if (!result.ok) return say(`${t('failed')}: ${result.detail}`);
  const { opens } = result.value;
  if (opens !== undefined) openApp(appOf(opens.appId), opens.query ? `${opens.page}?${opens.query}` : opens.page);
}

const accountById = (appId) => store.accounts.find((each) => each.appId === appId);
const appOf = (appId) => {
  const account = accountById(appId);
  return account?.kind === 'mini-program' ? account : undefined;
};

/** The mini-program as the chosen person; somebody new to it is known by the openid at another account. */
function openApp(account, page) {
  const open = chosen();
  if (open === undefined || account?.previewUrl === undefined) return;
  const own = open.person.relations.find((each) => each.accountId === account.appId);
  openMini({ account, openid: own?.openid ?? open.relation.openid, page });
}

function lastOf(person) {
  const all = Object.values(person.chats)
    .map((chat) => chat.at(-1))
    .filter(Boolean);
  return all.sort((a, b) => b.seq - a.seq)[0];
}

function drawPeople() {
  const wanted = byId('search').value.trim().toLowerCase();
  const focused = document.activeElement?.dataset?.openid;
  const found = store.people
    .filter((person) => person.relations.length > 0 && person.name.toLowerCase().includes(wanted))
    .map((person) => ({ person, last: lastOf(person) }))
    .sort((a, b) => (b.last?.seq ?? 0) - (a.last?.seq ?? 0))
    .slice(0, SHOWN);
  const list = byId('people-list');
  list.replaceChildren(...found.map(personItem));
  if (found.length === 0) {
    list.append(
      h(
        'li',
        { class: 'empty' },
        t(store.people.length === 0 ? (store.accounts.length === 0 ? 'noAccount' : 'noPeople') : 'noneFound'),
      ),
    );
  }
  if (focused) list.querySelector(`[data-openid="${CSS.escape(focused)}"]`)?.focus();
}

function personItem({ person, last }) {
  const unread = person.relations.reduce((sum, each) => sum + each.unread, 0);
  const isOpen = person.relations.some((each) => each.openid === store.openid);
  const target = startingPoint(person);
  const following = person.relations.some((each) => each.following);
  const open = () => {
    if (target.unread > 0) choose(target.openid, chatWithNews(person, target));
    else if (!isOpen) choose(target.openid);
    closeUnlessOf(person.relations.map((each) => each.openid));
    document.body.dataset.view = 'chat';
    draw();
    if (matchMedia('(min-width: 760px)').matches) byId('input').focus();
  };
  const badge =
    unread > 0
      ? h('span', { class: 'badge', 'aria-label': `${unread} ${t('unread')}` }, unread > 99 ? '99+' : String(unread))
      : null;
  const attributes = {
    type: 'button',
    class: 'person',
    'aria-current': isOpen ? 'true' : undefined,
    'data-openid': person.relations[0].openid,
    'data-testid': `phone-person-${person.name}`,
    onclick: open,
  };
  const line = last ? preview(last) : following ? '' : t('notFollowing');
  return h(
    'li',
    {},
    h(
      'button',
      attributes,
      h('span', { class: 'avatar-box' }, avatar(person.name), badge),
      h('span', { class: 'person-name' }, person.name),
      h('span', { class: 'person-time' }, last ? formatWhen(last.at, now(), false) : ''),
      h('span', { class: 'person-line' }, line),
    ),
  );
}

function titleOf(open) {
  if (open === undefined) return t('choose');
  if (store.chat === 'notices') return t('notices');
  const name = open.account?.name ?? '';
  return open.account?.kind === 'mini-program' ? `${name} · ${t('miniChat')}` : name;
}

function drawChat() {
  const open = chosen();
  const mini = open?.account?.kind === 'mini-program';
  const notices = store.chat === 'notices';
  const following = open !== undefined && (open.relation.following || mini || notices);
  byId('chat-title').textContent = titleOf(open);
  const typing = open !== undefined && store.typing.has(open.relation.openid);
  byId('chat-sub').textContent = typing ? t('typing') : (open?.person.name ?? '');
  byId('log').hidden = open === undefined || (!following && open.chat.length === 0);
  byId('composer').hidden = !following || notices;
  if (!following || notices) byId('extras').hidden = true;
  byId('location-button').hidden = mini;
  for (const id of ['scan', 'more']) byId(id).hidden = open === undefined;
  drawChats(openApp, draw);
  drawProfile(open, following);
  drawLog(open);
  drawMenu(open?.account, following, run);
}

function drawProfile(open, following) {
  const profile = byId('profile');
  profile.hidden = following;
  if (following || open === undefined) {
    const text = store.accounts.length === 0 ? t('noAccount') : t('choose');
    profile.replaceChildren(...(following ? [] : [h('p', { class: 'subtle' }, text)]));
    return;
  }
  const name = open.account?.name ?? '';
  const button = (key, test, kind, onclick) =>
    h('button', { type: 'button', class: kind, 'data-testid': test, onclick }, t(key));
  profile.replaceChildren(
    avatar(name, 'account large'),
    h('h3', {}, name),
    h('p', { class: 'subtle' }, `${t('official')} · ${t('profileHelp')}`),
    button('follow', 'phone-follow', 'primary wide', () => run('follow', {})),
    button('followByScan', 'phone-follow-scan', 'plain wide', () => openScan(run)),
  );
}

const drawn = { key: '', last: 0, at: 0 };

/** Adds what is new; draws all again only when another chat or language is shown. */
function drawLog(open) {
  const log = byId('log');
  const key = open === undefined ? '' : `${open.person.id} ${open.relation.openid} ${store.chat} ${currentLanguage()}`;
  if (key !== drawn.key) {
    Object.assign(drawn, { key, last: 0, at: 0 });
    log.replaceChildren();
  }
  const names = { person: open?.person.name ?? '', account: open?.account?.name ?? '' };
  const tap = (menuId) => run('tap', { menuId });
  const context = { names, tap, open: openApp, accountOf: accountById, appOf };
  let added = false;
  for (const entry of open?.chat ?? []) {
    if (entry.seq <= drawn.last) continue;
    const at = new Date(entry.at).getTime();
    if (Math.abs(at - drawn.at) > GAP_MS) log.append(h('p', { class: 'when' }, formatWhen(entry.at, now(), true)));
    log.append(messageElement(entry, context));
    Object.assign(drawn, { last: entry.seq, at });
    added = true;
  }
  if (added) {
    toEnd();
    for (const picture of log.querySelectorAll('img:not([data-seen])')) {
      picture.dataset.seen = '1';
      picture.addEventListener('load', toEnd, { once: true });
    }
  }
}

const toEnd = () => (byId('log').scrollTop = byId('log').scrollHeight);

function drawMore(show) {
  const open = chosen();
  const menu = byId('more-menu');
  menu.hidden = !show || open === undefined;
  byId('more').setAttribute('aria-expanded', String(!menu.hidden));
  if (menu.hidden) return;
  const item = (key, action, body) =>
    h(
      'button',
      {
        type: 'button',
        role: 'menuitem',
        'data-testid': `phone-${key}`,
        onclick: () => (drawMore(false), run(action, body)),
      },
      t(key),
    );
  const { following, blocked } = open.relation;
  const switchBlock = item(blocked ? 'unblock' : 'block', 'block', { on: !blocked });
  const ofAccount = following ? [item('unfollow', 'unfollow', {}), switchBlock] : [item('follow', 'follow', {})];
  menu.replaceChildren(...(open.account?.kind === 'mini-program' ? [switchBlock] : ofAccount));
  menu.firstElementChild.focus();
}

function draw() {
  byId('language').textContent = t('language');
  byId('clock').textContent = formatWhen(now().toISOString(), now(), true);
  const banner = byId('banner');
  banner.hidden = store.online;
  if (!store.online) banner.textContent = t('offline');
  drawPeople();
  drawChat();
}

function fitInput() {
  const input = byId('input');
  input.style.height = 'auto';
  input.style.height = `${Math.min(input.scrollHeight, 96)}px`;
  byId('say').dataset.filled = String(input.value.trim() !== '');
}

byId('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const content = byId('input').value.trim();
  if (content === '') return;
  byId('input').value = '';
  fitInput();
  byId('input').focus();
  void run('say', { type: 'text', content });
});
byId('input').addEventListener('input', fitInput);
byId('input').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId('say').requestSubmit();
});
byId('plus').addEventListener('click', () => {
  byId('extras').hidden = !byId('extras').hidden;
  byId('plus').setAttribute('aria-expanded', String(!byId('extras').hidden));
  toEnd();
});
byId('image-button').addEventListener('click', () => byId('image-file').click());
byId('image-file').addEventListener('change', async () => {
  const [file] = byId('image-file').files;
  if (file === undefined) return;
  const reader = new FileReader();
  await new Promise((resolve) => {
    reader.addEventListener('load', resolve, { once: true });
    reader.readAsDataURL(file);
  });
  byId('image-file').value = '';
  await run('say', { type: 'image', base64: reader.result.split(',')[1], contentType: file.type });
});
byId('location-button').addEventListener('click', () => openLocation(run));
byId('scan').addEventListener('click', () => openScan(run));
byId('more').addEventListener('click', (event) => (event.stopPropagation(), drawMore(byId('more-menu').hidden)));
byId('back').addEventListener('click', () => (document.body.dataset.view = 'list'));
byId('language').addEventListener('click', () => (toggleLanguage(), applyWords(document), draw()));
byId('search').addEventListener('input', drawPeople);
byId('add-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const added = await addPerson(byId('add-name').value.trim());
  if (!added.ok) return say(`${t('failed')}: ${added.detail}`);
  byId('add-name').value = '';
  choose(added.value.relations[0]?.openid ?? '');
  document.body.dataset.view = 'chat';
  draw();
});
document.addEventListener('click', () => drawMore(false));
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || byId('more-menu').hidden) return;
  drawMore(false);
  byId('more').focus();
});

listen((openid) => {
  choose(openid);
  draw();
});
applyWords(document);
draw();
connect(draw);
setInterval(() => (byId('clock').textContent = formatWhen(now().toISOString(), now(), true)), 5000);
