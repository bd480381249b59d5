/** How the entries of the library are put together: the few shapes they share. Pure values. */
import type { z } from 'zod';
import type { LibraryEntry, Metric, PutStrategy, Titles } from '../../contracts/index.js';

export type Body = z.infer<typeof PutStrategy>;
type Action = Body['actions'][number];

export interface Draft {
  code: string;
  title: Titles;
  why: Titles;
  trigger: Body['trigger'];
  action: Action;
  metric: Metric;
  holdoutPercent?: number;
  coupon?: LibraryEntry['coupon'];
  asks?: Array<'category'>;
}

export const both = (zh: string, en: string): Titles => ({ 'zh-CN': zh, en });

/** A tenth is left alone: enough to see an effect, little enough to spare. */
export const TENTH = 10;

const usualPriority = 100;

export function entry({ code, title, why, trigger, action, metric, coupon = null, ...rest }: Draft): LibraryEntry {
  const { holdoutPercent = 0, asks = [] } = rest;
  return {
    code,
    why,
    body: {
      ...{ enabled: false, title, priority: usualPriority, trigger, actions: [action], metric },
      ...(holdoutPercent ? { holdoutPercent } : {}),
    },
    asks: [...(coupon ? (['coupon'] as const) : []), ...asks],
    coupon,
  };
}

export const on = (code: Body['trigger']['code'], args: Record<string, unknown> = {}): Body['trigger'] => ({
  code,
  args,
});

const inInbox = (purpose: 'care' | 'promotion') => (text: string, page: string) =>
  ({ code: 'send', args: { purpose, routes: ['member-inbox'], text, page: `pages/${page}/index` } }) satisfies Action;

export const care = inInbox('care');
export const promotion = inInbox('promotion');

export const notice = (text: string, page: string): Action => ({
  code: 'notice',
  args: { text, page: `pages/${page}/index` },
});

export const reply = (text: string): Action => ({ code: 'reply', args: { content: { type: 'text', text } } });

/** Fen off from fen on. */
export const coupon = (title: string, amountOff: number, threshold: number, validDays: number) => ({
  ...{ title, amountOff, threshold, validDays },
});
