/**
 * Everything the simulated platform knows, in memory, and who is told of changes. No rule of the platform lives here.
 */
import { EventEmitter, setMaxListeners } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { Credit, CreditRules } from './credits.js';
import type { Fault } from './faults.js';

export type Mode = 'plain' | 'compatible' | 'safe';
export type DataFormat = 'xml' | 'json';
export type AccountKind = 'official-account' | 'mini-program';

/** A template of the account: `fields` maps the keys of `data` (`thing1`) to the words before them (`商品`). */
export interface NoticeTemplate {
  templateId: string;
  kind: 'template' | 'one-time' | 'long-term';
  title: string;
  fields: Record<string, string>;
}

/** An article in the account's permanent material. */
export interface Article {
  mediaId: string;
  title: string;
  description: string;
  url: string;
  picurl: string;
}

export interface MassJob {
  msgId: string;
  appId: string;
  status: 'SENDING' | 'SEND_SUCCESS' | 'SEND_FAIL';
}

export interface MenuButton {
  name: string;
  type?: string | undefined;
  key?: string | undefined;
  url?: string | undefined;
  /** Type `miniprogram`: whose page it opens. */
  appid?: string | undefined;
  pagepath?: string | undefined;
  sub_button?: MenuButton[] | undefined;
}

export interface Token {
  value: string;
  pool: 'token' | 'stable';
  expiresAt: number;
  /** From then on the platform answers 40001: a newer token took its place. */
  revokedAt: number;
}

export interface Account {
  kind: AccountKind;
  /** Whose account it is: a person has one unionid at all accounts of one owner. */
  owner: string;
  appId: string;
  secret: string;
  token: string;
  encodingAesKey: string;
  mode: Mode;
  dataFormat: DataFormat;
  /** Empty: nothing is pushed. */
  callbackUrl: string;
  /** The `gh_` id that is ToUserName in pushes. */
  originalId: string;
  name: string;
  menu: MenuButton[];
  /** Undefined: every template id is taken as known. */
  templateIds?: string[] | undefined;
  /** Undefined: every template id is taken as known, with whatever fields are sent. */
  templates?: NoticeTemplate[] | undefined;
  /** Undefined: every id is taken as that of an article. */
  articles?: Article[] | undefined;
  /** Mini-program: the pages of the released version; undefined takes every page as released. */
  pages?: string[] | undefined;
  /** Mini-program: where a browser shows it; the phone page opens it in a frame. */
  previewUrl?: string | undefined;
  dailyLimits: Record<string, number>;
  tokens: Token[];
  /** Calls counted under `<path> <day>` and the like. */
  counters: Map<string, number>;
  /** Calls in the running minute under `minute <path>`: [minute, calls]. */
  minutes: Map<string, [number, number]>;
  /** When a forced refresh was last granted. */
  forcedAt: number;
  clientMsgIds: Map<string, { at: number; msgId: string; repeatedAt?: number }>;
}

export interface ChatEntry {
  seq: number;
  /** Business time, ISO 8601. */
  at: string;
  from: 'person' | 'account' | 'notice';
  route: 'passive' | 'customer' | 'template' | 'notice' | 'mass' | null;
  msgtype: string;
  /** Text is a string; every other type is the object of the platform's own message. */
  content: unknown;
  accountId: string;
}

/** One person seen from one account. */
export interface Relation {
  openid: string;
  appId: string;
  personId: string;
  subscribed: boolean;
  subscribedAt: number;
  subscribeScene: string;
  scene: string;
  blocked: boolean;
  remark: string;
  credits: Credit[];
  lastActionAt: number;
  typingUntil: number;
  chat: ChatEntry[];
  unread: number;
  /** When the person last opened the mini-program; business time in ms. */
  visitedAt: number;
  session?: Session | undefined;
  /** Subscription notices that may still be sent, by template id. */
  consents: Map<string, number>;
  /** Templates that the person has switched off in the settings. */
  refusedNotices: Set<string>;
  /** Log-ins of the running minute: [minute, calls]. */
  logins: [number, number];
}

/** The one valid session key of a person at a mini-program, as base64 text. */
export interface Session {
  key: string;
  expiresAt: number;
}

/** A code that the client of a mini-program hands to its server: from `wx.login` or from the phone button. */
export interface ClientCode {
  code: string;
  purpose: 'login' | 'phone';
  appId: string;
  openid: string;
  expiresAt: number;
  used: boolean;
}

export interface Person {
  id: string;
  name: string;
  unionid?: string | undefined;
  age?: number | undefined;
  phone?: string | undefined;
  relations: Map<string, Relation>;
}

export interface Media {
  id: string;
  appId: string;
  type: 'image' | 'voice' | 'video' | 'thumb';
  contentType: string;
  bytes: Buffer;
  createdAt: number;
}

export interface Code {
  ticket: string;
  appId: string;
  scene: string;
  isText: boolean;
  /** Null: permanent. */
  expiresAt: number | null;
  /** Code of a mini-program: the page it opens, '' for the first one. */
  page?: string;
}

export interface Call {
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  /** 0 when the connection was destroyed instead of an answer. */
  status: number;
  answer: unknown;
}

export type Change =
  | { type: 'people' }
  | { type: 'message'; openid: string; entry: ChatEntry }
  | { type: 'typing'; openid: string; typing: boolean };

export interface Options {
  pushTimeoutMs: number;
  pushRetryDelayMs: number;
  /** Between taking a mass send and delivering it. */
  massDelayMs: number;
  creditRules: CreditRules;
}

const CALLS_KEPT = 50_000;

export class World {
  accounts = new Map<string, Account>();
  people = new Map<string, Person>();
  byOpenid = new Map<string, Relation>();
  media = new Map<string, Media>();
  codes = new Map<string, Code>();
  clientCodes = new Map<string, ClientCode>();
  /** Mass sends that were taken, by their id. */
  massJobs = new Map<string, MassJob>();
  calls: Call[] = [];
  faults: Fault[] = [];
  /** Pushes held back by an out-of-order fault, by app id; the next push of that account lets them go. */
  held = new Map<string, (() => Promise<void>)[]>();
  readonly changes = new EventEmitter().setMaxListeners(0);
  /** Results that the platform pushes on its own time; `stop` ends them and waits for that. */
  readonly background = new Set<Promise<unknown>>();
  /** Aborted by `stop`: pushes under way and pauses end at once. */
  readonly stopping = new AbortController();
  apiBase = '';
  #sequence = 0;

  constructor(
    readonly clock: Clock,
    readonly options: Options,
  ) {
    setMaxListeners(0, this.stopping.signal);
  }

  sequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** A 64-bit id as text: larger than a JavaScript number holds exactly, as the real ones are. */
  messageId(): string {
    return String(23_000_000_000_000_000n + BigInt(this.clock.now()) * 100_000n + BigInt(this.sequence()));
  }

  changed(change: Change): void {
    this.changes.emit('change', change);
  }

  say(relation: Relation, entry: Pick<ChatEntry, 'from' | 'route' | 'msgtype' | 'content'>): void {
    const at = new Date(this.clock.now()).toISOString();
    const full: ChatEntry = { seq: this.sequence(), at, ...entry, accountId: relation.appId };
    relation.chat.push(full);
    if (entry.from === 'account') relation.unread += 1;
    this.changed({ type: 'message', openid: relation.openid, entry: full });
  }

  record(call: Call): void {
    this.calls.push(call);
    if (this.calls.length > CALLS_KEPT) this.calls.shift();
  }

  run(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.background.delete(settled));
    this.background.add(settled);
  }

  /** People, codes, media, mass sends, calls, faults, tokens and counters go; accounts stay, as a registration would. */
  reset(): void {
    const { people, byOpenid, media, codes, clientCodes, massJobs, held } = this;
    for (const map of [people, byOpenid, media, codes, clientCodes, massJobs, held]) map.clear();
    this.calls = [];
    this.faults = [];
    for (const account of this.accounts.values()) {
      account.tokens = [];
      account.counters.clear();
      account.minutes.clear();
      account.clientMsgIds.clear();
      account.forcedAt = 0;
    }
    this.clock.setOffset(0);
    this.changed({ type: 'people' });
  }
}

/** An opaque id of `length` characters, safe in URLs. */
export function opaque(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}

/** Whether messages of the account have a chat to appear in: a mini-program is never followed, its chat is always there. */
export function isReachable(account: Account, relation: Relation): boolean {
  return account.kind === 'mini-program' || relation.subscribed;
}

/** The relation of an openid with this account, or undefined when the openid is unknown or of another account. */
export function relationOf(world: World, appId: string, openid: unknown): Relation | undefined {
  const relation = typeof openid === 'string' ? world.byOpenid.get(openid) : undefined;
  return relation?.appId === appId ? relation : undefined;
}
