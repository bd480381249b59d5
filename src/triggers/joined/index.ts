/** When a person becomes a member. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({});
type Args = z.infer<typeof Args>;

export const joined: Trigger<Args> = {
  code: 'joined',
  title: { 'zh-CN': '成为会员', en: 'Becomes a member' },
  on: ['member.joined'],
  args: Args,
  matches: () => true,
  example: { event: { kind: 'member.joined', at: new Date(0), data: {} }, args: {} },
};
