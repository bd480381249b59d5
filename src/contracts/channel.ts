/**
 * The one contract every channel keeps, and the small port it gets for state shared between processes.
 * A channel proves, normalises, renders and sends; it knows nothing of customers, strategies or the database.
 */
import type { Address, ChannelName } from './address.js';
import type { Content } from './content.js';
import type { InboundEvent } from './inbound.js';
import type { OutboundMessage, Route, SendResult } from './message.js';

/** An HTTP request to a webhook, reduced to a plain record at the rim. */
export interface WebhookRequest {
  account: string;
  method: 'GET' | 'POST';
  query: Readonly<Record<string, string>>;
  contentType: string;
  body: Buffer;
  /** Real time, for signatures' time stamps. */
  receivedAt: Date;
  /** False once the platform has closed the connection. */
  writable(): boolean;
}

/**
 * `abandon` closes the connection without an answer, so that the platform delivers again.
 * `written` is called exactly once after an answer was tried: true when all its bytes were handed to the connection,
 * false when the connection was closed before the first byte.
 */
export type WebhookResponse =
  | { kind: 'answer'; status: number; contentType: string; body: string; written?: (ok: boolean) => Promise<void> }
  | { kind: 'abandon' };

/** How a channel answers inside the platform's own request, where it can. */
export interface PassiveDoor {
  /** The bytes of the answer, or undefined when this content cannot go this way. Called inside a transaction: pure, no I/O. */
  render(content: Content): string | undefined;
  /** False once the platform has closed the connection. */
  writable(): boolean;
}

/** `passive` holds bytes to answer with; `written` as in WebhookResponse. `failed`: not stored, do not acknowledge. */
export type Received =
  | { stored: true; duplicate: boolean; passive?: { body: string; written(ok: boolean): Promise<void> } }
  | { stored: false };

export type Receive = (event: InboundEvent, passive?: PassiveDoor) => Promise<Received>;

/** Small store and lock over the database, shared by all processes; values are encrypted at rest. */
export interface ChannelStore {
  get(key: string): Promise<{ value: string; expiresAt: Date } | undefined>;
  put(key: string, value: string, expiresAt: Date): Promise<void>;
  remove(key: string): Promise<void>;
  /**
   * Runs `work` while holding the named lease; waits up to `waitMs` for it. Undefined when the lease was not had in time.
   * What `work` writes through `fenced` is dropped once another holder wrote under a newer lease.
   */
  withLock<T>(key: string, waitMs: number, work: (fenced: FencedStore) => Promise<T>): Promise<T | undefined>;
}

export type FencedStore = Pick<ChannelStore, 'put' | 'remove'>;

/** Reading and adding files of our own media store. */
export interface MediaPort {
  read(id: string): Promise<{ bytes: Buffer; mimeType: string } | undefined>;
  add(bytes: Buffer, mimeType: string): Promise<{ id: string }>;
}

export interface ChannelPorts {
  store: ChannelStore;
  media: MediaPort;
  /** Business time; moves with the demo's clock. */
  now(): Date;
  log: ChannelLog;
}

export interface ChannelLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** What the platform tells about a person on request. Everything is optional: platforms stop filling fields. */
export interface PlatformProfile {
  user: string;
  following: boolean;
  unionid?: string;
  nickname?: string;
  language?: string;
  followedAt?: Date;
  followSource?: string;
  scene?: string;
}

export interface SceneCode {
  /** The image's address at the platform. */
  imageUrl: string;
  /** What the code holds when scanned. */
  url: string;
  ticket: string;
  expiresAt?: Date;
}

/** Who signed in with a one-time code of the client. The platform's session key stays inside the channel. */
export interface ClientLogin {
  user: string;
  unionid?: string;
}

/** A phone number the platform vouches for. */
export interface PlatformPhone {
  /** Digits without the country code. */
  number: string;
  countryCode: string;
}

export type TextCheck = 'pass' | 'review' | 'risky';

/**
 * What became of one mass send. `submitted`: the platform took it (also when it had taken the same `clientId` before) and tells totals later.
 * `retry` and `refused` only where surely nobody got it; everything else is `unknown`, which the same `clientId` may try again.
 */
export type MassResult =
  | { outcome: 'submitted'; platformId: string }
  | { outcome: 'retry'; reason: string; detail?: string; afterMs: number }
  | { outcome: 'refused'; reason: string; detail?: string; scope: 'message' | 'account' }
  | { outcome: 'unknown'; reason: string; detail?: string };

export interface MassMessage {
  account: string;
  users: readonly string[];
  content: Content;
  /** The same send again under the same id is one send; at most 64 characters of [A-Za-z0-9_-]. */
  clientId: string;
}

/** A bot that somebody signs in by scanning a code. */
export type BotState =
  | { account: string; state: 'off' | 'starting' | 'online' | 'elsewhere'; name?: string; since: Date; reason?: string }
  | { account: string; state: 'scan'; qrcode: string; since: Date };

/** Expected failures of a platform call that is not a send. */
export type CallResult<T> =
  { ok: true; value: T } | { ok: false; reason: string; detail?: string; retryAfterMs?: number };

export interface ChannelCapabilities {
  /** Routes this channel can send by. */
  routes: readonly Route[];
  /** Whether it has an idempotency key on a route: then an `unknown` may be sent again. */
  idempotentRoutes: readonly Route[];
  /** One text to many: between `fewest` and `most` people a call. */
  massSend?: {
    fewest: number;
    most: number;
    send(message: MassMessage, signal: AbortSignal): Promise<MassResult>;
  };
  /** How the bots of this channel stand, as this process sees it or another one has left word. */
  bots?: () => Promise<BotState[]>;
  profiles?: (account: string, users: readonly string[]) => Promise<CallResult<PlatformProfile[]>>;
  fetchMedia?: (account: string, platformId: string) => Promise<CallResult<{ bytes: Buffer; mimeType: string }>>;
  sceneCode?: (
    account: string,
    scene: string,
    options: { expiresInSeconds?: number },
  ) => Promise<CallResult<SceneCode>>;
  /** Exchanges the client's one-time code. Reasons: code.invalid, code.used, person.frozen, platform… */
  login?: (account: string, code: string) => Promise<CallResult<ClientLogin>>;
  phoneNumber?: (account: string, code: string) => Promise<CallResult<PlatformPhone>>;
  /** A picture that opens `page` of the mini-program with `scene` (at most 32 characters). */
  pageCode?: (
    account: string,
    scene: string,
    options: { page?: string },
  ) => Promise<CallResult<{ bytes: Buffer; mimeType: string }>>;
  /** Whether a text that others will see may be shown. `user` must have visited within two hours. */
  checkText?: (
    account: string,
    user: string,
    text: string,
    kind: 'profile' | 'comment',
  ) => Promise<CallResult<TextCheck>>;
}

export interface ChannelAccountHealth {
  account: string;
  /** `ok` after the last call worked; `failing` with the reason of the last failure. */
  state: 'unknown' | 'ok' | 'failing';
  reason?: string;
  since?: Date;
}

export interface Channel {
  name: ChannelName;
  accounts: readonly string[];
  capabilities: ChannelCapabilities;
  start(receive: Receive): Promise<void>;
  stop(): Promise<void>;
  /** One attempt. Must settle before `signal` aborts or soon after; an aborted attempt is `unknown` once a byte was sent. */
  send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult>;
  /** Present where the platform calls us. */
  webhook?: (request: WebhookRequest) => Promise<WebhookResponse>;
  health(): ChannelAccountHealth[];
}

export type { Address };
