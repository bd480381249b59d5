/** The two dialogs: scanning a code and choosing a place. They hand the person's choice to `run(action, body)`. */
import { byId, h } from './dom.js';
import { chosen, now, store } from './store.js';
import { t } from './text.js';

const places = [
  { label: '上海市黄浦区人民广场', latitude: 31.2304, longitude: 121.4737 },
  { label: '北京市朝阳区三里屯', latitude: 39.9335, longitude: 116.4551 },
  { label: '广州市天河区体育西路', latitude: 23.1318, longitude: 113.3213 },
  { label: '成都市锦江区春熙路', latitude: 30.6572, longitude: 104.0778 },
];

/** Cancelling is no submit button: Enter must mean the one that sends. */
for (const button of document.querySelectorAll('[data-close]')) {
  button.addEventListener('click', () => button.closest('dialog').close('cancel'));
}

function show(dialog, onOk) {
  dialog.returnValue = 'cancel';
  dialog.addEventListener('close', () => dialog.returnValue === 'ok' && onOk(), { once: true });
  dialog.showModal();
}

export function openScan(run) {
  const account = chosen()?.account;
  const codes = store.codes
    .filter((code) => code.appId === account?.appId || code.page !== undefined)
    .reverse()
    .slice(0, 30);
  const dialog = byId('scan-dialog');
  const input = byId('scan-scene');
  input.value = '';
  byId('codes').replaceChildren(
    ...(codes.length === 0
      ? [h('li', { class: 'empty' }, t('noCodes'))]
      : codes.map((code) => h('li', {}, codeButton(code, dialog, input)))),
  );
  show(dialog, () => {
    const value = input.value.trim();
    if (value === '') return;
    void run('scan', store.codes.some((code) => code.ticket === value) ? { ticket: value } : { scene: value });
  });
  input.focus();
}

function codeButton(code, dialog, input) {
  const expired = code.expiresAt !== null && code.expiresAt <= now().getTime();
  const until =
    code.expiresAt === null ? t('permanent') : expired ? t('expired') : new Date(code.expiresAt).toLocaleString();
  const pick = () => {
    input.value = code.ticket;
    dialog.close('ok');
  };
  return h(
    'button',
    { type: 'button', 'data-testid': `phone-code-${code.scene}`, disabled: expired, onclick: pick },
    h('b', {}, code.page === undefined ? code.scene : `${t('miniprogram')} ${code.page} ${code.scene}`),
    h('span', { class: 'subtle' }, until),
  );
}

export function openLocation(run) {
  const dialog = byId('location-dialog');
  byId('places').replaceChildren(
    ...places.map((place, index) => {
      const pick = () => {
        dialog.close('cancel');
        void run('say', { type: 'location', ...place });
      };
      const attributes = { type: 'button', 'data-testid': `phone-place-${index}`, onclick: pick };
      return h(
        'li',
        {},
        h(
          'button',
          attributes,
          h('b', {}, place.label),
          h('span', { class: 'subtle' }, `${place.latitude}, ${place.longitude}`),
        ),
      );
    }),
  );
  show(dialog, () => undefined);
}
