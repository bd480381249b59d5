/** Saved segments: a rule under a name. Every change makes the next version, kept with who made it; what is used cannot be removed. */
import { isDeepStrictEqual } from 'node:util';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import type { FieldProblem, NewDomainEvent, SegmentRule } from '../../contracts/index.js';
import { notFound, RequestProblem } from '../../errors.js';
import { insertRecords, olderThan } from '../../infra/mongo.js';
import { checkRule, namedBy } from './prepare.js';
import type { RuleContext } from './question.js';
import type { SegmentModels, SegmentRecord, SegmentVersionRecord } from './segment-models.js';

export interface PutSegment {
  name: string;
  note: string;
  rule: SegmentRule;
}

export interface ByWhom {
  staffId: string;
  at: Date;
}

export interface Page {
  limit: number;
  after?: { at: Date; id: string } | undefined;
}

export interface SavedOptions {
  /** With the segments as the transaction sees them. */
  context(tx: ClientSession, now: Date): Promise<RuleContext>;
  /** Whether something beside segments asks for it: strategies, broadcasts. */
  usedBy(tx: ClientSession, what: 'segment' | 'list', id: string): Promise<boolean>;
  changed(): void;
}

export function createSaved(
  { segments, segmentVersions }: Pick<SegmentModels, 'segments' | 'segmentVersions'>,
  { context, usedBy, changed }: SavedOptions,
) {
  const list = ({ limit, after }: Page): Promise<SegmentRecord[]> =>
    segments
      .find(after ? olderThan('changedAt', after) : {})
      .sort({ changedAt: -1, _id: -1 })
      .limit(limit)
      .lean<SegmentRecord[]>();

  /** 404 segment.notFound. */
  async function get(id: string, tx: ClientSession | null = null): Promise<SegmentRecord> {
    const found = await segments.findById(id, null, { session: tx }).lean<SegmentRecord>();
    if (!found) throw notFound('segment');
    return found;
  }

  /** Newest first. */
  const versions = (id: string, limit: number): Promise<SegmentVersionRecord[]> =>
    segmentVersions
      .find({ segmentId: new Types.ObjectId(id) })
      .sort({ version: -1 })
      .limit(limit)
      .lean<SegmentVersionRecord[]>();

  /** `id` null makes a new one. The same again makes no version. 400 request.invalid with each problem of the rule. */
  async function put(
    tx: ClientSession,
    id: string | null,
    { name, note, rule }: PutSegment,
    by: ByWhom,
  ): Promise<{ segment: SegmentRecord; events: NewDomainEvent[] }> {
    const before = id === null ? undefined : await get(id, tx);
    const _id = before?._id ?? new Types.ObjectId();
    refuse(await problemsOf(tx, String(_id), rule, by.at));
    if (before && isDeepStrictEqual([before.name, before.note, before.rule], [name, note, rule])) {
      return { segment: before, events: [] };
    }
    const named = namedBy(rule);
    const segment: SegmentRecord = {
      ...{ _id, version: (before?.version ?? 0) + 1, name, note, rule },
      ...{ uses: named.segments, usesLists: named.lists },
      ...{ createdAt: before?.createdAt ?? by.at, changedAt: by.at, changedBy: by.staffId },
    };
    await store(tx, segment);
    return { segment, events: [event(segment, by.at, { version: segment.version, by: by.staffId })] };
  }

  /** As if it were saved already: so that a circle through itself is seen. */
  async function problemsOf(tx: ClientSession, id: string, rule: SegmentRule, now: Date): Promise<FieldProblem[]> {
    const ctx = await context(tx, now);
    const segment = (asked: string): SegmentRule | undefined => (asked === id ? rule : ctx.segment(asked));
    return checkRule(rule, { ...ctx, segment });
  }

  async function store(tx: ClientSession, segment: SegmentRecord): Promise<void> {
    const { _id, version, name, note, rule, changedAt, changedBy } = segment;
    await segments.replaceOne({ _id }, segment, { session: tx, upsert: true });
    const kept = { _id: `${String(_id)}@${version}`, segmentId: _id, version, name, note, rule, changedAt, changedBy };
    await insertRecords(segmentVersions, [kept], tx);
    changed();
  }

  /** Its versions stay. 404 segment.notFound, 409 segment.inUse. */
  async function remove(tx: ClientSession, id: string, by: ByWhom): Promise<NewDomainEvent[]> {
    const segment = await get(id, tx);
    const used = (await segments.exists({ uses: id }).session(tx)) ?? (await usedBy(tx, 'segment', id));
    if (used) throw new RequestProblem(409, 'segment.inUse', 'Another segment, a strategy or a broadcast asks for it.');
    await segments.deleteOne({ _id: segment._id }, { session: tx });
    changed();
    return [event(segment, by.at, { removed: true, by: by.staffId })];
  }

  return { list, get, versions, put, remove };
}

const event = ({ _id, name }: SegmentRecord, at: Date, data: Record<string, unknown>): NewDomainEvent => ({
  ...{ kind: 'segment.changed', at },
  data: { segmentId: String(_id), name, ...data },
});

function refuse(errors: FieldProblem[]): void {
  if (errors.length > 0) throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors });
}
