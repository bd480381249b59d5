import { describe, expect, it } from '@jest/globals';
import { creditRuleAt, tableAt } from '../../src/config-quota.js';
import { loadConfig } from '../../src/config.js';

const { quota } = loadConfig({ env: {}, cwd: process.cwd() });
const at = new Date('2026-01-01T00:00:00Z');

describe('the rule of the day', () => {
  it('changes at midnight in China', () => {
    const tables = [{ from: '2023-01-01' }, { from: '2024-06-01' }];
    expect(tableAt(tables, new Date('2022-12-31T15:59:59Z'))).toBeUndefined();
    expect(tableAt(tables, new Date('2022-12-31T16:00:00Z'))?.from).toBe('2023-01-01');
    expect(tableAt(tables, new Date('2024-05-31T15:59:59Z'))?.from).toBe('2023-01-01');
    expect(tableAt(tables, new Date('2024-05-31T16:00:00Z'))?.from).toBe('2024-06-01');
  });

  it('knows what each action opens', () => {
    const messages = (kind: string) => creditRuleAt(quota, { channel: 'official-account', kind, at })?.messages;
    expect(['message', 'menu', 'follow', 'scan'].map(messages)).toEqual([5, 3, 3, 3]);
  });

  it.each([
    ['official-account', 'enter'],
    ['official-account', 'from'],
    ['official-account', 'massSendsPerMonth'],
    ['wechaty', 'message'],
  ])('opens nothing on %s for %s', (channel, kind) => {
    expect(creditRuleAt(quota, { channel, kind, at })).toBeUndefined();
  });
});
