/** What the configuration says of one mini-program. Owns the schema only; nothing here talks to the platform. */
import { z } from 'zod';
import { accountFields } from '../wechat/app.js';
import type { WechatApp } from '../wechat/app.js';

/**
 * `token` and `encodingAesKey` are the values typed into the mini-program's page for pushed messages; without them customer messages and
 * events do not come in, and everything else works. `mode` is `safe` where there is a key; `plain`, which does not protect what a push
 * says, must be asked for. `apiBase` replaces the address of the platform's API.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
export const MiniProgramAccount = z
  .strictObject({
    ...accountFields,
    token: accountFields.token.optional(),
    encodingAesKey: accountFields.encodingAesKey.optional(),
    mode: z.enum(['plain', 'safe']).optional(),
  })
  .superRefine((account, context) => {
    const complain = (name: 'token' | 'encodingAesKey', message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    const { token, encodingAesKey, mode } = account;
    if (!token && (encodingAesKey || mode)) complain('token', 'needed for pushed messages, beside encodingAesKey');
    if (mode === 'safe' && !encodingAesKey) complain('encodingAesKey', 'needed in safe mode');
    if (token && !encodingAesKey && !mode) complain('encodingAesKey', 'needed, unless mode is plain');
  });
export type MiniProgramAccount = z.infer<typeof MiniProgramAccount>;

export const appOf = ({ id, appId, appSecret, apiBase }: MiniProgramAccount): WechatApp => ({
  channel: 'mini-program',
  id,
  appId,
  appSecret,
  apiBase,
});
