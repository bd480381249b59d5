/** Campaigns on an embedded database of their own, and a draft to vary. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Types } from 'mongoose';
import { BroadcastDraft } from '../../../src/contracts/index.js';
import type { Reach } from '../../../src/contracts/index.js';
import { campaignModels, createBroadcasts } from '../../../src/domain/marketing/index.js';
import type { Broadcasts, By, CampaignModels, ForbiddenWord } from '../../../src/domain/marketing/index.js';
import { createLogger } from '../../../src/infra/logger.js';
import { openDatabase } from '../../../src/infra/mongo.js';
import type { Database } from '../../../src/infra/mongo.js';

export const at = (minutes: number): Date => new Date(Date.parse('2026-11-20T02:00:00Z') + minutes * 60_000);
export const by = (staffId: string, minutes = 0): By => ({ staffId, at: at(minutes) });

export const words: ForbiddenWord[] = [
  { word: '最', kind: 'absolute', except: ['最近', '最后'], reason: 'An absolute.', instead: 'Say what it is.' },
];
export const limits = { people: 5000, costFen: 1_000_000 };

export interface Desk {
  database: Database;
  models: CampaignModels;
  broadcasts: Broadcasts;
  close(): Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const dataDir = await mkdtemp(join(tmpdir(), 'huike-campaigns-'));
  const database = await openDatabase({ dataDir, log: createLogger({ level: 'silent' }) });
  const models = campaignModels(database.connection);
  for (const model of Object.values(models)) {
    await (model as CampaignModels['plans']).createCollection();
    await (model as CampaignModels['plans']).createIndexes();
  }
  const broadcasts = createBroadcasts(models, { limits, words });
  const close = async (): Promise<void> => {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { database, models, broadcasts, close };
}

export const inbox = (text: string) => ({ type: 'notice' as const, templateId: '', data: { text } });

/** A promotion in the member's inbox, and whatever the case varies. */
export const draft = (change: Record<string, unknown> = {}): BroadcastDraft =>
  BroadcastDraft.parse({
    name: '双十一',
    metric: 'repurchase-rate',
    audience: { all: [] },
    message: { purpose: 'promotion', variants: { 'member-inbox': inbox('你好 {name|朋友}') } },
    ...change,
  });

export const reach = (people: number, costFen = 0): Reach => ({
  ...{ people, heldOut: 0, costFen, byReason: [] },
  byRoute: [{ route: 'member-inbox', people }],
});

export const person = () => {
  const _id = new Types.ObjectId();
  return { _id, customerIds: [_id] };
};

/** What a refusal says; `done` when there was none. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
