/** What the strategy screens show beside the rules: the library, the parts rules are made of, what became of one, and rehearsals. */
import type { Model } from 'mongoose';
import { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import { metrics } from '../../../contracts/index.js';
import type { Action, Trigger } from '../../../contracts/index.js';
import { library, strategyCampaign } from '../../../domain/marketing/index.js';
import type { Budgets, Strategies } from '../../../domain/marketing/index.js';
import { notFound } from '../../../errors.js';
import type { OutboxRecord, StrategyRunRecord } from '../../../flow/models.js';
import type { RehearsalRecord, Rehearsals } from '../../../flow/rehearsals.js';
import type { StrategiesPort } from '../../ports.js';

export interface StrategyScreensParts {
  strategies: Pick<Strategies, 'list' | 'draft'>;
  triggers: readonly Trigger[];
  actions: readonly Action[];
  outbox: Model<OutboxRecord>;
  runs: Model<StrategyRunRecord>;
  budgets: Pick<Budgets, 'used'>;
  rehearsals: Pick<Rehearsals, 'start' | 'get'>;
}

type Screens = Pick<StrategiesPort, 'library' | 'rules' | 'outcomes' | 'rehearse' | 'rehearsal'>;
type Outcome = z.infer<typeof c.StrategyOutcomes>['outcomes'][number];
type Place = { state: string; reason: string | null };

const RUNS_SHOWN = 30;

export function createStrategyScreens(parts: StrategyScreensParts): Screens {
  /** Made once: the parts of rules are code. */
  const rules: z.infer<typeof c.RulesView> = {
    triggers: parts.triggers.map((trigger) => ({
      ...{ code: trigger.code, title: trigger.title, scene: trigger.scene ?? null, byClock: trigger.due !== undefined },
      ...formOf(trigger.args, trigger.example.args),
    })),
    actions: parts.actions.map((action) => ({
      ...{ code: action.code, title: action.title, scene: null, byClock: false },
      ...formOf(action.args, action.example.args),
    })),
    metrics: [...metrics],
  };

  async function outcomes(code: string): Promise<z.infer<typeof c.StrategyOutcomes>> {
    if (!(await parts.strategies.list()).some((one) => one.code === code)) throw notFound('strategy');
    const runs = await parts.runs.find({ code }).sort({ startedAt: -1 }).limit(RUNS_SHOWN).lean<StrategyRunRecord[]>();
    return {
      outcomes: await countsOf(code),
      runs: runs.map(({ key, state, people, startedAt, doneAt }) => ({
        ...{ key, state, people, startedAt: startedAt.toISOString(), doneAt: doneAt?.toISOString() ?? null },
      })),
      budgetUsed: await parts.budgets.used(strategyCampaign(code)),
    };
  }

  /** From one group of the index to the next, each counted from its keys. */
  async function countsOf(code: string): Promise<Outcome[]> {
    const found: Outcome[] = [];
    for (let at = await groupAfter(code); at; at = await groupAfter(code, at)) {
      const which = { 'strategy.code': code, state: at.state, reason: at.reason } as Record<string, unknown>;
      found.push({ ...at, messages: await parts.outbox.countDocuments(which) });
    }
    return found.toSorted((a, b) => b.messages - a.messages);
  }

  /** A message without a reason stands before those with one. */
  async function groupAfter(code: string, before?: Place): Promise<Place | undefined> {
    const later = before?.reason === null ? { $exists: true, $ne: null } : { $gt: before?.reason };
    const within = before && (await firstOf({ 'strategy.code': code, state: before.state, reason: later }));
    return within ?? firstOf({ 'strategy.code': code, ...(before ? { state: { $gt: before.state } } : {}) });
  }

  async function firstOf(which: Record<string, unknown>): Promise<Place | undefined> {
    const found = await parts.outbox
      .findOne(which, { state: 1, reason: 1 })
      .sort({ 'strategy.code': 1, state: 1, reason: 1 })
      .lean<Pick<OutboxRecord, 'state' | 'reason'>>();
    return found ? { state: found.state, reason: found.reason ?? null } : undefined;
  }

  async function rehearsal(id: string): Promise<c.Rehearsal> {
    const found = await parts.rehearsals.get(id);
    if (!found) throw notFound('rehearsal');
    return presentRehearsal(found);
  }

  return {
    library: () => Promise.resolve({ items: [...library] }),
    rules: () => Promise.resolve(rules),
    outcomes,
    rehearsal,
    rehearse: async ({ code, strategy, days }, by) => {
      const drafted = await parts.strategies.draft(code, strategy);
      return rehearsal(await parts.rehearsals.start(drafted, days, { staffId: by.staffId }));
    },
  };
}

/** `args` as a form takes them: what has a default may be left out. What JSON Schema has no word for is any value. */
function formOf(args: z.ZodType, example: unknown) {
  const schema = z.toJSONSchema(args, { io: 'input', unrepresentable: 'any' });
  return { args: schema as Record<string, unknown>, example: { ...(example as Record<string, unknown>) } };
}

function presentRehearsal(record: RehearsalRecord): c.Rehearsal {
  const { _id, state, reason, code, from, to, events, done, total, outcomes, items } = record;
  return {
    ...{ id: String(_id), state, code, from: from.toISOString(), to: to.toISOString(), events, done, total },
    outcomes: outcomes.map(({ outcome, reason: why, route, people }) => ({
      ...{ outcome, reason: why ?? null, route: route ?? null, people },
    })),
    items: items.map(({ at, reason: why, route, ...one }) => ({
      ...{ customerId: one.customerId, name: one.name, outcome: one.outcome, text: one.text },
      ...{ at: at.toISOString(), reason: why ?? null, route: route ?? null },
    })),
    notes: reason ? [reason] : [],
  };
}
