/** Tokens of the mini-program and codes for the counter: what is stored of them, and when they end. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCardCodes, createMemberSessions } from '../../../src/domain/customers/index.js';
import { at, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const address = (user: string) => ({ channel: 'mini-program' as const, account: 'mp', user });
const later = (ms: number) => new Date(at.getTime() + ms);
const DAY = 86_400_000;

describe('a session', () => {
  it('is found by its token for 30 days, and not slid by use; the token itself is not stored', async () => {
    const sessions = createMemberSessions(people.models);
    const customerId = await people.addCustomer();
    const { token, expiresAt } = await sessions.open(null, { customerId, address: address('o1') }, at);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(expiresAt).toEqual(later(30 * DAY));
    expect(await sessions.find(token, later(30 * DAY - 1))).toEqual({ customerId, address: address('o1') });
    expect(await sessions.find(token, later(30 * DAY))).toBeUndefined();
    expect(await sessions.find(`${token}x`, at)).toBeUndefined();
    expect(JSON.stringify(await people.models.memberSessions.find().lean())).not.toContain(token);
  });

  it('opened in a transaction that fails does not exist', async () => {
    const sessions = createMemberSessions(people.models);
    const customerId = await people.addCustomer();
    const failing = people.tx(async (tx) => {
      await sessions.open(tx, { customerId, address: address('o1') }, at);
      throw new Error('planted');
    });
    await expect(failing).rejects.toThrow('planted');
    expect(await people.models.memberSessions.countDocuments()).toBe(0);
  });

  it('ends alone, with all of the customer, or with those of an address', async () => {
    const sessions = createMemberSessions(people.models);
    const customerId = await people.addCustomer();
    const open = async (user: string) => (await sessions.open(null, { customerId, address: address(user) }, at)).token;
    const [a, b, c] = [await open('o1'), await open('o1'), await open('o2')];
    await sessions.end(a);
    expect(await sessions.find(a, at)).toBeUndefined();
    await people.tx((tx) => sessions.endOf(tx, customerId, address('o1')));
    expect(await sessions.find(b, at)).toBeUndefined();
    expect(await sessions.find(c, at)).toBeDefined();
    await sessions.endAll(customerId);
    expect(await sessions.find(c, at)).toBeUndefined();
  });
});

describe('a card code', () => {
  it('is 18 digits that no wallet uses, different each time, good for five minutes, stored as a hash', async () => {
    const cards = createCardCodes(people.models);
    const customerId = await people.addCustomer();
    const codes = await Promise.all(Array.from({ length: 50 }, () => cards.issue(customerId, at)));
    expect(new Set(codes.map(({ code }) => code)).size).toBe(50);
    for (const { code, expiresAt } of codes) {
      expect(code).toMatch(/^[89]\d{17}$/);
      expect(expiresAt).toEqual(later(300_000));
    }
    const code = codes[0]?.code ?? '';
    expect(await cards.find(code, later(299_999))).toEqual(customerId);
    expect(await cards.find(code, later(300_000))).toBeUndefined();
    expect(await cards.find('9'.repeat(18), at)).toBeUndefined();
    expect(JSON.stringify(await people.models.cardCodes.find().lean())).not.toContain(code);
  });
});
