/** What the parts of a broadcast's run share. */
import type { Audience, BroadcastRecord, Broadcasts, Budgets } from '../../domain/marketing/index.js';
import type { Clock } from '../../infra/clock.js';
import type { Act } from '../act.js';
import type { Judging } from '../judging.js';

export interface CampaignParts {
  act: Act;
  clock: Clock;
  broadcasts: Broadcasts;
  audience: Audience;
  budgets: Budgets;
  judging: Judging;
}

/** Nothing leaves after this moment; a broadcast that names no end stops some days after it began. */
export function endOf({ endsAt, begunAt }: BroadcastRecord, days: number): Date | undefined {
  if (endsAt) return endsAt;
  return begunAt && new Date(begunAt.getTime() + days * 86_400_000);
}
