/**
 * The codes that a mini-program's client is given (docs/wechat.md 3.1, 3.3): one use, five minutes, one app, one purpose.
 * Redeeming tells why a code is no good; which error that is, the calls decide.
 */
import { opaque, type ClientCode, type Relation, type World } from './state.js';

const LIFE_MS = 300_000;

/** A new code for this person at this mini-program. */
export function issueCode(world: World, relation: Relation, purpose: ClientCode['purpose']): string {
  const now = world.clock.now();
  for (const old of world.clientCodes.values()) {
    if (old.expiresAt <= now) world.clientCodes.delete(old.code);
  }
  const { appId, openid } = relation;
  const code = { code: `0${opaque(31)}`, purpose, appId, openid, expiresAt: now + LIFE_MS, used: false };
  world.clientCodes.set(code.code, code);
  return code.code;
}

export type Redeemed = { ok: true; openid: string } | { ok: false; why: 'unknown' | 'used' | 'other app' };

/** Uses the code up. A code of another app or purpose stays good for its own. */
export function redeemCode(
  world: World,
  wanted: { code: string; purpose: ClientCode['purpose']; appId: string },
): Redeemed {
  const code = world.clientCodes.get(wanted.code);
  if (code?.purpose !== wanted.purpose || code.expiresAt <= world.clock.now()) return { ok: false, why: 'unknown' };
  if (code.appId !== wanted.appId) return { ok: false, why: 'other app' };
  if (code.used) return { ok: false, why: 'used' };
  code.used = true;
  return { ok: true, openid: code.openid };
}
