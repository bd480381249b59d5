/** Fields about the person as a member: joining, levels, points, vouchers. */
import { compareFlags, EARLIEST } from './comparisons.js';
import { choice, date, daysLeft, fieldOf, number, questionOf, set, type Plain } from './fields.js';
import type { SegmentField } from './question.js';

const membership = (plain: Omit<Plain, 'group'>): Plain => ({ ...plain, group: 'membership' });

/** Asked of the moment of joining, so that an index answers. */
const joined: SegmentField = fieldOf(
  membership({ code: 'joined', zh: '是否会员', en: 'Is a member', indexed: true }),
  'boolean',
  ['is'],
  (op, value, ctx) =>
    questionOf(compareFlags(op, value, ctx), ({ condition }) => {
      const known = { joinedAt: { $gte: EARLIEST } };
      return {
        ...(condition === true ? { filter: known } : { filter: { $nor: [known] }, indexed: false as const }),
        holds: ({ joinedAt }) => (joinedAt !== undefined) === condition,
        seen: ({ joinedAt }) => joinedAt !== undefined,
      };
    }),
);
const joinedAt = date(membership({ code: 'joinedAt', zh: '入会时间', en: 'Joined', indexed: true }));
/** Its codes are those of the membership programme. */
const level = choice(membership({ code: 'level', zh: '等级', en: 'Level', indexed: true }));
const levelUntil = daysLeft(
  membership({ code: 'levelUntil', zh: '等级剩余天数', en: 'Days until the level ends', indexed: true }),
);
const points = number(
  membership({ code: 'points', zh: '可用积分', en: 'Points', unit: 'points', indexed: true, always: true }),
);
const growth = number(membership({ code: 'growth', zh: '成长值', en: 'Growth value', always: true }));
const coupons = set(membership({ code: 'coupons', zh: '持有可用优惠券', en: 'Holds a voucher of', indexed: true }));

export const membershipFields: readonly SegmentField[] = [joined, joinedAt, level, levelUntil, points, growth, coupons];
