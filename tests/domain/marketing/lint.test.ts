/** The shop's list of forbidden words against texts as people write them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ForbiddenWords, lint } from '../../../src/domain/marketing/index.js';

const words = ForbiddenWords.parse(parse(readFileSync('config/forbidden-words.yaml', 'utf8')));
const found = (text: string): string[] => lint([{ path: 'x', text }], words).map(({ word }) => word);

describe('the list', () => {
  it('gives every word once, with its reason and what to write instead', () => {
    expect(words.length).toBeGreaterThan(100);
    expect(new Set(words.map(({ word }) => word)).size).toBe(words.length);
    expect(words.filter(({ reason, instead }) => !reason || !instead)).toEqual([]);
  });

  it('holds every excepted compound to its word', () => {
    const idle = words.flatMap(({ word, except }) => except.filter((one) => !one.includes(word) || one === word));
    expect(idle).toEqual([]);
  });

  it('refuses a file with an unknown key', () => {
    expect(ForbiddenWords.safeParse({ groups: [], more: 1 }).success).toBe(false);
  });

  it.each([
    ['全场最低价', ['最']],
    ['最近上新，最后三天，最多可领 3 张，最高可减 50 元', []],
    ['最近最好的一款', ['最']],
    ['最最近', ['最']],
    ['销量第一', ['第一']],
    ['第一次来店，第一时间发货', []],
    ['第一次就是第一', ['第一']],
    ['国家级实验室', ['国家级']],
    ['国家标准 GB/T 1', []],
    ['根治脱发，无副作用', ['根治', '无副作用']],
    ['NO.1 的选择', ['no.1']],
    ['ＮＯ．１ 的选择', ['no.1']],
    ['Lot no.10', []],
    ['the best for you', ['best']],
    ['we bestow', []],
    ['best wishes, Xiao Hui', []],
    ['历史上的今天，环保本子，模特供图，不必中途下车', []],
    ['永久有效的积分', []],
    ['全场最 好', ['最']],
    ['第\u200b一品牌', ['第一']],
    ['顶 级', ['顶级']],
    ['稳赚不赔，人人有奖', ['稳赚', '人人有奖']],
    ['{name|朋友}，你的券快到期了', []],
    ['{name|最好的朋友}', ['最']],
    ['', []],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });
});

describe('a finding', () => {
  const own = ForbiddenWords.parse({
    groups: [
      { kind: 'absolute', reason: 'R', instead: 'I', words: ['最', '最佳', { word: '首家', except: ['首家庭'] }] },
    ],
  });

  it('says where it stands, in the words of the text', () => {
    const texts = [
      { path: 'a', text: '干净的' },
      { path: 'b', text: '今年双十一全场服饰 最 佳 之选来了快看看吧' },
    ];
    expect(lint(texts, own)).toEqual([
      {
        ...{ path: 'b', word: '最佳', kind: 'absolute', reason: 'R', instead: 'I' },
        excerpt: '十一全场服饰 最 佳 之选来了快看',
      },
    ]);
  });

  it('of overlapping words the longest, each place once, in order', () => {
    expect(lint([{ path: 'a', text: '首家最佳最大' }], own).map(({ word }) => word)).toEqual(['首家', '最佳', '最']);
    expect(lint([{ path: 'a', text: '首家庭' }], own)).toEqual([]);
  });
});
