/**
 * The life of broadcasts after their approval: the audience is frozen, they begin when it is time, everybody is decided on, the mass sends go,
 * and when everybody has an outcome they are finished. One process at a time runs this; it may die anywhere and the next goes on.
 */
import type { Broadcasts, BroadcastRecord } from '../../domain/marketing/index.js';
import type { Logger } from '../../infra/logger.js';
import type { Emit } from './emit.js';
import type { MassBatches } from './mass-batches.js';
import type { Prepare } from './prepare.js';
import { endOf } from './ports.js';
import type { CampaignParts } from './ports.js';

export interface RunParts extends Pick<CampaignParts, 'act' | 'clock' | 'audience'> {
  broadcasts: Broadcasts;
  prepare: Prepare;
  emit: Emit;
  massBatches: Pick<MassBatches, 'closeAll' | 'unsettled'>;
  broadcastDays: number;
  log: Logger;
}

/** Batches in one turn; then others, and the switch that stops all promotion, get theirs. */
const BATCHES_A_TURN = 20;
const REST_BATCH = 500;

export function createBroadcastRun(parts: RunParts) {
  async function run(): Promise<void> {
    for (const broadcast of await parts.broadcasts.inState(['approved'])) await safely(broadcast, getReady);
    for (const broadcast of await parts.broadcasts.inState(['running'])) await safely(broadcast, speak);
    for (const broadcast of await parts.broadcasts.calledOff()) await safely(broadcast, callOff);
  }

  async function safely(broadcast: BroadcastRecord, work: (one: BroadcastRecord) => Promise<void>): Promise<void> {
    try {
      await work(broadcast);
    } catch (error) {
      parts.log.error({ err: error, broadcastId: String(broadcast._id) }, 'a broadcast could not go on; tried again');
    }
  }

  async function getReady(broadcast: BroadcastRecord): Promise<void> {
    const id = String(broadcast._id);
    if (broadcast.audienceSize === undefined) await parts.prepare(broadcast);
    await parts.act({
      cause: { door: 'clock', task: `broadcast:${id}:begin` },
      change: async (tx) => (await parts.broadcasts.begin(tx, id, parts.clock.now()))?.events ?? [],
    });
  }

  async function speak(broadcast: BroadcastRecord): Promise<void> {
    const ends = endOf(broadcast, parts.broadcastDays);
    if (ends && ends <= parts.clock.now()) return end(broadcast);
    for (let turn = 0; turn < BATCHES_A_TURN; turn++) {
      const decided = await parts.emit(broadcast);
      if (decided === 0) return wind(broadcast);
      if (broadcast.couponId !== undefined) await checkSpent(broadcast);
      const now = await parts.broadcasts.get(String(broadcast._id));
      if (now.state !== 'running') return;
    }
  }

  async function checkSpent(broadcast: BroadcastRecord): Promise<void> {
    const { broadcasts, clock } = parts;
    await change(broadcast, async (tx) => (await broadcasts.checkSpent(tx, broadcast._id, clock.now()))?.events ?? []);
  }

  /** Nobody is waiting now: the mass sends go with whom they have. */
  async function wind(broadcast: BroadcastRecord): Promise<void> {
    const { _id } = broadcast;
    if ((await parts.massBatches.unsettled(_id)) > 0) {
      await change(broadcast, async (tx) => {
        await parts.massBatches.closeAll(tx, _id);
        return [];
      });
      return;
    }
    if ((await parts.audience.unfinished(_id)) > 0) return;
    await change(broadcast, async (tx) => (await parts.broadcasts.finish(tx, String(_id), parts.clock.now())).events);
  }

  /** Too late for whoever still waits or is held; what has left already keeps its course. */
  async function end(broadcast: BroadcastRecord): Promise<void> {
    await drop(broadcast, 'skipped', 'message.stale');
    await wind(broadcast);
  }

  async function callOff(broadcast: BroadcastRecord): Promise<void> {
    await drop(broadcast, 'cancelled', 'broadcast.cancelled');
    await change(broadcast, async (tx) => {
      // A mass send that is still filling is given up by who sends it, and its people get back what was reserved for them.
      await parts.massBatches.closeAll(tx, broadcast._id);
      await parts.broadcasts.restEnded(tx, broadcast._id);
      return [];
    });
  }

  async function drop(broadcast: BroadcastRecord, state: 'skipped' | 'cancelled', reason: string): Promise<void> {
    for (;;) {
      let dropped = 0;
      await change(broadcast, async (tx) => {
        const end = { state, reason, at: parts.clock.now() };
        dropped = await parts.audience.endRest(tx, broadcast._id, REST_BATCH, end);
        return [];
      });
      if (dropped === 0) return;
    }
  }

  async function change(
    broadcast: BroadcastRecord,
    work: Parameters<CampaignParts['act']>[0]['change'],
  ): Promise<void> {
    await parts.act({ cause: { door: 'clock', task: `broadcast:${String(broadcast._id)}` }, change: work });
  }

  return { run };
}
