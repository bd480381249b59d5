/** What the platform lays over a page: toasts, questions, the sheet that asks for notices. Each returns the person's answer. */
import { element } from './dom.js';

const host = (): Element => document.querySelector('.mp-frame') ?? document.body;

export function showToast(text: string, milliseconds: number): void {
  hideToast();
  const toast = element('div', { class: 'mp-toast', id: 'mp-toast', text });
  toast.setAttribute('role', 'status');
  host().append(toast);
  if (milliseconds > 0) setTimeout(() => toast.remove(), milliseconds);
}
export function hideToast(): void {
  document.getElementById('mp-toast')?.remove();
}

export interface Question {
  title?: string;
  content?: string;
  confirmText?: string;
  cancelText?: string;
  showCancel?: boolean;
}
export function ask(question: Question): Promise<boolean> {
  return new Promise((answered) => {
    const veil = element('div', { class: 'mp-veil', id: 'mp-modal' });
    const box = element('div', { class: 'mp-modal' });
    box.setAttribute('role', 'dialog');
    if (question.title) box.append(element('strong', { text: question.title }));
    if (question.content) box.append(element('p', { text: question.content }));
    const buttons = element('div', { class: 'mp-modal-buttons' });
    const add = (text: string, answer: boolean): void => {
      const button = element('button', { class: answer ? 'mp-confirm' : 'mp-cancel', text });
      button.onclick = () => {
        veil.remove();
        answered(answer);
      };
      buttons.append(button);
    };
    if (question.showCancel !== false) add(question.cancelText ?? '取消', false);
    add(question.confirmText ?? '确定', true);
    box.append(buttons);
    veil.append(box);
    host().append(veil);
  });
}

/** The platform's sheet for one-time notices: each title with a tick, then allow or not. Gives what was accepted. */
export function askForNotices(titles: string[]): Promise<boolean[]> {
  return new Promise((answered) => {
    const sheet = element('div', { class: 'mp-sheet', id: 'mp-notices' });
    const panel = element('div', { class: 'mp-sheet-panel' });
    panel.setAttribute('role', 'dialog');
    panel.append(element('strong', { text: '申请发送一次以下消息' }));
    const ticks = titles.map((title) => {
      const row = element('label', { class: 'mp-sheet-tick', text: title });
      const tick = element('input');
      tick.type = 'checkbox';
      tick.checked = true;
      row.append(tick);
      panel.append(row);
      return tick;
    });
    const add = (text: string, id: string, accept: boolean): void => {
      const button = element('button', { class: accept ? 'mp-sheet-row mp-confirm' : 'mp-sheet-row', id, text });
      button.onclick = () => {
        sheet.remove();
        answered(ticks.map((tick) => accept && tick.checked));
      };
      panel.append(button);
    };
    add('允许', 'mp-notices-accept', true);
    add('取消', 'mp-notices-reject', false);
    sheet.append(panel);
    host().append(sheet);
  });
}

/** Asks for one line; undefined when the person turns away. */
export function askForLine(title: string, hint: string): Promise<string | undefined> {
  return new Promise((answered) => {
    const sheet = element('div', { class: 'mp-sheet', id: 'mp-line' });
    const panel = element('div', { class: 'mp-sheet-panel' });
    const field = element('input', { class: 'mp-sheet-day' });
    field.placeholder = hint;
    field.setAttribute('aria-label', title);
    const done = (value: string | undefined): void => {
      sheet.remove();
      answered(value);
    };
    const accept = element('button', { class: 'mp-sheet-row mp-confirm', text: '允许' });
    accept.onclick = () => done(field.value.trim() || undefined);
    const reject = element('button', { class: 'mp-sheet-row', text: '取消' });
    reject.onclick = () => done(undefined);
    panel.append(element('strong', { text: title }), field, accept, reject);
    sheet.append(panel);
    host().append(sheet);
  });
}
