/**
 * The one way to declare a route. A declaration without `access` and `limit`, or a write of staff without `audit`, does not compile;
 * the server, the tests and the OpenAPI document all read the same declarations.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Permission } from '../contracts/index.js';
import type { Actor, MemberActor, ShopSystem } from './ports.js';

/**
 * `operators`: loopback and configured networks only. `signed-in`: any staff member, about themselves. `shop-system`: a program with a key,
 * by a signed request. `member`: a person in the mini-program, by their token.
 */
export type Access = 'public' | 'operators' | 'signed-in' | 'shop-system' | 'member' | { permission: Permission };

/**
 * Which rate limit counts the request: `signIn` and `memberSignIn` by address, `console` by staff member, `shop-system` by key, `member` by
 * member, the last three also (wider) by address.
 */
export type Limit = 'signIn' | 'console' | 'shop-system' | 'member' | 'memberSignIn' | 'none';

/** One file in the multipart field `file`. */
export interface Upload<M extends string = string> {
  kind: 'upload';
  maxBytes: number;
  /** Pictures, known by their first bytes; `any`: whatever it is. */
  mimeTypes: readonly M[] | 'any';
}
export interface UploadedFile {
  bytes: Buffer;
  mimeType: string;
}

/** One file of any kind in the multipart field `file`, received on disk, and text fields beside it. */
export interface FileUpload<F extends z.ZodObject = z.ZodObject> {
  kind: 'file-upload';
  maxBytes: number;
  fields: F;
}
/** Gone when the request has been handled. */
export interface ReceivedFile<F> {
  path: string;
  fileName: string;
  fields: F;
  discard(): Promise<void>;
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
  /** Set: offered as a download under this name and shown by no browser, whatever its kind. */
  saveAs?: string;
}
export interface TextAnswer {
  status?: number;
  contentType: string;
  body: string | Readable;
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

type Parsed<S> = S extends z.ZodType
  ? z.output<S>
  : S extends FileUpload<infer F>
    ? ReceivedFile<z.output<F>>
    : S extends Upload
      ? UploadedFile
      : undefined;
type AsksAs<A extends Access> = A extends 'public' | 'operators'
  ? undefined
  : A extends 'shop-system'
    ? ShopSystem
    : A extends 'member'
      ? MemberActor
      : Actor;
type ProvedBy<A extends Access> = A extends 'public' | 'operators' | 'shop-system' | 'member' ? undefined : Proved;

export interface Given<A extends Access, P, Q, B> {
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
  by: AsksAs<A>;
  proved: ProvedBy<A>;
  http: Exchange;
}

type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/**
 * Every write of staff has its word for the audit log, as `noun.verb`. That log is for people to read: what their colleagues did. Writes of
 * shop systems and members come by the thousand and leave their own traces (the access log with the key's or the customer's id, and the
 * events of the domain), so they have none; a write open to anyone says by null that nobody of the staff acts in it.
 */
type Write<A extends Access> = A extends 'shop-system' | 'member'
  ? { method: WriteMethod; audit?: never }
  : A extends 'public'
    ? { method: WriteMethod; audit: string | null }
    : { method: WriteMethod; audit: string };
type Read = { method: 'GET'; audit?: never };
/** A question of staff that is too long for an address, such as a segment's rule. It changes nothing, so it has no word either. */
type Question = { method: 'POST'; reads: true; audit?: never };
/** Of shop systems alone. */
type OpenWrite<A extends Access, R> = A extends 'shop-system'
  ? {
      /** Takes NDJSON too: each line is a body of its own, handled by itself. */
      batch?: R extends { id: string } ? true : never;
      /** Only looks something up; a POST because the question is too private for a URL. Nothing is kept of the answer. */
      reads?: true;
    }
  : { batch?: never; reads?: true };

interface Declaration<A extends Access, P, Q, B, R> {
  /** With `:name` for params. */
  path: string;
  access: A;
  limit: Limit;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** Of a JSON body; 100 kB when left out. */
  maxBytes?: number;
  response: Answer<R>;
  /** Stable codes of expected refusals, beside those every route has. */
  refusals?: readonly string[];
  handle(given: Given<A, P, Q, B>): Promise<NoInfer<R>>;
}

/** A declaration with its types put away: what runs, and what is listed. */
export interface Route {
  method: 'GET' | WriteMethod;
  path: string;
  access: Access;
  limit: Limit;
  summary: string;
  params: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  body: z.ZodType | Upload | FileUpload | undefined;
  response: Answer<unknown>;
  refusals: readonly string[];
  audit: string | undefined;
  maxBytes: number;
  batch: boolean;
  reads: boolean;
  handle(given: RawGiven): Promise<unknown>;
}

export interface RawGiven {
  params: unknown;
  query: unknown;
  body: unknown;
  by: Actor | ShopSystem | MemberActor | undefined;
  proved: Proved | undefined;
  http: Exchange;
}

const JSON_MAX_BYTES = 100 * 1024;

export function route<
  A extends Access,
  R,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | Upload | FileUpload | undefined = undefined,
>(declared: Declaration<A, P, Q, B, R> & (Read | Question | Write<A>) & OpenWrite<A, NoInfer<R>>): Route {
  const { params, query, body, refusals = [], maxBytes = JSON_MAX_BYTES } = declared;
  const {
    audit,
    batch = false,
    reads = false,
  } = declared as {
    audit?: string | null;
    batch?: boolean;
    reads?: boolean;
  };
  // The runner proves each part against the very schema whose type the handler was written for.
  const handle = declared.handle as unknown as Route['handle'];
  const response = declared.response as Answer<unknown>;
  const { method, path, access, limit, summary } = declared;
  const input = { params, query, body, maxBytes, batch, reads };
  return { method, path, access, limit, summary, ...input, refusals, audit: audit ?? undefined, response, handle };
}
