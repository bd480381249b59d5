/** What the configuration says of one official account. Owns the schema only; nothing here talks to the platform. */
import { z } from 'zod';

/**
 * `token` and `encodingAesKey` are the values typed into the account's server configuration page; `mode` is the message mode
 * chosen there. `apiBase` replaces every address of the platform (the image host of scene codes too).
 * https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption.html
 */
export const OfficialAccount = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dot, dash and underscore only'),
  appId: z.string().min(1),
  appSecret: z.string().min(1),
  token: z.string().regex(/^[A-Za-z0-9]{3,32}$/, '3 to 32 letters and digits'),
  encodingAesKey: z.string().regex(/^[A-Za-z0-9]{43}$/, '43 letters and digits'),
  mode: z.enum(['plain', 'compatible', 'safe']),
  apiBase: z.url({ protocol: /^https?$/ }).optional(),
});
export type OfficialAccount = z.infer<typeof OfficialAccount>;

const apiHost = 'https://api.weixin.qq.com';
const imageHost = 'https://mp.weixin.qq.com';

const withoutSlash = (base: string): string => base.replace(/\/+$/, '');

/** Where the API of this account is called, without a slash at the end. */
export const apiBaseOf = (account: OfficialAccount): string => withoutSlash(account.apiBase ?? apiHost);

/** Where the image of a scene code is shown, without a slash at the end. */
export const imageBaseOf = (account: OfficialAccount): string => withoutSlash(account.apiBase ?? imageHost);
