/** Fields about where the person may be reached, and membership of static lists. Other segments are resolved in prepare.ts. */
import { checked } from './comparisons.js';
import { fieldOf, option, set, type Plain } from './fields.js';
import { z } from 'zod';
import { isMisfit } from './question.js';
import type { SegmentField } from './question.js';

const contact = (plain: Omit<Plain, 'group'>): Plain => ({ ...plain, group: 'contact' });

const channels = set(
  contact({
    ...{ code: 'channels', zh: '可触达渠道', en: 'Reachable on' },
    options: [
      option('official-account', '公众号', 'Official account'),
      option('mini-program', '小程序', 'Mini-program'),
      option('wechaty', '个人号', 'Personal account'),
    ],
  }),
);
const consents = set(contact({ code: 'consents', zh: '已同意', en: 'Agreed to' }));
const refusals = set(
  contact({
    ...{ code: 'refusals', zh: '已拒绝', en: 'Refused' },
    options: [
      option('promotion', '营销', 'Promotion'),
      option('care', '关怀', 'Care'),
      option('personalisation', '个性化', 'Personalisation'),
    ],
  }),
);

export const Id = z.string().regex(/^[0-9a-f]{24}$/);

const list: SegmentField = fieldOf(
  { code: 'list', zh: '静态名单', en: 'On the list', group: 'other', indexed: true },
  'list',
  ['in'],
  (_op, value, ctx) => {
    const read = checked(Id, value, 'the id of a list');
    if (isMisfit(read)) return read;
    const id = read.value;
    if (ctx.list?.(id) === false) return { expected: 'a list that there is' };
    return {
      filter: { lists: id },
      holds: ({ lists }) => lists.includes(id),
      seen: ({ lists }) => lists.includes(id),
    };
  },
);

export const contactFields: readonly SegmentField[] = [channels, consents, refusals, list];
