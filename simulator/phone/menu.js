/** The account's menu at the bottom of the chat, and the switch between it and the keyboard. */
import { byId, h } from './dom.js';

let shown = false;
let drawnFor = '';

/** Draws the menu of `account` (none: only the keyboard); a tap goes out as `run('tap', {menuKey})`. */
export function drawMenu(account, following, run) {
  const has = following && (account?.menu.length ?? 0) > 0;
  const key = JSON.stringify([account?.appId, account?.menu, has, shown]);
  if (key === drawnFor) return;
  drawnFor = key;
  const toggle = byId('menu-toggle');
  toggle.hidden = !has;
  toggle.classList.toggle('to-keyboard', shown);
  toggle.onclick = () => {
    shown = !shown;
    drawMenu(account, following, run);
    if (!shown) byId('input').focus();
  };
  byId('menu-bar').hidden = !has || !shown;
  byId('say').hidden = has && shown;
  byId('menu-bar').replaceChildren(...(has ? account.menu.map((button) => entry(button, run)) : []));
}

function entry(button, run) {
  const leaves = button.sub_button ?? [];
  if (leaves.length === 0) return h('div', { class: 'menu-slot' }, leaf(button, run));
  const popup = h(
    'div',
    { class: 'menu-popup', hidden: true },
    leaves.map((each) => leaf(each, run)),
  );
  const toggle = h(
    'button',
    { type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'data-testid': `phone-menu-${button.name}` },
    `≡ ${button.name}`,
  );
  const set = (open) => {
    popup.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
  };
  toggle.addEventListener('click', (event) => {
    event.stopPropagation();
    const open = popup.hidden;
    document.body.click();
    set(open);
  });
  popup.addEventListener('click', () => set(false));
  document.addEventListener('click', () => set(false));
  const slot = h('div', { class: 'menu-slot' }, popup, toggle);
  slot.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    set(false);
    toggle.focus();
  });
  return slot;
}

function leaf(button, run) {
  const tap = () => {
    const key = button.type === 'miniprogram' ? button.pagepath : (button.key ?? button.url);
    void run('tap', { menuKey: key });
    if (button.type === 'view' && /^https?:\/\//i.test(button.url ?? '')) window.open(button.url, '_blank', 'noopener');
  };
  return h('button', { type: 'button', 'data-testid': `phone-menu-${button.name}`, onclick: tap }, button.name);
}
