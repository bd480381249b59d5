/** The words that refuse, and only they; and what a refusal in the chat writes down. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isOptOut, judge } from '../../../src/domain/contact/index.js';
import { createOptOut } from '../../../src/flow/inbound-opt-out.js';
import { ago, asked, hour, now, reasonOf, saying } from './judging.js';
import { openPolicyShop } from './policy-shop.js';
import type { PolicyShop } from './policy-shop.js';

describe('the words', () => {
  const refusing = [
    '退订',
    'TD',
    'T',
    'N',
    '拒收',
    'R',
    'td',
    'Td',
    ' t ',
    'ＴＤ',
    'ｎ',
    '退订。',
    '退订！！',
    'TD.',
    ' R ~',
    '拒收\n',
    'T…',
    '退订 。',
  ];
  it.each(refusing)('%j refuses', (text) => expect(isOptOut(text)).toBe(true));

  const others = [
    'Td something',
    '我要退订',
    '退订吗我',
    'TDD',
    'NO',
    'N1',
    '1',
    '',
    '。',
    '不退订',
    '#T',
    'T恤',
    'R 18',
    '恢复订阅',
    'T T',
    '退 订',
    '退订短信',
  ];
  it.each(others)('%j does not', (text) => expect(isOptOut(text)).toBe(false));
});

describe('in the chat', () => {
  let shop: PolicyShop;
  beforeAll(async () => {
    shop = await openPolicyShop();
  }, 60_000);
  afterAll(() => shop?.close());

  it('withdraws promotion and care by every channel, once, and binds at once; agreeing again counts', async () => {
    const optOut = createOptOut({ consents: shop.consents });
    const id = await shop.addCustomer('o1');
    const say = (text: string, at = ago(hour)) =>
      shop.tx((tx) => optOut(tx, id, { kind: 'message', content: { type: 'text', text }, platformMessageId: '1' }, at));
    const told = async (purpose: 'care' | 'promotion' | 'contract'): Promise<string> => {
      const message = saying(purpose, 'mass-send', 'template');
      const standings = await shop.standings.gather(null, [id], { message, origin: 'automation' }, now);
      return reasonOf(judge(message, standings.get(String(id))!, asked()));
    };
    expect(await say('退订是什么')).toEqual([]);
    expect(await told('promotion')).toBe('ok mass-send');
    const events = await say('td');
    expect(events.map(({ kind, data }) => [kind, data['purpose'], data['channel']])).toEqual([
      ['consent.withdrawn', 'promotion', 'all'],
      ['consent.withdrawn', 'care', 'all'],
    ]);
    expect(await say('td')).toEqual([]);
    expect([await told('promotion'), await told('care'), await told('contract')]).toEqual([
      'consent.withdrawn',
      'consent.withdrawn',
      'ok template',
    ]);
    await shop.tx((tx) =>
      shop.consents.record(
        tx,
        id,
        { purpose: 'promotion', channel: 'wechat', textVersion: 'v1', at: now, by: { kind: 'member' } },
        false,
      ),
    );
    expect([await told('promotion'), await told('care')]).toEqual(['ok mass-send', 'consent.withdrawn']);
  });

  it('is nothing in a picture or a tap', async () => {
    const optOut = createOptOut({ consents: shop.consents });
    const id = await shop.addCustomer('o2');
    expect(await shop.tx((tx) => optOut(tx, id, { kind: 'menu-tapped', action: 'click', key: 'TD' }, now))).toEqual([]);
  });
});
