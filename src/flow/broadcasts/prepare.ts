/**
 * Freezes the people of an approved broadcast: from then on it is they whom it speaks to, whatever the rule would say later. Goes by person id
 * and keeps its place with every batch, so that what a dying process leaves is carried on by the next.
 */
import { Types } from 'mongoose';
import type { BroadcastRecord } from '../../domain/marketing/index.js';
import type { Segments } from '../../domain/segments/index.js';
import type { CampaignParts } from './ports.js';

const BATCH = 500;

export interface PrepareParts extends Pick<CampaignParts, 'act' | 'clock' | 'broadcasts' | 'audience'> {
  segments: Pick<Segments, 'each' | 'countInBatches'>;
}

export type Prepare = (broadcast: BroadcastRecord) => Promise<void>;

export function createPrepare({ act, clock, broadcasts, audience, segments }: PrepareParts): Prepare {
  return async (broadcast) => {
    const id = String(broadcast._id);
    const cause = { door: 'clock' as const, task: `broadcast:${id}:people` };
    const asOf = broadcast.approved?.at ?? broadcast.started?.at ?? clock.now();
    const { preparing } = broadcast;
    const total = preparing?.total ?? (await segments.countInBatches(broadcast.audience, asOf, () => undefined));
    let done = preparing?.done ?? 0;
    const after = preparing?.after ? { after: new Types.ObjectId(preparing.after) } : {};
    for await (const people of segments.each(broadcast.audience, asOf, { batch: BATCH, ...after })) {
      const last = people.at(-1);
      if (!last) continue;
      done += people.length;
      const place = { done, total: Math.max(total, done), after: String(last._id) };
      await act({
        cause,
        change: async (tx) => {
          await audience.freezeBatch(tx, broadcast, people, clock.now());
          return broadcasts.prepared(tx, id, place);
        },
      });
    }
    await act({ cause, change: (tx) => broadcasts.frozen(tx, id, done, clock.now()) });
  };
}
