/** What is gathered of people: right for each of five hundred, in a handful of queries, each by an index, and nothing that the message does not ask. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { Address, Message } from '../../../src/contracts/index.js';
import { judge } from '../../../src/domain/contact/index.js';
import type { GatherAsk, Standing } from '../../../src/domain/contact/index.js';
import type { CustomerRecord, IdentityRecord } from '../../../src/domain/customers/index.js';
import { insertRecords } from '../../../src/infra/mongo.js';
import { ago, asked, day, hour, now, reasonOf, saying } from './judging.js';
import { openPolicyShop } from './policy-shop.js';
import type { PolicyShop } from './policy-shop.js';

let shop: PolicyShop;
beforeAll(async () => {
  shop = await openPolicyShop();
}, 60_000);
afterEach(() => shop.clear());
afterAll(() => shop?.close());

const promotion: Message = saying('promotion', 'mass-send', 'member-inbox', 'subscription-notice');
const everything: Message = saying('promotion');
const member = (user: string): Address => ({ channel: 'mini-program', account: 'mini', user });
const follower = (user: string): Address => ({ channel: 'official-account', account: 'main', user });

const gather = (ids: readonly Types.ObjectId[], ask: Partial<GatherAsk> = {}) =>
  shop.standings.gather(null, ids, { message: promotion, origin: 'automation', ...ask }, now);
async function standingOf(id: Types.ObjectId, ask: Partial<GatherAsk> = {}): Promise<Standing> {
  const standing = (await gather([id], ask)).get(String(id));
  if (!standing) throw new Error('nobody');
  return standing;
}
const told = async (id: Types.ObjectId, ask: Partial<GatherAsk> = {}): Promise<string> =>
  reasonOf(judge(ask.message ?? promotion, await standingOf(id, ask), asked()));
const says = (customerId: Types.ObjectId, purpose: 'promotion' | 'care', given: boolean, at = ago(day)) =>
  shop.tx((tx) =>
    shop.consents.record(
      tx,
      customerId,
      { purpose, channel: 'wechat', textVersion: 'v1', at, by: { kind: 'member' } },
      !given,
    ),
  );
const wrote = (customerId: Types.ObjectId, address: Address, at: Date) =>
  shop.tx(async (tx) => {
    await shop.ledger.open(tx, address, 'message', at);
    await insertRecords(
      shop.chats.conversations,
      [
        {
          _id: new Types.ObjectId(),
          customerId,
          address,
          addressKey: Object.values(address).join('/'),
          status: 'open' as const,
          epoch: 0,
          lastSeq: 0,
          sends: 0,
          unread: 0,
          preview: '',
          lastAnswers: {},
          lastInboundAt: at,
        },
      ],
      tx,
    );
  });
const link = (a: Types.ObjectId, b: Types.ObjectId) =>
  shop.tx((tx) => shop.persons.link(tx, a, b, { kind: 'staff', staffId: 's', reason: 'r' }, now));

describe('of one person', () => {
  it('age: as declared, or by a birthday that is known all the same', async () => {
    const by = { kind: 'member' as const };
    const declared = (band: 'adult' | '14to17' | 'under14') => ({ age: { band, at: now, by } });
    const born = (value: string): Partial<CustomerRecord> => ({ profile: { birthday: { value, at: now, by } } });
    const cases: Array<[Partial<CustomerRecord>, boolean]> = [
      [{}, false],
      [declared('adult'), false],
      [declared('14to17'), true],
      [declared('under14'), true],
      [born('2008-11-25'), true],
      [born('2008-11-24'), false],
      [born('05-04'), false],
    ];
    for (const [index, [record, minor]] of cases.entries()) {
      const id = await shop.addCustomer(`age-${index}`, record);
      expect([index, (await standingOf(id)).minor, await told(id)]).toEqual([
        index,
        minor,
        minor ? 'person.minor' : 'ok mass-send',
      ]);
    }
  });

  it('consents, refusals, sends, holds and enquiries', async () => {
    const id = await shop.addCustomer('o1');
    await says(id, 'promotion', true);
    await shop.tx((tx) => shop.book.reserve(tx, [id], 'row-1', ago(hour)));
    await shop.tx((tx) => shop.holds.place(tx, { customerId: id, kind: 'complaint', key: '' }, { at: now }));
    await wrote(id, follower('o1'), ago(hour));
    const standing = await standingOf(id);
    expect(standing).toMatchObject({ consents: [{ purpose: 'promotion', given: true }], promotions: [ago(hour)] });
    expect(standing.holds).toEqual([{ kind: 'complaint' }, { kind: 'enquiry', until: ago(-hour) }]);
    expect(await told(id)).toBe('contact.capped');
    expect((await standingOf(id, { ownRows: ['row-1'] })).promotions).toEqual([]);
    expect(await told(id, { ownRows: ['row-1'] })).toBe('contact.hold.complaint');
    await says(id, 'promotion', false, ago(1));
    expect(await told(id)).toBe('consent.withdrawn');
  });

  it('an enquiry holds for two hours', async () => {
    const [fresh, old] = [await shop.addCustomer('o1'), await shop.addCustomer('o2')];
    await wrote(fresh, follower('o1'), ago(2 * hour - 1));
    await wrote(old, follower('o2'), ago(2 * hour));
    expect([await told(fresh), await told(old)]).toEqual(['contact.hold.enquiry', 'ok mass-send']);
  });

  it('places: what each address can, has left and was granted; the one heard of last first', async () => {
    const id = await shop.addCustomer('o1', {}, { followedAt: ago(5 * day) });
    await insertRecords(shop.people.identities, [
      {
        _id: new Types.ObjectId(),
        customerId: id,
        address: member('m1'),
        following: true,
        profileTries: 0,
        createdAt: ago(day),
      },
    ]);
    await shop.tx((tx) =>
      shop.notices.report(tx, member('m1'), {
        reportId: 'r',
        at: ago(hour),
        answers: [{ templateId: 'sale', answer: 'accept' }],
      }),
    );
    await wrote(id, follower('o1'), ago(5 * hour));
    for (let i = 0; i < 4; i += 1) await shop.tx((tx) => shop.massSends.take(tx, [follower('o1')], now));
    const { places } = await standingOf(id, { message: everything });
    expect(places).toEqual([
      {
        address: member('m1'),
        following: true,
        routes: ['customer-message', 'subscription-notice', 'member-inbox'],
        wroteInWindow: false,
        granted: ['sale'],
        spent: { 'customer-message': 'window.closed' },
      },
      {
        address: follower('o1'),
        following: true,
        routes: ['customer-message', 'template', 'mass-send'],
        wroteInWindow: true,
        granted: [],
        spent: { 'mass-send': 'massSend.used' },
      },
    ]);
    const other = await standingOf(id, {
      message: {
        ...everything,
        variants: { 'subscription-notice': { type: 'notice', templateId: 'points', data: {} } },
      },
    });
    expect(other.places[0]?.granted).toEqual([]);
  });

  it('a window that only a tap or a follow opened is none in which they wrote; the staff have more of it than automation', async () => {
    const id = await shop.addCustomer('o1');
    await shop.tx((tx) => shop.ledger.open(tx, follower('o1'), 'follow', ago(1000)));
    const care = saying('care', 'customer-message');
    expect(await told(id, { message: care })).toBe('route.notAsked');
    await shop.tx((tx) => shop.ledger.open(tx, follower('o1'), 'message', ago(3 * hour)));
    expect(await told(id, { message: care })).toBe('ok customer-message');
    const later = ago(-hour / 2);
    for (let i = 0; i < 2; i += 1) await shop.tx((tx) => shop.ledger.take(tx, follower('o1'), 'automation', later));
    const at = async (origin: 'automation' | 'staff') => {
      const standings = await shop.standings.gather(null, [id], { message: care, origin }, later);
      return standings.get(String(id))?.places[0]?.spent;
    };
    expect([await at('automation'), await at('staff')]).toEqual([{ 'customer-message': 'window.keptForPeople' }, {}]);
  });

  it('only the addresses asked for, in their order, without the ways tried and the variants of other accounts', async () => {
    const id = await shop.addCustomer('o1');
    const addresses = [member('never-met'), follower('o1')];
    const message: Message = {
      ...saying('contract', 'template', 'customer-message'),
      variantAccounts: { template: 'second' },
    };
    const { places } = await standingOf(id, {
      message,
      addresses,
      tried: ['customer-message official-account/main/o1'],
    });
    expect(places.map(({ address, following, routes }) => ({ address, following, routes }))).toEqual([
      { address: addresses[0], following: false, routes: ['customer-message', 'subscription-notice', 'member-inbox'] },
      { address: addresses[1], following: true, routes: ['mass-send'] },
    ]);
  });

  it('linked customers share everything: one refusal, one cap, one hold, one age for both', async () => {
    const shared = async (
      make: (b: Types.ObjectId, user: string) => Promise<unknown>,
      user: string,
    ): Promise<string> => {
      const [a, b] = [await shop.addCustomer(`${user}-a`), await shop.addCustomer(`${user}-b`)];
      await make(b, `${user}-b`);
      expect(await told(a)).toBe('ok mass-send');
      await link(a, b);
      const both = await gather([a, b]);
      expect(both.get(String(a))).toBe(both.get(String(b)));
      expect(both.get(String(a))?.places).toHaveLength(2);
      return told(a);
    };
    expect(await shared((b) => says(b, 'promotion', false), 'refused')).toBe('consent.withdrawn');
    expect(await shared((b) => shop.tx((tx) => shop.book.reserve(tx, [b], 'row', ago(hour))), 'capped')).toBe(
      'contact.capped',
    );
    expect(
      await shared(
        (b) => shop.tx((tx) => shop.holds.place(tx, { customerId: b, kind: 'staff', key: '' }, { at: now })),
        'held',
      ),
    ).toBe('contact.hold.staff');
    expect(await shared((b, user) => wrote(b, follower(user), ago(hour)), 'asked')).toBe('contact.hold.enquiry');
    const age = { age: { band: '14to17' as const, at: now, by: { kind: 'member' as const } } };
    expect(await shared((b) => shop.people.customers.updateOne({ _id: b }, { $set: age }), 'young')).toBe(
      'person.minor',
    );
  });

  it('unknown people are left out', async () => {
    const id = await shop.addCustomer('o1');
    expect([...(await gather([new Types.ObjectId(), id])).keys()]).toEqual([String(id)]);
    expect(await gather([])).toEqual(new Map());
  });
});

describe('of five hundred', () => {
  async function crowd(): Promise<Types.ObjectId[]> {
    const ids = Array.from({ length: 500 }, () => new Types.ObjectId());
    const people = ids.map((_id, i): CustomerRecord => ({
      ...{ _id, personId: i % 10 === 1 ? ids[i - 1]! : _id, createdAt: new Date(now.getTime() + i), followUp: 'none' },
      ...(i % 10 < 2 ? { linkChanges: 1 } : {}),
    }));
    await insertRecords(shop.people.customers, people);
    const identities = ids.flatMap((customerId, i): IdentityRecord[] =>
      [follower(`o${i}`), member(`m${i}`)].map((address) => ({
        _id: new Types.ObjectId(),
        customerId,
        address,
        following: true,
        profileTries: 0,
        createdAt: now,
      })),
    );
    await insertRecords(shop.people.identities, identities);
    const words = ids.flatMap((customerId, i) =>
      [false, true].map((withdrawn) => ({
        _id: new Types.ObjectId(),
        customerId,
        purpose: 'promotion' as const,
        channel: 'wechat' as const,
        textVersion: 'v1',
        withdrawn: withdrawn && i % 5 === 4,
        at: withdrawn ? now : ago(day),
        by: { kind: 'member' as const },
      })),
    );
    await insertRecords(shop.people.consents, words);
    await shop.tx(async (tx) => {
      await shop.book.reserveMany(
        tx,
        ids.map((id, i) => ({ row: `row-${i}`, customerIds: [id] })).filter((_, i) => i % 7 === 3),
        ago(hour),
      );
      await shop.massSends.take(
        tx,
        ids.map((_, i) => follower(`o${i}`)),
        now,
      );
    });
    return ids;
  }

  const reads = (commands: readonly Record<string, unknown>[]): string[] =>
    commands.flatMap((command) =>
      'find' in command ? [String(command['find'])] : 'getMore' in command ? ['getMore'] : [],
    );

  it('twelve queries or fewer, each by an index, inside a transaction too; and right for everybody', async () => {
    const ids = await crowd();
    const { value, commands } = await shop.asking(() => gather(ids, { message: everything }));
    expect(value.size).toBe(500);
    expect(reads(commands)).not.toContain('getMore');
    expect(reads(commands).length).toBeLessThanOrEqual(12);
    expect(await shop.scansAmong(commands)).toEqual([]);
    const inside = await shop.asking(() =>
      shop.tx((tx) => shop.standings.gather(tx, ids, { message: everything, origin: 'automation' }, now)),
    );
    expect(reads(inside.commands)).toEqual(reads(commands));
    expect(inside.value).toEqual(value);
    const expected = ids.map((_, i) => {
      const both = i % 10 < 2 ? [i - (i % 10), i - (i % 10) + 1] : [i];
      if (both.some((one) => one % 5 === 4)) return 'consent.withdrawn';
      return both.some((one) => one % 7 === 3) ? 'contact.capped' : 'ok member-inbox';
    });
    expect(ids.map((id) => reasonOf(judge(everything, value.get(String(id))!, asked())))).toEqual(expected);
    expect(new Set(expected).size).toBe(3);
  }, 60_000);

  it('asks for a few people no less often than for many, and for an answer only who they are and what is left', async () => {
    const ids = await crowd();
    const few = await shop.asking(() => gather(ids.slice(0, 2), { message: everything }));
    const many = await shop.asking(() => gather(ids, { message: everything }));
    expect(reads(few.commands)).toEqual(reads(many.commands));
    const answer = await shop.asking(() => gather(ids.slice(5, 6), { message: saying('reply', 'customer-message') }));
    expect(reads(answer.commands)).toEqual(['customers', 'identities', 'quotas']);
    const sold = await shop.asking(() => gather(ids.slice(5, 6), { message: saying('promotion', 'mass-send') }));
    expect(reads(sold.commands)).not.toContain('quotas');
    expect(reads(sold.commands)).not.toContain('notices');
  }, 60_000);
});
