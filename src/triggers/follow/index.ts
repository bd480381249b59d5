/** When somebody follows the account, by any way or by one of the named scene codes. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({
  /** Scene names of QR codes; empty means any way of following. */
  scenes: z.array(z.string().min(1).max(64)).max(200).default([]),
});
type Args = z.infer<typeof Args>;

export const follow: Trigger<Args> = {
  code: 'follow',
  title: { 'zh-CN': '关注公众号', en: 'Follows the account' },
  on: ['identity.followed'],
  args: Args,
  matches(event, _facts, args) {
    const scene = event.data['scene'];
    return args.scenes.length === 0 || (typeof scene === 'string' && args.scenes.includes(scene));
  },
  example: {
    event: { kind: 'identity.followed', at: new Date(0), data: { scene: 'store-1' } },
    args: { scenes: ['store-1'] },
  },
};
