/** Who a shop system means: each key, each rule and each refusal; first reports at once; many at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { CustomerRef } from '../../../src/contracts/index.js';
import { at, daysBefore, kindsOf, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const resolve = (ref: CustomerRef, source = 'shop') =>
  people.tx((tx) => people.references.resolve(tx, source, ref, at));
const idOf = async (ref: CustomerRef, source = 'shop') => String((await resolve(ref, source)).customerId);
const personOf = async (id: Types.ObjectId | string) =>
  String((await people.persons.of(null, new Types.ObjectId(id))).id);
const meet = (user: string) =>
  people.tx((tx) => people.customers.meet(tx, { channel: 'mini-program', account: 'mp', user }, at));
const phone = '13800138000';
const proposals = () => people.persons.proposals({ limit: 50 });

/** A member of the mini-program; a phone they proved. */
async function member(user: string, more: { unionid?: string; phone?: string; provedAt?: Date } = {}) {
  const met = await meet(user);
  await people.tx(async (tx) => {
    if (more.unionid) await people.identification.attachUnionid(tx, met.identity, more.unionid, at);
    if (more.phone) await people.profiles.verifyPhone(tx, met.customerId, more.phone, more.provedAt ?? daysBefore(1));
  });
  return String(met.customerId);
}

describe('a reference by one key', () => {
  const keys: Array<[string, CustomerRef]> = [
    ['externalId', { externalId: 'm1' }],
    ['unionid', { unionid: 'u1' }],
    ['openid', { openid: 'o1' }],
    ['phone', { phone }],
    ['a virtual phone', { phone: '17000000001' }],
  ];
  it.each(keys)('begins a record, and the next one finds it: %s', async (_name, ref) => {
    const first = await resolve({ ...ref, name: '王芳' });
    expect(kindsOf(first.events)).toEqual(['customer.created']);
    const second = await resolve(ref);
    expect(second).toMatchObject({ customerId: first.customerId, events: [] });
    expect(await people.models.customers.countDocuments()).toBe(1);
    expect(await people.models.customers.findById(first.customerId).lean()).toMatchObject({
      profile: { name: { value: '王芳', by: { kind: 'shop', id: 'shop' } } },
    });
  });

  it('tells of whom it saw that they are linked with nobody, never of a linked one', async () => {
    const ref = { externalId: 'm1', phone };
    expect(await resolve(ref)).toMatchObject({ alone: true });
    expect(await resolve(ref)).toMatchObject({ alone: true });
    // Without a phone or a name nothing of the record is read.
    expect(await resolve({ externalId: 'm1' })).toMatchObject({ alone: false });
    await member('o1', { phone, provedAt: daysBefore(1) });
    const linking = await resolve({ ...ref, phoneVerifiedAt: at });
    expect(kindsOf(linking.events)).toContain('person.linked');
    expect(linking.alone).toBe(false);
    expect(await resolve(ref)).toMatchObject({ alone: false, events: [] });
  });

  it('of another shop: a member id and an unproved phone are not the same there, a unionid and an openid are', async () => {
    expect(await idOf({ externalId: 'm1' })).not.toBe(await idOf({ externalId: 'm1' }, 'other'));
    expect(await idOf({ phone })).not.toBe(await idOf({ phone }, 'other'));
    expect(await idOf({ unionid: 'u1' })).toBe(await idOf({ unionid: 'u1' }, 'other'));
    expect(await idOf({ openid: 'o1' })).toBe(await idOf({ openid: 'o1' }, 'other'));
  });

  it('finds people who chat: by openid, and by unionid', async () => {
    const id = await member('o1', { unionid: 'u1' });
    expect(await idOf({ openid: 'o1' })).toBe(id);
    expect(await idOf({ unionid: 'u1' })).toBe(id);
  });

  it('goes on finding them by unionid after the platform deleted it, once a shop told it', async () => {
    const met = await meet('o1');
    await people.tx((tx) => people.identification.attachUnionid(tx, met.identity, 'u1', at));
    await resolve({ unionid: 'u1' });
    await people.tx((tx) => people.customers.forgetPlatformData(tx, met.identity.address, at));
    expect(await idOf({ unionid: 'u1' })).toBe(String(met.customerId));
  });
});

describe('a phone alone', () => {
  it('is attributed to the one person who proved it', async () => {
    const id = await member('o1', { phone });
    expect(await idOf({ phone })).toBe(id);
  });

  it('to the same person when two of their records proved it', async () => {
    const id = await member('o1', { phone });
    const other = await member('o2', { phone });
    expect(await personOf(other)).toBe(id);
    expect([id, other]).toContain(await idOf({ phone }));
  });

  it.each([
    ['nobody proved it', {}],
    ['it was proved too long ago', { phone, provedAt: daysBefore(181) }],
  ])("is the shop's own record when %s", async (_name, more) => {
    const id = await member('o1', more);
    const own = await idOf({ phone });
    expect(own).not.toBe(id);
    expect(await personOf(own)).toBe(own);
  });

  it("is the shop's own record when two persons proved it (their unionids differ)", async () => {
    const one = await member('o1', { unionid: 'u1', phone });
    const two = await member('o2', { unionid: 'u2', phone });
    expect(await personOf(two)).not.toBe(await personOf(one));
    expect([one, two]).not.toContain(await idOf({ phone }));
  });

  it('of a virtual operator is attributed to nobody, proved or not', async () => {
    const id = await member('o1', { phone: '17100000001' });
    expect(await idOf({ phone: '17100000001' })).not.toBe(id);
    expect(await idOf({ phone: '17100000001', phoneVerifiedAt: at })).not.toBe(id);
    expect(await proposals()).toEqual([]);
  });
});

describe('a phone beside a member id', () => {
  it('proved on both sides links, frozen for a day', async () => {
    const id = await member('o1', { phone });
    const { customerId, events } = await resolve({ externalId: 'm1', phone, phoneVerifiedAt: daysBefore(3) });
    expect(kindsOf(events)).toEqual(['customer.created', 'person.linked']);
    expect(String(customerId)).not.toBe(id);
    expect(await people.persons.of(null, customerId)).toMatchObject({ frozenUntil: expect.any(Date) });
    expect((await resolve({ externalId: 'm1', phone, phoneVerifiedAt: daysBefore(3) })).events).toEqual([]);
  });

  it('told first and proved later links when it is proved', async () => {
    const id = await member('o1', { phone });
    expect(kindsOf((await resolve({ externalId: 'm1', phone })).events)).toEqual([
      'customer.created',
      'person.linkProposed',
    ]);
    expect(kindsOf((await resolve({ externalId: 'm1', phone })).events)).toEqual([]);
    const proved = await resolve({ externalId: 'm1', phone, phoneVerifiedAt: daysBefore(0) });
    expect(kindsOf(proved.events)).toEqual(['customer.updated', 'person.linked']);
    expect(await personOf(proved.customerId)).toBe(id);
    expect(await proposals()).toEqual([]);
  });

  it('links when the person proves it after the shop did', async () => {
    const shop = await idOf({ externalId: 'm1', phone, phoneVerifiedAt: daysBefore(10) });
    const met = await meet('o1');
    const events = await people.tx((tx) => people.profiles.verifyPhone(tx, met.customerId, phone, at));
    expect(kindsOf(events)).toEqual(['customer.updated', 'person.linked']);
    expect(await personOf(met.customerId)).toBe(shop);
  });

  const weak: Array<[string, CustomerRef, string | undefined]> = [
    ['not proved by the shop: proposed', { externalId: 'm1', phone }, 'unverified'],
    ['proved there too long ago: proposed', { externalId: 'm1', phone, phoneVerifiedAt: daysBefore(181) }, 'old'],
    [
      'the shop has another unionid: proposed',
      { externalId: 'm1', unionid: 'u2', phone, phoneVerifiedAt: at },
      'conflict',
    ],
    ['another number: nothing', { externalId: 'm1', phone: '13900139000', phoneVerifiedAt: at }, undefined],
  ];
  it.each(weak)('%s', async (_name, ref, reason) => {
    const id = await member('o1', { unionid: 'u1', phone });
    expect(await personOf(await idOf(ref))).not.toBe(id);
    expect((await proposals()).map(({ evidence }) => evidence.reason)).toEqual(reason ? [reason] : []);
  });

  it('that nobody proved says nothing at all', async () => {
    await resolve({ externalId: 'm1', phone });
    await resolve({ externalId: 'm2', phone }, 'other');
    expect(await proposals()).toEqual([]);
  });

  it('that many hold says nothing about anybody', async () => {
    for (let i = 0; i < 6; i++) {
      await people.tx((tx) => people.references.resolve(tx, 'shop', { externalId: `m${i}`, phone }, at));
    }
    await member('o1', { phone });
    expect(await proposals()).toEqual([]);
  });

  it('that thousands hold hides no other number, and says nothing', async () => {
    const filler = await resolve({ externalId: 'm1', phone: '13800000000' });
    const kept = (await people.models.customers.findById(filler.customerId).lean())?.profile;
    const holders = Array.from({ length: 2_100 }, () => {
      const _id = new Types.ObjectId();
      return { _id, personId: _id, createdAt: at, followUp: 'none' as const, profile: kept };
    });
    await people.models.customers.collection.insertMany(holders);
    const id = await member('o1', { phone });
    const refs = [
      { externalId: 'm2', phone: '13800000000', phoneVerifiedAt: at },
      { externalId: 'm3', phone, phoneVerifiedAt: at },
    ];
    const { customerIds } = await people.tx((tx) => people.references.resolveMany(tx, 'shop', refs, at));
    expect(await personOf(customerIds[1]!)).toBe(id);
    expect(await personOf(customerIds[0]!)).toBe(String(customerIds[0]));
    expect(await proposals()).toEqual([]);
    expect(await people.references.find({ phone: '13800000000' })).toBeUndefined();
  });

  it('a proof dated in the future counts from now', async () => {
    const { customerId } = await resolve({ externalId: 'm1', phone, phoneVerifiedAt: daysBefore(-400) });
    const found = await people.models.customers.findById(customerId).lean();
    expect(found?.profile?.phone?.verifiedAt).toEqual(at);
  });
});

describe('two keys of one reference', () => {
  it('that are new both lead to the record from then on', async () => {
    const id = await idOf({ externalId: 'm1' });
    expect(await idOf({ externalId: 'm1', unionid: 'u1', openid: 'o1' })).toBe(id);
    expect(await idOf({ unionid: 'u1' })).toBe(id);
    expect(await idOf({ openid: 'o1' })).toBe(id);
  });

  it('member id and unionid of two persons: linked by unionid, written with the member record', async () => {
    const chat = await member('o1', { unionid: 'u1' });
    const shop = await idOf({ externalId: 'm1' });
    const { customerId, events } = await resolve({ externalId: 'm1', unionid: 'u1' });
    expect(String(customerId)).toBe(shop);
    expect(events).toMatchObject([{ kind: 'person.linked', data: { evidence: 'unionid' } }]);
    expect(await personOf(shop)).toBe(await personOf(chat));
    expect(await people.persons.of(null, customerId)).not.toHaveProperty('frozenUntil');
  });

  it('member id and openid of two persons: linked as the shop says, unless their unionids differ', async () => {
    await member('o1', { unionid: 'u1' });
    await idOf({ externalId: 'm1' });
    expect((await resolve({ externalId: 'm1', openid: 'o1' })).events).toMatchObject([
      { kind: 'person.linked', data: { evidence: 'shop-member', source: 'shop' } },
    ]);
    await idOf({ externalId: 'm2', unionid: 'u2' });
    expect((await resolve({ externalId: 'm2', openid: 'o1' })).events).toMatchObject([
      { kind: 'person.linkProposed', data: { evidence: 'shop-member', reason: 'conflict' } },
    ]);
  });

  it('member id and unionid of two persons who have another unionid each: proposed with the conflict named', async () => {
    const chat = await member('o1', { unionid: 'u1' });
    const shop = await idOf({ externalId: 'm1', unionid: 'u2' });
    const { customerId, events } = await resolve({ externalId: 'm1', unionid: 'u1' });
    expect(String(customerId)).toBe(shop);
    expect(events).toMatchObject([{ kind: 'person.linkProposed', data: { evidence: 'unionid', reason: 'conflict' } }]);
    expect(await personOf(shop)).not.toBe(await personOf(chat));
    expect(await idOf({ unionid: 'u1' })).toBe(chat);
    expect(await idOf({ unionid: 'u2' })).toBe(shop);
  });

  it('undone by the staff stays undone at the next report', async () => {
    const chat = await member('o1', { unionid: 'u1' });
    await idOf({ externalId: 'm1' });
    const { customerId } = await resolve({ externalId: 'm1', unionid: 'u1' });
    const [edge] = await people.persons.linksOf([customerId]);
    await people.tx((tx) => people.persons.unlink(tx, edge!._id, { staffId: 's', reason: 'wrong' }, at));
    expect((await resolve({ externalId: 'm1', unionid: 'u1' })).events).toEqual([]);
    expect(await personOf(customerId)).not.toBe(await personOf(chat));
  });
});

describe('people who come after the shop told of them', () => {
  it('by the openid it told, at the first meeting', async () => {
    const shop = await idOf({ externalId: 'm1', openid: 'o1' });
    const met = await meet('o1');
    expect(kindsOf(met.events)).toEqual(['customer.created', 'person.linked']);
    expect(await personOf(met.customerId)).toBe(shop);
  });

  it('by the unionid it told, when the platform tells it; once', async () => {
    const shop = await idOf({ externalId: 'm1', unionid: 'u1' });
    const met = await meet('o1');
    const attach = () => people.tx((tx) => people.identification.attachUnionid(tx, met.identity, 'u1', at));
    expect(kindsOf(await attach())).toEqual(['person.linked']);
    expect(await attach()).toEqual([]);
    expect(await personOf(met.customerId)).toBe(shop);
  });
});

describe('at once', () => {
  const both = [
    ['member ids', { externalId: 'm1' }],
    ['unionids', { unionid: 'u1', externalId: undefined }],
    ['openids', { openid: 'o1' }],
    ['phones', { phone }],
    ['all keys', { externalId: 'm1', unionid: 'u1', openid: 'o1', phone }],
  ] as Array<[string, CustomerRef]>;
  it.each(both)('first reports by %s are one record', async (_name, ref) => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => idOf(ref)));
    expect(new Set(ids).size).toBe(1);
    expect(await people.models.customers.countDocuments()).toBe(1);
    const rows = await people.models.shopIdentities.find().lean();
    expect(new Set(rows.map(({ kind, value }) => `${kind} ${value}`)).size).toBe(rows.length);
  });

  it('a unionid told by a shop and by the platform links the two', async () => {
    for (let round = 0; round < 5; round++) {
      await people.clear();
      const met = await meet('o1');
      const [shop] = await Promise.all([
        idOf({ unionid: 'u1' }),
        people.tx((tx) => people.identification.attachUnionid(tx, met.identity, 'u1', at)),
      ]);
      expect(await personOf(shop)).toBe(await personOf(met.customerId));
    }
  });

  it('a phone proved to a shop and to the platform links the two', async () => {
    for (let round = 0; round < 5; round++) {
      await people.clear();
      const met = await meet('o1');
      const [shop] = await Promise.all([
        idOf({ externalId: 'm1', phone, phoneVerifiedAt: at }),
        people.tx((tx) => people.profiles.verifyPhone(tx, met.customerId, phone, at)),
      ]);
      expect(await personOf(shop)).toBe(await personOf(met.customerId));
    }
  });
});

describe('many at once', () => {
  it('are what one by one would be, in few queries', async () => {
    await member('o1', { unionid: 'u1', phone });
    const refs: CustomerRef[] = Array.from({ length: 500 }, (_, i) => ({
      externalId: `m${i % 450}`,
      ...(i % 7 === 0 ? { phone: `139${String(10_000_000 + (i % 450))}`, phoneVerifiedAt: daysBefore(2) } : {}),
      ...(i % 50 === 1 ? { unionid: `u${i % 450}` } : {}),
    }));
    refs.push({ phone }, { phone: '13911112222' }, { phone: '13911112222' }, { unionid: 'u51' }, { openid: 'o1' });
    const asked: string[] = [];
    people.database.connection.set('debug', (collection: string, method: string) => {
      asked.push(`${collection}.${method}`);
    });
    const resolveAll = () => people.tx((tx) => people.references.resolveMany(tx, 'shop', refs, at));
    const { customerIds, events } = await resolveAll();
    people.database.connection.set('debug', false);
    expect(asked.length).toBeLessThan(20);
    expect(customerIds).toHaveLength(refs.length);
    for (let i = 0; i < 50; i++) expect(customerIds[i + 450]).toEqual(customerIds[i]);
    expect(customerIds[502]).toEqual(customerIds[501]);
    expect(customerIds[503]).toEqual(customerIds[51]);
    // One of the 450 is the member, by unionid.
    expect(await people.models.customers.countDocuments()).toBe(1 + 449 + 1);
    expect(events.filter(({ kind }) => kind === 'customer.created')).toHaveLength(450);
    const again = await resolveAll();
    expect(again).toMatchObject({ customerIds, events: [] });
    const persons = await people.persons.ofMany(null, customerIds);
    expect(again.alone.size).toBeGreaterThan(0);
    for (const id of again.alone) expect(persons.get(id)?.customerIds.map(String)).toEqual([id]);
    for (const place of [0, 7, 51, 449, 500, 501, 504]) {
      expect(await idOf(refs[place]!)).toBe(String(customerIds[place]));
    }
    expect(await people.persons.check()).toEqual([]);
  });
});

describe('looking up', () => {
  const find = async (lookup: Parameters<People['references']['find']>[0]) =>
    String(await people.references.find(lookup));

  it('finds by id, phone, unionid, openid, source and member id, and writes nothing', async () => {
    const id = await member('o1', { unionid: 'u1', phone });
    const shop = await idOf({ externalId: 'm1' });
    for (const lookup of [{ id }, { phone }, { unionid: 'u1' }, { openid: 'o1' }]) expect(await find(lookup)).toBe(id);
    expect(await find({ source: 'shop', externalId: 'm1' })).toBe(shop);
    for (const lookup of [
      { id: '0'.repeat(24) },
      { phone: '13900000000' },
      { unionid: 'u9' },
      { openid: 'o9' },
      { source: 'other', externalId: 'm1' },
    ]) {
      expect(await people.references.find(lookup)).toBeUndefined();
    }
    expect(await people.models.customers.countDocuments()).toBe(2);
  });

  it('by phone: who proved it before who was only told of; nobody when it may be several, or is virtual', async () => {
    const told = await idOf({ externalId: 'm1', phone });
    expect(await find({ phone })).toBe(told);
    const proved = await member('o1', { phone });
    expect(await find({ phone })).toBe(proved);
    await resolve({ externalId: 'm2', phone: '13900139000' });
    await resolve({ externalId: 'm3', phone: '13900139000' });
    expect(await people.references.find({ phone: '13900139000' })).toBeUndefined();
    await member('o2', { phone: '16512345678' });
    expect(await people.references.find({ phone: '16512345678' })).toBeUndefined();
  });
});
