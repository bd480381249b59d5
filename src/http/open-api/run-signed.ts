/** Runs a route of shop systems, once the signature is proved: one body or a batch of them, each checked, each for a source the key may use. */
import type { z } from 'zod';
import { RequestProblem } from '../../errors.js';
import type { Logger } from '../../infra/logger.js';
import type { HttpContext } from '../context.js';
import { exchange } from '../exchange.js';
import { contentTypeOf, parseJson } from '../middleware/body.js';
import { documentOf } from '../middleware/problems.js';
import { clientNetwork } from '../middleware/client-address.js';
import type { RateLimiter, RateLimits } from '../middleware/rate-limit.js';
import { validate } from '../middleware/validate.js';
import type { ShopSystem } from '../ports.js';
import { jsonOf } from '../present.js';
import type { Answer, Route } from '../route.js';
import type { StaffModule } from '../../domain/staff/index.js';
import { BATCH_MAX_BYTES, NDJSON, answerBatch, refuseTooManyLines } from './batch.js';
import { runOnce } from './idempotency.js';
import type { Outcome } from './idempotency.js';
import { proveSigned } from './signature.js';
import type { SignatureParts, Signed } from './signature.js';
import { refuseOtherSources } from './sources.js';
import { bytesOf } from './spool.js';

export interface SignedParts extends SignatureParts {
  staff: StaffModule;
  limiter: RateLimiter;
  limits: RateLimits;
  log: Logger;
  /** How much of a kind goes on in this process, by key or address. */
  underWay: Map<string, number>;
  /** What would go on for long, so that a stop can end it. */
  open: Set<() => void>;
}

const BATCHES_EACH = 4;
/** Nobody is proved before the last byte, and these may wait on disk until then. */
const UNPROVED_BATCHES_PER_ADDRESS = 8;

/** Limit, auth, validate, act, present; 415 request.wrongType after the proof, so that nobody else learns what is taken here. */
export async function runSigned(route: Route, ctx: HttpContext, parts: SignedParts): Promise<void> {
  const isBatch = route.batch && contentTypeOf(ctx.req) === NDJSON;
  const signed = isBatch ? await proveBatch(ctx, parts) : await proveSigned(ctx, parts, route.maxBytes);
  try {
    const { keyId } = signed.key;
    ctx.state.apiKeyId = keyId;
    parts.limiter.take(`key ${keyId}`, parts.limits.shopSystemPerMinute);
    const run = isBatch ? await batchOf(route, ctx, { parts, signed }) : await singleOf(route, ctx, { parts, signed });
    const { apiKeys } = parts;
    const answer = route.reads
      ? await run().then((outcome) => (outcome.kind === 'keep' ? outcome.answer : undefined))
      : await runOnce(ctx, { apiKeys, keyId, bodyHash: signed.body.hash }, run);
    if (!answer) return;
    ctx.status = answer.status;
    ctx.body = answer.body;
    ctx.set('Content-Type', answer.contentType);
  } finally {
    await signed.body.close();
  }
}

function proveBatch(ctx: HttpContext, parts: SignedParts): Promise<Signed> {
  const from = `unproved from ${clientNetwork(ctx.state.address)}`;
  return counted(parts.underWay, { name: from, most: UNPROVED_BATCHES_PER_ADDRESS }, () =>
    proveSigned(ctx, parts, BATCH_MAX_BYTES),
  );
}

interface Ran {
  parts: SignedParts;
  signed: Signed;
}

/** Checks the input now, so that a request that is wrong never holds an Idempotency-Key. */
async function singleOf(route: Route, ctx: HttpContext, { parts, signed }: Ran): Promise<() => Promise<Outcome>> {
  if (contentTypeOf(ctx.req) !== 'application/json') throw wrongType(route);
  const input = parseJson(await bytesOf(signed.body));
  const [params, query, body] = await validate([
    { schema: route.params, input: ctx.params as unknown },
    { schema: route.query, input: { ...ctx.query } },
    { schema: route.body as z.ZodType, input },
  ]);
  refuseOtherSources(signed.key, body);
  const given = { params, query, body, ...givenOf(route, ctx, { parts, signed }) };
  return () => outcomeOf(route.handle(given), route.response, ctx);
}

/** A refusal is an answer too, and the same request gets it again; what may be otherwise in a moment is not kept. */
async function outcomeOf(handling: Promise<unknown>, response: Answer<unknown>, ctx: HttpContext): Promise<Outcome> {
  if (response.kind !== 'json') throw new Error('routes of shop systems answer with JSON');
  try {
    const body = jsonOf(response.schema, await handling);
    return { kind: 'keep', answer: { status: response.status, contentType: 'application/json', body } };
  } catch (error) {
    const lasting = error instanceof RequestProblem && error.status < 500 && error.retryAfterSeconds === undefined;
    if (!lasting) throw error;
    const body = JSON.stringify(documentOf(error, ctx.state.requestId));
    return { kind: 'keep', answer: { status: error.status, contentType: 'application/problem+json', body } };
  }
}

async function batchOf(route: Route, ctx: HttpContext, { parts, signed }: Ran): Promise<() => Promise<Outcome>> {
  await refuseTooManyLines(signed.body);
  const rest = { params: undefined, query: undefined, ...givenOf(route, ctx, { parts, signed }) };
  const act = async (input: unknown): Promise<{ id: string }> => {
    const [body] = await validate([{ schema: route.body as z.ZodType, input }]);
    refuseOtherSources(signed.key, body);
    return (await route.handle({ ...rest, body })) as { id: string };
  };
  return () =>
    counted(parts.underWay, { name: `batches of ${signed.key.keyId}`, most: BATCHES_EACH }, async () => {
      ctx.respond = false;
      const whole = await untilStopped(parts.open, (stop) =>
        answerBatch(signed.body, { res: ctx.res, requestId: ctx.state.requestId, log: parts.log, stop, act }),
      );
      // The answer may be megabytes, and each line has its natural key: a repetition works through the lines again and changes nothing.
      return { kind: whole ? 'again' : 'giveUp' };
    });
}

async function untilStopped<T>(open: Set<() => void>, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  open.add(end);
  try {
    return await work(stop.signal);
  } finally {
    open.delete(end);
  }
}

/** 429 open.tooManyBatches: memory, disk and the database are shared with everybody else. */
async function counted<T>(
  underWay: Map<string, number>,
  { name, most }: { name: string; most: number },
  work: () => Promise<T>,
): Promise<T> {
  const others = underWay.get(name) ?? 0;
  if (others >= most) {
    throw new RequestProblem(429, 'open.tooManyBatches', `At most ${most} batches at a time.`, {
      retryAfterSeconds: 5,
    });
  }
  underWay.set(name, others + 1);
  try {
    return await work();
  } finally {
    const left = (underWay.get(name) ?? 1) - 1;
    if (left > 0) underWay.set(name, left);
    else underWay.delete(name);
  }
}

function givenOf(route: Route, ctx: HttpContext, { parts, signed }: Ran) {
  const { keyId, name, verifiesPhones } = signed.key;
  const by: ShopSystem = { keyId, name, verifiesPhones, requestId: ctx.state.requestId };
  const http = exchange(route, { ctx, staff: parts.staff, acting: { by: undefined } });
  return { by, proved: undefined, http };
}

function wrongType({ batch }: Route): RequestProblem {
  const taken = batch ? `application/json or ${NDJSON}` : 'application/json';
  return new RequestProblem(415, 'request.wrongType', `The body must be ${taken}.`);
}
