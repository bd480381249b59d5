/**
 * What happened x what is true x the strategies in force -> what is to be done. Pure: same input, same output, no I/O, no clock.
 */
import type { Action, DomainEvent, Facts, Intent, Strategy, Trigger } from '../contracts/index.js';

export interface Rules {
  triggers: readonly Trigger[];
  actions: readonly Action[];
}

export interface Decision {
  strategy: Strategy;
  /** Index of the action in the strategy, and of the intent in what the action planned. */
  action: number;
  part: number;
  intent: Intent;
}

export type Decide = (event: DomainEvent, facts: Facts, strategies: readonly Strategy[], rules: Rules) => Decision[];

/** Of each group at most one strategy acts: the one with the highest priority that matches; ties go by code, so that order is stable. */
export const decide: Decide = (event, facts, strategies, rules) => {
  const ordered = strategies
    .filter((strategy) => strategy.enabled)
    .toSorted((a, b) => b.priority - a.priority || (a.code < b.code ? -1 : 1));
  const acted = new Set<string>();
  return ordered.flatMap((strategy) => {
    if (acted.has(strategy.group) || !matches(event, facts, strategy, rules)) return [];
    acted.add(strategy.group);
    return plan(event, facts, strategy, rules);
  });
};

/** Those whose trigger listens to this kind of event: spares gathering facts for the many that nobody listens to. */
export function listenersOf(event: DomainEvent, strategies: readonly Strategy[], rules: Rules): Strategy[] {
  return strategies.filter(
    (strategy) => triggerOf(strategy, rules)?.on.includes(event.kind) === true && isMeant(event, strategy),
  );
}

/** The clock starts one strategy; the others do not hear of it. */
const isMeant = (event: DomainEvent, strategy: Strategy): boolean =>
  event.kind !== 'strategy.due' || event.data['strategy'] === strategy.code;

function matches(event: DomainEvent, facts: Facts, strategy: Strategy, rules: Rules): boolean {
  const trigger = triggerOf(strategy, rules);
  if (strategy.audience && facts.audiences?.[strategy.code] !== true) return false;
  return (
    isMeant(event, strategy) &&
    trigger !== undefined &&
    trigger.on.includes(event.kind) &&
    trigger.matches(event, facts, strategy.trigger.args)
  );
}

function plan(event: DomainEvent, facts: Facts, strategy: Strategy, rules: Rules): Decision[] {
  return strategy.actions.flatMap(({ code, args }, action) => {
    const known = rules.actions.find((candidate) => candidate.code === code);
    const intents = known?.plan(event, facts, args) ?? [];
    return intents.map((intent, part) => ({ strategy, action, part, intent }));
  });
}

function triggerOf(strategy: Strategy, rules: Rules): Trigger | undefined {
  return rules.triggers.find((trigger) => trigger.code === strategy.trigger.code);
}
