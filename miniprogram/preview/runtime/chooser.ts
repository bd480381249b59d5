/** Who holds the phone, when the preview was opened without saying so. */
import { element } from './dom.js';
import { people } from './platform.js';

export async function showChooser(): Promise<void> {
  const frame = element('div', { class: 'mp-frame mp-chooser' });
  const list = element('div', { class: 'mp-chooser-list' });
  frame.append(element('h1', { text: '以谁的身份打开会员小程序？' }), list);
  document.body.replaceChildren(frame);
  const found = await people('').catch(() => []);
  if (found.length === 0)
    list.append(element('p', { text: '还没有可选的人。请先在模拟手机里添加一位，再从那里打开小程序。' }));
  for (const { name, openid } of found) {
    const button = element('button', { class: 'mp-sheet-row', text: name });
    button.onclick = () => {
      const query = new URLSearchParams(location.search);
      query.set('openid', openid);
      location.search = query.toString();
    };
    list.append(button);
  }
}
