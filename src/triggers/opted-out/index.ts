/** When a person says in a chat that they want no more promotion. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({});
type Args = z.infer<typeof Args>;

export const optedOut: Trigger<Args> = {
  code: 'opted-out',
  title: { 'zh-CN': '在对话中退订', en: 'Opts out in chat' },
  on: ['consent.withdrawn'],
  args: Args,
  // One word in chat takes back several consents; it is answered once.
  matches: ({ data }) => data['page'] === 'chat' && data['purpose'] === 'promotion',
  example: {
    event: { kind: 'consent.withdrawn', at: new Date(0), data: { page: 'chat', purpose: 'promotion' } },
    args: {},
  },
};
