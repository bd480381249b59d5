/**
 * Speaks to one person of care or promotion, by the routes that WeChat leaves open for it: always in the mini-program's own messages where
 * that is wanted, by a one-time notice the person tapped for, and, of care alone, in a conversation whose window is open. Marketing by
 * template or customer message is misuse of them (WeChat's rules for template messages and for customer messages), so a promotion takes
 * neither. A voucher is promotion.
 */
import { z } from 'zod';
import { fillAddress, fillText, wordNames } from '../../contracts/index.js';
import type { Action, Content, DomainEvent, Facts, Known, Message } from '../../contracts/index.js';
import { PagePath, about, fieldsOf, templatesFor, wordingOf } from '../parts.js';

const Wording = wordingOf(wordNames);
/** A list that has each of its values once. */
const once = (values: readonly string[]): boolean => new Set(values).size === values.length;

const shared = {
  /** What the mini-program's messages and a conversation say. */
  text: Wording.max(300),
  /** Page of the mini-program that opens, if any. */
  page: PagePath.optional(),
  /** Templates of one-time notices: each belongs to one account, with the template's own field names. */
  templates: z
    .array(
      z.strictObject({
        route: z.literal('subscription-notice').default('subscription-notice'),
        account: z.string().min(1).max(64),
        templateId: z.string().min(1).max(64),
        fields: fieldsOf(Wording),
      }),
    )
    .max(20)
    .default([]),
};

const Care = z.strictObject({
  purpose: z.literal('care'),
  routes: z
    .array(z.enum(['member-inbox', 'subscription-notice', 'customer-message']))
    .min(1)
    .refine(once, 'each way once')
    .default(['member-inbox']),
  ...shared,
});

const Promotion = z.strictObject({
  purpose: z.literal('promotion'),
  routes: z
    .array(z.enum(['member-inbox', 'subscription-notice']))
    .min(1)
    .refine(once, 'each way once')
    .default(['member-inbox']),
  ...shared,
  /** A voucher of this coupon goes with the message; where it cannot be granted, nothing is sent. */
  couponId: z
    .string()
    .regex(/^[0-9a-f]{24}$/, 'expected the id of a coupon')
    .optional(),
  /** What {voucher} says: usually the coupon's title. */
  voucher: z.string().trim().min(1).max(40).optional(),
});

const Args = z
  .discriminatedUnion('purpose', [Care, Promotion])
  .refine((args) => args.routes.some((route) => route === 'subscription-notice') === args.templates.length > 0, {
    path: ['templates'],
    message: 'a one-time notice needs its templates, and templates the route',
  });
type Args = z.infer<typeof Args>;

/** Later than this nobody waits for it any more; time enough to outlast a night or a short hold. */
const STALE_MS = 3 * 86_400_000;

export const send: Action<Args> = {
  code: 'send',
  title: { 'zh-CN': '发送消息', en: 'Send a message' },
  args: Args,
  needs: ['person'],
  plan(event, facts, args) {
    const message = messageOf(args, facts, knownOf(event, facts, args));
    if (Object.keys(message.variants).length === 0) return [];
    const couponId = args.purpose === 'promotion' ? args.couponId : undefined;
    return [
      {
        type: 'message',
        message,
        ...(couponId ? { offer: { couponId } } : {}),
        ...about(event.data, event.kind),
        staleAt: new Date(event.at.getTime() + STALE_MS),
      },
    ];
  },
  example: {
    args: {
      purpose: 'promotion',
      routes: ['member-inbox'],
      text: '{name|朋友}，送您一张{voucher|优惠券}，七天内有效。',
      page: 'pages/vouchers/index',
      templates: [],
    },
  },
};

function knownOf(event: DomainEvent, facts: Facts, args: Args): Known {
  const voucher = args.purpose === 'promotion' ? args.voucher : undefined;
  const data = voucher === undefined ? event.data : { voucher, ...event.data };
  return { data, timeZone: facts.timeZone, ...(facts.person ? { person: facts.person } : {}) };
}

function messageOf(args: Args, facts: Facts, known: Known): Message {
  const text = fillText(args.text, known);
  const opens = args.page ? { page: fillAddress(args.page, known) } : {};
  const [template] = templatesFor(facts, args.templates);
  const data = Object.entries(template?.fields ?? {}).map(([name, wording]) => [name, fillText(wording, known)]);
  const contents: Partial<Record<Args['routes'][number], Content>> = {
    'member-inbox': { type: 'notice', templateId: '', ...opens, data: { text } },
    'customer-message': { type: 'text', text },
    ...(template
      ? {
          'subscription-notice': {
            type: 'notice',
            templateId: template.templateId,
            ...opens,
            data: Object.fromEntries(data) as Record<string, string>,
          },
        }
      : {}),
  };
  const variants = Object.fromEntries(
    args.routes.flatMap((route) => (contents[route] ? [[route, contents[route]] as const] : [])),
  );
  return {
    purpose: args.purpose,
    variants,
    ...(template ? { variantAccounts: { 'subscription-notice': template.account } } : {}),
  };
}
