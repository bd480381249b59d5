/**
 * One bot from its start to its end: signs in, hands on what it says, asks for a sign of life where none comes, and ends when the puppet is
 * gone. Nothing that a puppet does gets out of here but by these events and by the reason of the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelLog } from '../../contracts/index.js';
import type { Bot, BotMessage, BotOptions, OpenBot } from './bot.js';
import { within } from './within.js';

export interface Timing {
  /** Without a sign of life for so long, the puppet is asked for one; without an answer for as long again, it is gone. */
  silenceMs: number;
  /** The wait before the first attempt to come back; each further one is twice as long. */
  backOffMs: number;
  backOffMaxMs: number;
  /** How often the holder renews its word, and how long it may trust its lease without having been able to. */
  renewMs: number;
  trustMs: number;
}

export const defaultTiming: Timing = {
  silenceMs: 30_000,
  backOffMs: 1000,
  backOffMaxMs: 300_000,
  renewMs: 2000,
  trustMs: 8000,
};

export interface LifeEvents {
  scan(qrcode: string): void;
  login(name: string): void;
  logout(reason: string): void;
  message(message: BotMessage): void;
}

const STOP_MS = 5000;
const START_MS = 30_000;

/** Lives until the signal aborts or the puppet is gone; resolves with why. `onBot` is given the bot once it can be asked. */
export async function liveOnce(
  open: OpenBot,
  options: BotOptions,
  { events, timing, log, signal, onBot }: LifeParts,
): Promise<string> {
  const { id: account } = options;
  let end: (reason: string) => void = () => undefined;
  const gone = new Promise<string>((resolve) => (end = resolve));
  let aliveAt = performance.now();
  const guarded = <A extends unknown[]>(act: (...args: A) => void) => {
    return (...args: A): void => {
      if (signal.aborted) return;
      try {
        act(...args);
      } catch (error) {
        log.error({ err: error, account }, 'an event of the bot failed');
      }
    };
  };
  let bot: Bot | undefined;
  let started = false;
  const onAbort = (): void => end('bot.stopped');
  signal.addEventListener('abort', onAbort, { once: true });
  const watch = setInterval(
    () => {
      const silentMs = performance.now() - aliveAt;
      if (silentMs > 2 * timing.silenceMs) end('bot.silent');
      else if (silentMs > timing.silenceMs) quietly(() => bot?.ding());
    },
    Math.max(20, timing.silenceMs / 3),
  );
  try {
    const made = await open(options, {
      scan: guarded(events.scan),
      login: guarded(events.login),
      logout: guarded(events.logout),
      message: guarded(events.message),
      alive: () => (aliveAt = performance.now()),
      error: (error) => {
        log.warn({ err: error, account }, 'the puppet reports an error');
        // A start that fails tells so itself; a puppet must not be stopped halfway in.
        if (started && isConnectionLost(error)) end('bot.unreachable');
      },
    });
    bot = made;
    onBot(made);
    await Promise.race([within(START_MS, made.start(), 'the puppet did not start in time'), gone]);
    started = true;
    aliveAt = performance.now();
    return await gone;
  } catch (error) {
    log.warn({ err: error, account }, 'the puppet could not be started');
    return 'bot.unreachable';
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', onAbort);
    onBot(undefined);
    const stopping = bot
      ?.stop()
      .catch((error: unknown) => log.warn({ err: error, account }, 'the bot did not stop cleanly'));
    await Promise.race([stopping, sleep(STOP_MS, undefined, { ref: false })]);
  }
}

export interface LifeParts {
  events: LifeEvents;
  timing: Timing;
  log: ChannelLog;
  signal: AbortSignal;
  onBot(bot: Bot | undefined): void;
}

/** A puppet that is not there throws on being asked; its silence is judged by the clock. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}

/** The event stream was cut: gRPC's UNAVAILABLE, or CANCELLED by the other side. https://grpc.io/docs/guides/status-codes/ */
function isConnectionLost(error: unknown): boolean {
  const told = error instanceof Error ? error.message : String(error);
  return /\b14 UNAVAILABLE\b|\b1 CANCELLED: Call cancelled\b|Connection dropped|ECONNREFUSED|ECONNRESET/.test(told);
}
