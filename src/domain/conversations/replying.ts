/** What staff can answer with, and whether it is counted, by the channel of a conversation. Pure. */
import type { ReplyKind } from '../../contracts/index.js';

/**
 * The customer messages of official accounts and mini-programs have no form for a file; a personal account sends any.
 * https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
 * https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/customer-message/send.html
 */
const withFiles: ReadonlySet<string> = new Set(['wechaty']);
/** Nothing opens a window there and nothing closes one. */
const unmetered: ReadonlySet<string> = new Set(['wechaty']);

export const replyKindsOf = (channel: string): ReplyKind[] =>
  withFiles.has(channel) ? ['text', 'image', 'file'] : ['text', 'image'];

/** Whether the platform allows only so many answers, for a time; the quota ledger counts them. */
export const isMetered = (channel: string): boolean => !unmetered.has(channel);
