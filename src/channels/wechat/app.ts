/** One app of the platform as its calls need it: an official account or a mini-program. Owns the address of the API; talks to nobody. */
import { z } from 'zod';
import type { ChannelName } from '../../contracts/index.js';

/** `channel` and `id` say whose it is, for the store, the logs and the health; the platform knows the app by `appId` alone. */
export interface WechatApp {
  channel: ChannelName;
  id: string;
  appId: string;
  appSecret: string;
  apiBase?: string | undefined;
}

const apiHost = 'https://api.weixin.qq.com';

export const withoutSlash = (base: string): string => base.replace(/\/+$/, '');

/** Where the API of this app is called, without a slash at the end. */
export const apiBaseOf = (app: Pick<WechatApp, 'apiBase'>): string => withoutSlash(app.apiBase ?? apiHost);

/** The name under which this app keeps something in the store that all processes share. */
export const storeKey = (app: Pick<WechatApp, 'channel' | 'id'>, ...names: readonly string[]): string =>
  [app.channel, app.id, ...names].join('/');

/** Values that the configuration of every app of the platform has in common, with their rules. */
export const accountFields = {
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dot, dash and underscore only'),
  appId: z.string().min(1),
  appSecret: z.string().min(1),
  token: z.string().regex(/^[A-Za-z0-9]{3,32}$/, '3 to 32 letters and digits'),
  encodingAesKey: z.string().regex(/^[A-Za-z0-9]{43}$/, '43 letters and digits'),
  apiBase: z.url({ protocol: /^https?$/ }).optional(),
} as const;
