/** The global `wx` of the preview: the calls the mini-program makes. What is not here warns, so that a missing stand-in is seen. */
import type { Question } from './dialogs.js';
import { ask, askForNotices, hideToast, showToast } from './dialogs.js';
import type { Pages } from './pages.js';
import type { Platform } from './platform.js';
import { Refused } from './platform.js';
import { createStorage } from './storage.js';

type Options = Record<string, unknown> & {
  success?: (answer: unknown) => void;
  fail?: (answer: unknown) => void;
  complete?: (answer: unknown) => void;
};
type Call = (options: Options) => unknown;
/** Only what the frame itself calls is typed; pages see the platform's own types. */
export type Wx = Record<string, (options: Record<string, unknown>) => unknown>;

export function createWx(pages: Pages, platform: Platform): Wx {
  const storage = createStorage(platform.openid);
  const calls: Record<string, Call> = {
    ...pageCalls(pages),
    ...screenCalls(pages),
    request: (options) => request(options),
    login: () => platform.login(),
    requestSubscribeMessage: (options) => requestNotices(platform, options['tmplIds'] as string[]),
    setStorage: ({ key, data }) => storage.set(String(key), data),
    removeStorage: ({ key }) => storage.remove(String(key)),
  };
  const shimmed: Record<string, unknown> = {
    getStorageSync: (key: string) => storage.get(key),
    setStorageSync: (key: string, data: unknown) => storage.set(key, data),
    removeStorageSync: (key: string) => storage.remove(key),
    getExtConfigSync: () => ({ apiBase: location.origin }),
    getAccountInfoSync: () => ({ miniProgram: { appId: 'preview', envVersion: 'develop', version: '' } }),
    getWindowInfo: () => windowInfo(),
    getMenuButtonBoundingClientRect: () => ({ top: 6, bottom: 38, left: 0, right: 0, width: 87, height: 32 }),
    canIUse: () => true,
    nextTick: (run: () => void) => queueMicrotask(run),
  };
  for (const [name, call] of Object.entries(calls)) shimmed[name] = asPlatformCall(name, call);
  return new Proxy(shimmed, {
    get(known, name) {
      if (typeof name === 'string' && !(name in known)) console.warn(`wx.${name} has no stand-in in the preview`);
      return known[String(name)];
    },
  }) as Wx;
}

function pageCalls(pages: Pages): Record<string, Call> {
  return {
    navigateTo: ({ url }) => pages.navigateTo(String(url)),
    redirectTo: ({ url }) => pages.redirectTo(String(url)),
    reLaunch: ({ url }) => pages.reLaunch(String(url)),
    switchTab: ({ url }) => pages.switchTab(String(url)),
    navigateBack: ({ delta }) => pages.navigateBack(typeof delta === 'number' ? delta : 1),
    setNavigationBarTitle: ({ title }) => pages.change({ navigationBarTitleText: String(title) }),
    setNavigationBarColor: ({ backgroundColor, frontColor }) =>
      pages.change({
        navigationBarBackgroundColor: String(backgroundColor),
        navigationBarTextStyle: frontColor === '#000000' ? 'black' : 'white',
      }),
    stopPullDownRefresh: () => pages.current()?.gestures.refreshed(),
  };
}

function screenCalls(pages: Pages): Record<string, Call> {
  return {
    showToast: ({ title, duration }) => showToast(String(title), typeof duration === 'number' ? duration : 1500),
    showLoading: ({ title }) => showToast(String(title), 0),
    hideLoading: () => hideToast(),
    hideToast: () => hideToast(),
    async showModal(options) {
      const confirm = await ask(options as Question);
      return { confirm, cancel: !confirm };
    },
    async setClipboardData({ data }) {
      await navigator.clipboard?.writeText(String(data)).catch(() => undefined);
      showToast('内容已复制', 1500);
    },
    pageScrollTo: ({ scrollTop }) => pages.current()?.element.scrollTo({ top: Number(scrollTop), behavior: 'smooth' }),
    setKeepScreenOn: () => undefined,
    vibrateShort: () => undefined,
  };
}

/** As the platform's: with callbacks it returns nothing, without them a promise; `errMsg` tells the outcome. */
function asPlatformCall(name: string, call: Call) {
  return (options: Options = {}): Promise<unknown> | undefined => {
    const answer = Promise.resolve()
      .then(() => call(options))
      .then((result) => ({ errMsg: `${name}:ok`, ...(result as object | undefined) }));
    if (!options.success && !options.fail && !options.complete) {
      return answer.catch((error: unknown) => {
        throw failure(name, error);
      });
    }
    void answer.then(
      (result) => (options.success?.(result), options.complete?.(result)),
      (error: unknown) => (options.fail?.(failure(name, error)), options.complete?.(failure(name, error))),
    );
    return undefined;
  };
}

function failure(name: string, error: unknown): { errMsg: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { errMsg: message.startsWith(`${name}:`) ? message : `${name}:fail ${message}` };
}

async function request(options: Options): Promise<unknown> {
  const method = String(options['method'] ?? 'GET');
  const isRead = method === 'GET';
  const given = options['data'] as Record<string, string> | undefined;
  const url = new URL(String(options['url']), location.origin);
  if (isRead) for (const [name, value] of Object.entries(given ?? {})) url.searchParams.set(name, String(value));
  const response = await fetch(url, {
    method,
    headers: { ...(isRead ? {} : { 'content-type': 'application/json' }), ...(options['header'] as object) },
    ...(isRead || given === undefined ? {} : { body: JSON.stringify(given) }),
    ...(typeof options['timeout'] === 'number' ? { signal: AbortSignal.timeout(options['timeout']) } : {}),
  });
  const text = await response.text();
  return { data: parsed(text), statusCode: response.status, header: Object.fromEntries(response.headers) };
}

/** As the platform does it: what is not JSON arrives as text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

const mostTemplates = 3;

async function requestNotices(platform: Platform, wanted: string[]): Promise<unknown> {
  if (wanted.length > mostTemplates)
    throw new Refused('20003', 'requestSubscribeMessage:fail Templates count out of max bounds');
  const known = await platform.templates();
  const titles = wanted.map((id) => known.find(({ templateId }) => templateId === id)?.title ?? id);
  const accepted = await askForNotices(titles);
  return platform.subscribe(wanted.map((templateId, i) => ({ templateId, accept: accepted[i] ?? false })));
}

function windowInfo() {
  const { innerWidth: width, innerHeight: height } = window;
  const safeArea = { top: 0, left: 0, right: width, bottom: height, width, height };
  return { windowWidth: width, windowHeight: height, pixelRatio: devicePixelRatio, statusBarHeight: 0, safeArea };
}
