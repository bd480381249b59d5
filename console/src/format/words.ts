/** Words in braces that texts may hold, as a form offers them: `{name|朋友}`. Which there are is the server's; these are those of a person. Pure. */

/** What is known of everybody. `voucher` only beside a coupon. */
export const personWords = ['name', 'level', 'points', 'orders', 'spent', 'birthday', 'lastOrder', 'voucher'] as const;
export type PersonWord = (typeof personWords)[number];

const PLACEHOLDER = /\{([^{}|]*)(?:\|([^{}]*))?\}/g;

export const wordsIn = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name.trim());

/** A brace that opens and does not close, or the other way round, would be sent as it stands. */
export const hasLooseBrace = (text: string): boolean => /[{}]/.test(text.replace(PLACEHOLDER, ''));

/** The text with examples in place of its words; a word without example becomes what stands after its bar. */
export function exampleOf(text: string, examples: Readonly<Record<string, string>>): string {
  return text.replace(
    PLACEHOLDER,
    (_whole, name: string, fallback: string | undefined) => examples[name.trim()] ?? fallback ?? '—',
  );
}

/** The text with a word put in where the cursor stands, and where the cursor stands then. */
export function insertWord(
  text: string,
  at: { from: number; to: number },
  word: string,
  fallback: string,
): { text: string; cursor: number } {
  const put = fallback ? `{${word}|${fallback}}` : `{${word}}`;
  return { text: text.slice(0, at.from) + put + text.slice(at.to), cursor: at.from + put.length };
}
