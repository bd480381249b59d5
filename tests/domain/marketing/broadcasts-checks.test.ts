/** What a draft is refused for, told by the draft alone; and when a running broadcast is stopped by itself. */
import { describe, expect, it } from '@jest/globals';
import type { BroadcastState } from '../../../src/contracts/index.js';
import { textsOf, watch, watchLimits } from '../../../src/domain/marketing/index.js';
import { draftProblems } from '../../../src/domain/marketing/broadcasts-checks.js';
import { draft, inbox } from './broadcasts-setup.js';

const text = (words: string) => ({ type: 'text' as const, text: words });
const notice = (templateId: string, data: Record<string, string>) => ({ type: 'notice' as const, templateId, data });
const problems = (purpose: 'care' | 'promotion', variants: object, more: object = {}): string[] =>
  draftProblems(draft({ message: { purpose, variants, ...more } })).map(({ path, code }) => `${code} ${path}`);

describe('a message', () => {
  it.each([
    ['in the inbox', 'promotion', { 'member-inbox': inbox('你好') }, []],
    ['by mass send', 'promotion', { 'mass-send': text('你好') }, []],
    ['care by customer message', 'care', { 'customer-message': text('{name|朋友}，用得好吗？') }, []],
    ['of nothing', 'care', {}, ['message.noVariant message.variants']],
    [
      'promotion by customer message',
      'promotion',
      { 'customer-message': text('买吧') },
      ['message.routeForbidden message.variants.customer-message'],
    ],
    [
      'promotion by template',
      'promotion',
      { template: { type: 'template', templateId: 't', data: { a: 'b' } } },
      ['message.routeForbidden message.variants.template'],
    ],
    ['promotion by wechaty', 'promotion', { wechaty: text('x') }, ['message.routeForbidden message.variants.wechaty']],
    [
      'a word in a mass send',
      'care',
      { 'mass-send': text('你好 {name|朋友}'), 'member-inbox': inbox('{name}') },
      ['message.wordInMassSend message.variants.mass-send.text'],
    ],
    [
      'a link in a mass send',
      'care',
      { 'mass-send': { type: 'link', title: 'a', description: 'b', url: 'https://example.com' } },
      ['message.contentUnfit message.variants.mass-send'],
    ],
    ['a blank text', 'care', { 'mass-send': text(' ') }, ['message.empty message.variants.mass-send']],
    [
      'the inbox with a chat text',
      'care',
      { 'member-inbox': text('x') },
      ['message.contentUnfit message.variants.member-inbox'],
    ],
    [
      'the inbox with other data',
      'care',
      { 'member-inbox': notice('', { text: 'x', thing1: 'y' }) },
      ['message.contentUnfit message.variants.member-inbox'],
    ],
    [
      'the inbox with a template',
      'care',
      { 'member-inbox': notice('t', { text: 'x' }) },
      ['message.contentUnfit message.variants.member-inbox'],
    ],
    [
      'a notice of no account',
      'care',
      { 'subscription-notice': notice('t', { thing1: 'y' }) },
      ['message.accountMissing message.variantAccounts.subscription-notice'],
    ],
  ] as const)('%s', (_name, purpose, variants, expected) => {
    expect(problems(purpose, variants)).toEqual(expected);
  });

  it('a notice of an account', () => {
    const variants = { 'subscription-notice': notice('t', { thing1: 'y' }) };
    expect(problems('promotion', variants, { variantAccounts: { 'subscription-notice': 'mini' } })).toEqual([]);
  });

  it('ends after it starts', () => {
    const startAt = '2026-11-20T10:00:00+08:00';
    const codes = (endsAt: string): string[] => draftProblems(draft({ startAt, endsAt })).map(({ code }) => code);
    expect(codes('2026-11-20T02:00:00Z')).toEqual(['broadcast.endsBeforeStart']);
    expect(codes('2026-11-20T02:00:01Z')).toEqual([]);
  });

  it('gives every text that is read, and no code', () => {
    const variants = {
      'customer-message': { type: 'menu' as const, head: 'h', entries: [{ id: 'e1', text: 't1' }], tail: 'z' },
      'member-inbox': { ...inbox('i'), page: 'pages/x' },
      'mass-send': { type: 'image' as const, media: { id: 'abc' } },
    };
    expect(textsOf({ purpose: 'care', variants })).toEqual([
      { path: 'message.variants.customer-message.head', text: 'h' },
      { path: 'message.variants.customer-message.entries.0.text', text: 't1' },
      { path: 'message.variants.customer-message.tail', text: 'z' },
      { path: 'message.variants.member-inbox.data.text', text: 'i' },
    ]);
  });
});

describe('the watch', () => {
  it.each([
    [1000, 3, 0, undefined],
    [1000, 4, 0, 'broadcast.unfollows'],
    [100, 1, 0, 'broadcast.unfollows'],
    [99, 1, 0, undefined],
    [99, 2, 0, undefined],
    [10, 3, 0, 'broadcast.unfollows'],
    [995, 0, 5, undefined],
    [994, 0, 6, 'broadcast.refusals'],
    [0, 0, 2, undefined],
    [0, 0, 3, 'broadcast.refusals'],
    [0, 0, 0, undefined],
  ])('%i delivered, %i left, %i refused: %s', (delivered, unfollows, refusals, expected) => {
    expect(watch({ state: 'running' }, { delivered, unfollows, refusals })).toBe(expected);
  });

  it('only of one that runs, and by the shop’s own limits', () => {
    const bad = { delivered: 100, unfollows: 50, refusals: 50 };
    const others: BroadcastState[] = ['draft', 'submitted', 'approved', 'paused', 'finished', 'cancelled'];
    expect(others.map((state) => watch({ state }, bad))).toEqual(others.map(() => undefined));
    expect(watch({ state: 'running' }, bad, { ...watchLimits, unfollowShare: 0.5, refusalShare: 0.5 })).toBeUndefined();
  });
});
