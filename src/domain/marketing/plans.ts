/** Plans: strategies and broadcasts together, for a time; and the calendar, which shows what touches each day and how hard. */
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { RequestProblem, notFound } from '../../errors.js';
import type { NewDomainEvent, PutPlan } from '../../contracts/index.js';
import { insertRecords, olderThan } from '../../infra/mongo.js';
import type { By } from './broadcasts.js';
import type { CampaignModels, PlanRecord } from './campaign-models.js';

export type Plans = ReturnType<typeof createPlans>;

export function createPlans({ plans }: Pick<CampaignModels, 'plans'>) {
  /** @throws 404 plan.notFound */
  async function get(id: string, tx: ClientSession | null = null): Promise<PlanRecord> {
    const found = Types.ObjectId.isValid(id)
      ? await plans.findById(id, null, { session: tx }).lean<PlanRecord>()
      : null;
    if (!found) throw notFound('plan');
    return found;
  }

  /** Changed last first. */
  const list = ({ limit, after }: { limit: number; after?: { at: Date; id: string } }): Promise<PlanRecord[]> =>
    plans
      .find(after ? olderThan('changedAt', after) : {})
      .sort({ changedAt: -1, _id: -1 })
      .limit(limit)
      .lean<PlanRecord[]>();

  /** @throws 400 request.invalid, 404 plan.notFound */
  async function put(
    tx: ClientSession,
    id: string | null,
    body: PutPlan,
    by: By,
  ): Promise<{ plan: PlanRecord; events: NewDomainEvent[] }> {
    if (body.to < body.from) {
      const errors = [{ path: 'to', code: 'plan.endsBeforeStart', message: 'is before from' }];
      throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors });
    }
    const changed = { changedAt: by.at, changedBy: by.staffId };
    const before = id === null ? undefined : await get(id, tx);
    const plan: PlanRecord = before
      ? { ...before, ...body, ...changed }
      : { _id: new Types.ObjectId(), ...body, createdAt: by.at, createdBy: by.staffId, ...changed };
    if (before) await plans.replaceOne({ _id: plan._id }, plan, { session: tx });
    else await insertRecords(plans, [plan], tx);
    return { plan, events: [{ kind: 'plan.changed', at: by.at, data: { id: String(plan._id), by: by.staffId } }] };
  }

  return { get, list, put };
}
