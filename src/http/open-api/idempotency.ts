/** The Idempotency-Key of a write: runs it once, and answers a repetition with what was answered then. */
import type { ApiKeys, Attempt, KeptAnswer } from '../../domain/staff/index.js';
import { RequestProblem } from '../../errors.js';
import type { HttpContext } from '../context.js';

export interface OnceParts {
  apiKeys: ApiKeys;
  keyId: string;
  bodyHash: string;
}

/** What running came to: an answer to keep, or `again` where a repetition may simply run again. */
export type Outcome = { kind: 'keep'; answer: KeptAnswer } | { kind: 'again' } | { kind: 'giveUp' };

/**
 * The answer to give: of this run, or of the earlier one; undefined when the run has answered by itself. Without the header it just runs.
 * 400 idempotency.badKey, 409 idempotency.mismatch, idempotency.inProgress.
 */
export async function runOnce(
  ctx: HttpContext,
  parts: OnceParts,
  run: () => Promise<Outcome>,
): Promise<KeptAnswer | undefined> {
  const idempotencyKey = ctx.get('Idempotency-Key');
  if (idempotencyKey === '') return answerOf(await run());
  if (!/^[\x20-\x7e]{1,200}$/.test(idempotencyKey)) {
    throw new RequestProblem(400, 'idempotency.badKey', 'An Idempotency-Key has 1 to 200 visible characters.');
  }
  const { answers } = parts.apiKeys;
  const route = `${ctx.method} ${ctx.originalUrl}`;
  const begun = await answers.begin({ apiKeyId: parts.keyId, idempotencyKey, route, bodyHash: parts.bodyHash });
  switch (begun.kind) {
    case 'repeated':
      ctx.set('Idempotency-Replayed', 'true');
      return begun.answer;
    case 'mismatch':
      throw new RequestProblem(409, 'idempotency.mismatch', 'This Idempotency-Key was used for another request.');
    case 'inProgress':
      throw new RequestProblem(409, 'idempotency.inProgress', 'The request with this Idempotency-Key is under way.', {
        retryAfterSeconds: begun.retryAfterSeconds,
      });
    case 'first':
      return answerOf(await runHeld(begun.attempt, answers.leaseMs, run));
  }
}

const answerOf = (outcome: Outcome): KeptAnswer | undefined => (outcome.kind === 'keep' ? outcome.answer : undefined);

/** Holds the key while it runs, and leaves it in a state from which a repetition can go on, whatever happens. */
async function runHeld(attempt: Attempt, leaseMs: number, run: () => Promise<Outcome>): Promise<Outcome> {
  // A renewal that fails lets the lease run out: a repetition then runs beside this one, which natural keys make harmless.
  const renewing = setInterval(() => void attempt.renew().catch(() => undefined), leaseMs / 3);
  let outcome: Outcome = { kind: 'giveUp' };
  try {
    return (outcome = await run());
  } finally {
    clearInterval(renewing);
    if (outcome.kind === 'giveUp') await attempt.giveUp();
    else await attempt.finish(outcome.kind === 'keep' ? outcome.answer : undefined);
  }
}
