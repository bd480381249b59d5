/** When a customer's text holds, or is, one of the keywords, and nobody of the staff serves the conversation. */
import { z } from 'zod';
import type { Trigger } from '../../contracts/index.js';

const Args = z.strictObject({
  keywords: z.array(z.string().trim().min(1).max(40)).min(1).max(100),
  match: z.enum(['contains', 'equals']).default('contains'),
});
type Args = z.infer<typeof Args>;

export const keyword: Trigger<Args> = {
  code: 'keyword',
  title: { 'zh-CN': '发来关键词', en: 'Writes a keyword' },
  on: ['message.received'],
  args: Args,
  matches(event, facts, args) {
    const text = event.data['text'];
    if (typeof text !== 'string' || facts.conversation?.assigneeId) return false;
    const said = fold(text);
    return args.keywords.map(fold).some((word) => (args.match === 'equals' ? said === word : said.includes(word)));
  },
  example: {
    event: { kind: 'message.received', at: new Date(0), data: { type: 'text', text: '包邮吗？' } },
    args: { keywords: ['包邮'], match: 'contains' },
  },
};

/** Full-width and half-width forms and letter case are the same word to a customer. */
function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}
