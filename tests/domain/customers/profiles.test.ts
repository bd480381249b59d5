/** What is kept of a person and what never is: newest words, masks, minors, sealed phones. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BSON } from 'mongodb';
import type { Types } from 'mongoose';
import type { Profile } from '../../../src/contracts/index.js';
import { customerName, personName } from '../../../src/domain/customers/index.js';
import type { ProfileRow, PutRules } from '../../../src/domain/customers/index.js';
import { at, daysBefore, kindsOf, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
beforeEach(() => people.clear());

const put = (id: Types.ObjectId, profile: Profile, when = at, rules: PutRules = {}) =>
  people.tx((tx) => people.profiles.put(tx, id, profile, when, { kind: 'member' }, rules));
const join = (id: Types.ObjectId, age: 'under14' | '14to17' | 'adult', guardianConsent?: boolean) =>
  people.tx((tx) =>
    people.profiles.join(tx, id, { age, guardianConsent, page: 'pages/join/index', privacyVersion: 'p1' }, at),
  );
const read = async (id: Types.ObjectId) => people.profiles.read((await people.persons.of(null, id)).customerIds);
const link = (a: Types.ObjectId, b: Types.ObjectId) =>
  people.tx((tx) => people.persons.link(tx, a, b, { kind: 'staff', staffId: 's', reason: 'r' }, at));
const full: Profile = {
  name: '王芳',
  phone: '13800138000',
  gender: 'female',
  birthday: '1990-02-28',
  province: '浙江',
  city: '杭州',
  address: '西湖区文三路 99 号 3 栋 201',
};

describe('a profile', () => {
  it('is read as it was put, phone and address masked; the event names fields and no values', async () => {
    const id = await people.addCustomer();
    const done = await put(id, full);
    expect(done).toMatchObject({ ok: true, leftOut: [] });
    const told = JSON.stringify(done);
    for (const value of Object.values(full)) expect(told).not.toContain(value);
    expect(done).toMatchObject({
      events: [{ kind: 'customer.updated', data: { by: 'member', fields: expect.arrayContaining(Object.keys(full)) } }],
    });
    expect(await read(id)).toMatchObject({ ...full, phone: '138****8000', address: '西湖区文三路****', minor: false });
    expect(await people.profiles.reveal([id])).toEqual({ phone: full.phone, address: full.address });
    expect(await put(id, full)).toEqual({ ok: true, events: [], leftOut: [] });
  });

  it('keeps the newest word of each field, whatever the order of telling', async () => {
    const id = await people.addCustomer();
    await put(id, { name: '新', city: '上海' }, daysBefore(1));
    await put(id, { name: '旧', province: '江苏' }, daysBefore(2));
    expect(await read(id)).toMatchObject({ name: '新', city: '上海', province: '江苏' });
  });

  it('of a person is the newest word over all their records, and says whose it is; undone, each has their own', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    await put(a, { name: '王芳', city: '上海' }, daysBefore(1));
    await put(b, { name: '芳芳', gender: 'female' }, daysBefore(2));
    await link(a, b);
    const view = await read(b);
    expect(view).toMatchObject({ name: '王芳', gender: 'female', city: '上海' });
    expect(view.origins).toMatchObject({ name: { customerId: a }, gender: { customerId: b, by: { kind: 'member' } } });
    const [edge] = await people.persons.linksOf([a]);
    await people.tx((tx) => people.persons.unlink(tx, edge!._id, { staffId: 's', reason: 'r' }, at));
    expect(await read(b)).toMatchObject({ name: '芳芳', city: null });
  });

  it('told in passing beside keys, a name gives way to any name told on purpose', async () => {
    const ref = { externalId: 'm1', name: '收件人' };
    const { customerId } = await people.tx((tx) => people.references.resolve(tx, 'shop', ref, at));
    await put(customerId, { name: '王芳' }, daysBefore(30));
    expect(await read(customerId)).toMatchObject({ name: '王芳' });
    expect((await people.tx((tx) => people.references.resolve(tx, 'shop', ref, at))).events).toEqual([]);
  });

  it('a phone that links counts from when it was told, not from how old the profile is', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    await people.tx((tx) => people.profiles.verifyPhone(tx, a, '13800138000', daysBefore(3)));
    await put(b, { phone: '13800138000' }, daysBefore(2), { phoneVerifiedAt: daysBefore(2), now: at });
    expect(await people.persons.of(null, b)).toMatchObject({ id: a, frozenUntil: daysBefore(-1) });
  });

  it('a proved phone gives way to a proved one only', async () => {
    const id = await people.addCustomer();
    await people.tx((tx) => people.profiles.verifyPhone(tx, id, '13800138000', daysBefore(5)));
    await put(id, { phone: '13900139000' });
    expect(await read(id)).toMatchObject({ phone: '138****8000', phoneVerifiedAt: daysBefore(5) });
    await put(id, { phone: '13900139000' }, at, { phoneVerifiedAt: daysBefore(1) });
    expect(await read(id)).toMatchObject({ phone: '139****9000', phoneVerifiedAt: daysBefore(1) });
  });

  it('names: the remark, else the name told, else the nickname', async () => {
    const id = await people.addCustomer();
    const record = async () => (await people.models.customers.findById(id).lean())!;
    await people.models.customers.updateOne({ _id: id }, { nickname: '小鹿' });
    expect(customerName(await record())).toBe('小鹿');
    await put(id, { name: '王芳' });
    expect(customerName(await record())).toBe('王芳');
    await people.tx((tx) => people.customers.setRemark(tx, String(id), at, '老客户王姐'));
    expect(customerName(await record())).toBe('老客户王姐');
    const other = { _id: await people.addCustomer() };
    expect(personName([other, await record()])).toBe('老客户王姐');
    expect(personName([other])).toMatch(/^微信用户 [0-9a-f]{4}$/);
  });
});

describe('many profiles', () => {
  it('are what one by one would be, also two of one record, in few queries; a refused one stops no other', async () => {
    const rows: ProfileRow[] = [];
    for (let i = 0; i < 60; i++) {
      const profile = { name: `客${i}`, phone: `139${10_000_000 + i}`, ...(i === 7 ? { birthday: '2020-01-01' } : {}) };
      rows.push({ customerId: await people.addCustomer(i), profile, at });
    }
    const [first] = rows;
    rows.push({ customerId: first!.customerId, profile: { name: '旧', city: '上海' }, at: daysBefore(1) });
    const asked: string[] = [];
    people.database.connection.set('debug', (collection: string, method: string) => {
      asked.push(`${collection}.${method}`);
    });
    const putAll = () => people.tx((tx) => people.profiles.putMany(tx, rows, { kind: 'import', id: 'i1' }));
    const { puts, linked } = await putAll();
    people.database.connection.set('debug', false);
    expect(asked.length).toBeLessThan(10);
    expect(puts.map(({ ok }) => ok)).toEqual(rows.map((_, i) => i !== 7));
    expect(linked).toEqual([]);
    expect(await read(first!.customerId)).toMatchObject({ name: '客0', city: '上海', phone: '139****0000' });
    expect(await read(rows[7]!.customerId)).toMatchObject({ name: null, phone: null });
    const again = await putAll();
    expect(again.puts.flatMap((one) => (one.ok ? one.events : []))).toEqual([]);
  });
});

describe('the birthday', () => {
  it('may be set, and changed once in so many days, over all records of the person', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    await link(a, b);
    const rules = { birthdayChangeDays: 365 };
    expect(await put(a, { birthday: '1990-02-28' }, daysBefore(100), rules)).toMatchObject({ ok: true });
    const refused = { ok: false, reason: 'birthday.tooSoon', changeableAt: daysBefore(-265) };
    expect(await put(a, { birthday: '1991-02-28', city: '上海' }, at, rules)).toEqual(refused);
    expect(await put(b, { birthday: '1991-02-28' }, at, rules)).toEqual(refused);
    expect(await read(a)).toMatchObject({ birthday: '1990-02-28', city: null });
    expect(await put(a, { birthday: '1991-02-28' }, daysBefore(-265), rules)).toMatchObject({ ok: true });
    expect(await read(a)).toMatchObject({ birthday: '1991-02-28' });
  });

  it('of a child is kept as an age band; under 14 nothing of the profile is kept without a guardian', async () => {
    const id = await people.addCustomer();
    expect(await put(id, { name: '小明', birthday: '2010-11-22' })).toMatchObject({ ok: true, leftOut: ['birthday'] });
    expect(await read(id)).toMatchObject({ name: '小明', birthday: null, ageBand: '14to17', minor: true });
    const small = await people.addCustomer();
    expect(await put(small, { name: '小红', birthday: '2012-11-23' })).toEqual({
      ok: false,
      reason: 'guardian.missing',
    });
    expect(await read(small)).toMatchObject({ name: null, ageBand: null });
    const grown = await people.addCustomer();
    expect(await put(grown, { birthday: '2008-11-22' })).toMatchObject({ ok: true, leftOut: [] });
    expect(await read(grown)).toMatchObject({ birthday: '2008-11-22', minor: false });
  });
});

describe('joining', () => {
  it('keeps when, where and under which text; a second time changes nothing', async () => {
    const id = await people.addCustomer();
    const joined = await join(id, 'adult');
    expect(joined).toMatchObject({ ok: true, first: true, events: [{ kind: 'member.joined' }] });
    expect(await join(id, '14to17')).toEqual({ ok: true, first: false, events: [] });
    expect(await read(id)).toMatchObject({
      joinedAt: at,
      joinedOn: { page: 'pages/join/index', privacyVersion: 'p1' },
      ageBand: 'adult',
      minor: false,
    });
  });

  it('is the first of a person once', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    await join(a, 'adult');
    await link(a, b);
    expect(await join(b, 'adult')).toEqual({ ok: true, first: false, events: [] });
  });

  it('under 14 without a guardian leaves nothing; with one, and under 18, the person is a minor', async () => {
    const id = await people.addCustomer();
    const before = await people.models.customers.findById(id).lean();
    expect(await join(id, 'under14')).toEqual({ ok: false, reason: 'guardian.missing' });
    expect(await people.models.customers.findById(id).lean()).toEqual(before);
    expect(await join(id, 'under14', true)).toMatchObject({ ok: true, first: true });
    expect(await put(id, { birthday: '2014-01-01' })).toMatchObject({ ok: true, leftOut: ['birthday'] });
    expect(await read(id)).toMatchObject({ minor: true, ageBand: 'under14', birthday: null });
  });

  it('as a minor deletes the birthday of all records, and makes the whole person a minor', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    await put(a, { birthday: '05-04' });
    await link(a, b);
    await join(b, '14to17');
    expect(await read(a)).toMatchObject({ minor: true, birthday: null });
    const stored = await people.models.customers.findById(a).lean();
    expect(stored?.profile?.birthday).toBeUndefined();
  });
});

describe('private data', () => {
  /** Every document of every collection as the database stores it. */
  async function dump(): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (const model of Object.values(people.models)) {
      for await (const document of model.collection.find({})) parts.push(BSON.serialize(document));
    }
    return Buffer.concat(parts);
  }

  it('lies sealed: no phone, address or unionid of a shop in what is stored, events included', async () => {
    const events = [];
    const id = await people.addCustomer();
    const done = await put(id, full);
    if (done.ok) events.push(...done.events);
    const ref = { externalId: 'm1', unionid: 'u-secret', phone: '13800138000', phoneVerifiedAt: at };
    events.push(...(await people.tx((tx) => people.references.resolve(tx, 'shop', ref, at))).events);
    events.push(
      ...(await people.tx((tx) => people.references.resolve(tx, 'shop', { phone: '13900139000' }, at))).events,
    );
    events.push(...(await people.tx((tx) => people.profiles.verifyPhone(tx, id, '13800138000', at))));
    expect(kindsOf(events)).toContain('person.linked');
    const stored = await dump();
    expect(stored.includes('杭州')).toBe(true);
    for (const secret of ['13800138000', '0138000', '13900139000', '文三路', 'u-secret']) {
      expect({ secret, stored: stored.includes(secret) }).toEqual({ secret, stored: false });
      expect(JSON.stringify(events)).not.toContain(secret);
    }
  });

  it('opens only where it belongs', async () => {
    const [a, b] = [await people.addCustomer(1), await people.addCustomer(2)];
    await put(a, { phone: '13800138000' });
    const kept = await people.models.customers.findById(a).lean();
    await people.models.customers.updateOne({ _id: b }, { $set: { profile: kept?.profile } });
    await expect(people.profiles.reveal([b])).rejects.toThrow();
  });
});
