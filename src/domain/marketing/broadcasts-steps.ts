/**
 * Which step a broadcast may take now, and what must be there first: a forecast, clean words, and above the limits a second person and a
 * delivered test of this very revision. Refuses by throwing a problem with a stable code. Pure.
 */
import { RequestProblem } from '../../errors.js';
import type { BroadcastState } from '../../contracts/index.js';
import { textsOf } from './broadcasts-checks.js';
import { lint } from './lint.js';
import type { ForbiddenWord } from './lint.js';
import type { BroadcastRecord } from './campaign-models.js';

export interface BroadcastLimits {
  /** Above either one a second person approves. */
  people: number;
  costFen: number;
}

/** How far beyond what was approved an audience may have grown by the time it is frozen. */
const GROWTH = 1.1;

export const broadcastRefusals = {
  'broadcast.notDraft': 'Only a draft can be submitted or changed. Copy it to go on from it.',
  'broadcast.notSubmitted': 'It does not wait for approval.',
  'broadcast.notApproved': 'It waits for approval, or has begun already.',
  'broadcast.notRunning': 'It does not run.',
  'broadcast.notPaused': 'It is not paused.',
  'broadcast.notBegun': 'It has not begun: there is nothing to sum up.',
  'broadcast.over': 'It is finished or cancelled.',
  'broadcast.noForecast': 'This revision has no forecast yet.',
  'broadcast.needsApproval': 'It is above the limits: submit it for approval by a second person.',
  'broadcast.secondPerson': 'Above the limits somebody else approves: neither who wrote it nor who submitted it.',
  'broadcast.testMissing': 'Above the limits a test send of this very revision must have been delivered.',
  'broadcast.revisionStale': 'It was changed meanwhile. Look at the present revision.',
  'broadcast.ended': 'Its end lies in the past.',
  'broadcast.wordsForbidden': 'The texts hold words that advertising law forbids.',
} as const;
export type BroadcastRefusal = keyof typeof broadcastRefusals;

export const refused = (code: BroadcastRefusal): RequestProblem =>
  new RequestProblem(409, code, broadcastRefusals[code]);

export function mustBe(record: BroadcastRecord, states: readonly BroadcastState[], code: BroadcastRefusal): void {
  if (!states.includes(record.state)) throw refused(code);
}

/** What any broadcast needs before it leaves the author's desk. */
export function mustBeReady(record: BroadcastRecord, words: readonly ForbiddenWord[], now: Date): void {
  if (record.forecast?.revision !== record.revision) throw refused('broadcast.noForecast');
  if (record.endsAt && record.endsAt <= now) throw refused('broadcast.ended');
  const findings = lint(textsOf(record.message), words);
  if (findings.length === 0) return;
  const errors = findings.map(({ path, excerpt, word, reason, instead }) => ({
    path,
    code: 'broadcast.wordsForbidden',
    message: `“${word}” (…${excerpt}…): ${reason} ${instead}`,
  }));
  throw new RequestProblem(409, 'broadcast.wordsForbidden', broadcastRefusals['broadcast.wordsForbidden'], { errors });
}

/** What it comes to: by the forecast, by the frozen audience once that is known, and by what it has handed out so far. */
export function sizeOf(record: BroadcastRecord): BroadcastLimits {
  const { forecast, audienceSize = 0, audienceFen = 0, granted } = record;
  return {
    people: Math.max(forecast?.people ?? 0, audienceSize),
    costFen: Math.max(forecast?.costFen ?? 0, audienceFen, granted.fen),
  };
}

/** Whether it is larger than anybody may start alone, and than a second person has approved. */
export function isAboveLimits(record: BroadcastRecord, limits: BroadcastLimits): boolean {
  const { people, costFen } = sizeOf(record);
  const approved = record.approved?.revision === record.revision ? record.approved : undefined;
  const most = (limit: number, agreed = 0): number => Math.max(limit, agreed * GROWTH);
  return people > most(limits.people, approved?.people) || costFen > most(limits.costFen, approved?.costFen);
}

/** Above the limits: a second person, who could see what arrived. */
export function mustBeFitToApprove(record: BroadcastRecord, staffId: string, limits: BroadcastLimits): void {
  if (!isAboveLimits(record, limits)) return;
  const first = [record.createdBy, record.author, record.submitted?.by, record.started?.by];
  if (first.includes(staffId)) throw refused('broadcast.secondPerson');
  const isDelivered = record.tests.some(({ revision, outcome }) => revision === record.revision && outcome === 'sent');
  if (!isDelivered) throw refused('broadcast.testMissing');
}

/** Whether an approved one speaks from now on: everybody is frozen, and the time has come or somebody pressed start. */
export function isDue(record: BroadcastRecord, now: Date): boolean {
  const { state, audienceSize, startAt, started } = record;
  if (state !== 'approved' || audienceSize === undefined) return false;
  return startAt ? startAt <= now : started !== undefined;
}
