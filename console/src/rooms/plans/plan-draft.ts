/** The form of a plan. Pure. */
import type { PlanView, PutPlan } from '../../api/types.js';

export interface PlanDraft {
  id: string | undefined;
  name: string;
  note: string;
  from: string;
  to: string;
  strategies: string[];
  broadcasts: string[];
}
export type PlanProblem = 'name' | 'span';

export const emptyPlan = (from: string, to: string): PlanDraft => ({
  ...{ id: undefined, name: '', note: '', from, to, strategies: [], broadcasts: [] },
});

export const toPlanDraft = ({ id, name, note, from, to, strategies, broadcasts }: PlanView): PlanDraft => ({
  ...{ id, name, note, from, to, strategies: [...strategies], broadcasts: [...broadcasts] },
});

export const toPlan = ({ name, note, from, to, strategies, broadcasts }: PlanDraft): PutPlan => ({
  ...{ name: name.trim(), note: note.trim(), from, to, strategies: [...strategies], broadcasts: [...broadcasts] },
});

export function planProblem({ name, from, to }: PlanDraft): PlanProblem | undefined {
  if (!name.trim()) return 'name';
  return from && to && from <= to ? undefined : 'span';
}
