/**
 * Proves that a request comes from who holds a key: hex HMAC-SHA256 over timestamp, nonce, method, path with query and the body's hash, one
 * a line. An unknown key and a wrong signature are answered alike. The nonce is used up only after the proof, or anybody could use up others'.
 */
import type { ApiKeys, ProvedKey } from '../../domain/staff/index.js';
import { RequestProblem } from '../../errors.js';
import type { HttpContext } from '../context.js';
import { spoolBody } from './spool.js';
import type { SpooledBody } from './spool.js';

export const MAX_SKEW_SECONDS = 300;

export interface SignatureParts {
  apiKeys: ApiKeys;
  /** Business time, so that a demo's clock moves both sides. */
  now(): Date;
}

/** Somebody proved, and the body they signed, which the caller closes. */
export interface Signed {
  key: ProvedKey;
  body: SpooledBody;
}

/** 401 open.unsigned, open.clockSkew, open.badSignature, open.keyRevoked, open.nonceUsed; 413 request.tooLarge. */
export async function proveSigned(ctx: HttpContext, parts: SignatureParts, maxBytes: number): Promise<Signed> {
  const headers = headersOf(ctx);
  refuseSkew(headers.timestamp, parts.now());
  const body = await spoolBody(ctx.req, maxBytes);
  try {
    return { key: await proveHeaders(headers, { ctx, parts, bodyHash: body.hash }), body };
  } catch (error) {
    await body.close();
    throw error;
  }
}

interface SignatureHeaders {
  keyId: string;
  timestamp: string;
  nonce: string;
  signature: string;
}

const visible = /^[\x21-\x7e]{1,128}$/;

function headersOf(ctx: HttpContext): SignatureHeaders {
  const part = (name: string, shape: RegExp): string => {
    const value = ctx.get(`X-Huike-${name}`);
    if (shape.test(value)) return value;
    throw unsigned(`The header X-Huike-${name} is missing or not as documented.`);
  };
  return {
    keyId: part('Key', visible),
    timestamp: part('Timestamp', /^\d{1,15}$/),
    nonce: part('Nonce', visible),
    signature: part('Signature', visible),
  };
}

function unsigned(detail: string): RequestProblem {
  return new RequestProblem(401, 'open.unsigned', `${detail} Requests of shop systems are signed.`);
}

function refuseSkew(timestamp: string, now: Date): void {
  const skew = Number(timestamp) - now.getTime() / 1000;
  if (Math.abs(skew) <= MAX_SKEW_SECONDS) return;
  const amount = `${Math.round(Math.abs(skew))} s ${skew > 0 ? 'ahead of' : 'behind'} this server`;
  throw new RequestProblem(
    401,
    'open.clockSkew',
    `The timestamp is ${amount}; at most ${MAX_SKEW_SECONDS} s are allowed. It counts seconds, in UTC.`,
  );
}

async function proveHeaders(
  { keyId, timestamp, nonce, signature }: SignatureHeaders,
  { ctx, parts, bodyHash }: { ctx: HttpContext; parts: SignatureParts; bodyHash: string },
): Promise<ProvedKey> {
  const text = [timestamp, nonce, ctx.method, ctx.originalUrl, bodyHash].join('\n');
  const proof = await parts.apiKeys.prove({ keyId, text, signature });
  switch (proof.kind) {
    case 'wrong':
      throw new RequestProblem(401, 'open.badSignature', 'There is no such key, or the signature is not right.');
    case 'revoked':
      throw new RequestProblem(401, 'open.keyRevoked', 'This key was revoked.');
    case 'proved':
      if (await parts.apiKeys.takeNonce(proof.key.keyId, nonce)) return proof.key;
      throw new RequestProblem(401, 'open.nonceUsed', 'This nonce was used before: sign each try anew.');
  }
}
