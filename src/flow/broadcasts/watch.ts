/** Looks at running broadcasts every few seconds and pauses one from which people run away, or which the platform turns down. */
import type { BroadcastRecord, Audience, Broadcasts, WatchLimits } from '../../domain/marketing/index.js';
import { watch } from '../../domain/marketing/index.js';
import type { Persons } from '../../domain/customers/index.js';
import type { Clock } from '../../infra/clock.js';
import type { Logger } from '../../infra/logger.js';
import type { Act } from '../act.js';
import type { FlowModels } from '../models.js';

export interface WatchParts {
  act: Act;
  clock: Clock;
  log: Logger;
  broadcasts: Pick<Broadcasts, 'inState' | 'pause'>;
  audience: Pick<Audience, 'counts' | 'reachedAmong'>;
  /** The events: who left is asked of them by their index, however many customers there are. */
  models: { flow: Pick<FlowModels, 'events'> };
  persons: Pick<Persons, 'ofMany'>;
  limits: WatchLimits;
}

const DELIVERED: ReadonlySet<string> = new Set(['sent', 'submitted']);

export function createBroadcastWatch(parts: WatchParts) {
  async function run(): Promise<void> {
    for (const broadcast of await parts.broadcasts.inState(['running'])) {
      const reason = watch(broadcast, await figuresOf(broadcast), parts.limits);
      if (reason) await pause(String(broadcast._id), reason);
    }
  }

  async function figuresOf({ _id, begunAt }: BroadcastRecord) {
    const counts = await parts.audience.counts(_id);
    const sum = (is: (state: string) => boolean): number =>
      counts.filter(({ state }) => is(state)).reduce((total, { people }) => total + people, 0);
    return {
      delivered: sum((state) => DELIVERED.has(state)),
      refusals: sum((state) => state === 'refused'),
      unfollows: begunAt ? await leftSince(_id, begunAt) : 0,
    };
  }

  /** Of those reached, how many stopped following since it began. */
  async function leftSince(broadcastId: BroadcastRecord['_id'], begunAt: Date): Promise<number> {
    const left = await parts.models.flow.events
      .find({ kind: 'identity.unfollowed', at: { $gte: begunAt } }, { customerId: 1 })
      .lean<Array<{ customerId: BroadcastRecord['_id'] }>>();
    if (left.length === 0) return 0;
    const persons = await parts.persons.ofMany(
      null,
      left.map(({ customerId }) => customerId),
    );
    const ids = new Map([...persons.values()].map(({ id }) => [String(id), id]));
    return parts.audience.reachedAmong(broadcastId, [...ids.values()]);
  }

  /** By the system itself, with its reason; somebody has to look and resume it. */
  async function pause(broadcastId: string, reason: string): Promise<void> {
    parts.log.warn({ broadcastId, reason }, 'a broadcast was paused');
    await parts.act({
      cause: { door: 'clock', task: `broadcast:${broadcastId}:watch` },
      change: async (tx) =>
        (await parts.broadcasts.pause(tx, broadcastId, reason, { staffId: 'watch', at: parts.clock.now() })).events,
    });
  }

  return { run, pause };
}
