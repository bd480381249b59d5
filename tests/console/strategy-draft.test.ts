/** The auto-reply form: what it makes is what the server takes, and a stored strategy comes back unharmed. */
import { describe, expect, it } from '@jest/globals';
import type { StrategyView } from '../../console/src/api/types.js';
import {
  emptyDraft,
  isEditable,
  problemOf,
  type StrategyDraft,
  toBody,
  toDraft,
} from '../../console/src/rooms/strategies/draft.js';
import { actions } from '../../src/actions/index.js';
import { PutStrategy } from '../../src/contracts/http/console.js';
import { triggers } from '../../src/triggers/index.js';

const draft = (more: Partial<StrategyDraft> = {}): StrategyDraft => ({
  ...emptyDraft(),
  code: 'free-shipping',
  titleZh: '包邮吗',
  titleEn: 'Free shipping',
  keywords: ['包邮'],
  text: '全场包邮',
  ...more,
});
const menu = { replyType: 'menu', head: '请选择', entries: [{ id: '1', text: '查订单' }] } as const;
const kinds: Array<[string, StrategyDraft]> = [
  ['keyword with a text', draft({ match: 'equals' })],
  [
    'welcome by scene with a menu',
    draft({ kind: 'follow', scenes: ['door', 'till'], ...menu, entries: [...menu.entries], tail: '稍等' }),
  ],
  ['welcome for all', draft({ kind: 'follow', keywords: [] })],
  [
    'outside hours',
    draft({ kind: 'outside-hours', hours: [{ days: [6, 7], from: '10:00', to: '17:30' }], repeatAfterHours: 0 }),
  ],
];
/** As the server keeps and returns it. */
const stored = (one: StrategyDraft): StrategyView => ({
  ...toBody(one),
  code: one.code,
  version: 3,
  metric: 'reply',
  group: 'default',
  changedAt: '2026-03-05T01:00:00.000Z',
});

describe('what the form sends', () => {
  it.each(kinds)('%s is taken by the server and its trigger and action', (_name, one) => {
    const body = PutStrategy.parse(toBody(one));
    expect(problemOf(one)).toBeUndefined();
    expect(triggers.find(({ code }) => code === body.trigger.code)?.args.safeParse(body.trigger.args).success).toBe(
      true,
    );
    for (const action of body.actions)
      expect(actions.find(({ code }) => code === action.code)?.args.safeParse(action.args).success).toBe(true);
  });

  it.each(kinds)('%s comes back to the form and goes out again as it was', (_name, one) => {
    const again = toDraft(stored(one));
    expect(again.isNew).toBe(false);
    expect(toBody(again)).toEqual(toBody(one));
    expect(isEditable(stored(one))).toBe(true);
  });

  it('cuts blanks, drops empty menu lines and an empty tail, and puts days in order', () => {
    const entries = [
      { id: '1', text: ' 查订单 ' },
      { id: '2', text: '  ' },
    ];
    const hours = [{ days: [5, 1, 3], from: '09:00', to: '18:00' }];
    const body = toBody(draft({ titleZh: ' 夜间 ', kind: 'outside-hours', hours, ...menu, entries, tail: ' ' }));
    expect(body.title['zh-CN']).toBe('夜间');
    expect(body.trigger.args['hours']).toEqual([{ days: [1, 3, 5], from: '09:00', to: '18:00' }]);
    expect(body.actions[0]?.args['content']).toEqual({
      type: 'menu',
      head: '请选择',
      entries: [{ id: '1', text: '查订单' }],
    });
    expect(hours[0]?.days).toEqual([5, 1, 3]);
  });
});

describe('a stored strategy', () => {
  it('with parts missing or of another shape fills the form with what is safe', () => {
    const odd = stored(draft({ kind: 'outside-hours' }));
    odd.trigger.args = { hours: [{ days: ['x', 2] }, null], keywords: 'no list' };
    odd.actions = [{ code: 'reply', args: {} }];
    const again = toDraft(odd);
    expect(again.hours).toEqual([
      { days: [2], from: '09:00', to: '18:00' },
      { days: [], from: '09:00', to: '18:00' },
    ]);
    expect(again).toMatchObject({ keywords: [], repeatAfterHours: 4, replyType: 'text', text: '', entries: [] });
  });

  it('made of parts the form does not know is not edited here', () => {
    const one = stored(draft());
    const [action] = one.actions;
    expect(isEditable({ ...one, trigger: { code: 'birthday', args: {} } })).toBe(false);
    expect(isEditable({ ...one, actions: [] })).toBe(false);
    expect(isEditable({ ...one, actions: [{ code: 'tag', args: {} }] })).toBe(false);
    expect(isEditable({ ...one, actions: action ? [action, action] : [] })).toBe(false);
  });
});

describe('what the form refuses', () => {
  const row = { days: [1], from: '09:00', to: '18:00' };
  const outside = (more: Partial<typeof row>): StrategyDraft =>
    draft({ kind: 'outside-hours', hours: [row, { ...row, ...more }] });

  it.each<[string, StrategyDraft, string | undefined]>([
    ['no Chinese title', draft({ titleZh: ' ' }), 'title'],
    ['no English title', draft({ titleEn: '' }), 'title'],
    ['no code', draft({ code: '' }), 'code'],
    ['a code of one letter', draft({ code: 'a' }), 'code'],
    ['a code with a capital', draft({ code: 'Shipping' }), 'code'],
    ['a code that begins with a dash', draft({ code: '-shipping' }), 'code'],
    ['a code of 41', draft({ code: 'a'.repeat(41) }), 'code'],
    ['a code of 40', draft({ code: 'a'.repeat(40) }), undefined],
    ['no keyword', draft({ keywords: [] }), 'keywords'],
    ['no hours', draft({ kind: 'outside-hours', hours: [] }), 'hours'],
    ['hours without a day', outside({ days: [] }), 'hours'],
    ['hours without an end', outside({ to: '' }), 'hours'],
    ['hours of no length', outside({ to: '09:00' }), 'hours'],
    ['hours over midnight', outside({ from: '20:00', to: '02:00' }), undefined],
    ['hours that are right', outside({}), undefined],
    ['no text', draft({ text: ' \n' }), 'text'],
    ['a menu without words above', draft({ ...menu, entries: [...menu.entries], head: '' }), 'menu'],
    ['a menu without lines', draft({ ...menu, entries: [{ id: '1', text: ' ' }] }), 'menu'],
    ['a menu, whatever the text', draft({ ...menu, entries: [...menu.entries], text: '' }), undefined],
  ])('%s', (_name, one, problem) => {
    expect(problemOf(one)).toBe(problem);
  });

  it('asks for hours and keywords only where the kind has them', () => {
    expect(problemOf(draft({ kind: 'follow', keywords: [], hours: [] }))).toBeUndefined();
    expect(problemOf(draft({ kind: 'keyword', hours: [] }))).toBeUndefined();
  });

  it('a new form is not ready to be sent', () => {
    expect(problemOf(emptyDraft())).toBe('title');
    expect(PutStrategy.safeParse(toBody(emptyDraft())).success).toBe(false);
  });
});
