/** The stack of open pages: opening, closing, their lifetimes, and the address that leads back to the page on top. */
import type { Frame } from './frame.js';
import { watchGestures } from './gestures.js';
import type { Gestures } from './gestures.js';
import type { Space } from './space.js';
import type { AppConfig, OpenPage, PartConfig } from './types.js';

export interface Target {
  path: string;
  query: Record<string, string>;
}
interface Entry extends OpenPage {
  gestures: Gestures;
}
export interface PagesInput {
  app: AppConfig;
  configs: Record<string, PartConfig>;
  frame: Frame;
  space: Space;
  titled(title: string): void;
}

const deepest = 10;
export type Pages = ReturnType<typeof createPages>;

export function createPages(input: PagesInput) {
  const { app, configs, frame, space } = input;
  const stack: Entry[] = [];
  const current = (): Entry | undefined => stack.at(-1);
  const isTab = (path: string): boolean => (app.tabBar?.list ?? []).some((tab) => tab.pagePath === path);

  function refreshFrame(): void {
    const top = current();
    if (!top) return;
    for (const page of stack) page.element.style.display = page === top ? '' : 'none';
    const config = { ...configs[top.path], ...top.changed };
    const alone = stack.length === 1 && !isTab(top.path) && top.path !== app.pages[0];
    frame.show({ path: top.path, config, canGoBack: stack.length > 1, canGoHome: alone });
    input.titled(config.navigationBarTitleText ?? app.window?.navigationBarTitleText ?? '');
    const query = new URLSearchParams(top.query).toString();
    history.replaceState(null, '', `${location.pathname}${location.search}#/${top.path}${query ? `?${query}` : ''}`);
  }

  function open({ path, query }: Target): void {
    if (!app.pages.includes(path)) throw new Error(`page "${path}" is not found`);
    const root = space.createRoot(path);
    const placeholder = document.createElement('span');
    frame.body.append(placeholder);
    root.attach(frame.body as never, placeholder as never);
    const component = root.getComponent();
    const element = component.$$ as unknown as HTMLElement;
    element.setAttribute('is', path);
    const object = root.get() as unknown as Record<string, unknown>;
    Object.assign(object, { route: path, options: query });
    const page: Entry = {
      ...{ path, query, component, element, object, changed: {} },
      release: () => root.release(),
      gestures: watchGestures(element, {
        pullDown: configs[path]?.enablePullDownRefresh === true,
        distance: configs[path]?.onReachBottomDistance ?? 50,
        pulled: () => call(page, 'onPullDownRefresh'),
        reachedBottom: () => call(page, 'onReachBottom'),
        scrolled: (scrollTop) => call(page, 'onPageScroll', { scrollTop }),
      }),
    };
    stack.push(page);
    refreshFrame();
    call(page, 'onLoad', query);
    show(page);
    requestAnimationFrame(() => stack.includes(page) && call(page, 'onReady'));
  }

  function close(): void {
    const page = stack.pop();
    if (!page) return;
    call(page, 'onUnload');
    page.gestures.stop();
    page.release();
    page.element.remove();
  }
  const closeAll = (): void => {
    while (stack.length > 0) close();
  };

  return {
    current,
    objects: () => stack.map((page) => page.object),
    isTab,
    show: () => show(current()),
    hide: () => hide(current()),
    navigateTo(url: string): void {
      const target = parse(url, current()?.path);
      if (isTab(target.path)) throw new Error('can not navigateTo a tabbar page');
      if (stack.length >= deepest) throw new Error('webview count limit exceed');
      hide(current());
      open(target);
    },
    redirectTo(url: string): void {
      const target = parse(url, current()?.path);
      if (isTab(target.path)) throw new Error('can not redirectTo a tabbar page');
      close();
      open(target);
    },
    reLaunch(url: string): void {
      const target = parse(url, current()?.path);
      closeAll();
      open(target);
    },
    switchTab(url: string): void {
      const { path } = parse(url, current()?.path);
      if (!isTab(path)) throw new Error('can not switch to no-tabBar page');
      if (current()?.path === path) return;
      closeAll();
      open({ path, query: {} });
    },
    navigateBack(delta = 1): void {
      const steps = Math.min(delta, stack.length - 1);
      if (steps < 1) return;
      for (let i = 0; i < steps; i++) close();
      refreshFrame();
      show(current());
    },
    change(config: PartConfig): void {
      Object.assign(current()?.changed ?? {}, config);
      refreshFrame();
    },
  };
}

function call(page: OpenPage | undefined, name: string, given?: unknown): void {
  const own = page?.object[name];
  if (typeof own === 'function') own.call(page?.object, given);
}
function show(page: OpenPage | undefined): void {
  call(page, 'onShow');
  page?.component.triggerPageLifetime('show', []);
}
function hide(page: OpenPage | undefined): void {
  call(page, 'onHide');
  page?.component.triggerPageLifetime('hide', []);
}

/** `/pages/a/index?x=1`, or relative to the page on top. */
export function parse(url: string, from = ''): Target {
  const [written = '', query = ''] = url.split('?');
  const path = new URL(written, `https://page/${from}`).pathname.slice(1);
  return { path, query: Object.fromEntries(new URLSearchParams(query)) };
}
