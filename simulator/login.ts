/** Log-in of a mini-program (docs/wechat.md 3.1, 3.3): code to session key, checking and replacing the key, the phone. */
import { randomBytes } from 'node:crypto';
import type { AccountCall, ApiCall } from './call.js';
import { objectOf, textOf } from './checks.js';
import { redeemCode } from './client-codes.js';
import { PlatformError } from './errors.js';
import { unionidAt } from './registry.js';
import { sessionSignature } from './session-crypto.js';
import { relationOf, type Account, type Relation, type Session, type World } from './state.js';
import { authenticate } from './tokens.js';

/** The platform gives no number, only that a key dies when the person stays away; three days is what is seen. */
const SESSION_MS = 3 * 86_400_000;
const LOGINS_A_MINUTE = 100;

/** GET /sns/jscode2session → `{openid, session_key, unionid?}`, without `errcode` when it worked. */
export function codeToSession({ world, query }: ApiCall): unknown {
  if (query.get('grant_type') !== 'authorization_code') throw new PlatformError(40002);
  const account = authenticate(world, query.get('appid'), query.get('secret'));
  if (account.kind !== 'mini-program') throw new PlatformError(40013);
  const code = query.get('js_code') ?? '';
  if (code === '') throw new PlatformError(41008);
  const redeemed = redeemCode(world, { code, purpose: 'login', appId: account.appId });
  if (!redeemed.ok) throw new PlatformError(redeemed.why === 'used' ? 40163 : 40029);
  const relation = known(world, account, redeemed.openid);
  countLogin(world, relation);
  relation.session = newSession(world.clock.now() + SESSION_MS);
  relation.visitedAt = world.clock.now();
  const unionid = unionidAt(world.people.get(relation.personId), account);
  return { session_key: relation.session.key, openid: relation.openid, ...(unionid === undefined ? {} : { unionid }) };
}

function countLogin(world: World, relation: Relation): void {
  const minute = Math.floor(world.clock.now() / 60_000);
  const [at, used] = relation.logins;
  const next = at === minute ? used + 1 : 1;
  if (next > LOGINS_A_MINUTE) throw new PlatformError(45011);
  relation.logins = [minute, next];
}

function newSession(expiresAt: number): Session {
  return { key: randomBytes(16).toString('base64'), expiresAt };
}

function known(world: World, account: Account, openid: unknown): Relation {
  const relation = relationOf(world, account.appId, openid);
  if (relation === undefined) throw new PlatformError(40003);
  return relation;
}

/** GET /wxa/checksession: whether the signature was made with the key that is valid now. */
export function checkSession(call: AccountCall): unknown {
  provenSession(call);
  return { errcode: 0, errmsg: 'ok' };
}

/** GET /wxa/resetusersessionkey → `{openid, session_key}`: the old key dies, its end is inherited. */
export function resetSession(call: AccountCall): unknown {
  const { relation, session } = provenSession(call);
  relation.session = newSession(session.expiresAt);
  return { openid: relation.openid, session_key: relation.session.key };
}

function provenSession({ world, account, query }: AccountCall): { relation: Relation; session: Session } {
  const relation = known(world, account, query.get('openid'));
  if (query.get('sig_method') !== 'hmac_sha256') throw new PlatformError(87008);
  const { session } = relation;
  if (session === undefined || sessionSignature(session.key) !== query.get('signature')) throw new PlatformError(87009);
  if (session.expiresAt <= world.clock.now()) throw new PlatformError(87007);
  return { relation, session };
}

/** POST /wxa/business/getuserphonenumber `{code}`: the phone's own code, not the one of the log-in. */
export function phoneNumber({ world, account, body }: AccountCall): unknown {
  const input = objectOf(body());
  const redeemed = redeemCode(world, { code: textOf(input, 'code'), purpose: 'phone', appId: account.appId });
  if (!redeemed.ok) throw new PlatformError(redeemed.why === 'other app' ? 40013 : 40029);
  const relation = known(world, account, redeemed.openid);
  const phone = world.people.get(relation.personId)?.phone;
  if (phone === undefined) throw new PlatformError(40029);
  return { errcode: 0, errmsg: 'ok', phone_info: phoneInfo(world, account, phone) };
}

/** What the platform tells about a phone of mainland China; other numbers would carry their own country code. */
export function phoneInfo(world: World, account: Account, phone: string) {
  const watermark = { timestamp: Math.floor(world.clock.now() / 1000), appid: account.appId };
  return { phoneNumber: phone, purePhoneNumber: phone, countryCode: '86', watermark };
}
