import { describe, expect, it } from '@jest/globals';
import { actions } from '../../src/actions/index.js';
import type { Strategy } from '../../src/contracts/index.js';
import { decide, listenersOf } from '../../src/flow/decide.js';
import { triggers } from '../../src/triggers/index.js';
import { eventOf, facts } from '../helpers/facts.js';

const rules = { triggers, actions };
const said = (text: string) => eventOf({ kind: 'message.received', at: new Date(0), data: { type: 'text', text } });

function strategy(change: Partial<Strategy>): Strategy {
  return {
    code: 'postage',
    version: 1,
    enabled: true,
    title: { 'zh-CN': '包邮', en: 'Postage' },
    metric: 'first-response-time',
    group: 'answer',
    priority: 10,
    trigger: { code: 'keyword', args: { keywords: ['包邮'], match: 'contains' } },
    actions: [{ code: 'reply', args: { content: { type: 'text', text: '满 99 元包邮' } } }],
    ...change,
  };
}

const codes = (list: Strategy[]) =>
  decide(said('包邮吗'), facts(), list, rules).map((decision) => decision.strategy.code);

describe('decide', () => {
  it('plans what the matching strategy wants', () => {
    const [decision] = decide(said('包邮吗'), facts(), [strategy({})], rules);
    expect(decision?.intent).toMatchObject({ type: 'message', message: { purpose: 'reply' } });
  });

  it('lets one strategy of a group act: the highest priority, ties by code, whatever the order they come in', () => {
    const low = strategy({ code: 'a-low', priority: 1 });
    const high = strategy({ code: 'z-high', priority: 9 });
    const twin = strategy({ code: 'b-high', priority: 9 });
    expect(codes([low, high, twin])).toEqual(['b-high']);
    expect(codes([twin, low, high])).toEqual(['b-high']);
  });

  it('lets strategies of different groups act together', () => {
    expect(codes([strategy({}), strategy({ code: 'other', group: 'other' })])).toEqual(['other', 'postage']);
  });

  it('ignores what is off, does not match, or has an unknown trigger', () => {
    expect(codes([strategy({ enabled: false })])).toEqual([]);
    expect(
      codes([strategy({ trigger: { code: 'keyword', args: { keywords: ['退货'], match: 'contains' } } })]),
    ).toEqual([]);
    expect(codes([strategy({ trigger: { code: 'gone', args: {} } })])).toEqual([]);
  });

  it('knows which events nobody listens to', () => {
    expect(listenersOf(said('x'), [strategy({})], rules)).toHaveLength(1);
    expect(listenersOf(eventOf({ kind: 'message.sent', at: new Date(0), data: {} }), [strategy({})], rules)).toEqual(
      [],
    );
  });
});
