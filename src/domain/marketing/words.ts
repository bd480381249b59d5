/** Fills the words of a text in for one person. Which words there are is the contract's; texts of broadcasts and strategies share them. */
import { fillContent } from '../../contracts/index.js';
import type { Content, PersonFacts } from '../../contracts/index.js';

export { placeholdersIn, unknownWords, wordNames } from '../../contracts/index.js';

/**
 * The content as this person reads it. `more`: what is known beside the person, by the names that events use (`voucher`: what the voucher
 * is called). `timeZone`: the shop's.
 */
export function fillIn<C extends Content>(
  content: C,
  person: PersonFacts | undefined,
  more: Readonly<Record<string, unknown>> = {},
  timeZone = 'Asia/Shanghai',
): C {
  return fillContent(content, { data: more, timeZone, ...(person ? { person } : {}) });
}
