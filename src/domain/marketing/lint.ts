/**
 * Finds words that advertising law forbids: absolutes, medical words, promises of an effect. Compares as people read: full-width letters,
 * capitals and spaces between characters make no difference. Knows no message and no list; says where, why, and what to write instead. Pure.
 */
import { z } from 'zod';

export const ForbiddenWord = z.strictObject({
  word: z.string().trim().min(1).max(20),
  kind: z.enum(['absolute', 'authority', 'medical', 'effect', 'promise']),
  /** Harmless compounds that hold the word. */
  except: z.array(z.string().trim().min(2).max(20)).default([]),
  reason: z.string().min(1),
  instead: z.string().min(1),
});
export type ForbiddenWord = z.infer<typeof ForbiddenWord>;

/** The file: groups share kind, reason and what to write instead. */
export const ForbiddenWords = z
  .strictObject({
    groups: z.array(
      z.strictObject({
        ...{ kind: ForbiddenWord.shape.kind, reason: z.string().min(1), instead: z.string().min(1) },
        words: z.array(
          z.union([z.string(), z.strictObject({ word: z.string(), except: z.array(z.string()).default([]) })]),
        ),
      }),
    ),
  })
  .transform(({ groups }) =>
    groups.flatMap(({ words, ...shared }) =>
      words.map((word) => ForbiddenWord.parse({ ...shared, ...(typeof word === 'string' ? { word } : word) })),
    ),
  );

export interface LintedText {
  /** Where the text stands, as a dotted path: `message.variants.mass-send.text`. */
  path: string;
  text: string;
}

export interface LintFinding {
  path: string;
  word: string;
  kind: ForbiddenWord['kind'];
  /** The word with a few characters around it, as written. */
  excerpt: string;
  reason: string;
  instead: string;
}

const AROUND = 6;

/** Every place of every forbidden word; of words that overlap the longest. In the order of the texts and of their characters. */
export function lint(texts: readonly LintedText[], words: readonly ForbiddenWord[]): LintFinding[] {
  const longestFirst = words.toSorted((a, b) => b.word.length - a.word.length);
  return texts.flatMap((text) => findingsIn(text, longestFirst));
}

function findingsIn({ path, text }: LintedText, words: readonly ForbiddenWord[]): LintFinding[] {
  const read = readable(text);
  const taken: boolean[] = [];
  const found: Array<LintFinding & { start: number }> = [];
  for (const { word, kind, except, reason, instead } of words) {
    const sought = readable(word).letters;
    for (const start of placesOf(sought, read)) {
      const end = start + sought.length;
      if (taken.slice(start, end).includes(true) || isExcepted(read.letters, start, { sought, except })) continue;
      for (let i = start; i < end; i++) taken[i] = true;
      found.push({ start, path, word, kind, excerpt: excerptOf(text, read.origins, start, end), reason, instead });
    }
  }
  return found.toSorted((a, b) => a.start - b.start).map(({ start: _start, ...finding }) => finding);
}

/** The text as it is compared, and for each of its characters where it stood in the original. */
interface Readable {
  letters: string;
  origins: number[];
}

function readable(text: string): Readable {
  let letters = '';
  const origins: number[] = [];
  let at = 0;
  for (const char of text) {
    const plain = char
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s\p{Cf}]/gu, '');
    letters += plain;
    for (let i = 0; i < plain.length; i++) origins.push(at);
    at += char.length;
  }
  return { letters, origins };
}

function placesOf(sought: string, read: Readable): number[] {
  const places: number[] = [];
  for (let at = read.letters.indexOf(sought); at >= 0; at = read.letters.indexOf(sought, at + 1)) {
    if (!runsOn(read, at) && !runsOn(read, at + sought.length)) places.push(at);
  }
  return places;
}

/** Whether a Latin word goes on over this place: `no.1` is not meant in `no.10`, nor `best` in `bestow`. */
function runsOn({ letters, origins }: Readable, at: number): boolean {
  const isLatin = (char: string | undefined): boolean => char !== undefined && /[a-z0-9]/.test(char);
  const isNext = (origins[at] ?? 0) - (origins[at - 1] ?? 0) <= 1;
  return isLatin(letters[at - 1]) && isLatin(letters[at]) && isNext;
}

function isExcepted(
  letters: string,
  start: number,
  { sought, except }: { sought: string; except: readonly string[] },
): boolean {
  return except.some((compound) => {
    const whole = readable(compound).letters;
    const inside = whole.indexOf(sought);
    return inside >= 0 && letters.startsWith(whole, start - inside) && start >= inside;
  });
}

function excerptOf(text: string, origins: readonly number[], start: number, end: number): string {
  const from = origins[Math.max(0, start - AROUND)] ?? 0;
  const to = origins[end + AROUND] ?? text.length;
  return text.slice(from, to);
}
