/** What the routes of the scores mean. One run at a time in this process; what takes longer than a request goes on behind it. */
import type * as c from '../../../contracts/index.js';
import type { RunRecord } from '../../../domain/insight/index.js';
import type { Clock } from '../../../infra/clock.js';
import type { ScoresPort } from '../../ports-people.js';

export interface ScoresServiceParts {
  clock: Clock;
  insight: {
    /** Scores everybody. */
    run(now: Date): Promise<RunRecord>;
    /** Newest first. */
    runs(page: { limit: number }): Promise<RunRecord[]>;
  };
}

/** Longest that a request waits for a run. */
const RUN_MS = 1500;
const RUNS_SHOWN = 20;

export function createScoresService({ clock, insight }: ScoresServiceParts): ScoresPort {
  let running: Promise<RunRecord | 'failed'> | undefined;
  let failed = false;

  function start(): Promise<RunRecord | 'failed'> {
    failed = false;
    return insight
      .run(clock.now())
      .catch(() => {
        // Nobody waits for it any more: the list of runs tells.
        failed = true;
        return 'failed' as const;
      })
      .finally(() => (running = undefined));
  }

  return {
    list: async () => {
      const found = await insight.runs({ limit: RUNS_SHOWN });
      const ended = found.filter(({ state }) => state !== 'running');
      const isRunning = running !== undefined || (found[0]?.state === 'running' && !failed);
      return { items: ended.map(presentRun), running: isRunning, failed };
    },
    run: async () => {
      running ??= start();
      const run = await within(running, RUN_MS);
      if (run === undefined || run === 'failed') return { state: run ?? 'running', run: null };
      return { state: 'done', run: presentRun(run) };
    },
  };
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function presentRun(run: RunRecord): c.ScoreRun {
  const { _id, asOf, state, people, segments, eights, groups, basis, rules, moves } = run;
  return {
    ...{ id: _id, at: asOf.toISOString(), people, insufficient: state === 'insufficient' },
    ...{ segments, eights, groups, moves },
    cuts: { rules: { ...rules }, ...basis },
  };
}
