/**
 * Stored rules. Editing makes the next version; a version never changes, so that a row sent last month can still be explained.
 * Args are checked by the trigger's and the actions' own schemas before anything is stored.
 */
import type { ClientSession } from 'mongoose';
import type { z } from 'zod';
import { RequestProblem } from '../../errors.js';
import type { Action, FieldProblem, NewDomainEvent, PutStrategy, Strategy, Trigger } from '../../contracts/index.js';
import type { MarketingModels, StrategyRecord } from './models.js';

export interface RuleBook {
  triggers: readonly Trigger[];
  actions: readonly Action[];
}

const CODE = /^[a-z0-9][a-z0-9-]{1,39}$/;
const CACHE_MS = 1000;
/** Welcomes and answers are separate questions; within one group only the strategy with the highest priority acts. */
const groupOf: Record<string, string> = {
  follow: 'welcome',
  keyword: 'answer',
  'outside-hours': 'answer',
  'order-unpaid': 'order-unpaid',
  'order-paid': 'order-paid',
  'order-dispatched': 'order-dispatched',
  'level-reached': 'level-reached',
};
const metricOf: Record<string, string> = {
  welcome: 'first-message-rate',
  answer: 'first-response-time',
  'order-unpaid': 'payment-rate',
  'order-paid': 'delivered-notices',
  'order-dispatched': 'delivered-notices',
  'level-reached': 'delivered-notices',
};

export type Strategies = ReturnType<typeof createStrategies>;

export function createStrategies({ strategies, versions }: MarketingModels, rules: RuleBook) {
  let cached: { at: number; list: Strategy[] } | undefined;

  const list = (): Promise<StrategyRecord[]> =>
    strategies.find().sort({ group: 1, priority: -1, _id: 1 }).lean<StrategyRecord[]>();

  /** Strategies switched on, at most a second old: decisions ask for them with every event. */
  async function inForce(): Promise<Strategy[]> {
    if (cached && Date.now() - cached.at < CACHE_MS) return cached.list;
    const found = await strategies.find({ enabled: true }).lean<StrategyRecord[]>();
    cached = { at: Date.now(), list: found };
    return found;
  }

  async function put(
    tx: ClientSession,
    code: string,
    body: z.infer<typeof PutStrategy>,
    by: { staffId: string; at: Date },
  ): Promise<{ strategy: StrategyRecord; events: NewDomainEvent[] }> {
    if (!CODE.test(code)) {
      throw new RequestProblem(
        400,
        'request.invalid',
        'The code takes 2 to 40 of a-z 0-9 -, beginning with a letter or digit.',
      );
    }
    const checked = checkArgs(rules, code, body);
    const before = await strategies.findById(code, null, { session: tx }).lean<StrategyRecord>();
    const group = groupOf[body.trigger.code] ?? 'answer';
    const strategy: StrategyRecord = {
      _id: code,
      code,
      version: (before?.version ?? 0) + 1,
      enabled: body.enabled,
      title: body.title,
      metric: metricOf[group] ?? 'first-response-time',
      group,
      priority: body.priority,
      ...checked,
      changedAt: by.at,
      changedBy: by.staffId,
    };
    await strategies.replaceOne({ _id: code }, strategy, { session: tx, upsert: true });
    await versions.insertMany([{ ...strategy, _id: `${code}@${strategy.version}` }], { session: tx });
    cached = undefined;
    return {
      strategy,
      events: [
        { kind: 'strategy.changed', at: by.at, data: { code, version: strategy.version, enabled: body.enabled } },
      ],
    };
  }

  return { list, inForce, put };
}

function checkArgs(
  rules: RuleBook,
  code: string,
  body: z.infer<typeof PutStrategy>,
): Pick<Strategy, 'trigger' | 'actions'> {
  const problems: FieldProblem[] = [];
  const check = (schema: z.ZodType | undefined, args: unknown, path: string): unknown => {
    const result = schema?.safeParse(args);
    if (!result) return problems.push({ path, code: 'unknown', message: 'no such trigger or action' });
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      problems.push({ path: [path, 'args', ...issue.path].join('.'), code: issue.code, message: issue.message });
    }
    return undefined;
  };
  const trigger = rules.triggers.find((known) => known.code === body.trigger.code);
  const args = body.trigger.code === 'outside-hours' ? { ...body.trigger.args, strategyCode: code } : body.trigger.args;
  const triggerArgs = check(trigger?.args, args, 'trigger');
  const actions = body.actions.map((action, index) => {
    const known = rules.actions.find((candidate) => candidate.code === action.code);
    return { code: action.code, args: check(known?.args, action.args, `actions.${index}`) };
  });
  if (problems.length) throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors: problems });
  return { trigger: { code: body.trigger.code, args: triggerArgs }, actions };
}
