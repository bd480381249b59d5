/** What several actions share: words in their texts, pages they open, and how a message is told from the next one about the same thing. Pure. */
import { z } from 'zod';
import { unknownWords } from '../contracts/index.js';
import type { Facts } from '../contracts/index.js';

/** A text with words in braces, of those named. */
export const wordingOf = (names: readonly string[]) =>
  z
    .string()
    .trim()
    .min(1)
    .refine(
      (text) => unknownWords(text, names).length === 0,
      `the words in braces are: ${names.map((name) => `{${name}}`).join(' ')}`,
    );

/** A page of the mini-program. */
export const PagePath = z.string().regex(/^[a-z0-9/_-]{1,100}(\?[\w=&{}.-]*)?$/i, 'a page without a leading slash');

/** A template's own field names; each value may hold words. */
export const fieldsOf = (wording: ReturnType<typeof wordingOf>) =>
  z.record(z.string().regex(/^[A-Za-z_0-9]{1,32}$/), wording.max(60));

/** Of each route the first template that belongs to an account at which the person is reached. */
export function templatesFor<T extends { route: string; account: string }>(
  { addresses }: Pick<Facts, 'addresses'>,
  templates: readonly T[],
): T[] {
  const reached = templates.filter(({ account }) => addresses.some((address) => address.account === account));
  return reached.filter((one, index) => reached.findIndex(({ route }) => route === one.route) === index);
}

/**
 * What a message is about, so that one strategy says it once however often it is caused: the occasion of the clock, an order's turn, or
 * the end that is warned of and how many days before.
 */
export function about(data: Readonly<Record<string, unknown>>, kind: string): { occurrence?: string } {
  const { key, orderId, step, days } = data;
  if (kind === 'strategy.due' && typeof key === 'string') return { occurrence: key };
  const ends = data['expiresAt'] ?? data['until'];
  if (typeof days === 'number' && typeof ends === 'string') return { occurrence: [kind, ends, days].join(':') };
  if (typeof orderId !== 'string') return {};
  return { occurrence: [kind, orderId, ...(typeof step === 'number' ? [step] : [])].join(':') };
}
