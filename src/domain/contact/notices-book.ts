/**
 * Arithmetic of one-time notices for one person and one template, pure. A tap on "accept" is worth one notice. The same tap can be told
 * twice: by the mini-program, which saw the answer, and by the platform, which pushes it; and either may tell it again. What is counted is
 * taps, so a report and a push that fit each other in time are one.
 * https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/subscribe-message.html
 */

/** Who told: the mini-program itself, or the platform. */
export type Teller = 'report' | 'push';

export interface NoticeAnswer {
  by: Teller;
  /** The teller's own name for this telling; a second one with it is a repeat. */
  key: string;
  at: Date;
  accepted: boolean;
}

/** A permission to send one notice; `takenAt` while a send uses it or once a send has used it. */
export interface NoticeGrant {
  id: string;
  at: Date;
  takenAt?: Date | undefined;
}

export interface NoticeBook {
  answers: NoticeAnswer[];
  grants: NoticeGrant[];
  /** The person's last refusal in the platform's settings: what was accepted until then is worth nothing. */
  refusedAt?: Date | undefined;
}

/** A report and a push of the same tap are no further apart than this. */
export const PAIR_WITHIN_MS = 5 * 60_000;
/** Latest answers that are remembered, for repeats and pairs, and the latest used grants, for sends that did not happen after all. */
const ANSWERS_KEPT = 500;
const USED_KEPT = 50;
/** More notices than this nobody needs of one template; further taps grant nothing until some are used. */
export const UNUSED_KEPT = 100;

export const emptyBook = (): NoticeBook => ({ answers: [], grants: [] });

export type Noted = { book: NoticeBook; granted: boolean; repeated: boolean };

/** Writes down one answer. `granted` when it told of a tap that nobody had told of, that is still worth a notice and for which there is room. */
export function note(book: NoticeBook, answer: NoticeAnswer, grantId: string): Noted {
  const repeated = book.answers.some(({ by, key }) => by === answer.by && key === answer.key);
  if (repeated) return { book, granted: false, repeated };
  const answers = [...book.answers, answer].sort((a, b) => a.at.getTime() - b.at.getTime());
  const isNew = answer.accepted && tapsIn(answers) > tapsIn(book.answers);
  const isRefused = book.refusedAt !== undefined && answer.at.getTime() <= book.refusedAt.getTime();
  const granted = isNew && !isRefused && leftIn(book) < UNUSED_KEPT;
  const grants = granted ? [...book.grants, { id: grantId, at: answer.at }] : book.grants;
  return { book: { ...book, answers: answers.slice(-ANSWERS_KEPT), grants }, granted, repeated };
}

/**
 * How many acceptances these answers tell of: as many reports and pushes as can be are paired. Every answer adds one tap or none, whatever
 * the order in which they arrive. `answers` are in order of time.
 */
export function tapsIn(answers: readonly NoticeAnswer[]): number {
  const accepted = answers.filter((answer) => answer.accepted);
  const times = (by: Teller): number[] => accepted.filter((one) => one.by === by).map(({ at }) => at.getTime());
  return accepted.length - pairsOf(times('report'), times('push'));
}

/** The most pairs that are possible: whoever is too early for all that is left of the other side stays alone. */
function pairsOf(reports: readonly number[], pushes: readonly number[]): number {
  let [report, push, pairs] = [0, 0, 0];
  while (report < reports.length && push < pushes.length) {
    const apart = (reports[report] ?? 0) - (pushes[push] ?? 0);
    if (Math.abs(apart) <= PAIR_WITHIN_MS) pairs += 1;
    if (apart <= PAIR_WITHIN_MS) report += 1;
    if (apart >= -PAIR_WITHIN_MS) push += 1;
  }
  return pairs;
}

const isLeft = (grant: NoticeGrant): boolean => grant.takenAt === undefined;

export const leftIn = (book: NoticeBook): number => book.grants.filter(isLeft).length;

/** Uses the oldest grant that is left; undefined when there is none. */
export function takeGrant(book: NoticeBook, now: Date): { book: NoticeBook; grantId: string } | undefined {
  const oldest = book.grants.filter(isLeft).sort((a, b) => a.at.getTime() - b.at.getTime())[0];
  if (!oldest) return undefined;
  const used = [...book.grants.filter((grant) => !isLeft(grant)), { ...oldest, takenAt: now }].slice(-USED_KEPT);
  const left = book.grants.filter((grant) => isLeft(grant) && grant.id !== oldest.id);
  return { book: { ...book, grants: [...used, ...left] }, grantId: oldest.id };
}

/** The send surely did not happen: its grant is left again, unless the person refused in between or there is no room any more. */
export function returnGrant(book: NoticeBook, grantId: string): NoticeBook {
  const dead = (grant: NoticeGrant): boolean =>
    book.refusedAt !== undefined && grant.at.getTime() <= book.refusedAt.getTime();
  const grants = book.grants.flatMap((grant) => {
    if (grant.id !== grantId) return [grant];
    if (isLeft(grant)) return [grant];
    return dead(grant) || leftIn(book) >= UNUSED_KEPT ? [] : [{ id: grant.id, at: grant.at }];
  });
  return { ...book, grants };
}

/** The platform says that nothing is left. What a send holds right now is that send's affair. */
export const exhaust = (book: NoticeBook): NoticeBook => ({
  ...book,
  grants: book.grants.filter((grant) => !isLeft(grant)),
});

/** The person refused in the platform's settings at `at`: what they had accepted until then is gone, later acceptances stay. */
export function refuse(book: NoticeBook, at: Date): NoticeBook {
  const refusedAt = new Date(Math.max(at.getTime(), book.refusedAt?.getTime() ?? 0));
  const grants = book.grants.filter((grant) => !isLeft(grant) || grant.at.getTime() > refusedAt.getTime());
  return { ...book, grants, refusedAt };
}
