/** Answers the customer at once with a text or a menu to tap. Purpose: reply; it goes inside the platform's request where it can. */
import { z } from 'zod';
import type { Action, Content } from '../../contracts/index.js';

const Args = z.strictObject({
  content: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: z.string().trim().min(1).max(600) }),
    z.strictObject({
      type: z.literal('menu'),
      head: z.string().trim().min(1).max(200),
      entries: z
        .array(z.strictObject({ id: z.string().min(1).max(32), text: z.string().trim().min(1).max(40) }))
        .min(1)
        .max(10),
      tail: z.string().trim().max(200).optional(),
    }),
  ]),
});
type Args = z.infer<typeof Args>;

export const reply: Action<Args> = {
  code: 'reply',
  title: { 'zh-CN': '自动回复', en: 'Reply' },
  args: Args,
  plan(_event, _facts, args) {
    const content = args.content as Content;
    // A menu to tap is only there as a customer message; a text can also be the answer to the platform's own request.
    const variants =
      content.type === 'text'
        ? { 'passive-reply': content, 'customer-message': content, wechaty: content }
        : { 'customer-message': content };
    return [{ type: 'message', message: { purpose: 'reply', variants } }];
  },
  example: { args: { content: { type: 'text', text: '您好，欢迎来到小店！' } } },
};
