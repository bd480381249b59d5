/** Starts parts in order, stops them in reverse, and ends on signals. Knows no part. */
import type { Logger } from './logger.js';

export interface Lifecycle {
  /** Starts one part. When that fails, everything started before is stopped, and the failure is thrown on. */
  start<T>(name: string, begin: () => Promise<T> | T, end: (part: T) => Promise<void> | void): Promise<T>;
  /** In reverse order; a part that fails to stop does not keep the others from stopping. */
  stop(): Promise<void>;
  /** Resolves after SIGINT or SIGTERM, when everything is stopped. A later second signal ends the process at once. */
  untilSignal(): Promise<void>;
}

/** What of `process` is used, so that tests need send no signals. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): unknown;
}

const EXIT_BY_SIGNAL = 130;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm or another parent. */
const SAME_SIGNAL_MS = 500;

export function createLifecycle(log: Logger, signals: SignalSource = process): Lifecycle {
  const started: Array<{ name: string; end: () => Promise<void> | void }> = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  const stopAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let part = started.pop(); part; part = started.pop()) {
      try {
        await part.end();
      } catch (error) {
        log.error({ err: error, part: part.name }, 'did not stop cleanly');
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything stopped cleanly.');
  };
  return {
    start: async (name, begin, end) => {
      try {
        const part = await begin();
        started.push({ name, end: () => end(part) });
        return part;
      } catch (error) {
        await stop().catch(() => undefined); // told by stopAll; what counts is why the start failed
        throw error;
      }
    },
    stop,
    untilSignal: () =>
      new Promise((done, fail) => {
        let askedAt: number | undefined;
        const onSignal = (): void => {
          if (askedAt !== undefined) {
            if (performance.now() - askedAt > SAME_SIGNAL_MS) signals.exit(EXIT_BY_SIGNAL);
            return;
          }
          askedAt = performance.now();
          const forget = (): void => {
            signals.off('SIGINT', onSignal);
            signals.off('SIGTERM', onSignal);
          };
          stop().finally(forget).then(done, fail);
        };
        signals.on('SIGINT', onSignal);
        signals.on('SIGTERM', onSignal);
      }),
  };
}
