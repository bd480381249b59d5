/** Starts the mini-program in the browser: the platform, the frame, the component framework, the app object and the first page. */
import { showChooser } from './chooser.js';
import { askForLine, showToast } from './dialogs.js';
import { createFrame } from './frame.js';
import { createPages, parse } from './pages.js';
import { Refused, createPlatform, readLaunch } from './platform.js';
import type { Platform } from './platform.js';
import { createSpace } from './space.js';
import type { ButtonActions, Part, PreviewInput } from './types.js';
import { createWx } from './wx.js';
import type { Wx } from './wx.js';

interface AppObject {
  onLaunch?(options: object): void;
  onShow?(options: object): void;
  onHide?(): void;
}
declare global {
  var wx: Wx;
  var App: (definition: AppObject) => void;
  var getApp: () => AppObject;
  var getCurrentPages: () => unknown[];
  var getRegExp: (pattern: string, flags?: string) => RegExp;
  var getDate: (...given: [string | number]) => Date;
}

export function createPreview(input: PreviewInput) {
  const { openid, appId, embedded } = readLaunch(location);
  const platform = createPlatform({ openid: openid ?? '', appId, embedded });
  const frame = createFrame(input.app, {
    ...{ embedded, base: input.base },
    actions: {
      back: () => pages.navigateBack(),
      home: () => pages.reLaunch(`/${input.app.pages[0] ?? ''}`),
      close: () => platform.close(),
      tab: (path) => pages.switchTab(`/${path}`),
    },
  });
  const space = createSpace(input, buttonActions(platform));
  const pages = createPages({ ...{ app: input.app, configs: input.pages, frame, space }, titled: platform.title });
  let app: AppObject = {};
  globalThis.wx = createWx(pages, platform);
  globalThis.App = (definition) => (app = definition);
  globalThis.getApp = () => app;
  globalThis.getCurrentPages = () => pages.objects();
  // Words of the platform's script language that a browser does not have.
  globalThis.getRegExp = (pattern, flags) => new RegExp(pattern, flags);
  globalThis.getDate = (...given) => new Date(...given);
  return {
    register: (path: string, part: Part) => space.register(path, part),
    define: (path: string, run: () => void) => space.define(path, run),
    start(): void {
      if (openid === undefined) return void showChooser();
      const target = parse(location.hash.slice(1) || `/${input.app.pages[0] ?? ''}`);
      const launch = { path: target.path, query: target.query, scene: 1001 };
      app.onLaunch?.(launch);
      app.onShow?.(launch);
      pages.reLaunch(`/${target.path}?${new URLSearchParams(target.query).toString()}`);
      addEventListener('message', (event) => event.origin === location.origin && hear(event.data));
    },
  };

  /** The phone tells when the person leaves to a chat and when they come back. */
  function hear(message: { huike?: string } | undefined): void {
    if (message?.huike === 'hide') pages.hide();
    if (message?.huike === 'show') pages.show();
  }
}

function buttonActions(platform: Platform): ButtonActions {
  return {
    async phoneNumber() {
      try {
        return { errMsg: 'getPhoneNumber:ok', ...(await platform.phoneCode()) };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return error.code === 'phone.none' ? addPhone(platform) : { errMsg: 'getPhoneNumber:fail' };
      }
    },
    async contact(sessionFrom) {
      await platform.contact(sessionFrom);
      if (!platform.embedded) showToast('已进入客服会话', 1500);
    },
  };
}

/** The platform asks those without a number for one. */
async function addPhone(platform: Platform): Promise<{ errMsg: string; code?: string }> {
  const phone = await askForLine('申请获取你的手机号', '请输入手机号');
  if (phone === undefined) return { errMsg: 'getPhoneNumber:fail user deny' };
  try {
    await platform.addPhone(phone);
    return { errMsg: 'getPhoneNumber:ok', ...(await platform.phoneCode()) };
  } catch (error) {
    if (error instanceof Refused) return { errMsg: 'getPhoneNumber:fail' };
    throw error;
  }
}
