/**
 * The chats on one person's phone: one for each account followed, the customer chat of a mini-program, and the service
 * notices of all of them together. Draws the row of tabs and the mini-programs that can be opened beside them.
 */
import { byId, h } from './dom.js';
import { accountOf, chosen, choose, store } from './store.js';
import { t } from './text.js';

const isMini = (relation) => accountOf(relation)?.kind === 'mini-program';
const isNotice = (entry) => entry.route === 'notice';

/** The chat of `relation` in which the newest message from an account is. */
export function chatWithNews(person, relation) {
  const last = (person.chats[relation.accountId] ?? []).findLast((entry) => entry.from === 'account');
  return last !== undefined && isNotice(last) ? 'notices' : 'chat';
}

/** Where a click on a person leads: to what is unread, else to the first account that is followed. */
export function startingPoint(person) {
  const { relations } = person;
  return (
    relations.find((each) => each.unread > 0) ??
    relations.find((each) => !isMini(each) && each.following) ??
    relations.find((each) => !isMini(each)) ??
    relations[0]
  );
}

function tabsOf(person) {
  const notices = person.relations.filter((each) => (person.chats[each.accountId] ?? []).some(isNotice));
  const chats = person.relations.filter((each) => !isMini(each) || hasChat(person, each) || isOpen(each));
  const unread = (relations, kind) =>
    relations.filter((each) => chatWithNews(person, each) === kind).reduce((sum, each) => sum + each.unread, 0);
  return [
    ...chats.map((each) => ({
      name: isMini(each) ? t('miniChat') : (accountOf(each)?.name ?? each.accountId),
      openid: each.openid,
      chat: 'chat',
      unread: unread([each], 'chat'),
    })),
    ...(notices.length === 0
      ? []
      : [{ name: t('notices'), openid: notices[0].openid, chat: 'notices', unread: unread(notices, 'notices') }]),
  ];
}

const hasChat = (person, relation) => (person.chats[relation.accountId] ?? []).some((entry) => !isNotice(entry));
const isOpen = (relation) => relation.openid === store.openid && store.chat === 'chat';

/** The tabs; hidden while there is one chat and no mini-program. `open(account)` opens a mini-program. */
export function drawChats(open, redraw) {
  const row = byId('accounts');
  const current = chosen();
  const apps = store.accounts.filter((each) => each.kind === 'mini-program' && each.previewUrl);
  const tabs = current === undefined ? [] : tabsOf(current.person);
  row.hidden = current === undefined || (tabs.length < 2 && apps.length === 0);
  if (row.hidden) return row.replaceChildren();
  const focused = row.contains(document.activeElement) ? document.activeElement.dataset.testid : undefined;
  row.replaceChildren(...tabs.map((tab) => tabButton(tab, redraw)), ...apps.map((app) => appButton(app, open)));
  if (focused) row.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

function tabButton(tab, redraw) {
  const pressed = tab.chat === store.chat && (tab.chat === 'notices' || tab.openid === store.openid);
  const pick = () => {
    choose(tab.openid, tab.chat);
    redraw();
  };
  return h(
    'button',
    { type: 'button', 'aria-pressed': String(pressed), 'data-testid': `phone-tab-${tab.name}`, onclick: pick },
    tab.name,
    tab.unread > 0 ? h('span', { class: 'badge inline' }, String(tab.unread)) : null,
  );
}

function appButton(account, open) {
  const attributes = { type: 'button', class: 'app', 'data-testid': `phone-mini-${account.appId}` };
  return h(
    'button',
    { ...attributes, onclick: () => open(account) },
    h('span', { class: 'app-mark', 'aria-hidden': 'true' }),
    `${account.name} · ${t('miniprogram')}`,
  );
}
