/**
 * Tells the customer what is owed to them (an order, a level): in the conversation while its window is open, by a one-time notice or a
 * template where the account has one, and always in the mini-program's own messages. Purpose: contract.
 */
import { z } from 'zod';
import type { Action, Content, DomainEvent, Facts, Message } from '../../contracts/index.js';
import { fillIn, placeholdersIn, wordNames } from './words.js';

const knownWords = (text: string): boolean => placeholdersIn(text).every((name) => wordNames.includes(name));
const Wording = z
  .string()
  .trim()
  .min(1)
  .refine(knownWords, `the words in braces are: ${wordNames.map((name) => `{${name}}`).join(' ')}`);

const Args = z.strictObject({
  /** What the conversation and the mini-program's messages say. */
  text: Wording.max(300),
  /** Page of the mini-program that opens, if any. */
  page: z
    .string()
    .regex(/^[a-z0-9/_-]{1,100}(\?[\w=&{}.-]*)?$/i, 'a page without a leading slash')
    .optional(),
  /** Templates by account: each belongs to one, with the template's own field names. */
  templates: z
    .array(
      z.strictObject({
        route: z.enum(['template', 'subscription-notice']),
        account: z.string().min(1).max(64),
        templateId: z.string().min(1).max(64),
        fields: z.record(z.string().regex(/^[A-Za-z_0-9]{1,32}$/), Wording.max(60)),
        /** App id of the mini-program in which `page` opens, for templates of an official account. */
        miniProgram: z.string().max(64).optional(),
      }),
    )
    .max(20)
    .default([]),
});
type Args = z.infer<typeof Args>;
type Template = Args['templates'][number];

const DAY_MS = 86_400_000;

export const notice: Action<Args> = {
  code: 'notice',
  title: { 'zh-CN': '服务通知', en: 'Service notice' },
  args: Args,
  plan(event, facts, args) {
    const said = (wording: string): string => fillIn(wording, event.data, facts.timeZone);
    const page = args.page && said(args.page);
    const text: Content = { type: 'text', text: said(args.text) };
    const chosen = templatesFor(facts, args.templates);
    const message: Message = {
      purpose: 'contract',
      variants: {
        'customer-message': text,
        ...Object.fromEntries(chosen.map((one) => [one.route, contentOf(one, said, page)])),
        'member-inbox': { type: 'notice', templateId: '', ...(page ? { page } : {}), data: { text: text.text } },
      },
      variantAccounts: Object.fromEntries(chosen.map(({ route, account }) => [route, account])),
    };
    return [{ type: 'message', message, ...about(event.data, event.kind), staleAt: staleAt(event) }];
  },
  example: { args: { text: '您的订单 {orderNo} 已发货：{carrier} {trackingNo}', templates: [] } },
};

/** Of each route the template of the account at which the person is reached. */
function templatesFor({ addresses }: Facts, templates: readonly Template[]): Template[] {
  const reached = templates.filter(({ account }) => addresses.some((address) => address.account === account));
  return (['template', 'subscription-notice'] as const).flatMap(
    (route) => reached.find((one) => one.route === route) ?? [],
  );
}

function contentOf(template: Template, said: (wording: string) => string, page: string | undefined): Content {
  const { templateId, miniProgram } = template;
  const data = Object.fromEntries(Object.entries(template.fields).map(([name, wording]) => [name, said(wording)]));
  if (template.route === 'subscription-notice') {
    return { type: 'notice', templateId, ...(page ? { page } : {}), data };
  }
  const opens = miniProgram && page ? { miniProgram: { appId: miniProgram, pagePath: page } } : {};
  return { type: 'template', templateId, ...opens, data };
}

/** An order is told of each of its turns once, however often they are reported. */
function about(data: Readonly<Record<string, unknown>>, kind: string): { occurrence?: string } {
  const { orderId, step } = data;
  if (typeof orderId !== 'string') return {};
  return { occurrence: [kind, orderId, ...(typeof step === 'number' ? [step] : [])].join(':') };
}

/** News of yesterday is no news; a reminder to pay ends with the order. */
function staleAt({ kind, at, data }: Pick<DomainEvent, 'kind' | 'at' | 'data'>): Date {
  const { closesAt } = data;
  const closes = kind === 'order.paymentDue' && typeof closesAt === 'string' ? new Date(closesAt) : undefined;
  return closes ?? new Date(at.getTime() + DAY_MS);
}
