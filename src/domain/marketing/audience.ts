/**
 * The frozen people of broadcasts: one row a person, in exactly one state with its reason. What has ended does not change again. Knows
 * nothing of messages; who decides and who sends marks its rows in their transactions.
 */
import { createHash } from 'node:crypto';
import type { ClientSession, Types } from 'mongoose';
import { audienceStates } from '../../contracts/index.js';
import type { AudienceState, Route } from '../../contracts/index.js';
import { RequestProblem } from '../../errors.js';
import { IN_ONE_ANSWER, insertRecords } from '../../infra/mongo.js';
import { audienceCounts, WENT } from './audience-counts.js';
import type { AudienceRecord, BroadcastRecord, CampaignModels } from './campaign-models.js';
import { broadcastCampaign } from './campaigns.js';
import { inHoldout } from './holdout.js';

/** What becomes of a row. Route, batch and user stay as they are where they are left out; one that is held goes with no mass send any more. */
export interface AudienceChange {
  state: AudienceState;
  reason?: string;
  route?: Route;
  batchId?: string;
  user?: string;
  voucherId?: string;
  /** When a held one is decided on again; of one that waits in the outbox there is none. */
  dueAt?: Date;
}

/** States that are no outcome yet, or one that may still be learned better. */
const OPEN: AudienceState[] = ['waiting', 'queued', 'held', 'submitted', 'unknown'];
/** Not decided on: waiting, or held with a moment at which to decide again. */
const UNDECIDED: AudienceState[] = ['waiting', 'held'];
const REACHED: AudienceState[] = ['sent', 'submitted'];
const ASKED_AT_ONCE = 1000;

/** Of a portrait: the person, and their records, the oldest first. */
export interface FrozenPerson {
  _id: Types.ObjectId;
  customerIds: readonly Types.ObjectId[];
}

/** Where a page of the outcome list ended. */
export type AudiencePlace = Pick<AudienceRecord, 'state' | 'reason'> & { id: string };

/** A reason without a state asks all states for it. */
export interface AudienceFilter {
  state?: AudienceState;
  reason?: string;
  /** Only those whose message went out, by this route or by any. */
  wentBy?: Route | 'any';
}

export type Audience = ReturnType<typeof createAudience>;

export function createAudience({ audience }: Pick<CampaignModels, 'audience'>) {
  /** Writes those who are not in yet; the hold-out is chosen by a stable hash. Says how many were new. */
  async function freezeBatch(
    tx: ClientSession,
    broadcast: Pick<BroadcastRecord, '_id' | 'holdoutPercent'>,
    people: readonly FrozenPerson[],
    at: Date,
  ): Promise<number> {
    const rows = new Map(people.map((person) => [audienceId(broadcast._id, person._id), person]));
    const there = await audience
      .find({ _id: { $in: [...rows.keys()] } }, { _id: 1 }, { session: tx, ...IN_ONE_ANSWER })
      .lean<Array<{ _id: string }>>();
    for (const { _id } of there) rows.delete(_id);
    const records = [...rows].map(([_id, person]) => recordOf(_id, broadcast, person, at));
    if (records.length) await insertRecords(audience, records, tx);
    return records.length;
  }

  /** People to decide on now, in a stable order: those who wait, then those whose hold has ended. */
  async function next(broadcastId: Types.ObjectId, limit: number, now: Date): Promise<AudienceRecord[]> {
    const waiting = await audience
      .find({ broadcastId, state: 'waiting', reason: '' }, null, IN_ONE_ANSWER)
      .sort({ _id: 1 })
      .limit(limit)
      .lean<AudienceRecord[]>();
    if (waiting.length === limit) return waiting;
    const held = await audience
      .find({ broadcastId, dueAt: { $lte: now } }, null, IN_ONE_ANSWER)
      .sort({ dueAt: 1, _id: 1 })
      .limit(limit - waiting.length)
      .lean<AudienceRecord[]>();
    return [...waiting, ...held];
  }

  /** Of these rows those that are still to be decided on, as this transaction sees them. */
  async function still(tx: ClientSession, rows: readonly Pick<AudienceRecord, '_id'>[]): Promise<AudienceRecord[]> {
    const ids = rows.map(({ _id }) => _id);
    return audience
      .find({ _id: { $in: ids }, state: { $in: UNDECIDED } }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<AudienceRecord[]>();
  }

  /** Many rows in one command; those that become the same are written together. Rows that have ended stay as they are. Says how many changed. */
  async function markEach(
    tx: ClientSession,
    changes: ReadonlyArray<AudienceChange & { _id: string }>,
    at: Date,
  ): Promise<number> {
    const alike = new Map<string, { change: AudienceChange; ids: string[] }>();
    for (const { _id, ...change } of changes) {
      const key = JSON.stringify(change);
      const group = alike.get(key) ?? { change, ids: [] };
      alike.set(key, group);
      group.ids.push(_id);
    }
    if (alike.size === 0) return 0;
    const writes = [...alike.values()].map(({ ids, change }) => ({
      updateMany: { filter: stillOpen(ids), update: updateOf(change, at) },
    }));
    const { modifiedCount } = await audience.bulkWrite(writes, { session: tx });
    return modifiedCount;
  }

  async function mark(tx: ClientSession, ids: readonly string[], change: AudienceChange, at: Date): Promise<number> {
    const { modifiedCount } = await audience.updateMany(stillOpen(ids), updateOf(change, at), { session: tx });
    return modifiedCount;
  }

  /** The outcome of one row of the outbox. False when it is nobody's of an audience, or had ended already. */
  const settle = async (tx: ClientSession, id: string, change: AudienceChange, at: Date): Promise<boolean> =>
    (await mark(tx, [id], change, at)) === 1;

  /** Ends up to `limit` people who have not been decided on. Says how many; 0 when none is left. */
  async function endRest(
    tx: ClientSession,
    broadcastId: Types.ObjectId,
    limit: number,
    { state, reason, at }: { state: 'cancelled' | 'skipped'; reason: string; at: Date },
  ): Promise<number> {
    const waiting = await idsOf(tx, { broadcastId, state: 'waiting', reason: '' }, limit);
    const held = await idsOf(tx, { broadcastId, dueAt: { $exists: true } }, limit - waiting.length);
    const ids = [...waiting, ...held];
    return ids.length ? mark(tx, ids, { state, reason }, at) : 0;
  }

  async function idsOf(tx: ClientSession, which: Record<string, unknown>, limit: number): Promise<string[]> {
    if (limit <= 0) return [];
    const found = await audience
      .find(which, { _id: 1 }, { session: tx, ...IN_ONE_ANSWER })
      .limit(limit)
      .lean<Array<{ _id: string }>>();
    return found.map(({ _id }) => _id);
  }

  /** The people of one mass send who still go with it, in batches; rows that are marked meanwhile do not come again. */
  async function* ofBatch(batchId: string, size: number): AsyncGenerator<AudienceRecord[]> {
    let after = '';
    for (;;) {
      const rows = await audience
        .find({ batchId, state: 'queued', _id: { $gt: after } }, null, IN_ONE_ANSWER)
        .sort({ _id: 1 })
        .limit(size)
        .lean<AudienceRecord[]>();
      const last = rows.at(-1);
      if (!last) return;
      after = last._id;
      yield rows;
    }
  }

  /** Of these rows those that still go with this mass send, as this transaction sees them. */
  const stillGoing = (tx: ClientSession, batchId: string, ids: readonly string[]): Promise<AudienceRecord[]> =>
    audience
      .find({ _id: { $in: [...ids] }, batchId, state: 'queued' }, null, { session: tx, ...IN_ONE_ANSWER })
      .lean<AudienceRecord[]>();

  /**
   * Rows that are a person's who has another one in this broadcast: two people were frozen who have turned out to be one since. Of several the
   * one that was decided on speaks for the person, else the first. `persons`: by row, the customers that are the person now.
   */
  async function doubles(
    tx: ClientSession,
    broadcastId: Types.ObjectId,
    persons: ReadonlyMap<string, readonly Types.ObjectId[]>,
  ): Promise<ReadonlySet<string>> {
    // A person's id is the id of one of their customers, so these are all the rows that they can have.
    const rowsOf = new Map(
      [...persons].flatMap(([row, ids]) =>
        ids.length > 1 ? [[row, ids.map((id) => audienceId(broadcastId, id))] as const] : [],
      ),
    );
    if (rowsOf.size === 0) return new Set();
    const found = await audience
      .find({ _id: { $in: [...rowsOf.values()].flat() } }, { state: 1 }, { session: tx, ...IN_ONE_ANSWER })
      .lean<Array<Pick<AudienceRecord, '_id' | 'state'>>>();
    const undecided = new Map(found.map(({ _id, state }) => [_id, UNDECIDED.includes(state)]));
    const isDouble = ([row, ids]: [string, readonly string[]]): boolean =>
      ids.some((id) => id !== row && undecided.has(id) && (!undecided.get(id) || id < row));
    return new Set([...rowsOf].filter(isDouble).map(([row]) => row));
  }

  const get = (id: string): Promise<AudienceRecord | null> => audience.findById(id).lean<AudienceRecord>();

  /** The person's row in this broadcast. */
  const ofPerson = (broadcastId: Types.ObjectId, personId: Types.ObjectId): Promise<AudienceRecord | null> =>
    get(audienceId(broadcastId, personId));

  /** How many of these persons were reached by it. */
  async function reachedAmong(broadcastId: Types.ObjectId, personIds: readonly Types.ObjectId[]): Promise<number> {
    let reached = 0;
    for (let i = 0; i < personIds.length; i += ASKED_AT_ONCE) {
      const ids = personIds.slice(i, i + ASKED_AT_ONCE).map((personId) => audienceId(broadcastId, personId));
      reached += await audience.countDocuments({ _id: { $in: ids }, state: { $in: REACHED } });
    }
    return reached;
  }

  /**
   * The outcome list by state, then reason, then row. Within that order each part is a range of one index, so a page costs the same
   * wherever it lies.
   */
  async function page(
    broadcastId: Types.ObjectId,
    filter: AudienceFilter,
    { limit, after }: { limit: number; after?: AudiencePlace },
  ): Promise<AudienceRecord[]> {
    const rows: AudienceRecord[] = [];
    for (const range of rangesOf(filter, after)) {
      if (rows.length >= limit) break;
      const found = await audience
        .find({ broadcastId, ...range }, null, IN_ONE_ANSWER)
        .sort({ state: 1, reason: 1, _id: 1 })
        .limit(limit - rows.length)
        .lean<AudienceRecord[]>();
      rows.push(...found);
    }
    return rows;
  }

  return {
    ...{ freezeBatch, next, still, stillGoing, doubles, mark, markEach, settle, endRest, ofBatch },
    ...{ get, ofPerson, reachedAmong, page },
    ...audienceCounts(audience),
  };
}

/** The id of a person's row, and of the outbox row that comes of it: the same for ever, so nobody is written to twice. */
export function audienceId(broadcastId: Types.ObjectId, personId: Types.ObjectId): string {
  return createHash('sha256')
    .update([String(broadcastId), String(personId)].join('\u0000'))
    .digest('base64url');
}

function recordOf(
  _id: string,
  { _id: broadcastId, holdoutPercent }: Pick<BroadcastRecord, '_id' | 'holdoutPercent'>,
  { _id: personId, customerIds }: FrozenPerson,
  at: Date,
): AudienceRecord {
  const isHeldOut = inHoldout(broadcastCampaign(broadcastId), String(personId), holdoutPercent);
  const state = isHeldOut ? 'heldOut' : 'waiting';
  return { _id, broadcastId, personId, customerId: customerIds[0] ?? personId, state, reason: '', at };
}

const stillOpen = (ids: readonly string[]) => ({ _id: { $in: [...ids] }, state: { $in: OPEN } });

function updateOf({ state, reason = '', dueAt, ...place }: AudienceChange, at: Date): Record<string, unknown> {
  const { route, batchId, user, voucherId } = place;
  const given = Object.entries({ route, batchId, user, voucherId, dueAt }).filter(([, value]) => value !== undefined);
  const set = { state, reason, at, ...Object.fromEntries(given) };
  if (dueAt) return { $set: set, $unset: { batchId: 1, user: 1, voucherId: 1 } };
  return { $set: set, $unset: { dueAt: 1 } };
}

const inOrder = audienceStates.toSorted();

/** What is left of the list after this place, as ranges of the index in its order. */
function rangesOf({ wentBy, state, ...rest }: AudienceFilter, after?: AudiencePlace): Array<Record<string, unknown>> {
  if (wentBy === undefined) return rangesWithin({ ...rest, ...(state ? { state } : {}) }, after);
  const states = WENT.toSorted().filter((one) => !state || one === state);
  if (after && !states.some((one) => one === after.state)) throw foreignCursor();
  const byRoute = wentBy === 'any' ? {} : { route: wentBy };
  return states
    .filter((one) => !after || one >= after.state)
    .flatMap((one) => rangesWithin({ ...rest, state: one }, one === after?.state ? after : undefined))
    .map((range) => ({ ...byRoute, ...range }));
}

const foreignCursor = (): RequestProblem =>
  new RequestProblem(400, 'request.badCursor', 'The cursor is of another list.');

function rangesWithin({ state, reason }: AudienceFilter, after?: AudiencePlace): Array<Record<string, unknown>> {
  const isForeign = after && ((state && after.state !== state) || (reason !== undefined && after.reason !== reason));
  if (isForeign) throw foreignCursor();
  const beyond = after ? { _id: { $gt: after.id } } : {};
  if (reason !== undefined) {
    const states = state ? [state] : inOrder.filter((one) => !after || one >= after.state);
    return states.map((one) => ({ state: one, reason, ...(one === after?.state ? beyond : {}) }));
  }
  if (!after) return [state ? { state } : {}];
  return [
    { state: after.state, reason: after.reason, ...beyond },
    { state: after.state, reason: { $gt: after.reason } },
    ...(state ? [] : [{ state: { $gt: after.state } }]),
  ];
}
