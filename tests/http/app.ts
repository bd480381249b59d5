/** The HTTP layer as it is shipped, on a free port, with fake ports and the real staff module on a real database. */
import type { StaffRole } from '../../src/contracts/index.js';
import { createApiKeys } from '../../src/domain/staff/index.js';
import type { ApiKeys, StaffModule, StaffOptions } from '../../src/domain/staff/index.js';
import { createHttpServer } from '../../src/http/server.js';
import type { HttpOptions, HttpServer, Listening } from '../../src/http/server.js';
import { createKeyRing } from '../../src/infra/crypto.js';
import { PASSWORD, freshName, log, openTestDatabase } from '../domain/staff/setup.js';
import type { TestDatabase } from '../domain/staff/setup.js';
import { fakes } from './fakes.js';
import type { Fakes } from './fakes.js';
import { signedHeaders } from './sign.js';
import type { SignedMore } from './sign.js';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON. */
  body: Record<string, unknown>;
  text: string;
}

export interface Person {
  id: string;
  account: string;
  cookie: string;
  csrfToken: string;
}

/** What a shop system keeps. */
export interface ShopKey {
  id: string;
  secret: string;
}

export interface RequestMore {
  as?: Person | undefined;
  /** Sent instead of the session's own CSRF token; null sends none. */
  csrf?: string | null;
  json?: unknown;
  raw?: string | Buffer | FormData;
  headers?: Record<string, string>;
}

export interface TestApp extends Fakes {
  db: TestDatabase;
  staff: StaffModule;
  server: HttpServer;
  listening: Listening;
  base: string;
  request(method: string, path: string, more?: RequestMore): Promise<Answer>;
  /** A new staff member with a session. */
  person(role: StaffRole): Promise<Person>;
  apiKeys: ApiKeys;
  /** A new key of a shop system. */
  shopKey(options?: { verifiesPhones?: boolean; sources?: string[] }): Promise<ShopKey>;
  /** Sends what a shop system signed; `json` goes as it is serialised here. */
  signed(path: string, more: SignedMore & { key: ShopKey; method?: string }): Promise<Answer>;
  close(): Promise<void>;
}

const wide = {
  signInPerMinute: 10_000,
  consolePerMinute: 100_000,
  webhookPerMinute: 100_000,
  shopSystemPerMinute: 100_000,
  memberPerMinute: 100_000,
  memberSignInPerMinute: 100_000,
};

export async function startApp(
  options: Partial<HttpOptions> = {},
  rules: Partial<StaffOptions> & { idempotency?: Parameters<typeof createApiKeys>[0]['rules'] } = {},
): Promise<TestApp> {
  const db = await openTestDatabase();
  const { idempotency = {}, ...staffRules } = rules;
  const staff = db.staffWith(staffRules);
  const made = fakes();
  const keys = createKeyRing([`k1:${Buffer.alloc(32, 7).toString('base64')}`]);
  const apiKeys = createApiKeys({ database: db.database, keys, rules: idempotency });
  await apiKeys.ensureIndexes();
  made.ports.apiKeys = apiKeys;
  const publicUrl = 'http://localhost:3000';
  const server = createHttpServer(made.ports, staff, {
    publicUrl,
    trustProxy: 'loopback',
    log,
    limits: wide,
    ...options,
  });
  const listening = await server.listen({ host: '127.0.0.1', port: 0 });
  const base = `http://127.0.0.1:${listening.port}`;
  const person = async (role: StaffRole): Promise<Person> => {
    const account = freshName();
    const { id } = await staff.addStaff({ account, name: `A ${role}`, role, password: PASSWORD });
    const result = await staff.signIn({ body: { account, password: PASSWORD }, address: '10.9.9.9' });
    if (result.kind !== 'signedIn') throw new Error(result.kind);
    return { id, account, cookie: `huike_session=${result.secret}`, csrfToken: result.csrfToken };
  };
  return {
    ...made,
    db,
    staff,
    server,
    listening,
    base,
    person,
    apiKeys,
    shopKey: async ({ verifiesPhones = false, sources = [] } = {}) => {
      const { id, secret } = await apiKeys.add({ name: 'Mall', verifiesPhones, sources }, 'test');
      return { id, secret };
    },
    signed: (path, { key, method = 'POST', ...more }) => {
      const { headers, body } = signedHeaders({ key, method, path, ...more });
      return send(`${base}${more.sentPath ?? path}`, method, { raw: more.sentBody ?? body, headers });
    },
    request: (method, path, more = {}) => send(`${base}${path}`, method, more),
    close: async () => {
      await listening.close(200);
      await db.close();
    },
  };
}

async function send(url: string, method: string, more: RequestMore): Promise<Answer> {
  const headers: Record<string, string> = { ...more.headers };
  if (more.as) headers['Cookie'] = more.as.cookie;
  const csrf = more.csrf === undefined ? more.as?.csrfToken : more.csrf;
  if (csrf != null && method !== 'GET') headers['X-CSRF-Token'] = csrf;
  if (more.json !== undefined) headers['Content-Type'] ??= 'application/json';
  const body = more.raw ?? (more.json === undefined ? undefined : JSON.stringify(more.json));
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
  });
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('Content-Type') ?? '');
  const parsed = isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, body: parsed, text };
}
