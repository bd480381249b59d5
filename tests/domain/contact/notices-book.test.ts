/** The arithmetic of one-time notices: every tap counts once, whoever tells it and however often; nothing is spent twice. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyBook,
  exhaust,
  leftIn,
  note,
  PAIR_WITHIN_MS,
  refuse,
  returnGrant,
  takeGrant,
  tapsIn,
  UNUSED_KEPT,
} from '../../../src/domain/contact/notices-book.js';
import type { NoticeAnswer, NoticeBook, Teller } from '../../../src/domain/contact/notices-book.js';

const start = Date.parse('2026-03-01T02:00:00Z');
const at = (seconds: number): Date => new Date(start + seconds * 1000);
const told = (by: Teller, key: string, seconds: number, accepted = true): NoticeAnswer => ({
  by,
  key,
  at: at(seconds),
  accepted,
});

let grants = 0;
/** The book after all of these, in this order. */
const after = (answers: readonly NoticeAnswer[], book: NoticeBook = emptyBook()): NoticeBook =>
  answers.reduce((so, answer) => note(so, answer, `g${(grants += 1)}`).book, book);
const leftAfter = (...answers: NoticeAnswer[]): number => leftIn(after(answers));

describe('one tap', () => {
  it.each([
    ['told by the mini-program', 1, [told('report', 'r1', 0)]],
    ['told by the platform', 1, [told('push', 'p1', 0)]],
    ['told by both', 1, [told('report', 'r1', 3), told('push', 'p1', 0)]],
    ['told by both, the platform last', 1, [told('push', 'p1', 0), told('report', 'r1', 3)]],
    ['told three times by each', 1, [0, 1, 2].flatMap(() => [told('report', 'r1', 3), told('push', 'p1', 0)])],
    ['told by both, five minutes apart', 1, [told('report', 'r1', 300), told('push', 'p1', 0)]],
    ['and another more than five minutes later', 2, [told('report', 'r1', 301), told('push', 'p1', 0)]],
    ['and another, both told by one', 2, [told('report', 'r1', 0), told('report', 'r2', 1)]],
    ['refused', 0, [told('report', 'r1', 0, false), told('push', 'p1', 0, false)]],
    ['refused, then accepted', 1, [told('report', 'r1', 0, false), told('push', 'p1', 9)]],
  ])('%s: %i', (_name, expected, answers) => {
    expect(leftAfter(...answers)).toBe(expected);
  });

  it('a pair is not lost to a neighbour that came first', () => {
    const answers = [
      told('report', 'r1', 0),
      told('push', 'p2', 240),
      told('push', 'p3', 480),
      told('report', 'r2', 240),
      told('push', 'p1', 0),
      told('report', 'r3', 480),
    ];
    expect(leftAfter(...answers)).toBe(3);
  });
});

/** Taps of one neighbourhood are all told by the same tellers: who of two tells of which tap cannot be known otherwise. */
const neighbourhood = fc.record({
  by: fc.constantFrom<Teller[]>(['report'], ['push'], ['report', 'push']),
  taps: fc.array(fc.record({ second: fc.integer({ min: 0, max: 600 }), delay: fc.integer({ min: -300, max: 300 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
});
const story = fc.array(neighbourhood, { maxLength: 4 }).map((places) => {
  const answers = places.flatMap(({ by, taps }, place) =>
    taps.flatMap(({ second, delay }, tap) => {
      const when = place * 3600 + second;
      // Only what both tell can be apart; either alone is at its own time.
      return by.map((teller) => told(teller, `${place}-${tap}`, teller === 'report' ? when + delay : when));
    }),
  );
  return { answers, taps: places.reduce((sum, { taps }) => sum + taps.length, 0) };
});
/** Some answers again, all in any order. */
const retold = story.chain(({ answers, taps }) =>
  fc
    .tuple(fc.subarray(answers), fc.subarray(answers))
    .chain(([again, more]) => {
      const all = [...answers, ...again, ...more];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    })
    .map((told) => ({ told, taps })),
);

describe('whatever the order and however often', () => {
  it('n taps are n grants', () => {
    fc.assert(
      fc.property(retold, ({ told: answers, taps }) => {
        expect(leftIn(after(answers))).toBe(taps);
      }),
      { numRuns: 500 },
    );
  });

  it('an answer grants one notice or none, and a repeat changes nothing', () => {
    fc.assert(
      fc.property(retold, ({ told: answers }) => {
        let book = emptyBook();
        for (const answer of answers) {
          const noted = note(book, answer, `g${(grants += 1)}`);
          expect(leftIn(noted.book) - leftIn(book)).toBe(noted.granted ? 1 : 0);
          if (noted.repeated) expect(noted.book).toBe(book);
          book = noted.book;
          const again = note(book, answer, 'again');
          expect([again.repeated, again.granted, again.book]).toEqual([true, false, book]);
        }
      }),
    );
  });

  it('as many pairs as there can be are found', () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 6 });
    fc.assert(
      fc.property(seconds, seconds, (reports, pushes) => {
        const answers = [
          ...reports.map((second, n) => told('report', `r${n}`, second)),
          ...pushes.map((second, n) => told('push', `p${n}`, second)),
        ].sort((a, b) => a.at.getTime() - b.at.getTime());
        expect(tapsIn(answers)).toBe(answers.length - mostPairs(reports, pushes));
      }),
      { numRuns: 300 },
    );
  });

  it('no more are taken than were granted, whatever comes back', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('tap' as const), second: fc.integer({ min: 0, max: 90_000 }) }),
      fc.record({ do: fc.constantFrom('take' as const, 'sent' as const, 'return' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let book = emptyBook();
        let [granted, sent] = [0, 0];
        const held: string[] = [];
        steps.forEach((one, n) => {
          if (one.do === 'tap') {
            const noted = note(book, told('push', `p${n}`, one.second), `g${n}`);
            book = noted.book;
            granted += Number(noted.granted);
          } else if (one.do === 'take') {
            const taken = takeGrant(book, at(n));
            if (taken) held.push(taken.grantId);
            book = taken?.book ?? book;
          } else {
            const grantId = held.pop();
            if (grantId !== undefined && one.do === 'return') book = returnGrant(book, grantId);
            if (grantId !== undefined && one.do === 'sent') sent += 1;
          }
          expect(sent + held.length + leftIn(book)).toBe(granted);
        });
      }),
    );
  });
});

/** By trying every way: the slow truth that the counting is held to. */
function mostPairs(reports: readonly number[], pushes: readonly number[]): number {
  const [first, ...others] = reports;
  if (first === undefined) return 0;
  const withFirst = pushes.flatMap((push, n) =>
    Math.abs(push - first) * 1000 <= PAIR_WITHIN_MS ? [1 + mostPairs(others, pushes.toSpliced(n, 1))] : [],
  );
  return Math.max(mostPairs(others, pushes), ...withFirst);
}

describe('taking', () => {
  it('the oldest first, and nothing from nothing', () => {
    const book = after([told('report', 'r2', 700), told('report', 'r1', 0)]);
    const first = takeGrant(book, at(800));
    const second = first && takeGrant(first.book, at(801));
    const ages = (taken: typeof first) => book.grants.find(({ id }) => id === taken?.grantId)?.at;
    expect([ages(first), ages(second)]).toEqual([at(0), at(700)]);
    expect(second && takeGrant(second.book, at(802))).toBeUndefined();
  });

  it('a grant that comes back is left again, once', () => {
    const taken = takeGrant(after([told('report', 'r1', 0)]), at(1));
    const back = returnGrant(taken?.book ?? emptyBook(), taken?.grantId ?? '');
    expect([leftIn(back), leftIn(returnGrant(back, taken?.grantId ?? ''))]).toEqual([1, 1]);
    expect(leftIn(returnGrant(back, 'unknown'))).toBe(1);
  });

  it('what the platform says is used up is gone, and a late second telling of it brings nothing back', () => {
    const book = exhaust(after([told('report', 'r1', 0), told('report', 'r2', 1)]));
    expect(leftIn(book)).toBe(0);
    expect(leftIn(after([told('push', 'p1', 0)], book))).toBe(0);
    expect(leftIn(after([told('push', 'p9', 900)], book))).toBe(1);
  });
});

describe('a refusal in the settings', () => {
  const refused = refuse(after([told('report', 'r1', 0), told('report', 'r2', 900)]), at(600));

  it('ends what was accepted before it and leaves what was accepted after it', () => {
    expect(leftIn(refused)).toBe(1);
  });

  it('counts also for what is told late', () => {
    expect(leftIn(after([told('push', 'late', 30 * 60 - 1500)], refused))).toBe(1);
    expect(leftIn(after([told('report', 'later', 1900)], refused))).toBe(2);
  });

  it('keeps a grant from coming back that was taken before it', () => {
    const taken = takeGrant(after([told('report', 'r1', 0)]), at(1));
    const book = refuse(taken?.book ?? emptyBook(), at(2));
    expect(leftIn(returnGrant(book, taken?.grantId ?? ''))).toBe(0);
  });

  it('told out of order changes nothing', () => {
    expect(refuse(refused, at(100))).toEqual(refused);
  });
});

it('holds a hundred unused grants at most, whatever is told, taken and given back', () => {
  const step = fc.constantFrom('tap' as const, 'tap' as const, 'tap' as const, 'take' as const, 'return' as const);
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 400 }), (steps) => {
      // Nearly full, so that the limit is met.
      let book = after(Array.from({ length: UNUSED_KEPT - 5 }, (_, n) => told('push', `before${n}`, n * 900)));
      const held: string[] = [];
      steps.forEach((one, n) => {
        const left = leftIn(book);
        if (one === 'tap') {
          const noted = note(book, told('push', `p${n}`, 100_000 + n * 900), `g${n}`);
          expect(noted.granted).toBe(left < UNUSED_KEPT);
          book = noted.book;
        } else if (one === 'take') {
          const taken = takeGrant(book, at(n));
          if (taken) held.push(taken.grantId);
          book = taken?.book ?? book;
        } else book = returnGrant(book, held.pop() ?? 'none');
        expect(leftIn(book)).toBeLessThanOrEqual(UNUSED_KEPT);
        expect(book.answers.length).toBeLessThanOrEqual(500);
      });
    }),
    { numRuns: 30 },
  );
}, 30_000);

it('a book stays small', () => {
  let book = emptyBook();
  for (let n = 0; n < 700; n += 1) {
    book = after([told('push', `p${n}`, n * 900)], book);
    book = takeGrant(book, at(n * 900))?.book ?? book;
  }
  expect([book.answers.length, book.grants.length <= 51]).toEqual([500, true]);
});
