/** The frame around the pages that the platform draws: title bar, tabs, the place where pages lie. Knows nothing of pages' insides. */
import { element } from './dom.js';
import type { AppConfig, PartConfig } from './types.js';

export interface FrameActions {
  back(): void;
  home(): void;
  close(): void;
  tab(path: string): void;
}
export interface Shown {
  path: string;
  config: PartConfig;
  canGoBack: boolean;
  /** A page opened alone, from a message or a code, has a way to the first page. */
  canGoHome: boolean;
}

export type Frame = ReturnType<typeof createFrame>;

export function createFrame(app: AppConfig, given: { embedded: boolean; base: string; actions: FrameActions }) {
  const frame = element('div', { class: given.embedded ? 'mp-frame mp-embedded' : 'mp-frame' });
  const bar = element('header', { class: 'mp-nav' });
  const back = element('button', { class: 'mp-back' });
  const title = element('span', { class: 'mp-title' });
  const body = element('main', { class: 'mp-body' });
  let isHome = false;
  back.onclick = () => (isHome ? given.actions.home() : given.actions.back());
  bar.append(back, title);
  if (!given.embedded) bar.append(capsule());
  const tabs = tabBar(app, given.base, given.actions.tab);
  frame.append(bar, body, tabs.element);
  document.body.replaceChildren(frame);
  return {
    element: frame,
    body,
    show({ path, config, canGoBack, canGoHome }: Shown): void {
      const window = { ...app.window, ...config };
      title.textContent = window.navigationBarTitleText ?? '';
      bar.style.background = window.navigationBarBackgroundColor ?? '#000';
      bar.style.color = window.navigationBarTextStyle === 'black' ? '#1a1a1a' : '#fff';
      body.style.background = window.backgroundColor ?? '#fff';
      isHome = canGoHome;
      back.classList.toggle('mp-home', canGoHome);
      back.setAttribute('aria-label', canGoHome ? '回到首页' : '返回');
      back.style.visibility = canGoBack || canGoHome ? 'visible' : 'hidden';
      tabs.show(path);
    },
  };
}

/** The platform's own buttons at the top right, where nothing of a page may lie. */
function capsule(): HTMLElement {
  const made = element('span', { class: 'mp-capsule', text: '•••　◉' });
  made.setAttribute('aria-hidden', 'true');
  return made;
}

function tabBar(app: AppConfig, base: string, open: (path: string) => void) {
  const bar = element('nav', { class: 'mp-tabs' });
  const items = (app.tabBar?.list ?? []).map((tab) => {
    const button = element('button', { class: 'mp-tab' });
    button.dataset['path'] = tab.pagePath;
    button.onclick = () => open(tab.pagePath);
    const icon = element('img');
    icon.alt = '';
    button.append(icon, element('span', { text: tab.text }));
    bar.append(button);
    return { tab, button, icon };
  });
  bar.style.background = app.tabBar?.backgroundColor ?? '#fff';
  return {
    element: bar,
    show(path: string): void {
      bar.hidden = !items.some(({ tab }) => tab.pagePath === path);
      for (const { tab, button, icon } of items) {
        const isOpen = tab.pagePath === path;
        button.style.color = (isOpen ? app.tabBar?.selectedColor : app.tabBar?.color) ?? '#000';
        button.setAttribute('aria-current', isOpen ? 'page' : 'false');
        const picture = (isOpen ? tab.selectedIconPath : undefined) ?? tab.iconPath;
        icon.hidden = picture === undefined;
        if (picture !== undefined) icon.src = `${base}${picture}`;
      }
    },
  };
}
