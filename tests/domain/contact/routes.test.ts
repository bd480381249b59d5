import { describe, expect, it } from '@jest/globals';
import { purposes, routes } from '../../../src/contracts/index.js';
import type { Message } from '../../../src/contracts/index.js';
import { chooseRoute, forbiddenRoutes, permitOf } from '../../../src/domain/contact/index.js';

const text = { type: 'text' as const, text: '您好' };
const here = { following: true, channelRoutes: routes, wroteInWindow: true };
const all = Object.fromEntries(routes.map((route) => [route, text])) as Message['variants'];

describe('the purpose and route table', () => {
  it('never lets a promotion leave as passive reply, customer message, template or by wechaty', () => {
    for (const route of ['passive-reply', 'customer-message', 'template', 'wechaty'] as const) {
      expect(permitOf('promotion', route)).toBe('no');
      expect(chooseRoute({ purpose: 'promotion', variants: { [route]: text } }, here)).toMatchObject({ ok: false });
      expect(forbiddenRoutes({ purpose: 'promotion', variants: { [route]: text } })).toEqual([route]);
    }
  });

  it('lets wechaty and the passive reply carry answers only', () => {
    for (const purpose of purposes) {
      for (const route of ['wechaty', 'passive-reply'] as const) {
        expect(permitOf(purpose, route)).toBe(purpose === 'reply' ? 'yes' : 'no');
      }
    }
  });

  it('lets care leave as a customer message only while the person wrote in this window', () => {
    const care: Message = { purpose: 'care', variants: { 'customer-message': text } };
    expect(chooseRoute(care, here)).toEqual({ ok: true, route: 'customer-message' });
    expect(chooseRoute(care, { ...here, wroteInWindow: false })).toEqual({ ok: false, reason: 'route.forbidden' });
  });
});

describe('choosing a route', () => {
  it('takes the passive reply only when asked for it', () => {
    const reply: Message = { purpose: 'reply', variants: all };
    expect(chooseRoute(reply, here)).toEqual({ ok: true, route: 'customer-message' });
    expect(chooseRoute(reply, here, 'passive-reply')).toEqual({ ok: true, route: 'passive-reply' });
  });

  it('says why nothing can go', () => {
    const reply: Message = { purpose: 'reply', variants: { 'customer-message': text } };
    expect(chooseRoute(reply, { ...here, following: false })).toEqual({ ok: false, reason: 'person.unfollowed' });
    expect(chooseRoute(reply, { ...here, blocked: 'blocked' })).toEqual({ ok: false, reason: 'person.blocked' });
    expect(chooseRoute(reply, { ...here, channelRoutes: ['wechaty'] })).toEqual({
      ok: false,
      reason: 'route.noVariant',
    });
    expect(chooseRoute({ purpose: 'contract', variants: { wechaty: text } }, here)).toEqual({
      ok: false,
      reason: 'route.forbidden',
    });
  });
});
