/** Stored shapes of saved segments with every version of them, of static lists, and of counts that take long. */
import { Schema } from 'mongoose';
import type { Connection, Model, Types } from 'mongoose';
import type { SegmentRule } from '../../contracts/index.js';

/** A rule under a name. The record is the version in force. */
export interface SegmentRecord {
  _id: Types.ObjectId;
  version: number;
  name: string;
  note: string;
  rule: SegmentRule;
  /** Ids of the segments that the rule itself asks for. */
  uses: string[];
  /** Ids of the static lists that the rule itself asks for. */
  usesLists: string[];
  createdAt: Date;
  changedAt: Date;
  /** The staff member's id. */
  changedBy: string;
}

/** Never changed. `_id` is id@version. */
export interface SegmentVersionRecord {
  _id: string;
  segmentId: Types.ObjectId;
  version: number;
  name: string;
  note: string;
  rule: SegmentRule;
  changedAt: Date;
  changedBy: string;
}

/** Customers chosen by hand. */
export interface ListRecord {
  _id: Types.ObjectId;
  name: string;
  note: string;
  createdAt: Date;
  changedAt: Date;
  changedBy: string;
}

/** Kept with the customer it was written with; a person is on the lists of all their customers. */
export interface ListMemberRecord {
  _id: Types.ObjectId;
  listId: string;
  customerId: Types.ObjectId;
  addedAt: Date;
  addedBy: string;
}

export const countStates = ['waiting', 'running', 'done'] as const;

/** A count too long for a request. `done` of about `total` people were asked, up to the one with the id `after`. */
export interface CountRecord {
  _id: Types.ObjectId;
  rule: SegmentRule;
  state: (typeof countStates)[number];
  /** The moment of the question. */
  asOf: Date;
  people: number;
  done: number;
  total: number;
  after?: Types.ObjectId;
  askedBy: string;
  /** Real time by the database's clock: while it lasts, one process is at it. */
  leaseUntil: Date;
  /** Real time; dropped a day later. */
  createdAt: Date;
}

export interface SegmentModels {
  segments: Model<SegmentRecord>;
  segmentVersions: Model<SegmentVersionRecord>;
  lists: Model<ListRecord>;
  listMembers: Model<ListMemberRecord>;
  counts: Model<CountRecord>;
}

const { Mixed, ObjectId } = Schema.Types;
const strict = { strict: 'throw', versionKey: false, minimize: false } as const;
const COUNT_KEPT_SECONDS = 86_400;

export function segmentModels(connection: Connection): SegmentModels {
  return {
    segments: connection.model<SegmentRecord>('Segment', segmentSchema(), 'segments'),
    segmentVersions: connection.model<SegmentVersionRecord>('SegmentVersion', versionSchema(), 'segment_versions'),
    lists: connection.model<ListRecord>('StaticList', listSchema(), 'static_lists'),
    listMembers: connection.model<ListMemberRecord>('StaticListMember', memberSchema(), 'static_list_members'),
    counts: connection.model<CountRecord>('SegmentCount', countSchema(), 'segment_counts'),
  };
}

const changed = { changedAt: Date, changedBy: String };

function segmentSchema(): Schema<SegmentRecord> {
  const shape = { version: Number, name: String, note: String, rule: Mixed, uses: [String], usesLists: [String] };
  const schema = new Schema<SegmentRecord>({ ...shape, createdAt: Date, ...changed }, strict);
  schema.index({ changedAt: -1, _id: -1 });
  schema.index({ uses: 1 });
  schema.index({ usesLists: 1 });
  return schema;
}

function versionSchema(): Schema<SegmentVersionRecord> {
  const shape = { _id: String, segmentId: ObjectId, version: Number, name: String, note: String, rule: Mixed };
  const schema = new Schema<SegmentVersionRecord>({ ...shape, ...changed }, strict);
  schema.index({ segmentId: 1, version: -1 }, { unique: true });
  return schema;
}

function listSchema(): Schema<ListRecord> {
  const schema = new Schema<ListRecord>({ name: String, note: String, createdAt: Date, ...changed }, strict);
  schema.index({ changedAt: -1, _id: -1 });
  return schema;
}

function memberSchema(): Schema<ListMemberRecord> {
  const shape = { listId: String, customerId: ObjectId, addedAt: Date, addedBy: String };
  const schema = new Schema<ListMemberRecord>(shape, strict);
  schema.index({ listId: 1, customerId: 1 }, { unique: true });
  schema.index({ customerId: 1 });
  return schema;
}

function countSchema(): Schema<CountRecord> {
  const figures = { people: Number, done: Number, total: Number };
  const schema = new Schema<CountRecord>(
    {
      ...{ rule: Mixed, state: String, asOf: Date, ...figures, after: ObjectId },
      ...{ askedBy: String, leaseUntil: Date, createdAt: Date },
    },
    strict,
  );
  schema.index({ state: 1, leaseUntil: 1 });
  schema.index({ createdAt: 1 }, { expireAfterSeconds: COUNT_KEPT_SECONDS });
  return schema;
}
