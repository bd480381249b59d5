/** Consent records: what holds is the latest word, withdrawals win at one moment, and every record can be shown. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { consentChannels, consentPurposes } from '../../../src/contracts/index.js';
import { allows, consentStateOf } from '../../../src/domain/customers/index.js';
import { at, daysBefore, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const consent = { purpose: 'promotion', channel: 'wechat', textVersion: 'v1', at, by: { kind: 'member' } } as const;

describe('what holds', () => {
  const word = fc.record({
    purpose: fc.constantFrom(...consentPurposes),
    channel: fc.constantFrom(...consentChannels),
    textVersion: fc.constantFrom('v1', 'v2'),
    withdrawn: fc.boolean(),
    at: fc.integer({ min: 0, max: 4 }).map((minutes) => new Date(at.getTime() + minutes * 60_000)),
  });

  it('is the latest word of each purpose and channel, in whatever order the records come; a withdrawal wins a tie', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (words, order) => {
        const state = consentStateOf(words);
        const keyed = words.map((one) => ({ one, key: order.next().value }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
        expect(consentStateOf(shuffled)).toEqual(state);
        for (const { purpose, channel, given } of state) {
          const mine = words.filter((one) => one.purpose === purpose && one.channel === channel);
          const last = Math.max(...mine.map((one) => one.at.getTime()));
          const atLast = mine.filter((one) => one.at.getTime() === last);
          expect(given).toBe(atLast.every((one) => !one.withdrawn));
        }
        expect(state).toHaveLength(new Set(words.map(({ purpose, channel }) => `${purpose} ${channel}`)).size);
      }),
    );
  });

  it('after a last withdrawal from all channels allows nothing, and without a word nothing either', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const gone = consentPurposes.map((purpose) => ({
          purpose,
          channel: 'all' as const,
          textVersion: 'v1',
          withdrawn: true,
          at: new Date(at.getTime() + 4 * 60_000),
        }));
        const state = consentStateOf([...words, ...gone]);
        for (const purpose of consentPurposes) {
          for (const channel of consentChannels) {
            expect(allows(state, purpose, channel)).toBe(false);
            expect(allows([], purpose, channel)).toBe(false);
          }
        }
      }),
    );
  });

  it('given for all channels allows each; one channel withdrawn later takes that one away', () => {
    const all = { ...consent, channel: 'all' as const, withdrawn: false, at: daysBefore(2) };
    const sms = { ...consent, channel: 'sms' as const, withdrawn: true, at: daysBefore(1) };
    const state = consentStateOf([sms, all]);
    expect(allows(state, 'promotion', 'wechat')).toBe(true);
    expect(allows(state, 'promotion', 'sms')).toBe(false);
    expect(allows(state, 'care', 'wechat')).toBe(false);
  });
});

describe('records', () => {
  it('are kept once each, never changed, and shown in order over all records of the person', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    const given = () =>
      people.tx((tx) => people.consents.record(tx, a, { ...consent, page: 'pages/join/index' }, false));
    expect(await given()).toMatchObject([
      {
        kind: 'consent.given',
        customerId: String(a),
        data: { purpose: 'promotion', channel: 'wechat', textVersion: 'v1' },
      },
    ]);
    expect(await given()).toEqual([]);
    const later = { ...consent, at: daysBefore(-1) };
    const gone = await people.tx((tx) => people.consents.record(tx, b, later, true));
    expect(gone).toMatchObject([{ kind: 'consent.withdrawn', customerId: String(b) }]);
    expect(await people.consents.of([a, b])).toMatchObject([{ given: false, at: later.at }]);
    expect(await people.consents.of([a])).toMatchObject([{ given: true }]);
    expect(await people.consents.evidence([b, a])).toMatchObject([
      { customerId: a, withdrawn: false, page: 'pages/join/index', by: { kind: 'member' } },
      { customerId: b, withdrawn: true },
    ]);
  });

  it('reported twice at once are one', async () => {
    const id = await people.addCustomer();
    const events = await Promise.all(
      Array.from({ length: 5 }, () => people.tx((tx) => people.consents.record(tx, id, consent, false))),
    );
    expect(events.flat()).toHaveLength(1);
    expect(await people.consents.evidence([id])).toHaveLength(1);
  });
});
