/**
 * Idempotency of requests by shop systems: the first request with an Idempotency-Key holds it under a lease; once it is answered, the same
 * request gets the same answer for a day. A crash leaves a lease that runs out, an answer of 5xx gives the key back: neither freezes it.
 * Answers hold ids, amounts and codes of refusals, nothing private.
 */
import { createHash } from 'node:crypto';
import type { Model } from 'mongoose';
import { hashToken, randomToken } from '../../infra/crypto.js';
import { insertRecords, isDuplicateKey } from '../../infra/mongo.js';
import type { AnswerRecord } from './api-keys-models.js';

export interface KeptAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** The request has the key to itself until it ends in one of these. */
export interface Attempt {
  /** Holds the key for another lease; call it well within `leaseMs`. */
  renew(): Promise<void>;
  /** Keeps the answer for repetitions. Without an answer a repetition runs again. */
  finish(answer?: KeptAnswer): Promise<void>;
  /** Gives the key back: the next request with it is a first one. */
  giveUp(): Promise<void>;
}

export type Begun =
  | { kind: 'first'; attempt: Attempt }
  | { kind: 'repeated'; answer: KeptAnswer }
  | { kind: 'mismatch' }
  | { kind: 'inProgress'; retryAfterSeconds: number };

export interface RepeatableRequest {
  apiKeyId: string;
  idempotencyKey: string;
  /** METHOD and path. */
  route: string;
  /** Hex SHA-256. */
  bodyHash: string;
}

export interface AnswerRules {
  leaseMs: number;
  keepMs: number;
}

export const answerRules: AnswerRules = { leaseMs: 60_000, keepMs: 24 * 3_600_000 };

export interface Answers {
  begin(request: RepeatableRequest): Promise<Begun>;
  leaseMs: number;
}

export function answersIn(answers: Model<AnswerRecord>, now: () => Date, rules: AnswerRules = answerRules): Answers {
  const fresh = (request: RepeatableRequest): AnswerRecord => ({
    _id: `${request.apiKeyId}:${hashToken(request.idempotencyKey)}`,
    fingerprint: fingerprintOf(request),
    state: 'underWay',
    fence: randomToken(12),
    leaseUntil: new Date(now().getTime() + rules.leaseMs),
    status: null,
    contentType: null,
    body: null,
    expiresAt: new Date(now().getTime() + rules.keepMs),
  });
  const first = ({ _id, fence }: AnswerRecord): Begun => ({
    kind: 'first',
    attempt: attemptIn(answers, { _id, fence }, { now, rules }),
  });
  return {
    leaseMs: rules.leaseMs,
    begin: async (request) => {
      const row = fresh(request);
      if (await insertNew(answers, row)) return first(row);
      const held = await answers.findById(row._id).lean();
      if (!held) return { kind: 'inProgress', retryAfterSeconds: 1 };
      const judged = judge(held, row.fingerprint, now());
      if (judged !== 'free') return judged;
      // Matched on the fence that was read: of several that find the key free, one gets it.
      const { _id, ...fields } = row;
      const taken = await answers.updateOne({ _id, fence: held.fence, state: held.state }, { $set: fields });
      return taken.modifiedCount === 1 ? first(row) : { kind: 'inProgress', retryAfterSeconds: 1 };
    },
  };
}

async function insertNew(answers: Model<AnswerRecord>, row: AnswerRecord): Promise<boolean> {
  try {
    await insertRecords(answers, [row]);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** `free`: the same request left it by a crash, its day is over, or it is one that simply runs again. */
function judge(held: AnswerRecord, fingerprint: string, now: Date): Exclude<Begun, { kind: 'first' }> | 'free' {
  if (held.expiresAt <= now) return 'free';
  if (held.fingerprint !== fingerprint) return { kind: 'mismatch' };
  const { state, status, contentType, body } = held;
  if (state === 'done' && status !== null && contentType !== null && body !== null) {
    return { kind: 'repeated', answer: { status, contentType, body } };
  }
  if (state !== 'underWay' || held.leaseUntil <= now) return 'free';
  return { kind: 'inProgress', retryAfterSeconds: 1 };
}

function attemptIn(
  answers: Model<AnswerRecord>,
  held: { _id: string; fence: string },
  { now, rules }: { now: () => Date; rules: AnswerRules },
): Attempt {
  return {
    renew: async () => {
      await answers.updateOne(held, { $set: { leaseUntil: new Date(now().getTime() + rules.leaseMs) } });
    },
    finish: async (answer) => {
      await answers.updateOne(held, { $set: answer ? { state: 'done', ...answer } : { state: 'again' } });
    },
    giveUp: async () => {
      await answers.deleteOne(held);
    },
  };
}

function fingerprintOf({ route, bodyHash }: RepeatableRequest): string {
  return createHash('sha256').update(`${route}\n${bodyHash}`).digest('hex');
}
