/** Stored shapes of what campaigns are made of: broadcasts, the frozen audience, what was used of budgets, plans. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type {
  Address,
  AudienceState,
  BroadcastDraft,
  BroadcastState,
  PutPlan,
  Reach,
  Route,
} from '../../contracts/index.js';

/** Who took a step, when, and why where a reason is given. */
export interface Step {
  /** A member of staff, or `clock`, or `watch` for what the system did by itself. */
  by: string;
  at: Date;
  reason?: string;
}

/** `waiting` until the outbox row has an outcome. */
export const testOutcomes = ['waiting', 'sent', 'submitted', 'held', 'skipped', 'refused', 'unknown'] as const;
export type TestOutcome = (typeof testOutcomes)[number];

/** One test send of one revision to an address of the shop's own people. */
export interface BroadcastTest extends Step {
  revision: number;
  to: Address;
  outboxId: string;
  outcome: TestOutcome;
}

/** What was expected of this revision, and when it was counted. */
export interface Forecast extends Reach {
  revision: number;
  at: Date;
}

/** The audience being frozen: `done` of `total` people, the last of them `after`. */
export interface Preparing {
  done: number;
  total: number;
  after?: string;
}

type Drafted = Omit<BroadcastDraft, 'couponId' | 'startAt' | 'endsAt'>;

export interface BroadcastRecord extends Drafted {
  _id: Types.ObjectId;
  couponId?: string;
  startAt?: Date;
  endsAt?: Date;
  state: BroadcastState;
  /** One more with every edit; forecast, tests and approval are good for the revision they were made of. */
  revision: number;
  createdBy: string;
  createdAt: Date;
  /** Who wrote this revision. */
  author: string;
  changedAt: Date;
  submitted?: Step;
  /** By a second person; absent where none was needed. */
  approved?: Step & { revision: number; people: number; costFen: number };
  rejected?: Step;
  /** Somebody pressed start. */
  started?: Step;
  /** Since then it speaks. */
  begunAt?: Date;
  paused?: Step;
  resumed?: Step;
  cancelled?: Step;
  finishedAt?: Date;
  /** People of the frozen audience, the hold-out included; absent until all are in. */
  audienceSize?: number;
  /** Full value of the vouchers for them, in fen. */
  audienceFen?: number;
  preparing?: Preparing;
  forecast?: Forecast;
  tests: BroadcastTest[];
  /** Vouchers handed out and their full value in fen. */
  granted: { vouchers: number; fen: number };
  /** Step 5; how the people were chosen and the activity designed stands in audienceNote and designNote. */
  summary?: Step & { result: string; learned: string };
  /** When it begins or began: startAt, later begunAt. What the calendar asks by; absent while nobody knows. */
  beginsAt?: Date;
  /** When it was finished or cancelled. */
  overAt?: Date;
  /** Cancelled, and there may be people of its audience who still wait. */
  hasRest?: true;
}

/** One person of a frozen audience. `_id` is the hash of broadcast and person, and the outbox row's id. */
export interface AudienceRecord {
  _id: string;
  broadcastId: Types.ObjectId;
  personId: Types.ObjectId;
  /** The person's oldest record. */
  customerId: Types.ObjectId;
  state: AudienceState;
  /** Empty where there is none: one index then serves every question in its order. */
  reason: string;
  route?: Route;
  /** Since when it has been so. */
  at: Date;
  /** Of one held before a row was written for it: when it is decided on again. */
  dueAt?: Date;
  /** The mass send it goes with, and whom the account knows the person as. */
  batchId?: string;
  user?: string;
  /** The voucher that goes with that mass send. */
  voucherId?: string;
}

/** `_id` is the campaign: `broadcast:<id>` or `strategy:<code>`. */
export interface BudgetRecord {
  _id: string;
  people: number;
  fen: number;
}

export interface PlanRecord extends PutPlan {
  _id: Types.ObjectId;
  createdAt: Date;
  createdBy: string;
  changedAt: Date;
  changedBy: string;
}

export interface CampaignModels {
  broadcasts: Model<BroadcastRecord>;
  audience: Model<AudienceRecord>;
  budgets: Model<BudgetRecord>;
  plans: Model<PlanRecord>;
}

const strict = { strict: 'throw', versionKey: false, minimize: false } as const;
const { ObjectId, Mixed } = Schema.Types;

export function campaignModels(connection: Connection): CampaignModels {
  return {
    broadcasts: connection.model<BroadcastRecord>('Broadcast', broadcastSchema(), 'broadcasts'),
    audience: connection.model<AudienceRecord>('AudienceRow', audienceSchema(), 'audience'),
    budgets: connection.model<BudgetRecord>(
      'CampaignBudget',
      new Schema<BudgetRecord>({ _id: String, people: Number, fen: Number }, strict),
      'campaign_budgets',
    ),
    plans: connection.model<PlanRecord>('Plan', planSchema(), 'plans'),
  };
}

function broadcastSchema(): Schema<BroadcastRecord> {
  const schema = new Schema<BroadcastRecord>(
    {
      ...{ name: String, metric: String, aim: String, audience: Mixed, audienceNote: String, holdoutPercent: Number },
      ...{ message: Mixed, couponId: String, budget: Mixed, designNote: String, startAt: Date, endsAt: Date },
      ...{ state: String, revision: Number, createdBy: String, createdAt: Date, author: String, changedAt: Date },
      ...{ submitted: Mixed, approved: Mixed, rejected: Mixed, started: Mixed, begunAt: Date, paused: Mixed },
      ...{
        resumed: Mixed,
        cancelled: Mixed,
        finishedAt: Date,
        audienceSize: Number,
        audienceFen: Number,
        preparing: Mixed,
      },
      ...{
        forecast: Mixed,
        tests: [Mixed],
        granted: Mixed,
        summary: Mixed,
        beginsAt: Date,
        overAt: Date,
        hasRest: Boolean,
      },
    },
    strict,
  );
  schema.index({ changedAt: -1, _id: -1 });
  schema.index({ state: 1, changedAt: -1, _id: -1 });
  schema.index({ beginsAt: 1 }, { partialFilterExpression: { beginsAt: { $exists: true } } });
  schema.index({ overAt: 1 }, { partialFilterExpression: { overAt: { $exists: true } } });
  schema.index({ hasRest: 1 }, { partialFilterExpression: { hasRest: { $exists: true } } });
  schema.index({ 'tests.outboxId': 1 }, { sparse: true });
  return schema;
}

function audienceSchema(): Schema<AudienceRecord> {
  const schema = new Schema<AudienceRecord>(
    {
      ...{ _id: String, broadcastId: ObjectId, personId: ObjectId, customerId: ObjectId },
      ...{ state: String, reason: String, route: String, at: Date, dueAt: Date, batchId: String, user: String },
      voucherId: String,
    },
    strict,
  );
  schema.index({ broadcastId: 1, state: 1, reason: 1, _id: 1 });
  schema.index({ at: 1, _id: 1 });
  schema.index({ broadcastId: 1, dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
  schema.index({ batchId: 1, _id: 1 }, { partialFilterExpression: { batchId: { $exists: true } } });
  schema.index(
    { broadcastId: 1, route: 1, state: 1, reason: 1, _id: 1 },
    { partialFilterExpression: { route: { $exists: true } } },
  );
  schema.index({ batchId: 1, state: 1, _id: 1 }, { partialFilterExpression: { batchId: { $exists: true } } });
  schema.index({ broadcastId: 1, dueAt: 1, _id: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
  return schema;
}

function planSchema(): Schema<PlanRecord> {
  const schema = new Schema<PlanRecord>(
    {
      ...{ name: String, note: String, from: String, to: String, strategies: [String], broadcasts: [String] },
      ...{ createdAt: Date, createdBy: String, changedAt: Date, changedBy: String },
    },
    strict,
  );
  schema.index({ to: 1, from: 1 });
  schema.index({ changedAt: -1, _id: -1 });
  return schema;
}
