/** Plans, the calendar, the contact policy and the screens of strategies on a whole shop: what works, and what is refused with which code. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { good, refused } from '../helpers/answers.js';
import { eventually, openShop } from '../helpers/shop.js';
import type { Shop, StaffClient } from '../helpers/shop.js';

let shop: Shop;
let mei: StaffClient;
let agent: StaffClient;
let customerId: string;
beforeAll(async () => {
  shop = await openShop();
  mei = await shop.staff('marketer', 'mei');
  agent = await shop.staff('agent', 'lin');
  await shop.addPerson('o-1', '小林');
  await shop.control('people/o-1/follow');
  customerId = await eventually(async () => {
    const found = await shop.app.domain.models.people.identities.findOne({ 'address.user': 'o-1' }).lean();
    return found ? String(found.customerId) : undefined;
  });
}, 60_000);
afterAll(() => shop.stop());

const draft = (more: object = {}) => ({
  ...{ name: '上新', metric: 'conversion-rate', audience: { all: [] } },
  message: { purpose: 'promotion', variants: { 'mass-send': { type: 'text', text: '上新了' } } },
  ...more,
});

describe('a draft', () => {
  it('is refused with every wrong field: the rule, the coupon, the route', async () => {
    const wrong = draft({
      audience: {
        all: [
          { field: 'points', op: 'atLeast', value: 'many' },
          { field: 'shoeSize', op: 'known' },
        ],
      },
      couponId: '0'.repeat(24),
    });
    const answer = await mei.call('POST', 'broadcasts', wrong);
    expect([answer.status, answer.body['code']]).toEqual([400, 'request.invalid']);
    const paths = (answer.body['errors'] as unknown as Array<{ path: string }>).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([expect.stringMatching(/^audience\./), 'couponId']));
    const template = { type: 'template', templateId: 't', data: { a: 'b' } };
    const byTemplate = draft({ message: { purpose: 'promotion', variants: { template } } });
    const text = { type: 'text', text: '买吧' };
    const inChat = draft({ message: { purpose: 'promotion', variants: { 'customer-message': text } } });
    for (const forbidden of [byTemplate, inChat]) {
      const { status, body } = await mei.call('POST', 'broadcasts', forbidden);
      expect([status, body['errors']]).toEqual([400, [expect.objectContaining({ code: 'message.routeForbidden' })]]);
    }
  });

  it('is warned of words that the law forbids, and cannot leave with them', async () => {
    const message = { purpose: 'promotion', variants: { 'mass-send': { type: 'text', text: '全国第一，最佳选择' } } };
    const made = await good(mei.call('POST', 'broadcasts', draft({ message })), 201);
    expect(made['warnings']).not.toEqual([]);
    const id = String(made['id']);
    await good(mei.call('POST', `broadcasts/${id}/forecast`), 202);
    await eventually(
      async () => (await mei.call('GET', `broadcasts/${id}/forecast`)).body['state'] === ('done' as never),
    );
    expect(await refused(mei.call('POST', `broadcasts/${id}/submit`))).toEqual([409, 'broadcast.wordsForbidden']);
  });

  it('loses its forecast with a change, is listed by state, a page at a time', async () => {
    const { id } = await good<{ id: string }>(mei.call('POST', 'broadcasts', draft()), 201);
    await good(mei.call('POST', `broadcasts/${id}/forecast`), 202);
    await eventually(async () => (await mei.call('GET', `broadcasts/${id}`)).body['forecast'] !== null);
    const changed = await good(mei.call('PUT', `broadcasts/${id}`, draft({ name: '换个名字' })));
    expect(changed).toMatchObject({ revision: 2, forecast: { stale: true } });
    expect(await refused(mei.call('GET', `broadcasts/${id}/forecast`))).toEqual([404, 'forecast.notFound']);
    expect(await refused(mei.call('POST', `broadcasts/${id}/submit`))).toEqual([409, 'broadcast.noForecast']);
    type Listed = { items: Array<{ id: string }>; nextCursor: string };
    const first = await good<Listed>(mei.call('GET', 'broadcasts?state=draft&limit=1'));
    expect(first.items).toEqual([expect.objectContaining({ id, name: '换个名字', authorName: 'mei' })]);
    const second = await good<Listed>(mei.call('GET', `broadcasts?state=draft&limit=1&cursor=${first.nextCursor}`));
    expect(second.items[0]?.id).not.toBe(id);
    expect((await good<Listed>(mei.call('GET', 'broadcasts?state=running'))).items).toEqual([]);
  });

  it('is found or not, and refuses the steps that are not its', async () => {
    const { id } = await good<{ id: string }>(mei.call('POST', 'broadcasts', draft()), 201);
    const nobody = '0'.repeat(24);
    expect(await refused(mei.call('GET', `broadcasts/${nobody}`))).toEqual([404, 'broadcast.notFound']);
    for (const [verb, body, code] of [
      ['start', undefined, 'broadcast.noForecast'],
      ['approve', { revision: 1 }, 'broadcast.notSubmitted'],
      ['reject', { reason: '不好' }, 'broadcast.notSubmitted'],
      ['pause', { reason: '停' }, 'broadcast.notRunning'],
      ['resume', undefined, 'broadcast.notPaused'],
      ['summary', { result: '', learned: '' }, 'broadcast.notBegun'],
    ] as const) {
      expect(await refused(mei.call('POST', `broadcasts/${id}/${verb}`, body))).toEqual([409, code]);
    }
    expect(await refused(mei.call('POST', `broadcasts/${id}/preview`, { customerId: nobody }))).toEqual([
      404,
      'customer.notFound',
    ]);
    expect(await refused(mei.call('GET', `broadcasts/${id}/audience?cursor=eHl6`))).toEqual([400, 'request.invalid']);
    await good(mei.call('POST', `broadcasts/${id}/cancel`, { reason: '不做了' }));
    expect(await refused(mei.call('POST', `broadcasts/${id}/cancel`, { reason: '再来' }))).toEqual([
      409,
      'broadcast.over',
    ]);
    expect(await refused(mei.call('POST', `broadcasts/${id}/forecast`))).toEqual([409, 'broadcast.notDraft']);
  });

  it('is counted again where an older revision was being counted, and rejected with a reason', async () => {
    const { id } = await good<{ id: string }>(mei.call('POST', 'broadcasts', draft()), 201);
    await good(mei.call('POST', `broadcasts/${id}/forecast`), 202);
    await eventually(async () => (await mei.call('GET', `broadcasts/${id}`)).body['forecast'] !== null);
    await good(mei.call('POST', `broadcasts/${id}/submit`));
    const rejected = await good(mei.call('POST', `broadcasts/${id}/reject`, { reason: '文案太长' }));
    expect(rejected).toMatchObject({
      state: 'draft',
      submitted: null,
      rejected: { byName: 'mei', reason: '文案太长' },
    });
  });
});

describe('plans and the calendar', () => {
  it('show what touches each day, with its plan', async () => {
    const today = shop.app.clock.now().toISOString().slice(0, 10);
    const later = (days: number) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
    const startAt = new Date(Date.parse(later(3)) + 4 * 3_600_000).toISOString();
    const { id } = await good<{ id: string }>(mei.call('POST', 'broadcasts', draft({ startAt })), 201);
    const body = { name: '年末', from: later(2), to: later(4), strategies: ['welcome'], broadcasts: [id] };
    const plan = await good<{ id: string }>(mei.call('POST', 'plans', body), 201);
    await good(mei.call('POST', `broadcasts/${id}/forecast`), 202);
    const view = () => good<{ forecast: { byRoute: unknown[] } | null }>(mei.call('GET', `broadcasts/${id}`));
    await eventually(async () => (await view()).forecast !== null);
    type Day = { date: string; entries: object[]; expected: number };
    const calendar = () => good<{ days: Day[] }>(mei.call('GET', `calendar?from=${today}&to=${later(6)}`));
    const { days } = await calendar();
    expect(days.map(({ entries }) => entries.length)).toEqual([0, 0, 1, 2, 1, 0, 0]);
    expect(days[3]?.entries).toEqual(
      expect.arrayContaining([
        { kind: 'broadcast', id, title: '上新', planId: plan.id },
        expect.objectContaining({ kind: 'strategy', id: 'welcome', planId: plan.id }),
      ]),
    );
    expect(days[3]?.expected).toBe(1);
    const shorter = { ...body, to: later(3) };
    expect(await good(mei.call('PUT', `plans/${plan.id}`, shorter))).toMatchObject({ id: plan.id, to: later(3) });
    expect((await calendar()).days[4]?.entries).toEqual([]);
    expect((await good<{ items: object[] }>(mei.call('GET', 'plans'))).items).toHaveLength(1);
    const backwards = { ...body, to: later(1) };
    expect(await refused(mei.call('POST', 'plans', backwards))).toEqual([400, 'request.invalid']);
    expect(await refused(mei.call('PUT', `plans/${'0'.repeat(24)}`, body))).toEqual([404, 'plan.notFound']);
    expect(await refused(mei.call('GET', `calendar?from=${today}&to=${later(100)}`))).toEqual([400, 'request.invalid']);
  });
});

describe('the contact policy', () => {
  it('tells its rules, and the switch who threw it', async () => {
    const policy = await good<Record<string, never>>(mei.call('GET', 'contact'));
    expect(policy).toMatchObject({
      promotion: { stopped: false, by: null },
      quietHours: { from: '21:00', to: '09:00' },
      routes: { promotion: { template: 'no', 'customer-message': 'no', 'mass-send': 'yes' } },
    });
    expect(policy['reasons']).toHaveProperty(['person.minor']);
    const stopped = await good(mei.call('POST', 'contact/stop', { reason: '价格写错' }));
    expect(stopped).toMatchObject({ stopped: true, by: 'mei', reason: '价格写错' });
    expect(await good(mei.call('POST', 'contact/stop', { reason: '再按一次' }))).toEqual(stopped);
    expect(await good(mei.call('POST', 'contact/resume', { reason: '改好了' }))).toMatchObject({ stopped: false });
    expect(await refused(agent.call('POST', 'contact/stop', { reason: 'x' }))).toEqual([403, 'permission.denied']);
  });

  it('says how a person can be reached, and leaves them in peace while a hold is on', async () => {
    type Reached = {
      holds: Array<{ kind: string; key: string }>;
      verdicts: Array<{ purpose: string; reason: string }>;
    };
    const reach = () => good<Reached>(agent.call('GET', `customers/${customerId}/reach`));
    expect(await reach()).toMatchObject({ minor: false, holds: [] });
    expect((await reach()).verdicts.map(({ purpose }) => purpose)).toEqual(['reply', 'contract', 'care', 'promotion']);
    const body = { kind: 'complaint', note: '等回访' };
    const held = await good<Reached>(agent.call('POST', `customers/${customerId}/holds`, body));
    expect(held.holds).toEqual([{ kind: 'complaint', key: 'console', until: null, note: '等回访' }]);
    const promotion = held.verdicts.find(({ purpose }) => purpose === 'promotion');
    expect(promotion).toMatchObject({ ok: false, reason: 'contact.hold.complaint', until: expect.any(String) });
    expect(await refused(mei.call('DELETE', `customers/${customerId}/holds/complaint/console`))).toEqual([
      403,
      'permission.denied',
    ]);
    const path = `customers/${customerId}/holds/complaint/console`;
    expect(await good<Reached>(agent.call('DELETE', path))).toMatchObject({ holds: [] });
    expect(await refused(agent.call('DELETE', path))).toEqual([404, 'hold.notFound']);
    expect(await refused(agent.call('GET', `customers/${'0'.repeat(24)}/reach`))).toEqual([404, 'customer.notFound']);
  });
});

describe('the screens of strategies', () => {
  const put = {
    ...{
      enabled: true,
      title: { 'zh-CN': '欢迎', en: 'Welcome' },
      priority: 10,
      trigger: { code: 'follow', args: {} },
    },
    actions: [{ code: 'reply', args: { content: { type: 'text', text: '欢迎' } } }],
  };

  it('show a library whose entries can be put as they are, and rules as forms', async () => {
    const library = await good<{ items: Array<{ code: string; body: object; asks: string[] }> }>(
      mei.call('GET', 'strategies/library'),
    );
    expect(library.items.length).toBeGreaterThanOrEqual(8);
    for (const { code, body, asks } of library.items.filter((entry) => entry.asks.length === 0)) {
      expect([code, asks, (await mei.call('PUT', `strategies/${code}`, body)).status]).toEqual([code, [], 200]);
    }
    type Rule = {
      code: string;
      byClock: boolean;
      args: { type?: string; anyOf?: Array<{ type: string }>; oneOf?: Array<{ type: string }> };
      example: object;
    };
    const rules = await good<{ triggers: Rule[]; actions: Rule[] }>(mei.call('GET', 'strategies/rules'));
    for (const rule of [...rules.triggers, ...rules.actions])
      expect([rule.code, rule.args.type ?? (rule.args.oneOf ?? rule.args.anyOf)?.[0]?.type]).toEqual([
        rule.code,
        'object',
      ]);
    expect(rules.triggers.filter(({ byClock }) => byClock).map(({ code }) => code)).toContain('dormant');
    expect(rules.actions.map(({ code }) => code)).toContain('send');
  });

  it('count what became of its messages, and know none of a strategy that is not there', async () => {
    await good(mei.call('PUT', 'strategies/welcome-here', put));
    await shop.addPerson('o-2', '新朋友');
    await shop.control('people/o-2/follow');
    const counted = await eventually(async () => {
      const found = await good<{ outcomes: Array<{ state: string; messages: number }> }>(
        mei.call('GET', 'strategies/welcome-here/outcomes'),
      );
      return found.outcomes.length > 0 && found;
    });
    expect(counted).toMatchObject({ runs: [], budgetUsed: { people: 0, fen: 0 } });
    expect(counted.outcomes.reduce((sum, { messages }) => sum + messages, 0)).toBe(1);
    expect(await refused(mei.call('GET', 'strategies/nothing/outcomes'))).toEqual([404, 'strategy.notFound']);
  });

  it('rehearse what would have happened, and refuse what could not be put', async () => {
    const body = { code: 'rehearsed', strategy: put, days: 1 };
    const started = await good<{ id: string }>(mei.call('POST', 'strategies/rehearse', body), 202);
    const done = await eventually(async () => {
      const found = await good(mei.call('GET', `strategies/rehearsals/${started.id}`));
      return (found['state'] as unknown as string) !== 'running' && found;
    });
    expect(done).toMatchObject({ state: 'done', code: 'rehearsed' });
    const wrong = { ...body, strategy: { ...put, actions: [{ code: 'reply', args: {} }] } };
    expect(await refused(mei.call('POST', 'strategies/rehearse', wrong))).toEqual([400, 'request.invalid']);
    expect(await refused(mei.call('GET', `strategies/rehearsals/${'0'.repeat(24)}`))).toEqual([
      404,
      'rehearsal.notFound',
    ]);
    const { items } = await good<{ items: Array<{ code: string }> }>(mei.call('GET', 'strategies'));
    expect(items.map(({ code }) => code)).not.toContain('rehearsed');
  });
});
