/**
 * The mini-program on the phone: a frame with the capsule over it, and what its page tells the phone. It shows another
 * page of the same origin and looks into nothing of it; who is logged in is told to it by the address alone.
 */
import { byId } from './dom.js';
import { t } from './text.js';

/** `{openid, appId}` of what is open, shown or hidden behind a chat. */
let current;
let frame;
let onContact = () => undefined;

/** `contact(openid)` is called when the page sends the person to the customer chat. */
export function listen(contact) {
  onContact = contact;
  byId('mini-close').addEventListener('click', closeMini);
  window.addEventListener('message', (event) => {
    if (event.source !== frame?.contentWindow || event.origin !== location.origin) return;
    const { huike, openid, title } = event.data ?? {};
    if (huike === 'close') closeMini();
    if (huike === 'contact' && typeof openid === 'string') leave(openid);
    if (huike === 'title' && typeof title === 'string') frame.title = title;
  });
}

function leave(openid) {
  show(false);
  onContact(openid);
}

/** Opens the mini-program for a person; without a page one that is still there comes back as it was. */
export function openMini({ account, openid, page = '' }) {
  const same = current?.openid === openid && current.appId === account.appId;
  if (same && page === '') return show(true);
  closeMini();
  current = { openid, appId: account.appId };
  frame = document.createElement('iframe');
  frame.dataset.testid = 'phone-mini-frame';
  frame.title = account.name;
  frame.src = addressOf(account, openid, page);
  byId('mini-box').replaceChildren(frame);
  byId('mini-close').setAttribute('aria-label', `${t('closeMini')}: ${account.name}`);
  show(true);
}

function addressOf(account, openid, page) {
  const url = new URL(account.previewUrl, location.origin);
  for (const [key, value] of Object.entries({ openid, appid: account.appId, embedded: '1' })) {
    url.searchParams.set(key, value);
  }
  url.hash = page === '' ? '' : `/${page.replace(/^\//, '')}`;
  return url.href;
}

function show(on) {
  byId('mini').hidden = !on;
  byId('device').toggleAttribute('data-mini', on);
  if (on) document.body.dataset.view = 'chat';
  frame?.contentWindow?.postMessage({ huike: on ? 'show' : 'hide' }, location.origin);
  if (on) frame?.focus();
}

/** Ends it: the next opening starts afresh. */
export function closeMini() {
  if (current === undefined) return;
  show(false);
  byId('mini-box').replaceChildren();
  current = undefined;
  frame = undefined;
}

/** Another person was chosen: theirs is another phone. */
export function closeUnlessOf(openids) {
  if (current !== undefined && !openids.includes(current.openid)) closeMini();
}
