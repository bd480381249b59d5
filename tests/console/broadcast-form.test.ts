/** The broadcast's form and figures: what it makes the server takes, what it stops the server would refuse, and every figure adds up. */
import { describe, expect, it } from '@jest/globals';
import type { BroadcastView, Permission } from '../../console/src/api/types.js';
import { exampleOf, hasLooseBrace, insertWord, personWords, wordsIn } from '../../console/src/format/words.js';
import {
  type BroadcastForm,
  contentProblem,
  emptyForm,
  isChanged,
  toBroadcast,
  toForm,
} from '../../console/src/rooms/broadcasts/broadcast-draft.js';
import { phoneItems } from '../../console/src/rooms/broadcasts/phone-message.js';
import {
  deedsOf,
  openSteps,
  percentOf,
  reasonRows,
  routeRows,
  settled,
  stepOf,
} from '../../console/src/rooms/broadcasts/progress.js';
import { BroadcastDraft, wordNames } from '../../src/contracts/index.js';
import { draftProblems } from '../../src/domain/marketing/broadcasts-checks.js';

const form = (more: Partial<BroadcastForm> = {}): BroadcastForm => ({
  ...emptyForm('{name|朋友}，来看看'),
  name: '冬季回馈',
  ...more,
});
const all: BroadcastForm['on'] = {
  'member-inbox': true,
  'subscription-notice': true,
  'mass-send': true,
  'customer-message': true,
};
const full = (more: Partial<BroadcastForm> = {}): BroadcastForm =>
  form({
    on: all,
    title: '上新',
    massText: '大家好',
    chatText: '在吗 {name|朋友}',
    notice: { account: 'mini', templateId: 't1', fields: [{ name: 'thing1', wording: '{level|会员}上新' }] },
    couponId: 'a'.repeat(24),
    budgetPeople: 500,
    budgetYuan: 1234.56,
    startAt: '2026-12-01T10:00',
    endsAt: '2026-12-03T10:00',
    ...more,
  });
const view = (from: BroadcastForm, more: Partial<BroadcastView> = {}): BroadcastView => ({
  ...(BroadcastDraft.parse(toBroadcast(from)) as unknown as BroadcastView),
  ...{ id: 'b'.repeat(24), couponId: from.couponId || null, state: 'draft', revision: 1, begunAt: null },
  startAt: from.startAt ? new Date(from.startAt).toISOString() : null,
  endsAt: from.endsAt ? new Date(from.endsAt).toISOString() : null,
  ...{ forecast: null, needsApproval: false, started: null, tests: [], warnings: [] },
  ...more,
});

describe('the form of a broadcast', () => {
  it.each([
    ['the first draft', form()],
    ['every way, promotion', full()],
    ['every way, care', full({ purpose: 'care' })],
  ])('makes what the server takes, and takes it back unharmed: %s', (_name, one) => {
    const draft = BroadcastDraft.parse(toBroadcast(one));
    expect(draftProblems(draft)).toEqual([]);
    expect(toBroadcast(toForm(view(one)))).toEqual(toBroadcast(one));
    expect(isChanged(toForm(view(one)), view(one))).toBe(false);
    expect(contentProblem(one, personWords)).toBeUndefined();
  });

  it('says promotion by no customer message, and care by one', () => {
    expect(toBroadcast(full()).message.variants['customer-message']).toBeUndefined();
    expect(toBroadcast(full({ purpose: 'care' })).message.variants['customer-message']).toBeDefined();
  });

  it('keeps contents it has no fields for', () => {
    const article = { type: 'article', articleId: 'x' } as const;
    const stored = view(form());
    stored.message = { ...stored.message, variants: { ...stored.message.variants, 'mass-send': article } };
    expect(toBroadcast(toForm(stored)).message.variants['mass-send']).toEqual(article);
  });

  it.each([
    ['noWay', form({ on: { ...all, 'member-inbox': false, 'subscription-notice': false, 'mass-send': false } })],
    ['text', form({ text: ' ' })],
    ['massText', full({ massText: '' })],
    ['massWords', full({ massText: '{name|朋友}好' })],
    ['noticeTemplate', full({ notice: { account: '', templateId: 't', fields: [] } })],
    ['noticeFields', full({ notice: { account: 'mini', templateId: 't', fields: [{ name: '', wording: 'x' }] } })],
    ['words', form({ text: '{nickname}你好' })],
    ['braces', form({ text: '{name 你好' })],
    ['page', form({ page: 'https://x' })],
    ['window', form({ startAt: '2026-12-02T10:00', endsAt: '2026-12-02T10:00' })],
  ])('stops %s', (problem, one) => {
    expect(contentProblem(one, personWords)).toBe(problem);
  });

  it('sees a change', () => {
    expect(isChanged({ ...toForm(view(form())), text: '别的' }, view(form()))).toBe(true);
  });
});

describe('words in braces', () => {
  it('offers only words the server fills in', () => {
    expect(personWords.filter((word) => !wordNames.includes(word))).toEqual([]);
  });
  it('puts a word where the cursor is, and shows examples', () => {
    const put = insertWord('您好，来看', { from: 2, to: 3 }, 'name', '朋友');
    expect(put).toEqual({ text: '您好{name|朋友}来看', cursor: 11 });
    expect(exampleOf(put.text, { name: '小雨' })).toBe('您好小雨来看');
    expect(exampleOf('{a|乙}{b}', {})).toBe('乙—');
    expect(wordsIn('{ name |x}{level}')).toEqual(['name', 'level']);
    expect([hasLooseBrace('{name}'), hasLooseBrace('{name}}')]).toEqual([false, true]);
  });
});

describe('where a broadcast stands', () => {
  const can =
    (...mine: Permission[]) =>
    (one: Permission) =>
      mine.includes(one);
  const forecast = { people: 10, heldOut: 1, byRoute: [], byReason: [], costFen: 0, at: '', stale: false };

  it('offers a start below the limits and a submission above them, nothing while the forecast is stale', () => {
    const edit = can('broadcasts.edit');
    expect(deedsOf(view(form(), { forecast }), edit)).toContain('start');
    const above = deedsOf(view(form(), { forecast, needsApproval: true }), edit);
    expect([above.includes('submit'), above.includes('start')]).toEqual([true, false]);
    const stale = deedsOf(view(form(), { forecast: { ...forecast, stale: true } }), edit);
    expect([stale.includes('submit'), stale.includes('start')]).toEqual([false, false]);
  });

  it('lets approve who may, and only what waits for it', () => {
    const submitted = view(form(), { state: 'submitted', forecast });
    expect(deedsOf(submitted, can('broadcasts.approve'))).toEqual(['approve', 'reject']);
    expect(deedsOf(submitted, can('broadcasts.edit'))).not.toContain('approve');
    expect(deedsOf(view(form(), { forecast }), can('broadcasts.approve'))).toEqual([]);
    expect(deedsOf(submitted, can())).toEqual([]);
  });

  it('opens the step that matters', () => {
    expect(stepOf({ state: 'draft', begunAt: null })).toBe('content');
    expect(stepOf({ state: 'submitted', begunAt: null })).toBe('review');
    expect(stepOf({ state: 'running', begunAt: '2026-12-01T00:00:00Z' })).toBe('run');
    expect(stepOf({ state: 'cancelled', begunAt: null })).toBe('review');
    expect(openSteps(null)).toEqual(['aim']);
    expect(openSteps({ state: 'draft', begunAt: null })).not.toContain('run');
  });
});

describe('figures beside the forecast', () => {
  const reach = (sent: number) => ({
    ...{ people: 100, heldOut: 10, costFen: 0 },
    byRoute: [
      { route: 'member-inbox' as const, people: sent },
      { route: 'mass-send' as const, people: 5 },
    ],
    byReason: [
      { state: 'skipped' as const, reason: 'consent.missing', people: 20 },
      { state: 'heldOut' as const, reason: null, people: 10 },
    ],
  });
  const counts = [
    { state: 'skipped' as const, reason: 'consent.missing', people: 22 },
    { state: 'sent' as const, reason: null, people: 60 },
    { state: 'held' as const, reason: 'contact.quietHours', people: 8 },
    { state: 'heldOut' as const, reason: null, people: 10 },
  ];

  it('puts expected and actual into one row', () => {
    expect(routeRows(reach(65), reach(60))[0]).toEqual({ route: 'member-inbox', expected: 65, actual: 60 });
    expect(routeRows(reach(65), null)[0]?.actual).toBeUndefined();
    expect(reasonRows(reach(65), counts)).toEqual([
      { state: 'skipped', reason: 'consent.missing', expected: 20, actual: 22 },
      { state: 'held', reason: 'contact.quietHours', expected: 0, actual: 8 },
    ]);
  });

  it('counts as settled who waits for nothing more', () => {
    expect(settled(counts)).toEqual({ done: 92, total: 100 });
    expect([percentOf(1, 3), percentOf(1, 0)]).toEqual([33.3, undefined]);
  });

  it('shows a phone what each way carries', () => {
    const { message } = toBroadcast(full());
    const items = phoneItems(message, (text) => exampleOf(text, { name: '小雨', level: '金卡' }));
    expect(items.map(({ route, look }) => [route, look])).toEqual([
      ['member-inbox', 'card'],
      ['subscription-notice', 'card'],
      ['mass-send', 'bubble'],
    ]);
    expect(items[0]).toMatchObject({ title: '上新', lines: [{ name: '', text: '小雨，来看看' }] });
    expect(items[1]?.lines).toEqual([{ name: 'thing1', text: '金卡上新' }]);
  });
});
