/** Where one person is reached: a user id on one account of one channel. Owns no behaviour. */
import { z } from 'zod';

export const channelNames = ['official-account', 'mini-program', 'wechaty'] as const;
export const ChannelName = z.enum(channelNames);
export type ChannelName = z.infer<typeof ChannelName>;

/** `account` is the id given in the configuration; `user` is the platform's id of the person (an openid on WeChat). */
export const Address = z.strictObject({ channel: ChannelName, account: z.string().min(1), user: z.string().min(1) });
export type Address = z.infer<typeof Address>;

/** One string per address, usable as a document key. Account ids hold no slash (the configuration refuses it). */
export function addressKey(address: Address): string {
  return `${address.channel}/${address.account}/${address.user}`;
}
