/**
 * Hands what the bot hears to the one function that stores it, one after the other so that order is kept. A message that cannot be stored
 * is tried again for a while: a puppet does not deliver twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelPorts, InboundEvent, Receive } from '../../contracts/index.js';
import type { WechatyAccount } from './account.js';
import type { BotMessage } from './bot.js';
import { normalise } from './normalise.js';
import { leaveProfile } from './profiles.js';

/** After a sign-in some puppets tell the last messages again; this far back before what was heard last they are still taken. */
const OVERLAP_MS = 10 * 60_000;
const FIRST_LOGIN_MS = 2 * 60_000;
const TRIES = 10;
const TRY_AGAIN_MS = 1000;
const NAMED_AGAIN_MS = 3_600_000;
const MARK_EVERY_MS = 5000;
const FAR = new Date('9999-01-01T00:00:00Z');
/** People whose name was left lately; more are forgotten, which costs one more write each. */
const NAMED_MOST = 10_000;

export interface Intake {
  take(message: BotMessage, signedInAt: Date): void;
  /** Settles when all that was taken is stored or given up. */
  idle(): Promise<void>;
}

export function createIntake(
  account: WechatyAccount,
  { store, media, log }: Pick<ChannelPorts, 'store' | 'media' | 'log'>,
  receive: () => Receive | undefined,
): Intake {
  const markKey = `wechaty/${account.id}/heard`;
  const namedAt = new Map<string, number>();
  let heardUntil: number | undefined;
  let markedAt = 0;
  let before: Promise<void> = Promise.resolve();

  async function take(message: BotMessage, signedInAt: Date): Promise<void> {
    const event = await normalise(message, { account, media, since: await since(signedInAt) });
    if (typeof event === 'string') {
      if (event === 'history')
        log.info({ account: account.id, messageId: message.id }, 'a message from before the sign-in is left out');
      return;
    }
    await name(event.from.user, message.talker.name);
    await handOn(event);
    await mark(message.at.getTime());
  }

  async function since(signedInAt: Date): Promise<Date> {
    if (heardUntil === undefined) {
      const kept = await store.get(markKey);
      heardUntil = kept ? Number(kept.value) : signedInAt.getTime() - FIRST_LOGIN_MS + OVERLAP_MS;
    }
    return new Date(heardUntil - OVERLAP_MS);
  }

  async function mark(at: number): Promise<void> {
    heardUntil = Math.max(heardUntil ?? at, at);
    if (Date.now() - markedAt < MARK_EVERY_MS) return;
    markedAt = Date.now();
    await store.put(markKey, String(heardUntil), FAR);
  }

  async function name(user: string, nickname: string): Promise<void> {
    if (Date.now() - (namedAt.get(user) ?? -Infinity) < NAMED_AGAIN_MS) return;
    await leaveProfile(store, account.id, user, nickname).catch(() => undefined);
    if (namedAt.size >= NAMED_MOST) namedAt.clear();
    namedAt.set(user, Date.now());
  }

  async function handOn(event: InboundEvent): Promise<void> {
    const received = await receive()?.(event);
    if (!received?.stored) throw new Error('not stored');
  }

  async function takeSurely(message: BotMessage, signedInAt: Date): Promise<void> {
    for (let left = TRIES; ; left--) {
      try {
        return await take(message, signedInAt);
      } catch (error) {
        const about = { err: error, account: account.id, messageId: message.id };
        if (left <= 1) return log.error(about, 'a message could not be taken and is lost');
        log.warn(about, 'a message could not be taken yet');
        await sleep(TRY_AGAIN_MS);
      }
    }
  }

  return {
    take: (message, signedInAt) => {
      before = before.then(() => takeSurely(message, signedInAt));
    },
    idle: () => before,
  };
}
