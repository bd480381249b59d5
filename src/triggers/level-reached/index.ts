/** When a person reaches a higher level. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({});
type Args = z.infer<typeof Args>;

export const levelReached: Trigger<Args> = {
  code: 'level-reached',
  title: { 'zh-CN': '会员升级', en: 'Member reaches a level' },
  scene: 'level-reached',
  on: ['level.reached'],
  args: Args,
  matches: () => true,
  example: { event: { kind: 'level.reached', at: new Date(0), data: {} }, args: {} },
};
