/** Segments, lists, marks and the dashboard over HTTP on a whole shop: from an order that a shop system reports to the rows behind a figure. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { good, refused } from '../helpers/answers.js';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let marketer: StaffClient;
let agent: StaffClient;
/** Customer ids by the name of the shop. */
const ids = new Map<string, string>();

const spent300 = { field: 'spent', op: 'atLeast', value: 300_00 };
const nobody = 'f'.repeat(24);

beforeAll(async () => {
  shop = await openShop();
  [marketer, agent] = [await shop.staff('marketer', 'mei'), await shop.staff('agent', 'lin')];
  const mall = await shop.shopSystem({ sources: ['mall'] });
  const at = shop.app.clock.now().toISOString();
  for (const [i, paid] of [100_00, 300_00, 500_00].entries()) {
    const externalId = `u${i}`;
    const customer = { source: 'mall', externalId, name: `客户${i}`, updatedAt: at };
    const made = await mall.post('/customers', customer);
    expect([made.status, made.body]).toMatchObject([200, {}]);
    ids.set(externalId, String(made.body['id']));
    const order = {
      ...{ source: 'mall', orderNo: `A${i}`, customer: { externalId }, status: 'paid', placedAt: at, paidAt: at },
      ...{ currency: 'CNY', amount: paid, paid, freight: 0, discount: 0, updatedAt: at },
      items: [{ sku: 's', name: '龙井', category: '茶', quantity: 1, price: paid }],
    };
    expect((await mall.post('/orders', order)).status).toBe(200);
  }
  await eventually(async () => (await count(spent300)).people === 2);
}, 60_000);
afterAll(() => shop.stop());

const idOf = (name: string): string => ids.get(name) ?? '';
const count = (rule: unknown) =>
  good<{ people: number | null; total: number; countId: string | null }>(
    marketer.call('POST', 'segments/count', { rule }),
  );
interface Row {
  customerId: string;
  name: string;
}
interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

describe('questions to the portraits', () => {
  it('count, list a page at a time, sample and explain', async () => {
    expect(await count(spent300)).toEqual({ people: 2, total: 3, countId: null });
    const first = await good<Page<Row>>(marketer.call('POST', 'segments/people?limit=1', { rule: spent300 }));
    const next = `segments/people?limit=1&cursor=${first.nextCursor ?? ''}`;
    const second = await good<Page<Row>>(marketer.call('POST', next, { rule: spent300 }));
    expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual(['客户1', '客户2']);
    expect(second.nextCursor).toBeNull();
    const sample = await good<Page<Row>>(marketer.call('POST', 'segments/sample', { rule: spent300 }));
    expect(sample.items).toHaveLength(2);
    const why = (of: string) => marketer.call('POST', 'segments/why', { rule: spent300, customerId: idOf(of) });
    expect(await good(why('u2'))).toMatchObject({ holds: true, because: { kind: 'all', holds: true } });
    expect(JSON.stringify(await good(why('u2')))).toContain('"seen":50000');
    expect(await good(why('u0'))).toMatchObject({ holds: false });
  });

  it('are refused where the rule asks what there is not, or of nobody, or by whom may not', async () => {
    const wrong = { all: [spent300, { field: 'mood', op: 'is', value: 'good' }, { ...spent300, value: 'much' }] };
    const answer = await marketer.call('POST', 'segments/count', { rule: wrong });
    expect([answer.status, answer.body['errors']]).toMatchObject([
      400,
      [
        { path: 'rule.all.1.field', code: 'segment.unknownField' },
        { path: 'rule.all.2.value', code: 'segment.value' },
      ],
    ]);
    const why = { rule: spent300, customerId: nobody };
    expect(await refused(marketer.call('POST', 'segments/why', why))).toEqual([404, 'customer.notFound']);
    expect(await refused(agent.call('POST', 'segments/count', { rule: spent300 }))).toEqual([403, 'permission.denied']);
    expect(await refused(marketer.call('GET', `segments/counts/${nobody}`))).toEqual([404, 'count.notFound']);
  });

  it('have a catalogue with the values that this shop has', async () => {
    const { items } = await good<{ items: Array<{ code: string; options?: Array<{ value: string }> }> }>(
      marketer.call('GET', 'segments/fields'),
    );
    const levels = shop.app.config.levels.map(({ code }) => code);
    expect(items.find(({ code }) => code === 'level')?.options?.map(({ value }) => value)).toEqual(levels);
  });
});

describe('saved segments', () => {
  it('get a version by every change, and stay while another asks for them', async () => {
    const made = await good<{ id: string }>(marketer.call('POST', 'segments', { name: '高客单', rule: spent300 }), 201);
    const path = `segments/${made.id}`;
    const rule = { ...spent300, value: 500_00 };
    const put = { name: '高客单', note: '提高', rule };
    expect(await good(marketer.call('PUT', path, put))).toMatchObject({ version: 2, rule, changedBy: 'mei' });
    expect(await good(marketer.call('PUT', path, put))).toMatchObject({ version: 2 });
    const versions = await good<{ items: Array<{ version: number }> }>(marketer.call('GET', `${path}/versions`));
    expect(versions.items.map(({ version }) => version)).toEqual([2, 1]);
    const inIt = { field: 'segment', op: 'in', value: made.id };
    expect(await count(inIt)).toMatchObject({ people: 1 });
    const user = await good<{ id: string }>(marketer.call('POST', 'segments', { name: '用到它', rule: inIt }), 201);
    expect(await refused(marketer.call('DELETE', path))).toEqual([409, 'segment.inUse']);
    await good(marketer.call('DELETE', `segments/${user.id}`), 204);
    await good(marketer.call('DELETE', path), 204);
    expect(await refused(marketer.call('GET', path))).toEqual([404, 'segment.notFound']);
    expect(await refused(marketer.call('PUT', path, put))).toEqual([404, 'segment.notFound']);
  });
});

describe('static lists', () => {
  it('take people on and off, and nobody where one is unknown', async () => {
    const made = await good<{ id: string }>(marketer.call('POST', 'lists', { name: '内测' }), 201);
    const path = `lists/${made.id}/people`;
    const change = (body: unknown) => marketer.call('POST', path, body);
    expect(await good(change({ add: [idOf('u0'), idOf('u1')] }))).toMatchObject({ people: 2 });
    const answer = await change({ add: [idOf('u2'), nobody] });
    expect([answer.status, answer.body['errors']]).toMatchObject([400, [{ path: 'add.1', code: 'unknown' }]]);
    expect(await good(change({ remove: [idOf('u0')] }))).toMatchObject({ people: 1 });
    const { items } = await good<Page<Row>>(marketer.call('GET', path));
    expect(items.map(({ name }) => name)).toEqual(['客户1']);
    expect(await good<Page<unknown>>(marketer.call('GET', 'lists'))).toMatchObject({ items: [{ people: 1 }] });
    expect(await refused(marketer.call('GET', `lists/${nobody}/people`))).toEqual([404, 'list.notFound']);
  });
});

describe('marks of a person', () => {
  it('are tags and own fields, checked by what the fields are', async () => {
    const path = `customers/${idOf('u1')}`;
    expect(await good(agent.call('PUT', `${path}/tags`, { add: ['爱喝茶', '新客'] }))).toMatchObject({
      tags: ['新客', '爱喝茶'],
    });
    expect(await good(agent.call('PUT', `${path}/tags`, { remove: ['新客'] }))).toMatchObject({ tags: ['爱喝茶'] });
    expect(await good(agent.call('GET', 'tags'))).toEqual({ items: [{ tag: '爱喝茶', customers: 1 }] });
    const field = { title: { 'zh-CN': '口味', en: 'Taste' }, type: 'choice', options: ['淡', '浓'] };
    expect(await good(marketer.call('PUT', 'custom-fields/taste', field))).toMatchObject({ options: ['淡', '浓'] });
    expect(await refused(agent.call('PUT', 'custom-fields/taste', field))).toEqual([403, 'permission.denied']);
    const other = { ...field, type: 'text', options: undefined };
    expect(await refused(marketer.call('PUT', 'custom-fields/taste', other))).toEqual([409, 'field.typeChanged']);
    const set = (fields: unknown) => agent.call('PUT', `${path}/fields`, { fields });
    expect(await good(set({ taste: '浓' }))).toMatchObject({ fields: { taste: '浓' }, tags: ['爱喝茶'] });
    const wrong = await set({ taste: '酸', age: 3 });
    expect([wrong.status, wrong.body['errors']]).toMatchObject([
      400,
      [
        { path: 'fields.taste', code: 'field.option' },
        { path: 'fields.age', code: 'field.unknown' },
      ],
    ]);
    expect(await good(agent.call('GET', `${path}/marks`))).toMatchObject({ fields: { taste: '浓' } });
    await eventually(async () => (await count({ field: 'custom:taste', op: 'is', value: ['浓'] })).people === 1);
    expect(await good(set({ taste: null }))).toMatchObject({ fields: {} });
    expect(await refused(agent.call('PUT', `customers/${nobody}/tags`, { add: ['x'] }))).toEqual([
      404,
      'customer.notFound',
    ]);
  });
});

describe('the dashboard of today', () => {
  it('opens every figure to rows that add up to it', async () => {
    const today = await good<{ figures: Array<{ code: string; value: number; rows: string }> }>(
      marketer.call('GET', 'dashboard/today'),
    );
    const valueOf = (code: string) => today.figures.find((figure) => figure.code === code)?.value;
    expect([valueOf('orders'), valueOf('revenue'), valueOf('newCustomers')]).toEqual([3, 900_00, 3]);
    for (const { rows, value } of today.figures) {
      let [total, cursor] = [0, ''];
      do {
        const query = new URLSearchParams({ limit: '2', ...(cursor ? { cursor } : {}) }).toString();
        const page = await good<Page<{ value: number }>>(marketer.call('GET', `${rows}?${query}`));
        total += page.items.reduce((sum, row) => sum + row.value, 0);
        cursor = page.nextCursor ?? '';
      } while (cursor);
      expect([rows, total]).toEqual([rows, value]);
    }
  });

  it('names the customer of a row, and nothing private', async () => {
    const { items } = await good<Page<Record<string, unknown>>>(marketer.call('GET', 'dashboard/today/rows/revenue'));
    expect(items[0]).toMatchObject({ kind: 'order.paid', name: expect.stringMatching(/^客户\d$/), value: 500_00 });
    expect(Object.keys(items[0]?.['data'] as object).sort()).toEqual(['amount', 'orderNo', 'paid', 'source']);
  });

  it('is refused by whom may not, for a figure there is not, and behind a cursor of its own making', async () => {
    expect(await refused(agent.call('GET', 'dashboard/today'))).toEqual([403, 'permission.denied']);
    expect(await refused(marketer.call('GET', 'dashboard/today/rows/profit'))).toEqual([404, 'figure.notFound']);
    const cursor = 'dashboard/today/rows/orders?cursor=0.abc';
    expect(await refused(marketer.call('GET', cursor))).toEqual([400, 'request.invalid']);
  });
});

describe('the scores', () => {
  it('are run on request by whom may, and listed', async () => {
    expect(await refused(agent.call('POST', 'insight/scores', {}))).toEqual([403, 'permission.denied']);
    // Three people are too few to be scored against each other.
    await good(marketer.call('POST', 'insight/scores', {}), 202);
    const { items } = await eventually(async () => {
      const runs = await good<{ items: unknown[]; running: boolean }>(marketer.call('GET', 'insight/scores'));
      return runs.running ? undefined : runs;
    });
    expect(items[0]).toMatchObject({ people: 3, insufficient: true, groups: [] });
  });
});
