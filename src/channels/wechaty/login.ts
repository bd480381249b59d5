/**
 * Keeps one account signed in, in one process of all: the holder of the lease runs the bot, comes back after a loss with a growing wait,
 * and leaves word for the others. A holder that cannot renew its word ends its bot before anybody else may have the lease.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BotState, ChannelPorts, FencedStore } from '../../contracts/index.js';
import type { WechatyAccount } from './account.js';
import type { Bot, BotMessage, OpenBot } from './bot.js';
import { liveOnce } from './life.js';
import type { Timing } from './life.js';
import { readWord, stateOf, WORD_MS, wordKey } from './word.js';
import type { Word } from './word.js';

export interface LoginParts {
  account: WechatyAccount;
  ports: Pick<ChannelPorts, 'store' | 'log'>;
  open: OpenBot;
  home: string;
  timing: Timing;
  random(): number;
  onMessage(message: BotMessage, signedInAt: Date): void;
}

/** The signed-in bot, and the store whose writes are dropped once another process holds the login. */
export interface Held {
  bot: Bot;
  fenced: FencedStore;
}

export interface Login {
  start(): void;
  stop(): Promise<void>;
  /** While this process holds the login and is signed in. */
  current(): Held | undefined;
  /** The bot, signed in or not. */
  bot(): Bot | undefined;
  state(): Promise<BotState>;
  /** As this process knows without asking. */
  here(): Word;
}

const ASK_AGAIN_MS = 2000;

export function createLogin(parts: LoginParts): Login {
  const { account, timing } = parts;
  const { store, log } = parts.ports;
  const holder = randomUUID();
  let word: Word = { holder, state: 'off', since: new Date() };
  let bot: Bot | undefined;
  let fencedNow: FencedStore | undefined;
  let trustedAt = -Infinity;
  let ending: AbortController | undefined;
  let running: Promise<void> | undefined;
  let waitsForOther = false;

  const trusted = (): boolean => performance.now() - trustedAt < timing.trustMs;
  const say = (state: Word['state'], more: Partial<Word> = {}): void => {
    word = { holder, state, since: new Date(), ...more };
    if (fencedNow) void renew(fencedNow).catch(() => undefined);
  };

  /** Resolves false when somebody else has written since, who then holds the login. */
  async function renew(fenced: FencedStore): Promise<boolean> {
    const startedAt = performance.now();
    await fenced.put(wordKey(account.id), JSON.stringify(word), new Date(Date.now() + WORD_MS));
    const seen = await readWord(store, account.id);
    if (seen?.word.holder !== holder) return false;
    trustedAt = startedAt;
    return true;
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const held = await store.withLock(`wechaty/${account.id}`, 0, (fenced) =>
          hold(fenced, signal).then(() => true),
        );
        waitsForOther = held === undefined;
      } catch (error) {
        log.warn({ err: error, account: account.id }, 'the lease of the login cannot be had now');
      }
      await pause(ASK_AGAIN_MS / 2 + (parts.random() * ASK_AGAIN_MS) / 2, signal);
    }
  }

  /** Lives as long as the lease is surely ours. */
  async function hold(fenced: FencedStore, signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const both = AbortSignal.any([signal, lost.signal]);
    say('starting');
    if (!(await renew(fenced))) return;
    fencedNow = fenced;
    // Counted in ticks rather than time: after a pause of the whole process the answer, not the clock, tells whether the lease is still ours.
    let unanswered = 0;
    const tick = (): void => {
      if (unanswered++ > 0) {
        if (unanswered > 2 && !trusted()) lost.abort();
        return;
      }
      renew(fenced)
        .then(
          (ours) => ours || lost.abort(),
          () => trusted() || lost.abort(),
        )
        .finally(() => (unanswered = 0));
    };
    const renewing = setInterval(tick, timing.renewMs);
    try {
      await comeBack(both);
    } finally {
      clearInterval(renewing);
      say('off', { reason: lost.signal.aborted ? 'bot.leaseLost' : 'bot.stopped' });
      await renew(fenced).catch(() => undefined);
      fencedNow = undefined;
      trustedAt = -Infinity;
    }
  }

  async function comeBack(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      let signedIn = false;
      const reason = await live(signal, () => (signedIn = true));
      if (signedIn) failures = 0;
      if (signal.aborted) return;
      say('off', { reason });
      const wait = Math.min(timing.backOffMaxMs, timing.backOffMs * 2 ** failures) * (0.5 + parts.random() / 2);
      log.warn(
        { account: account.id, reason, waitMs: Math.round(wait) },
        'the bot is gone and comes back after a wait',
      );
      await pause(wait, signal);
      if (!signal.aborted) say('starting', { reason });
    }
  }

  function live(signal: AbortSignal, onLogin: () => void): Promise<string> {
    const { id, puppet, puppetOptions } = account;
    let signedInAt = new Date();
    return liveOnce(
      parts.open,
      { id, puppet, puppetOptions, home: parts.home },
      {
        timing,
        log,
        signal,
        onBot: (made) => (bot = made),
        events: {
          scan: (qrcode) => say('scan', { qrcode }),
          login: (name) => {
            onLogin();
            signedInAt = new Date();
            log.info({ account: id }, 'the bot is signed in');
            say('online', { name });
          },
          logout: (reason) => {
            log.warn({ account: id, why: reason }, 'the bot was signed out');
            say('off', { reason: 'bot.loggedOut' });
          },
          message: (message) => parts.onMessage(message, signedInAt),
        },
      },
    );
  }

  return {
    start: () => {
      if (running) return;
      ending = new AbortController();
      running = run(ending.signal).finally(() => (running = undefined));
    },
    stop: async () => {
      ending?.abort();
      await running;
    },
    current: () => (bot && fencedNow && word.state === 'online' && trusted() ? { bot, fenced: fencedNow } : undefined),
    bot: () => bot,
    here: () => word,
    state: async () => {
      if (fencedNow) return stateOf(account.id, word);
      const left = await readWord(store, account.id);
      if (left?.fresh) return stateOf(account.id, left.word);
      if (waitsForOther) return { account: account.id, state: 'elsewhere', since: left?.word.since ?? word.since };
      const reason = left && left.word.state !== 'off' ? 'bot.died' : (left?.word.reason ?? 'bot.notStarted');
      return { account: account.id, state: 'off', since: left?.word.since ?? word.since, reason };
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
