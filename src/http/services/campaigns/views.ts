/** Broadcasts, their people and plans as the console sees them. Pure. */
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import { isAboveLimits } from '../../../domain/marketing/index.js';
import type {
  AudienceRecord,
  BroadcastLimits,
  BroadcastRecord,
  LintFinding,
  PlanRecord,
} from '../../../domain/marketing/index.js';
import { iso } from '../console/acting.js';

type Step = BroadcastRecord['submitted'];
type Names = ReadonlyMap<string, string>;

/** Everybody whose name a broadcast shows. */
export const peopleOf = (one: BroadcastRecord): Array<string | undefined> => [
  one.author,
  ...[one.submitted, one.approved, one.rejected, one.started, one.paused, one.cancelled, one.summary].map(
    (step) => step?.by,
  ),
];

function presentStep(step: Step, names: Names) {
  if (!step) return null;
  return { by: step.by, byName: names.get(step.by) ?? step.by, at: step.at.toISOString(), reason: step.reason ?? null };
}

export interface Beside {
  names: Names;
  limits: BroadcastLimits;
  warnings: readonly LintFinding[];
}

export function presentBroadcast(one: BroadcastRecord, { names, limits, warnings }: Beside): c.BroadcastView {
  const step = (of: Step) => presentStep(of, names);
  return {
    id: String(one._id),
    ...{ name: one.name, metric: one.metric, aim: one.aim, audienceNote: one.audienceNote },
    audience: one.audience as Record<string, unknown>,
    ...{ holdoutPercent: one.holdoutPercent, message: one.message, couponId: one.couponId ?? null },
    ...{ budget: one.budget, designNote: one.designNote, startAt: iso(one.startAt), endsAt: iso(one.endsAt) },
    ...{ state: one.state, revision: one.revision, author: one.author },
    authorName: names.get(one.author) ?? one.author,
    changedAt: one.changedAt.toISOString(),
    ...{ submitted: step(one.submitted), approved: step(one.approved), rejected: step(one.rejected) },
    ...{ started: step(one.started), begunAt: iso(one.begunAt), paused: step(one.paused) },
    ...{ cancelled: step(one.cancelled), finishedAt: iso(one.finishedAt) },
    audienceSize: one.audienceSize ?? null,
    preparing: one.preparing ? { done: one.preparing.done, total: one.preparing.total } : null,
    forecast: presentForecast(one),
    tests: one.tests.map(({ to, at, outcome, reason, revision }) => ({
      ...{ to, at: at.toISOString(), outcome, reason: reason ?? null, stale: revision !== one.revision },
    })),
    granted: one.granted,
    summary: one.summary
      ? {
          ...{ result: one.summary.result, learned: one.summary.learned, at: one.summary.at.toISOString() },
          byName: names.get(one.summary.by) ?? one.summary.by,
        }
      : null,
    needsApproval: isAboveLimits(unapproved(one), limits),
    warnings: warnings.map(({ path, word, excerpt, reason, instead }) => ({ path, word, excerpt, reason, instead })),
  };
}

/** Whether a second person is needed does not depend on whether one has agreed already. */
function unapproved(one: BroadcastRecord): BroadcastRecord {
  const { approved: _approved, ...rest } = one;
  return rest;
}

function presentForecast({ forecast, revision }: BroadcastRecord): c.BroadcastView['forecast'] {
  if (!forecast) return null;
  const { revision: of, at, ...reach } = forecast;
  return { ...reach, at: at.toISOString(), stale: of !== revision };
}

export function presentBroadcastSummary(one: BroadcastRecord, names: Names): z.infer<typeof c.BroadcastSummary> {
  return {
    ...{ id: String(one._id), name: one.name, metric: one.metric, state: one.state },
    ...{ startAt: iso(one.startAt), begunAt: iso(one.begunAt), changedAt: one.changedAt.toISOString() },
    ...{ authorName: names.get(one.author) ?? one.author, audienceSize: one.audienceSize ?? null },
  };
}

export function presentAudiencePerson(
  { customerId, state, reason, route, at }: AudienceRecord,
  names: Names,
): z.infer<typeof c.AudiencePerson> {
  const id = String(customerId);
  return {
    ...{ customerId: id, name: names.get(id) ?? '', state, reason: reason || null },
    ...{ route: route ?? null, at: at.toISOString() },
  };
}

export function presentPlan({ _id, changedAt, ...plan }: PlanRecord): c.PlanView {
  const { name, note, from, to, strategies, broadcasts } = plan;
  return { id: String(_id), name, note, from, to, strategies, broadcasts, changedAt: changedAt.toISOString() };
}
