/** Fields about what the person did, and the scores and groups that are worked out of it. */
import { choice, date, fieldOf, number, type Plain } from './fields.js';
import type { SegmentField } from './question.js';
import { rfmEights, rfmSegments, valueGroups } from './score-codes.js';
import { askBehaviour } from './windows.js';

const did = (plain: Omit<Plain, 'group'>): Plain => ({ ...plain, group: 'behaviour' });
const value = (plain: Omit<Plain, 'group'>): Plain => ({ ...plain, group: 'value' });

const lastSeenAt = date(did({ code: 'lastSeenAt', zh: '最近互动', en: 'Last seen', indexed: true }));
const lastBehaviourAt = date(did({ code: 'lastBehaviourAt', zh: '最近行为', en: 'Last activity', indexed: true }));
const behaviour = fieldOf(
  did({ code: 'behaviour', zh: '一段时间内的行为', en: 'Activity in the last days', indexed: true }),
  'window:behaviour',
  ['inside'],
  askBehaviour,
);

const r = number(value({ code: 'rfm.r', zh: 'R 得分', en: 'R score', path: 'scores.r' }));
const f = number(value({ code: 'rfm.f', zh: 'F 得分', en: 'F score', path: 'scores.f' }));
const m = number(value({ code: 'rfm.m', zh: 'M 得分', en: 'M score', path: 'scores.m' }));
const rfmSegment = choice(
  value({
    ...{ code: 'rfmSegment', zh: 'RFM 分层', en: 'RFM segment', path: 'scores.segment' },
    ...{ options: rfmSegments, indexed: true },
  }),
);
const rfmEight = choice(
  value({
    ...{ code: 'rfmEight', zh: 'RFM 八类', en: 'RFM, of eight', path: 'scores.eight' },
    ...{ options: rfmEights, indexed: true },
  }),
);
const group = choice(
  value({ code: 'group', zh: '客户群体', en: 'Customer group', options: valueGroups, indexed: true }),
);

export const behaviourFields: readonly SegmentField[] = [lastSeenAt, lastBehaviourAt, behaviour];
export const valueFields: readonly SegmentField[] = [r, f, m, rfmSegment, rfmEight, group];
