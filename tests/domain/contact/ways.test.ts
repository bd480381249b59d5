/** Over all of a person's addresses: which way a message takes, and why none. */
import { describe, expect, it } from '@jest/globals';
import type { Message, Route } from '../../../src/contracts/index.js';
import { chooseWay } from '../../../src/domain/contact/index.js';
import type { Place } from '../../../src/domain/contact/index.js';

const text = { type: 'text' as const, text: '您的订单已发货' };
const notice: Message = {
  purpose: 'contract',
  variants: { 'customer-message': text, 'subscription-notice': text, template: text, 'member-inbox': text },
};
const chat = { channel: 'official-account', account: 'main', user: 'o1' } as const;
const mini = { channel: 'mini-program', account: 'mini', user: 'm1' } as const;

function place(
  address: Place['address'],
  channelRoutes: Route[],
  spent: Route[],
  change: Partial<Place['reach']> = {},
) {
  return { address, reach: { following: true, channelRoutes, wroteInWindow: true, spent, ...change } };
}
const official = (spent: Route[], change: Partial<Place['reach']> = {}): Place =>
  place(chat, ['customer-message', 'template'], spent, change);
const member = (spent: Route[]): Place =>
  place(mini, ['customer-message', 'subscription-notice', 'member-inbox'], spent);

describe('a notice that is owed', () => {
  it('goes into the open conversation first, whichever address has it', () => {
    expect(chooseWay(notice, [official([]), member([])])).toEqual({
      ok: true,
      address: chat,
      route: 'customer-message',
    });
    expect(chooseWay(notice, [official(['customer-message']), member(['subscription-notice'])])).toEqual({
      ok: true,
      address: mini,
      route: 'customer-message',
    });
  });

  it('takes a granted notice before a template, and a template before the inbox', () => {
    const closed: Route[] = ['customer-message'];
    expect(chooseWay(notice, [official(closed), member(closed)])).toMatchObject({ route: 'subscription-notice' });
    expect(chooseWay(notice, [official(closed), member([...closed, 'subscription-notice'])])).toMatchObject({
      address: chat,
      route: 'template',
    });
    expect(chooseWay(notice, [member([...closed, 'subscription-notice'])])).toMatchObject({ route: 'member-inbox' });
  });

  it('leaves an address that is gone or blocked for another', () => {
    expect(chooseWay(notice, [official([], { following: false }), member([])])).toMatchObject({ address: mini });
    expect(chooseWay(notice, [official([], { blocked: 'blocked' }), member([])])).toMatchObject({ address: mini });
  });

  it('names the first address when there is no way, and says when there is no address', () => {
    expect(chooseWay(notice, [official([], { following: false })])).toEqual({ ok: false, reason: 'person.unfollowed' });
    expect(chooseWay(notice, [])).toEqual({ ok: false, reason: 'person.noAddress' });
  });

  it('still names a way where nothing has anything left, so that its quota says why', () => {
    const message: Message = { purpose: 'contract', variants: { 'customer-message': text } };
    expect(chooseWay(message, [official(['customer-message'])])).toMatchObject({ ok: true, route: 'customer-message' });
  });
});
