/**
 * Tells the customer what is owed to them (an order, a level): in the conversation while its window is open, by a one-time notice or a
 * template where the account has one, and always in the mini-program's own messages. Purpose: contract.
 */
import { z } from 'zod';
import { eventWordNames, fillAddress, fillText } from '../../contracts/index.js';
import type { Action, Content, DomainEvent, Message } from '../../contracts/index.js';
import { PagePath, about, fieldsOf, templatesFor, wordingOf } from '../parts.js';

/** Words of what happened only: a notice is written with its event, which should not wait for the person's figures. */
const Wording = wordingOf(eventWordNames);

const Args = z.strictObject({
  /** What the conversation and the mini-program's messages say. */
  text: Wording.max(300),
  /** Page of the mini-program that opens, if any. */
  page: PagePath.optional(),
  /** Templates by account: each belongs to one, with the template's own field names. */
  templates: z
    .array(
      z.strictObject({
        route: z.enum(['template', 'subscription-notice']),
        account: z.string().min(1).max(64),
        templateId: z.string().min(1).max(64),
        fields: fieldsOf(Wording),
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
    const known = { data: event.data, timeZone: facts.timeZone };
    const said = (wording: string): string => fillText(wording, known);
    const page = args.page && fillAddress(args.page, known);
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

function contentOf(template: Template, said: (wording: string) => string, page: string | undefined): Content {
  const { templateId, miniProgram } = template;
  const data = Object.fromEntries(Object.entries(template.fields).map(([name, wording]) => [name, said(wording)]));
  if (template.route === 'subscription-notice') {
    return { type: 'notice', templateId, ...(page ? { page } : {}), data };
  }
  const opens = miniProgram && page ? { miniProgram: { appId: miniProgram, pagePath: page } } : {};
  return { type: 'template', templateId, ...opens, data };
}

/** News of yesterday is no news; a reminder to pay ends with the order. */
function staleAt({ kind, at, data }: Pick<DomainEvent, 'kind' | 'at' | 'data'>): Date {
  const { closesAt } = data;
  const closes = kind === 'order.paymentDue' && typeof closesAt === 'string' ? new Date(closesAt) : undefined;
  return closes ?? new Date(at.getTime() + DAY_MS);
}
