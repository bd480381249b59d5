/**
 * The one way to declare a route. A declaration without `access` and `limit`, or a write without `audit`, does not compile;
 * the server, the tests and the OpenAPI document all read the same declarations.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Permission } from '../contracts/index.js';
import type { Actor } from './ports.js';

/** `operators`: loopback and configured networks only. `signed-in`: any staff member, about themselves. */
export type Access = 'public' | 'operators' | 'signed-in' | { permission: Permission };

/** Which rate limit counts the request: `signIn` by address, `console` by staff member and (wider) by address. */
export type Limit = 'signIn' | 'console' | 'none';

/** One file in the multipart field `file`. */
export interface Upload<M extends string = string> {
  kind: 'upload';
  maxBytes: number;
  mimeTypes: readonly M[];
}
export interface UploadedFile {
  bytes: Buffer;
  mimeType: string;
}

/** How the result of `handle` leaves. */
export type Answer<R> =
  | { kind: 'json'; status: number; schema: z.ZodType<unknown, R> }
  | { kind: 'nothing' }
  | { kind: 'file'; mimeType: string }
  | { kind: 'text'; mimeType: string }
  /** `handle` writes to the response itself until the client goes. */
  | { kind: 'stream'; event: z.ZodType };

export interface FileAnswer {
  bytes: Buffer;
  mimeType: string;
}
export interface TextAnswer {
  status?: number;
  contentType: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
}

export const json = <S extends z.ZodType>(schema: S, status = 200): Answer<z.input<S>> => ({
  kind: 'json',
  status,
  schema: schema as z.ZodType<unknown, z.input<S>>,
});
export const nothing: Answer<void> = { kind: 'nothing' };
export const file = (mimeType: string): Answer<FileAnswer> => ({ kind: 'file', mimeType });
export const text = (mimeType: string): Answer<TextAnswer> => ({ kind: 'text', mimeType });
export const stream = (event: z.ZodType): Answer<void> => ({ kind: 'stream', event });

/** How the asker was proved. A session knows its secret, so that it can be ended or kept. */
export type Proved = { by: 'session'; secret: string; csrfToken: string; expiresAt: Date } | { by: 'token' };

/** The little of HTTP that a few handlers need. */
export interface Exchange {
  requestId: string;
  address: string;
  header(name: string): string | undefined;
  setCookie(value: string): void;
  raw: { req: IncomingMessage; res: ServerResponse };
  /** True while the asker is still proved and permitted; long answers ask from time to time. */
  stillAllowed(): Promise<boolean>;
  /** Says who acts, for the audit log, where the asker was nobody before (signing in). */
  actsAs(staff: { id: string; name: string }): void;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : S extends Upload ? UploadedFile : undefined;
type AsksAs<A extends Access> = A extends 'public' | 'operators' ? undefined : Actor;
type ProvedBy<A extends Access> = A extends 'public' | 'operators' ? undefined : Proved;

export interface Given<A extends Access, P, Q, B> {
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
  by: AsksAs<A>;
  proved: ProvedBy<A>;
  http: Exchange;
}

type Write = {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The audit log's word, as `noun.verb`. */ audit: string;
};
type Read = { method: 'GET'; audit?: never };

interface Declaration<A extends Access, P, Q, B, R> {
  /** With `:name` for params. */
  path: string;
  access: A;
  limit: Limit;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  response: Answer<R>;
  /** Stable codes of expected refusals, beside those every route has. */
  refusals?: readonly string[];
  handle(given: Given<A, P, Q, B>): Promise<NoInfer<R>>;
}

/** A declaration with its types put away: what runs, and what is listed. */
export interface Route {
  method: 'GET' | Write['method'];
  path: string;
  access: Access;
  limit: Limit;
  summary: string;
  params: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  body: z.ZodType | Upload | undefined;
  response: Answer<unknown>;
  refusals: readonly string[];
  audit: string | undefined;
  handle(given: RawGiven): Promise<unknown>;
}

export interface RawGiven {
  params: unknown;
  query: unknown;
  body: unknown;
  by: Actor | undefined;
  proved: Proved | undefined;
  http: Exchange;
}

export function route<
  A extends Access,
  R,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | Upload | undefined = undefined,
>(declared: Declaration<A, P, Q, B, R> & (Read | Write)): Route {
  const { params, query, body, refusals = [], audit } = declared;
  // The runner proves each part against the very schema whose type the handler was written for.
  const handle = declared.handle as unknown as Route['handle'];
  const response = declared.response as Answer<unknown>;
  return { ...declared, params, query, body, refusals, audit, response, handle };
}
