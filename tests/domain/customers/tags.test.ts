/** Tags and the shop's own fields: what is put on a customer, what is refused, and what a person has over all their records. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import { CustomerInput } from '../../../src/contracts/index.js';
import type { NewDomainEvent } from '../../../src/contracts/index.js';
import { createCustomFields, createTags, personFields, personTags } from '../../../src/domain/customers/index.js';
import type { CustomField } from '../../../src/domain/customers/index.js';
import { createOpenService } from '../../../src/http/services/open.js';
import type { OpenServiceParts } from '../../../src/http/services/open.js';
import { at, daysBefore, openPeople } from './people.js';
import type { People } from './people.js';

let people: People;
beforeAll(async () => {
  people = await openPeople();
}, 60_000);
afterAll(() => people.close());
afterEach(() => people.clear());

const title = { 'zh-CN': '名', en: 'Name' };
const tags = () => createTags(people.models);
const fields = () => createCustomFields(people.models);
const record = async (id: Types.ObjectId) => {
  const found = await people.models.customers.findById(id).lean();
  if (!found) throw new Error('no such customer');
  return found;
};
const define = async (...all: CustomField[]) => {
  for (const field of all) expect((await people.tx((tx) => fields().put(tx, field, 's', at))).ok).toBe(true);
};

describe('tags', () => {
  it('are added and taken away, told by what changed, and the same again changes nothing', async () => {
    const id = await people.addCustomer();
    const tag = (add: string[], remove: string[] = []) =>
      people.tx((tx) => tags().tag(tx, id, { add, remove }, 's', at));
    const event = (data: Record<string, unknown>): NewDomainEvent => ({
      ...{ kind: 'customer.tagged', customerId: String(id), at, data: { ...data, by: 's' } },
    });
    expect(await tag(['vip', ' 茶 '])).toEqual({
      ...{ ok: true, tags: ['vip', '茶'], events: [event({ added: ['vip', '茶'], removed: [] })] },
    });
    expect(await tag(['vip'], ['没有'])).toEqual({ ok: true, tags: ['vip', '茶'], events: [] });
    expect(await tag(['新', '茶'], ['茶'])).toEqual({
      ...{ ok: true, tags: ['vip', '新'], events: [event({ added: ['新'], removed: ['茶'] })] },
    });
    expect((await record(id)).tags).toEqual(['vip', '新']);
  });

  it('are at most 50 of at most 20 characters, and taking away is never refused', async () => {
    const id = await people.addCustomer();
    const tag = (add: string[], remove: string[] = []) =>
      people.tx((tx) => tags().tag(tx, id, { add, remove }, 's', at));
    const fifty = Array.from({ length: 50 }, (_, i) => `t${i}`);
    expect(await tag(['字'.repeat(21)])).toEqual({ ok: false, reason: 'tag.tooLong' });
    expect(await tag([' '])).toEqual({ ok: false, reason: 'tag.empty' });
    expect(await tag([...fifty, 'one more'])).toEqual({ ok: false, reason: 'tag.tooMany' });
    expect((await record(id)).tags).toBeUndefined();
    expect(await tag([...fifty.slice(1), '字'.repeat(20)])).toMatchObject({ ok: true });
    expect(await tag(['one more'])).toEqual({ ok: false, reason: 'tag.tooMany' });
    expect(await tag(['one more'], ['t1'])).toMatchObject({ ok: true });
    expect(await tag([], ['t2'])).toMatchObject({ ok: true });
    await expect(
      people.tx((tx) => tags().tag(tx, new Types.ObjectId(), { add: ['x'] }, 's', at)),
    ).rejects.toMatchObject({ code: 'customer.notFound' });
  });

  it('of a person are those of all records, and those in use are told with how many have them', async () => {
    const [a, b] = [await people.addCustomer(0), await people.addCustomer(1)];
    await people.tx((tx) => tags().tag(tx, a, { add: ['vip', 'b'] }, 's', at));
    await people.tx((tx) => tags().tag(tx, b, { add: ['vip'] }, 's', at));
    expect(personTags([await record(a), await record(b)])).toEqual(['b', 'vip']);
    expect(await tags().inUse(10)).toEqual([
      { tag: 'vip', customers: 2 },
      { tag: 'b', customers: 1 },
    ]);
    expect(await tags().inUse(1)).toHaveLength(1);
  });
});

describe('the definition of a field', () => {
  const colour = (options: string[]): CustomField => ({
    ...{ key: 'colour', title, type: 'choice', options: options.map((value) => ({ value, title })) },
  });

  it('is kept, can change its options, and never its type', async () => {
    await define(colour(['red', 'blue']), { key: 'size', title, type: 'number' });
    await define(colour(['red', 'green']));
    expect((await fields().definitions()).map(({ key, type }) => [key, type])).toEqual([
      ['colour', 'choice'],
      ['size', 'number'],
    ]);
    expect((await fields().byKey()).get('colour')).toEqual(colour(['red', 'green']));
    const put = (field: CustomField) => people.tx((tx) => fields().put(tx, field, 's', at));
    expect(await put(colour(['red', 'green']))).toEqual({ ok: true, events: [] });
    expect(await put({ key: 'size', title, type: 'text' })).toEqual({ ok: false, reason: 'field.typeChanged' });
    expect(await put(colour([]))).toEqual({ ok: false, reason: 'field.options' });
    expect(await put(colour(['a', 'a']))).toEqual({ ok: false, reason: 'field.options' });
    expect(await put({ key: 'a b', title, type: 'text' })).toEqual({ ok: false, reason: 'field.key' });
  });
});

describe('values of fields', () => {
  const all: CustomField[] = [
    { key: 'text', title, type: 'text' },
    { key: 'number', title, type: 'number' },
    { key: 'date', title, type: 'date' },
    { key: 'boolean', title, type: 'boolean' },
    { key: 'choice', title, type: 'choice', options: [{ value: 'a', title }] },
  ];

  it('are stored by their type, replaced by newer words only, and taken away by null', async () => {
    await define(...all);
    const id = await people.addCustomer();
    const set = (told: Parameters<ReturnType<typeof fields>['set']>[2], when = at) =>
      people.tx((tx) => fields().set(tx, id, told, 's', when));
    const told = { text: ' x ', number: 2.5, date: '2026-02-28', boolean: false, choice: 'a' };
    const done = await set(told);
    expect(done.ok && done.events.map(({ data }) => data['fields'])).toEqual([
      ['custom:boolean', 'custom:choice', 'custom:date', 'custom:number', 'custom:text'],
    ]);
    const kept = async () => Object.fromEntries(((await record(id)).fields ?? []).map(({ k, v }) => [k, v]));
    expect(await kept()).toEqual({ ...told, text: 'x', date: new Date('2026-02-28T00:00:00Z') });
    expect(await set(told)).toEqual({ ok: true, events: [] });
    expect(await set({ number: 9 }, daysBefore(1))).toEqual({ ok: true, events: [] });
    expect(await set({ number: 9, text: null })).toMatchObject({ ok: true, events: [{ kind: 'customer.updated' }] });
    expect(await kept()).toMatchObject({ number: 9 });
    expect(await kept()).not.toHaveProperty('text');
  });

  it.each([
    ['unknown', { other: 1 }, 'other', 'field.unknown'],
    ['a text for a number', { number: '2' }, 'number', 'field.type'],
    ['a number that is none', { number: NaN }, 'number', 'field.type'],
    ['a day the calendar does not have', { date: '2026-02-30' }, 'date', 'field.type'],
    ['a moment without its offset', { date: '2026-02-28T10:00:00' }, 'date', 'field.type'],
    ['a word for a boolean', { boolean: 'yes' }, 'boolean', 'field.type'],
    ['an option there is not', { choice: 'b' }, 'choice', 'field.option'],
    ['a long text', { text: 'x'.repeat(201) }, 'text', 'field.tooLong'],
  ])('are refused as a whole: %s', async (_name, bad, key, reason) => {
    await define(...all);
    const id = await people.addCustomer();
    const told = { boolean: true, ...bad } as Record<string, string | number | boolean>;
    expect(await people.tx((tx) => fields().set(tx, id, told, 's', at))).toEqual({
      ok: false,
      problems: [{ key, reason }],
    });
    expect((await record(id)).fields).toBeUndefined();
  });

  it('of a person are the newest words over all records, whatever their order', () => {
    const [first, second] = [new Types.ObjectId(), new Types.ObjectId()];
    const one = { _id: first, fields: [{ k: 'a', v: 1, at: daysBefore(1) }] };
    const two = {
      _id: second,
      fields: [
        { k: 'a', v: 2, at },
        { k: 'b', v: 3, at },
      ],
    };
    const expected = [
      { k: 'a', v: 2, at },
      { k: 'b', v: 3, at },
    ];
    expect([personFields([one, two]), personFields([two, one])]).toEqual([expected, expected]);
  });
});

describe('a customer reported by a shop', () => {
  const service = () => {
    const parts = {
      ...people,
      ...{ tags: tags(), customFields: fields(), clock: { now: () => at } },
      act: ({ change }: { change: (tx: unknown, acting: unknown) => Promise<unknown> }) =>
        people.tx((tx) => change(tx, {})),
    };
    return createOpenService(parts as unknown as OpenServiceParts);
  };
  const by = { keyId: 'k', source: 'shop', verifiesPhones: false } as never;
  const input = (more: Record<string, unknown>) => CustomerInput.parse({ source: 'shop', externalId: 'm1', ...more });

  it('brings tags beside those that are there, and values of fields', async () => {
    await define({ key: 'skin', title, type: 'text' });
    const { id } = await service().customer(input({ tags: ['a'], fields: { skin: '油' } }), by);
    await service().customer(input({ tags: ['b'] }), by);
    const stored = await record(new Types.ObjectId(id));
    expect(stored).toMatchObject({ tags: ['a', 'b'], fields: [{ k: 'skin', v: '油' }] });
    expect(await service().customer(input({ tags: ['b'] }), by)).toMatchObject({ repeated: true });
  });

  it('is refused whole where a field does not fit', async () => {
    await expect(service().customer(input({ name: '王', tags: ['a'], fields: { none: 1 } }), by)).rejects.toMatchObject(
      {
        ...{ code: 'customer.refused', errors: [{ path: 'fields.none', code: 'field.unknown' }] },
      },
    );
    expect(await people.models.customers.countDocuments()).toBe(0);
    expect(CustomerInput.safeParse({ source: 's', externalId: 'm', tags: ['字'.repeat(21)] }).success).toBe(false);
  });
});
