/**
 * Stored rules. Editing makes the next version; a version never changes, so that a row sent last month can still be explained.
 * Nothing is stored that the check of rules finds wrong.
 */
import type { ClientSession } from 'mongoose';
import type { z } from 'zod';
import { RequestProblem } from '../../errors.js';
import type { NewDomainEvent, PutStrategy, Strategy } from '../../contracts/index.js';
import type { MarketingModels, StrategyRecord } from './models.js';
import { checkStrategy, triggerOf } from './rule-check.js';
import type { RuleBook } from './rule-check.js';
import { groupOf, metricOf } from './rule-groups.js';

export type { RuleBook };

const CODE = /^[a-z0-9][a-z0-9-]{1,39}$/;
const CACHE_MS = 1000;
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

  /**
   * The rule as it would be stored, with its args as their schemas read them; nothing is written.
   * @throws 400 request.invalid with every wrong field
   */
  async function draft(code: string, body: z.infer<typeof PutStrategy>, version = 1): Promise<Strategy> {
    if (!CODE.test(code)) {
      throw new RequestProblem(
        400,
        'request.invalid',
        'The code takes 2 to 40 of a-z 0-9 -, beginning with a letter or digit.',
      );
    }
    const { problems, ...checked } = await checkStrategy(rules, code, body);
    const trigger = triggerOf(rules, body);
    if (problems.length || !trigger) {
      throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors: problems });
    }
    const { audience, holdoutPercent, budget } = body;
    return {
      ...{ code, version, enabled: body.enabled, title: body.title },
      metric: body.metric ?? metricOf(trigger.code),
      group: groupOf(trigger, code),
      priority: body.priority,
      ...checked,
      ...(audience ? { audience } : {}),
      ...(holdoutPercent ? { holdoutPercent } : {}),
      ...(budget ? { budget } : {}),
    };
  }

  async function put(
    tx: ClientSession,
    code: string,
    body: z.infer<typeof PutStrategy>,
    by: { staffId: string; at: Date },
  ): Promise<{ strategy: StrategyRecord; events: NewDomainEvent[] }> {
    const before = await strategies.findById(code, null, { session: tx }).lean<StrategyRecord>();
    const rule = await draft(code, body, (before?.version ?? 0) + 1);
    const strategy: StrategyRecord = { _id: code, ...rule, changedAt: by.at, changedBy: by.staffId };
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

  return { list, inForce, draft, put };
}
