/**
 * How many people of an audience are in which state, why, and by which route. Steps from one group of the index to the next and counts each
 * from its keys, so no row is read; people who move while it counts may be counted in both places or in none until the broadcast rests.
 */
import type { Model, Types } from 'mongoose';
import { routes } from '../../contracts/index.js';
import type { CountByReason, Reach } from '../../contracts/index.js';
import type { AudienceRecord } from './campaign-models.js';

type Group = Pick<AudienceRecord, 'state' | 'reason'>;

/** States in which a message is on its way, or was taken by the platform. */
export const WENT = ['sent', 'submitted', 'unknown'] as const;

export function audienceCounts(audience: Model<AudienceRecord>) {
  /** By state and reason, in their order. */
  async function counts(broadcastId: Types.ObjectId): Promise<CountByReason[]> {
    const found: CountByReason[] = [];
    for (let group = await groupAfter(broadcastId); group; group = await groupAfter(broadcastId, group)) {
      const people = await audience.countDocuments({ broadcastId, ...group });
      if (people > 0) found.push({ state: group.state, reason: group.reason || null, people });
    }
    return found;
  }

  async function groupAfter(broadcastId: Types.ObjectId, before?: Group): Promise<Group | undefined> {
    const within = before && { broadcastId, state: before.state, reason: { $gt: before.reason } };
    const found = (within && (await first(within))) ?? (await first(beyond(broadcastId, before)));
    return found ? { state: found.state, reason: found.reason } : undefined;
  }

  const first = (which: Record<string, unknown>): Promise<Group | null> =>
    audience.findOne(which, { _id: 0, state: 1, reason: 1 }).sort({ state: 1, reason: 1, _id: 1 }).lean<Group>();

  const beyond = (broadcastId: Types.ObjectId, before?: Group): Record<string, unknown> =>
    before ? { broadcastId, state: { $gt: before.state } } : { broadcastId };

  /** People whose message left, by its route. */
  async function byRoute(broadcastId: Types.ObjectId): Promise<Reach['byRoute']> {
    const found: Reach['byRoute'] = [];
    for (const route of routes) {
      const people = await audience.countDocuments({ broadcastId, route, state: { $in: [...WENT] } });
      if (people > 0) found.push({ route, people });
    }
    return found;
  }

  /** People without an outcome: waiting, in the outbox, or held there or before. Until there are none it can be paused and cancelled. */
  function unfinished(broadcastId: Types.ObjectId): Promise<number> {
    return audience.countDocuments({ broadcastId, state: { $in: ['waiting', 'queued', 'held'] } });
  }

  return { counts, byRoute, unfinished };
}
