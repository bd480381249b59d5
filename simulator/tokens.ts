/** Access tokens: issuing, forced refresh, expiry, the two isolated pools (docs/wechat.md 2.1). */
import { z } from 'zod';
import type { ApiCall } from './call.js';
import { shanghaiDay } from './clock.js';
import { PlatformError } from './errors.js';
import { opaque, type Account, type Token, type World } from './state.js';

const LIFE_MS = 7_200_000;
const OVERLAP_MS = 300_000;
const FORCED_PER_DAY = 20;
const FORCED_APART_MS = 30_000;
const NEVER = Number.POSITIVE_INFINITY;

/** GET /cgi-bin/token: always a new token; the one before it stays good for five more minutes at most. */
export function issueToken({ world, query }: ApiCall): unknown {
  if (query.get('grant_type') !== 'client_credential') throw new PlatformError(40002);
  const account = authenticate(world, query.get('appid'), query.get('secret'));
  countDaily(world, account, '/cgi-bin/token', 2000);
  const now = world.clock.now();
  const older = account.tokens.filter((token) => token.pool === 'token');
  for (const token of older) token.revokedAt = Math.min(token.revokedAt, now + OVERLAP_MS);
  const token = addToken(account, 'token', now);
  return { access_token: token.value, expires_in: LIFE_MS / 1000 };
}

const StableInput = z.object({
  grant_type: z.string().optional(),
  appid: z.string().optional(),
  secret: z.string().optional(),
  force_refresh: z.boolean().optional(),
});

/** POST /cgi-bin/stable_token: the same token for everyone until five minutes before it expires. */
export function issueStableToken({ world, body }: ApiCall): unknown {
  const input = StableInput.safeParse(body());
  if (!input.success) throw new PlatformError(47001);
  if (input.data.grant_type !== 'client_credential') throw new PlatformError(40002);
  const account = authenticate(world, input.data.appid ?? null, input.data.secret ?? null);
  countMinute(world, account, { path: '/cgi-bin/stable_token', limit: 10_000 });
  countDaily(world, account, '/cgi-bin/stable_token', 500_000);
  const now = world.clock.now();
  const current = account.tokens.filter((token) => token.pool === 'stable' && token.revokedAt === NEVER).at(-1);
  const forced = input.data.force_refresh === true && mayForce(account, now);
  if (forced && current !== undefined) current.revokedAt = now;
  const fresh = !forced && current !== undefined && current.expiresAt - now > OVERLAP_MS;
  const token = fresh ? current : addToken(account, 'stable', now);
  return { access_token: token.value, expires_in: Math.floor((token.expiresAt - now) / 1000) };
}

/** Not oftener than every 30 s and 20 times a day; beyond that the call answers with the token there is. */
function mayForce(account: Account, now: number): boolean {
  const key = `forced ${shanghaiDay(now)}`;
  const used = account.counters.get(key) ?? 0;
  if (used >= FORCED_PER_DAY || now - account.forcedAt < FORCED_APART_MS) return false;
  account.counters.set(key, used + 1);
  account.forcedAt = now;
  return true;
}

function addToken(account: Account, pool: Token['pool'], now: number): Token {
  const token: Token = { value: opaque(160), pool, expiresAt: now + LIFE_MS, revokedAt: NEVER };
  account.tokens = [...account.tokens.slice(-200), token];
  return token;
}

/** The account of these credentials, or 41002, 41004 missing, 40013 unknown, 40125 wrong. */
export function authenticate(world: World, appId: string | null, secret: string | null): Account {
  if (appId === null || appId === '') throw new PlatformError(41002);
  if (secret === null || secret === '') throw new PlatformError(41004);
  const account = world.accounts.get(appId);
  if (account === undefined) throw new PlatformError(40013);
  if (account.secret !== secret) throw new PlatformError(40125);
  return account;
}

/** The account behind `access_token`, or 41001 missing, 40001 unknown or replaced, 42001 expired. */
export function accountOfToken(world: World, value: string | null): Account {
  if (value === null || value === '') throw new PlatformError(41001);
  const now = world.clock.now();
  for (const account of world.accounts.values()) {
    const token = account.tokens.find((each) => each.value === value);
    if (token === undefined) continue;
    if (token.revokedAt <= now) throw new PlatformError(40001);
    if (token.expiresAt <= now) throw new PlatformError(42001);
    return account;
  }
  throw new PlatformError(40001);
}

/** Counts one call of the Shanghai day; 45009 above the limit (the account's own limit for that path goes first). */
export function countDaily(world: World, account: Account, path: string, usual?: number): void {
  const limit = account.dailyLimits[path] ?? usual;
  const key = `day ${path} ${shanghaiDay(world.clock.now())}`;
  const used = (account.counters.get(key) ?? 0) + 1;
  if (limit !== undefined && used > limit) throw new PlatformError(45009);
  account.counters.set(key, used);
}

/** Counts one call of the minute; 45011 above the limit, 45009 where the platform says so. */
export function countMinute(
  world: World,
  account: Account,
  { path, limit, errcode = 45011 }: { path: string; limit: number; errcode?: number },
): void {
  const minute = Math.floor(world.clock.now() / 60_000);
  const key = `minute ${path}`;
  const [at, used] = account.minutes.get(key) ?? [minute, 0];
  const next = at === minute ? used + 1 : 1;
  if (next > limit) throw new PlatformError(errcode);
  account.minutes.set(key, [minute, next]);
}
