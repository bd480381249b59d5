/** Stored shapes of strategies and of the scene codes by which people come. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { Sender, ServiceScene, Strategy } from '../../contracts/index.js';

/** The version in force, one document per strategy. */
export interface StrategyRecord extends Strategy {
  _id: string;
  changedAt: Date;
  changedBy: string;
}

/** Every version that ever was; never changed. `_id` is code@version. */
export type StrategyVersionRecord = StrategyRecord;

export interface SceneRecord {
  _id: Types.ObjectId;
  account: string;
  scene: string;
  name: string;
  follows: number;
  scans: number;
  imageUrl: string;
  /** The picture in our media store, once fetched. */
  imageMediaId?: string;
  createdAt: Date;
  createdBy: string;
}

/** `_id` is the scene. */
export interface SenderRecord {
  _id: ServiceScene;
  sender: Sender;
  changedAt: Date;
  changedBy: string;
}

export interface MarketingModels {
  senders: Model<SenderRecord>;
  strategies: Model<StrategyRecord>;
  versions: Model<StrategyVersionRecord>;
  scenes: Model<SceneRecord>;
}

export function marketingModels(connection: Connection): MarketingModels {
  const strategyShape = {
    _id: String,
    code: String,
    version: Number,
    enabled: Boolean,
    title: Schema.Types.Mixed,
    metric: String,
    group: String,
    priority: Number,
    trigger: Schema.Types.Mixed,
    actions: [Schema.Types.Mixed],
    audience: Schema.Types.Mixed,
    holdoutPercent: Number,
    budget: Schema.Types.Mixed,
    changedAt: Date,
    changedBy: String,
  };
  const options = { strict: 'throw', versionKey: false } as const;
  const strategy = new Schema<StrategyRecord>(strategyShape, options);
  const version = new Schema<StrategyVersionRecord>(strategyShape, options);
  version.index({ code: 1, version: 1 }, { unique: true });
  const scene = new Schema<SceneRecord>(
    {
      account: String,
      scene: String,
      name: String,
      follows: Number,
      scans: Number,
      imageUrl: String,
      imageMediaId: String,
      createdAt: Date,
      createdBy: String,
    },
    options,
  );
  scene.index({ account: 1, scene: 1 }, { unique: true });
  scene.index({ createdAt: -1, _id: -1 });
  const sender = new Schema<SenderRecord>({ _id: String, sender: String, changedAt: Date, changedBy: String }, options);
  return {
    senders: connection.model<SenderRecord>('Sender', sender, 'senders'),
    strategies: connection.model<StrategyRecord>('Strategy', strategy, 'strategies'),
    versions: connection.model<StrategyVersionRecord>('StrategyVersion', version, 'strategy_versions'),
    scenes: connection.model<SceneRecord>('Scene', scene, 'scenes'),
  };
}
