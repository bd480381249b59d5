/**
 * Broadcasts from draft to summary: every step checked, stored and told. An edit makes a new revision; what was approved is bound to its
 * revision. Knows nothing of who is in the audience, and sends nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import { Types } from 'mongoose';
import type { ClientSession } from 'mongoose';
import { RequestProblem, notFound } from '../../errors.js';
import type { Address, BroadcastDraft, BroadcastState, NewDomainEvent, Reach } from '../../contracts/index.js';
import { insertRecords, olderThan } from '../../infra/mongo.js';
import { draftProblems, textsOf } from './broadcasts-checks.js';
import { isAboveLimits, isDue, mustBe, mustBeFitToApprove, mustBeReady, refused, sizeOf } from './broadcasts-steps.js';
import type { BroadcastLimits } from './broadcasts-steps.js';
import type { BroadcastRecord, CampaignModels, Preparing, Step, TestOutcome } from './campaign-models.js';
import { lint } from './lint.js';
import type { ForbiddenWord, LintFinding } from './lint.js';

export interface BroadcastOptions {
  /** 5,000 people and 1,000,000 fen unless the shop sets others. */
  limits: BroadcastLimits;
  words: readonly ForbiddenWord[];
  /** What is wrong with a draft by itself; the checks of broadcasts-checks.ts when left out. */
  problemsOf?: typeof draftProblems | undefined;
}

export interface By {
  staffId: string;
  at: Date;
}

export interface Changed {
  broadcast: BroadcastRecord;
  events: NewDomainEvent[];
}

/** Why a broadcast is paused before it said a word. */
export const AUDIENCE_GREW = 'broadcast.audienceGrew';
/** Tests kept; older ones are of revisions long gone. */
const TESTS_KEPT = 20;
const CLOCK = 'clock';

type Id = string | Types.ObjectId;
type Change = { [Key in keyof BroadcastRecord]?: BroadcastRecord[Key] | undefined };

export type Broadcasts = ReturnType<typeof createBroadcasts>;

export function createBroadcasts(
  { broadcasts }: Pick<CampaignModels, 'broadcasts'>,
  { limits, words, problemsOf = draftProblems }: BroadcastOptions,
) {
  /** @throws 404 broadcast.notFound */
  async function get(id: Id, tx: ClientSession | null = null): Promise<BroadcastRecord> {
    const found = Types.ObjectId.isValid(id)
      ? await broadcasts.findById(id, null, { session: tx }).lean<BroadcastRecord>()
      : null;
    if (!found) throw notFound('broadcast');
    return found;
  }

  /** Changed last first. */
  function page(asked: { state?: BroadcastState; limit: number; after?: { at: Date; id: string } }) {
    const place = asked.after
      ? olderThan('changedAt', { at: asked.after.at, id: asked.after.id })
      : ({} as Record<string, unknown>);
    return broadcasts
      .find({ ...(asked.state ? { state: asked.state } : {}), ...place })
      .sort({ changedAt: -1, _id: -1 })
      .limit(asked.limit)
      .lean<BroadcastRecord[]>();
  }

  /** Those the clock has to look after: at most 500 of these states, changed last first. */
  const inState = (states: readonly BroadcastState[]): Promise<BroadcastRecord[]> =>
    broadcasts
      .find({ state: { $in: [...states] } })
      .sort({ changedAt: -1, _id: -1 })
      .limit(500)
      .lean<BroadcastRecord[]>();

  /** Cancelled ones of whose audience there may be people who still wait. */
  const calledOff = (): Promise<BroadcastRecord[]> =>
    broadcasts.find({ hasRest: true }).limit(500).lean<BroadcastRecord[]>();

  /** Nobody of a cancelled one waits any more. */
  const restEnded = async (tx: ClientSession, id: Id): Promise<void> =>
    void (await broadcasts.updateOne({ _id: id }, { $unset: { hasRest: 1 } }, { session: tx }));

  /**
   * Stores a draft, new or changed; a submitted one is a draft again and its approval void. What advertising law forbids is told as
   * warnings here and refused when it is submitted or started.
   * @throws 400 request.invalid, 404 broadcast.notFound, 409 broadcast.notDraft
   */
  async function put(
    tx: ClientSession,
    id: Id | null,
    draft: BroadcastDraft,
    by: By,
  ): Promise<Changed & { warnings: LintFinding[] }> {
    const errors = problemsOf(draft);
    if (errors.length) throw new RequestProblem(400, 'request.invalid', 'Some fields are wrong.', { errors });
    const warnings = lint(textsOf(draft.message), words);
    if (id === null) return { ...(await add(tx, draft, by)), warnings };
    const before = await get(id, tx);
    mustBe(before, ['draft', 'submitted'], 'broadcast.notDraft');
    if (isDeepStrictEqual(draftOf(before), draftOf(fieldsOf(draft))))
      return { broadcast: before, events: [], warnings };
    const gone = { couponId: undefined, startAt: undefined, endsAt: undefined, beginsAt: undefined };
    const change = {
      ...{ ...gone, ...fieldsOf(draft), author: by.staffId, revision: before.revision + 1 },
      ...{ state: 'draft' as const, submitted: undefined, approved: undefined },
    };
    return { ...(await step(tx, before, change, by)), warnings };
  }

  async function add(tx: ClientSession, draft: BroadcastDraft, by: By): Promise<Changed> {
    const broadcast: BroadcastRecord = {
      ...{ _id: new Types.ObjectId(), ...fieldsOf(draft), state: 'draft', revision: 1 },
      ...{ createdBy: by.staffId, createdAt: by.at, author: by.staffId, changedAt: by.at },
      ...{ tests: [], granted: { vouchers: 0, fen: 0 } },
    };
    await insertRecords(broadcasts, [broadcast], tx);
    return { broadcast, events: [eventOf(broadcast, by)] };
  }

  /** A new draft from any broadcast, without its times. */
  async function copy(tx: ClientSession, id: Id, name: string, by: By): Promise<Changed> {
    const { startAt: _startAt, endsAt: _endsAt, ...draft } = draftOf(await get(id, tx));
    return add(tx, { ...draft, name } as BroadcastDraft, by);
  }

  /** @throws 409 broadcast.revisionStale when the draft was changed while people were counted */
  async function forecasted(tx: ClientSession, id: Id, revision: number, reach: Reach, at: Date): Promise<void> {
    const before = await get(id, tx);
    mustBe(before, ['draft', 'submitted'], 'broadcast.notDraft');
    if (before.revision !== revision) throw refused('broadcast.revisionStale');
    await write(tx, before, { forecast: { ...reach, revision, at } });
  }

  /** Notes a test send of the present revision; its outcome comes with `testSettled`. */
  async function testSent(tx: ClientSession, id: Id, test: { to: Address; outboxId: string }, by: By): Promise<void> {
    const before = await get(id, tx);
    mustBe(before, ['draft', 'submitted', 'approved'], 'broadcast.notDraft');
    const made = { ...test, revision: before.revision, outcome: 'waiting' as const, by: by.staffId, at: by.at };
    await write(tx, before, { tests: [...before.tests, made].slice(-TESTS_KEPT) });
  }

  /** False when the row is no test of ours. */
  async function testSettled(
    tx: ClientSession,
    outboxId: string,
    outcome: TestOutcome,
    reason?: string,
  ): Promise<boolean> {
    const before = await broadcasts
      .findOne({ 'tests.outboxId': outboxId }, null, { session: tx })
      .lean<BroadcastRecord>();
    if (!before) return false;
    const settled = { outcome, ...(reason === undefined ? {} : { reason }) };
    await write(tx, before, {
      tests: before.tests.map((test) => (test.outboxId === outboxId ? { ...test, ...settled } : test)),
    });
    return true;
  }

  /** @throws 409 broadcast.notDraft, .noForecast, .ended, .wordsForbidden */
  async function submit(tx: ClientSession, id: Id, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['draft'], 'broadcast.notDraft');
    mustBeReady(before, words, by.at);
    return step(tx, before, { state: 'submitted', submitted: stepOf(by), rejected: undefined }, by);
  }

  async function reject(tx: ClientSession, id: Id, reason: string, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['submitted'], 'broadcast.notSubmitted');
    return step(tx, before, { state: 'draft', submitted: undefined, rejected: stepOf(by, reason) }, by);
  }

  /**
   * Approves the revision that was seen. From then on its audience is frozen.
   * @throws 409 broadcast.notSubmitted, .revisionStale, .noForecast, .ended, .wordsForbidden, .secondPerson, .testMissing
   */
  async function approve(tx: ClientSession, id: Id, revision: number, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['submitted'], 'broadcast.notSubmitted');
    if (before.revision !== revision) throw refused('broadcast.revisionStale');
    mustBeReady(before, words, by.at);
    mustBeFitToApprove(before, by.staffId, limits);
    return step(tx, before, { state: 'approved', approved: { ...stepOf(by), revision, ...sizeOf(before) } }, by);
  }

  /**
   * Starts what is approved, and below the limits the draft itself; it begins once its audience is frozen, at startAt when it has one.
   * @throws 409 broadcast.notApproved, .needsApproval, .noForecast, .ended, .wordsForbidden
   */
  async function start(tx: ClientSession, id: Id, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['draft', 'approved'], 'broadcast.notApproved');
    if (before.started) return { broadcast: before, events: [] };
    mustBeReady(before, words, by.at);
    if (before.state === 'draft' && isAboveLimits(before, limits)) throw refused('broadcast.needsApproval');
    return step(tx, before, { state: 'approved', started: stepOf(by), rejected: undefined }, by);
  }

  /**
   * How far the freezing of the audience has got.
   * @throws 409 broadcast.notApproved once it is no longer wanted: the batch written with it is then undone
   */
  async function prepared(tx: ClientSession, id: Id, progress: Preparing): Promise<NewDomainEvent[]> {
    const before = await get(id, tx);
    mustBe(before, ['approved'], 'broadcast.notApproved');
    await write(tx, before, { preparing: progress });
    return [];
  }

  /** Everybody is in; it begins when it is due. */
  async function frozen(tx: ClientSession, id: Id, people: number, now: Date): Promise<NewDomainEvent[]> {
    const before = await get(id, tx);
    mustBe(before, ['approved'], 'broadcast.notApproved');
    const preparing = { done: people, total: people };
    await write(tx, before, { audienceSize: people, audienceFen: costOf(before, people), preparing });
    return (await begin(tx, id, now))?.events ?? [];
  }

  /**
   * Lets one that is due speak. An audience that has outgrown the limits, or what was approved, is paused instead: a second person has to
   * resume it. Undefined when it is not due.
   */
  async function begin(tx: ClientSession, id: Id, now: Date): Promise<Changed | undefined> {
    const before = await get(id, tx);
    if (!isDue(before, now)) return undefined;
    const by = { staffId: CLOCK, at: now };
    if (isAboveLimits(before, limits)) {
      return step(tx, before, { state: 'paused', paused: stepOf(by, AUDIENCE_GREW) }, by);
    }
    return step(tx, before, { state: 'running', begunAt: now, beginsAt: now }, by);
  }

  /**
   * Pauses one that has handed out more than anybody agreed to: whom its forecast left out, as capped or held, may be reached by now. A second
   * person has to resume it. Undefined while it has not.
   */
  async function checkSpent(tx: ClientSession, id: Id, now: Date): Promise<Changed | undefined> {
    const before = await get(id, tx);
    if (before.state !== 'running' || !isAboveLimits(before, limits)) return undefined;
    const by = { staffId: CLOCK, at: now };
    return step(tx, before, { state: 'paused', paused: stepOf(by, AUDIENCE_GREW) }, by);
  }

  /** By a member of staff, or by `watch` with its reason. */
  async function pause(tx: ClientSession, id: Id, reason: string, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['running'], 'broadcast.notRunning');
    return step(tx, before, { state: 'paused', paused: stepOf(by, reason) }, by);
  }

  /** @throws 409 broadcast.notPaused, .ended, and where the audience has outgrown what was approved .secondPerson, .testMissing */
  async function resume(tx: ClientSession, id: Id, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['paused'], 'broadcast.notPaused');
    mustBeReady(before, words, by.at);
    mustBeFitToApprove(before, by.staffId, limits);
    const again = { state: 'running' as const, resumed: stepOf(by), ...begun(before, by.at) };
    if (!isAboveLimits(before, limits)) return step(tx, before, again, by);
    const approved = { ...stepOf(by), revision: before.revision, ...sizeOf(before) };
    return step(tx, before, { ...again, approved }, by);
  }

  async function cancel(tx: ClientSession, id: Id, reason: string, by: By): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['draft', 'submitted', 'approved', 'running', 'paused'], 'broadcast.over');
    const mayHaveRest = before.state !== 'draft' && before.state !== 'submitted';
    const change = { state: 'cancelled' as const, cancelled: stepOf(by, reason), overAt: by.at };
    return step(tx, before, { ...change, ...(mayHaveRest ? { hasRest: true as const } : {}) }, by);
  }

  /** Once everybody of the audience has an outcome or a hold. */
  async function finish(tx: ClientSession, id: Id, now: Date): Promise<Changed> {
    const before = await get(id, tx);
    mustBe(before, ['running'], 'broadcast.notRunning');
    return step(tx, before, { state: 'finished', finishedAt: now, overAt: now }, { staffId: CLOCK, at: now });
  }

  /** Adds to what was handed out. */
  async function granted(tx: ClientSession, id: Id, more: { vouchers: number; fen: number }): Promise<void> {
    const added = { 'granted.vouchers': more.vouchers, 'granted.fen': more.fen };
    await broadcasts.updateOne({ _id: id }, { $inc: added }, { session: tx });
  }

  /** Step 5, kept with the broadcast. @throws 409 broadcast.notBegun */
  async function summary(
    tx: ClientSession,
    id: Id,
    words: { result: string; learned: string },
    by: By,
  ): Promise<Changed> {
    const before = await get(id, tx);
    if (!before.begunAt) throw refused('broadcast.notBegun');
    return step(tx, before, { summary: { ...words, ...stepOf(by) } }, by);
  }

  async function step(tx: ClientSession, before: BroadcastRecord, change: Change, by: By): Promise<Changed> {
    const broadcast = await write(tx, before, { ...change, changedAt: by.at });
    return { broadcast, events: [eventOf(broadcast, by)] };
  }

  /** What is undefined in `change` is taken away. */
  async function write(tx: ClientSession, before: BroadcastRecord, change: Change): Promise<BroadcastRecord> {
    const entries = Object.entries(change);
    const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    const unset = Object.fromEntries(entries.filter(([, value]) => value === undefined).map(([key]) => [key, 1]));
    const update = { $set: set, ...(Object.keys(unset).length ? { $unset: unset } : {}) };
    await broadcasts.updateOne({ _id: before._id }, update, { session: tx });
    const after = { ...before, ...set };
    for (const key of Object.keys(unset)) Reflect.deleteProperty(after, key);
    return after;
  }

  return {
    ...{
      get,
      page,
      inState,
      calledOff,
      restEnded,
      put,
      copy,
      forecasted,
      testSent,
      testSettled,
      submit,
      reject,
      approve,
      start,
    },
    ...{ prepared, frozen, begin, checkSpent, pause, resume, cancel, finish, granted, summary },
  };
}

type Fields = Pick<
  BroadcastRecord,
  Exclude<keyof BroadcastDraft, 'couponId' | 'startAt' | 'endsAt'> | 'couponId' | 'startAt' | 'endsAt' | 'beginsAt'
>;

function fieldsOf({ startAt, endsAt, ...draft }: BroadcastDraft): Fields {
  return {
    ...draft,
    ...(startAt ? { startAt: new Date(startAt), beginsAt: new Date(startAt) } : {}),
    ...(endsAt ? { endsAt: new Date(endsAt) } : {}),
  } as Fields;
}

/** What an author writes, of a stored broadcast. */
function draftOf(record: Fields) {
  const { name, metric, aim, audience, audienceNote, holdoutPercent, message, couponId } = record;
  const { budget, designNote, startAt, endsAt } = record;
  return {
    ...{ name, metric, aim, audience, audienceNote, holdoutPercent, message, budget, designNote },
    ...(couponId ? { couponId } : {}),
    ...(startAt ? { startAt } : {}),
    ...(endsAt ? { endsAt } : {}),
  };
}

/** Full value of the vouchers for so many people, by what the forecast says of one. */
function costOf({ forecast }: BroadcastRecord, people: number): number {
  if (!forecast || forecast.people === 0) return 0;
  return Math.ceil((forecast.costFen * people) / forecast.people);
}

const stepOf = ({ staffId, at }: By, reason?: string): Step => ({
  by: staffId,
  at,
  ...(reason === undefined ? {} : { reason }),
});

/** One that was held back before it began begins when it is resumed. */
const begun = ({ begunAt }: BroadcastRecord, at: Date): Change => (begunAt ? {} : { begunAt: at, beginsAt: at });

function eventOf({ _id, state, revision, paused }: BroadcastRecord, by: By): NewDomainEvent {
  const reason = state === 'paused' ? paused?.reason : undefined;
  const data = { id: String(_id), state, revision, by: by.staffId, ...(reason ? { reason } : {}) };
  return { kind: 'broadcast.changed', at: by.at, data };
}
