/** Words in texts: found in every kind of content, filled in, with what stands there where nothing is known. */
import { describe, expect, it } from '@jest/globals';
import { Content } from '../../../src/contracts/index.js';
import type { ContentType } from '../../../src/contracts/index.js';
import { fillIn, placeholdersIn, unknownWords, wordNames } from '../../../src/domain/marketing/index.js';

const person = { name: '小林', level: '金卡', birthday: '02-09', points: 0, growth: 10, orders: 2, spent: 5 };
const say = (text: string, who: Parameters<typeof fillIn>[1] = person, more = {}) =>
  fillIn({ type: 'text', text }, who, more).text;

describe('a text', () => {
  it.each([
    ['{name|朋友}你好', '小林你好'],
    ['{ name | 朋友}你好', '小林你好'],
    ['{points} 分 {orders} 单 {spent} 元', '0 分 2 单 0.05 元'],
    ['{birthday}', '2月9日'],
    ['{voucher|一张券}', '一张券'],
    ['{voucher}', '—'],
    ['{voucher|}', ''],
    ['{voucher|a|b}', 'a|b'],
    ['没有 { 括号', '没有 { 括号'],
  ])('%s: %s', (text, expected) => {
    expect(say(text)).toBe(expected);
  });

  it('takes what is known beside the person, and never a name as a pattern', () => {
    expect(say('送您{voucher}', person, { voucher: '百元券' })).toBe('送您百元券');
    expect(say('{name}', { ...person, name: '$& {points}' })).toBe('$& {points}');
  });

  it('does without a person', () => {
    expect(fillIn({ type: 'text', text: '{name|朋友}，{points}' }, undefined).text).toBe('朋友，—');
  });
});

/** A content of every type with `said` wherever a person reads, and `opens` where a person is led. */
const contents = (said: string, opens: string): Record<ContentType, unknown> => ({
  text: { type: 'text', text: said },
  image: { type: 'image', media: { id: 'x' } },
  voice: { type: 'voice', media: { id: 'x' } },
  video: { type: 'video', media: { id: 'x' }, title: said, description: said },
  file: { type: 'file', media: { id: 'x' }, name: 'x.pdf' },
  music: { type: 'music', title: said, description: said, url: 'u', hqUrl: 'u', thumb: { id: 'x' } },
  location: { type: 'location', latitude: 1, longitude: 2, label: said },
  link: { type: 'link', title: said, description: said, url: opens },
  menu: { type: 'menu', head: said, entries: [{ id: '1', text: said }], tail: said },
  'mini-program-card': { type: 'mini-program-card', title: said, appId: 'a', pagePath: opens },
  article: { type: 'article', articleId: 'x' },
  'coupon-card': { type: 'coupon-card', cardId: 'x' },
  template: {
    type: 'template',
    templateId: 't',
    url: opens,
    miniProgram: { appId: 'a', pagePath: opens },
    data: { a: said },
  },
  notice: { type: 'notice', templateId: 't', page: opens, data: { a: said } },
  unknown: { type: 'unknown', platformType: 'x' },
});

describe.each(Object.keys(contents('', '')) as ContentType[])('a content of type %s', (type) => {
  const from = Content.parse(contents('{name}&', 'pages/a?n={name}&v={voucher}')[type]);

  it('is filled in wherever it is read or opened, and stays valid', () => {
    const filled = fillIn(from, person);
    expect(filled).toEqual(contents('小林&', `pages/a?n=${encodeURIComponent('小林')}&v=`)[type]);
    expect(Content.safeParse(filled).success).toBe(true);
  });

  it('names its words', () => {
    const holds = !['image', 'voice', 'file', 'article', 'coupon-card', 'unknown'].includes(type);
    expect(placeholdersIn(from).includes('name')).toBe(holds);
    const strange = Content.parse(contents('{surprise|x}', 'pages/a')[type]);
    expect(unknownWords(strange)).toEqual(holds ? ['surprise'] : []);
  });
});

it('knows the words that are promised', () => {
  const promised = ['name', 'level', 'points', 'growth', 'orders', 'spent', 'voucher', 'birthday', 'orderNo'];
  expect(wordNames).toEqual(expect.arrayContaining(promised));
  expect(unknownWords('{name} {nmae} {constructor}')).toEqual(['nmae', 'constructor']);
  expect(say('{constructor}')).toBe('—');
});
