/**
 * One switch stops all promotion, in every process within a second of the commit. Who threw it, why and when is kept; what was held meanwhile
 * is judged again. Writes in the caller's transaction and returns events.
 */
import type { ClientSession, Model } from 'mongoose';
import type { NewDomainEvent } from '../../contracts/index.js';
import type { PromotionSwitchRecord } from './contact-models.js';

const CACHE_MS = 1000;
const ONLY = 'promotion';

export interface Thrown {
  /** The staff member, or what threw it by itself. */
  by: string;
  reason: string;
  at: Date;
}

export type PromotionSwitch = ReturnType<typeof createPromotionSwitch>;

export function createPromotionSwitch(switches: Model<PromotionSwitchRecord>) {
  let cached: { readAt: number; stopped: boolean } | undefined;

  const read = (tx: ClientSession | null): Promise<PromotionSwitchRecord | null> =>
    switches.findById(ONLY, null, { session: tx }).lean<PromotionSwitchRecord>();

  /** At most a second old. */
  async function isStopped(): Promise<boolean> {
    if (cached && Date.now() - cached.readAt < CACHE_MS) return cached.stopped;
    const readAt = Date.now();
    const stopped = (await read(null))?.stopped ?? false;
    cached = { readAt, stopped };
    return stopped;
  }

  /** How it stands and who threw it last; never thrown: promotion runs. */
  async function state(): Promise<{ stopped: boolean; last: Thrown | null }> {
    const found = await read(null);
    if (!found) return { stopped: false, last: null };
    const { stopped, by, reason, at } = found;
    return { stopped, last: { by, reason, at } };
  }

  /** Where it stands so already nothing changes, and whoever threw it first stays known. */
  async function turn(tx: ClientSession, stopped: boolean, { by, reason, at }: Thrown): Promise<NewDomainEvent[]> {
    const before = (await read(tx))?.stopped ?? false;
    if (before === stopped) return [];
    const change = { stopped, by, reason, at };
    await switches.updateOne({ _id: ONLY }, { $set: change }, { session: tx, upsert: true });
    cached = undefined;
    return [{ kind: stopped ? 'promotion.stopped' : 'promotion.resumed', at, data: { by, reason } }];
  }

  return {
    isStopped,
    state,
    stop: (tx: ClientSession, thrown: Thrown): Promise<NewDomainEvent[]> => turn(tx, true, thrown),
    resume: (tx: ClientSession, thrown: Thrown): Promise<NewDomainEvent[]> => turn(tx, false, thrown),
  };
}
