/** What may be stored as a strategy: versions, limits, and everything that is refused. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { actions } from '../../../src/actions/index.js';
import { PutStrategy } from '../../../src/contracts/index.js';
import type { Action, Message, SegmentRule } from '../../../src/contracts/index.js';
import { createStrategies, marketingModels } from '../../../src/domain/marketing/index.js';
import type { MarketingModels, RuleBook } from '../../../src/domain/marketing/index.js';
import { RequestProblem } from '../../../src/errors.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';
import { triggers } from '../../../src/triggers/index.js';

let database: Database;
let models: MarketingModels;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'huike-strategies-'));
  database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  models = marketingModels(database.connection);
  for (const model of Object.values(models)) await (model as MarketingModels['scenes']).createCollection();
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

const by = { staffId: 's', at: new Date('2026-11-22T02:00:00Z') };
const couponId = 'a'.repeat(24);
const inbox = { code: 'send', args: { purpose: 'promotion', text: '{name|朋友}，生日快乐', couponId } };
const body = (change: Record<string, unknown> = {}) =>
  PutStrategy.parse({
    enabled: true,
    title: { 'zh-CN': '生日', en: 'Birthday' },
    priority: 100,
    trigger: { code: 'birthday-month', args: {} },
    actions: [inbox],
    ...change,
  });

/** An action whose message is what the case says. */
const saying = (message: Message): Action => ({
  ...{ code: 'send', title: { 'zh-CN': '说', en: 'Say' }, args: z.record(z.string(), z.unknown()) },
  ...{ plan: () => [{ type: 'message' as const, message }], example: { args: {} } },
});
const text = { type: 'text' as const, text: '好' };

async function put(change: Record<string, unknown> = {}, rules: Partial<RuleBook> = {}, code = 'birthday') {
  const strategies = createStrategies(models, { triggers, actions, ...rules });
  return database.transaction((tx) => strategies.put(tx, code, body(change), by));
}
async function problemsOf(change: Record<string, unknown>, rules: Partial<RuleBook> = {}) {
  const refused = await put(change, rules, 'refused').then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(await models.strategies.findById('refused')).toBeNull();
  expect(refused).toBeInstanceOf(RequestProblem);
  return (refused as RequestProblem).errors?.map(({ path, code }) => [path, code]);
}

describe('what is stored', () => {
  it('makes versions, each kept, with audience, hold-out, budget and metric', async () => {
    const audience: SegmentRule = { field: 'orders', op: 'atLeast', value: 1 };
    const more = { audience, holdoutPercent: 10, budget: { people: 500, fen: 100_000 }, metric: 'repurchase-rate' };
    expect((await put(more)).strategy).toMatchObject({ version: 1, ...more, group: 'birthday' });
    const { strategy } = await put();
    expect(strategy).toMatchObject({ version: 2, metric: 'voucher-use-rate' });
    for (const gone of ['audience', 'holdoutPercent', 'budget']) expect(strategy).not.toHaveProperty(gone);
    const versions = await models.versions.find({ code: 'birthday' }).sort({ version: 1 }).lean();
    expect(versions).toMatchObject([{ version: 1, ...more }, { version: 2 }]);
    expect(versions[1]).not.toHaveProperty('audience');
  });

  it('is as before for bodies without what is new', async () => {
    const answer = { code: 'reply', args: { content: { type: 'text', text: '包邮' } } };
    const trigger = { code: 'keyword', args: { keywords: ['包邮'] } };
    const { strategy } = await put({ trigger, actions: [answer] }, {}, 'postage');
    expect(strategy).toMatchObject({ group: 'answer', metric: 'first-response-time' });
  });

  it('excludes no other strategy of the clock', async () => {
    const [one, two] = [await put({}, {}, 'birthday-a'), await put({}, {}, 'birthday-b')];
    expect(one.strategy.group).not.toBe(two.strategy.group);
  });
});

describe('what is refused', () => {
  it('a promotion by customer message or template, by the schema', async () => {
    const send = (more: object) => ({
      actions: [{ code: 'send', args: { purpose: 'promotion', text: '好', ...more } }],
    });
    expect(await problemsOf(send({ routes: ['customer-message'] }))).toEqual([
      ['actions.0.args.routes.0', 'invalid_value'],
    ]);
    expect(await problemsOf(send({ routes: ['template'] }))).toEqual([['actions.0.args.routes.0', 'invalid_value']]);
  });

  it.each([
    ['promotion', 'customer-message'],
    ['promotion', 'template'],
    ['promotion', 'wechaty'],
    ['care', 'template'],
    ['promotion', 'mass-send'],
  ] as const)(
    '%s by %s, by the table of routes, whatever the action’s own schema lets through',
    async (purpose, route) => {
      const rules = { actions: [saying({ purpose, variants: { [route]: text, 'member-inbox': text } })] };
      expect(await problemsOf({}, rules)).toEqual([['actions.0', 'strategy.routeForbidden']]);
    },
  );

  it('a template that only people of one account get, too', async () => {
    const byAccount: Action = {
      ...saying({ purpose: 'promotion', variants: {} }),
      plan: (_event, { addresses }) =>
        addresses.some(({ account }) => account === 'main')
          ? [{ type: 'message', message: { purpose: 'promotion', variants: { template: text } } }]
          : [],
    };
    const named = { actions: [{ code: 'send', args: { templates: [{ account: 'main' }] } }] };
    expect(await problemsOf(named, { actions: [byAccount] })).toEqual([['actions.0', 'strategy.routeForbidden']]);
  });

  it.each(['reply', 'contract'] as const)(
    '%s started by the clock: it would pass caps and consent',
    async (purpose) => {
      const rules = { actions: [saying({ purpose, variants: { 'customer-message': text } })] };
      expect(await problemsOf({}, rules)).toEqual([['actions.0', 'strategy.purposeForbidden']]);
    },
  );

  it('a hold-out of what is owed', async () => {
    const owed = { trigger: { code: 'order-paid', args: {} }, actions: [{ code: 'notice', args: { text: '已付款' } }] };
    expect(await problemsOf({ ...owed, holdoutPercent: 10 })).toEqual([
      ['holdoutPercent', 'strategy.holdoutForbidden'],
    ]);
  });

  it('an audience that makes no sense, and a coupon that is not there', async () => {
    const rules: Partial<RuleBook> = {
      checkRule: () => Promise.resolve([{ path: 'all.0.field', code: 'segment.unknownField', message: 'unknown' }]),
      knowsCoupon: (id) => Promise.resolve(id !== couponId),
    };
    expect(await problemsOf({ audience: { all: [{ field: 'nonsense', op: 'is', value: 1 }] } }, rules)).toEqual([
      ['audience.all.0.field', 'segment.unknownField'],
      ['actions.0.args.couponId', 'coupon.notFound'],
    ]);
  });

  it('unknown words, wrong args', async () => {
    const actions = [{ code: 'send', args: { purpose: 'promotion', text: '{nmae}你好' } }];
    const trigger = { code: 'second-order', args: { afterDays: 9, untilDays: 3 } };
    expect(await problemsOf({ trigger, actions })).toEqual([
      ['trigger.args.untilDays', 'custom'],
      ['actions.0.args.text', 'custom'],
    ]);
  });
});
