/** What the configuration says of one official account. Owns the schema only; nothing here talks to the platform. */
import { z } from 'zod';
import { accountFields, withoutSlash } from '../wechat/app.js';
import type { WechatApp } from '../wechat/app.js';

/**
 * `token` and `encodingAesKey` are the values typed into the account's server configuration page; `mode` is the message mode
 * chosen there. `apiBase` replaces every address of the platform (the image host of scene codes too).
 * https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
 */
export const OfficialAccount = z.strictObject({ ...accountFields, mode: z.enum(['plain', 'compatible', 'safe']) });
export type OfficialAccount = z.infer<typeof OfficialAccount>;

const imageHost = 'https://mp.weixin.qq.com';

export const appOf = ({ id, appId, appSecret, apiBase }: OfficialAccount): WechatApp => ({
  channel: 'official-account',
  id,
  appId,
  appSecret,
  apiBase,
});

/** Where the image of a scene code is shown, without a slash at the end. */
export const imageBaseOf = (app: Pick<WechatApp, 'apiBase'>): string => withoutSlash(app.apiBase ?? imageHost);
