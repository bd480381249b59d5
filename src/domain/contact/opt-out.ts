/** The words by which a person refuses further messages, as SMS and the trade know them. Pure. */

const words: ReadonlySet<string> = new Set(['退订', '拒收', 'TD', 'T', 'N', 'R']);
const TRAILING = /[\p{P}~\s]+$/u;

/** The whole message is one of the words, in any case and width, with any punctuation after it; not a sentence in which one stands. */
export function isOptOut(text: string): boolean {
  return words.has(text.normalize('NFKC').trim().replace(TRAILING, '').toUpperCase());
}
