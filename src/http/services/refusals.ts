/** Expected refusals of the domain as problems for people: one sentence each, with what to do. The codes are listed in docs/errors.md. */
import { RequestProblem } from '../../errors.js';

const sentences: Readonly<Record<string, [status: number, message: string]>> = {
  'points.insufficient': [409, 'There are not enough points.'],
  'points.frozen': [409, 'Redemption rests for a while because two records were linked by phone. Try again later.'],
  'points.keyReused': [409, 'This key was used for another movement of points. Use a new one.'],
  'voucher.expired': [409, 'The voucher has expired.'],
  'voucher.revoked': [409, 'The voucher was taken back.'],
  'voucher.used': [409, 'The voucher was used for another order.'],
  'voucher.usedElsewhere': [409, 'The voucher was used for another order than the one named.'],
  'voucher.frozen': [409, 'Redemption rests for a while because two records were linked by phone. Try again later.'],
  'voucher.belowThreshold': [409, 'The order costs less than the voucher asks for.'],
  'voucher.orderHasAnother': [409, 'The order has a voucher already.'],
  'voucher.timeInFuture': [422, 'The moment lies in the future: check the clock and the time zone.'],
  'voucher.keyReused': [409, 'This key was used for another grant. Use a new one.'],
  'coupon.notFound': [404, 'No such coupon.'],
  'coupon.disabled': [409, 'The coupon is switched off.'],
  'coupon.notClaimable': [409, 'Members cannot take this coupon themselves.'],
  'coupon.ended': [409, 'The coupon has ended.'],
  'coupon.exhausted': [409, 'All vouchers of this coupon have been given out.'],
  'coupon.perPersonReached': [409, 'This person has had as many of this coupon as one person may have.'],
  'coupon.levelNotEntitled': [409, "The coupon is not for this person's level."],
  'coupon.budgetBelowGranted': [409, 'More vouchers than this budget have been granted already.'],
  'birthday.tooSoon': [409, 'The birthday was changed not long ago and cannot be changed again yet.'],
  'tag.empty': [400, 'A tag needs at least one character.'],
  'tag.tooLong': [400, 'A tag has at most 20 characters.'],
  'tag.tooMany': [409, 'One customer has at most 50 tags. Take others away first.'],
  'field.key': [400, 'The key of a field has letters, digits, dash and underscore, at most 40.'],
  'field.options': [400, 'A field of type choice needs 1 to 200 different options.'],
  'field.typeChanged': [409, 'The type of a field cannot change. Make another field.'],
  'field.tooMany': [409, 'There are 100 fields, which is the most.'],
  'guardian.missing': [403, 'Nothing is kept about a child under 14 without the consent of a guardian.'],
};

/** `until`: when it will be otherwise. Told with how long that is from `now`, and so not kept as the answer to the same request. */
export function refusedBy({ reason, until }: { reason: string; until?: Date }, now?: Date): RequestProblem {
  const [status, message] = sentences[reason] ?? [409, 'This cannot be done now.'];
  const waits = until && now ? Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)) : undefined;
  return new RequestProblem(status, reason, message, waits === undefined ? {} : { retryAfterSeconds: waits });
}
