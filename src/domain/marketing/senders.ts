/**
 * One sender of record a service scene: WeChat, the shop platform and the courier already tell customers much, and nobody wants to hear a
 * thing twice. A scene in which nobody has been chosen is silent.
 */
import type { ClientSession } from 'mongoose';
import { serviceScenes } from '../../contracts/index.js';
import type { NewDomainEvent, Sender, ServiceScene } from '../../contracts/index.js';
import type { MarketingModels, SenderRecord } from './models.js';

const CACHE_MS = 1000;

export type Senders = ReturnType<typeof createSenders>;

export function createSenders({ senders }: Pick<MarketingModels, 'senders'>) {
  let cached: { at: number; ours: ReadonlySet<ServiceScene> } | undefined;

  /** Every scene, with who speaks in it. */
  async function list(): Promise<Array<{ scene: ServiceScene; sender: Sender | null; changedAt: Date | null }>> {
    const chosen = new Map((await senders.find().lean<SenderRecord[]>()).map((one) => [one._id, one]));
    return serviceScenes.map((scene) => {
      const found = chosen.get(scene);
      return { scene, sender: found?.sender ?? null, changedAt: found?.changedAt ?? null };
    });
  }

  /** Scenes in which Huike speaks, at most a second old. */
  async function ours(): Promise<ReadonlySet<ServiceScene>> {
    if (cached && Date.now() - cached.at < CACHE_MS) return cached.ours;
    const found = await senders.find({ sender: 'huike' }).lean<SenderRecord[]>();
    cached = { at: Date.now(), ours: new Set(found.map(({ _id }) => _id)) };
    return cached.ours;
  }

  async function choose(
    tx: ClientSession,
    scene: ServiceScene,
    sender: Sender,
    by: { staffId: string; at: Date },
  ): Promise<NewDomainEvent[]> {
    const change = { sender, changedAt: by.at, changedBy: by.staffId };
    await senders.updateOne({ _id: scene }, { $set: change }, { session: tx, upsert: true });
    cached = undefined;
    return [{ kind: 'sender.chosen', at: by.at, data: { scene, sender } }];
  }

  return { list, ours, choose };
}
