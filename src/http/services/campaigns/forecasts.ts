/**
 * Forecasts as work in the background: one at a time for each broadcast, followed by whoever asks, the result kept with the broadcast. They
 * run in the process that was asked; one that dies with it is asked for again.
 */
import type { z } from 'zod';
import type * as c from '../../../contracts/index.js';
import type { Broadcasts, BroadcastRecord } from '../../../domain/marketing/index.js';
import { RequestProblem, notFound } from '../../../errors.js';
import type { ForecastBroadcast } from '../../../flow/broadcasts/forecast.js';
import type { Act } from '../../../flow/act.js';
import type { Clock } from '../../../infra/clock.js';
import type { Actor } from '../../ports.js';
import { causeOf } from '../console/acting.js';

type Progress = z.infer<typeof c.ForecastProgress>;

export interface ForecastJobsParts {
  act: Act;
  clock: Clock;
  broadcasts: Pick<Broadcasts, 'get' | 'forecasted'>;
  forecast: ForecastBroadcast;
  /** Told what could not be counted. */
  onFailure(error: unknown, broadcastId: string): void;
}

/** `interrupted`: something went wrong that the log tells. */
export const FORECAST_INTERRUPTED = 'forecast.interrupted';
const REMEMBERED = 200;

interface Job extends Progress {
  revision: number;
}

export function createForecastJobs({ act, clock, broadcasts, forecast, onFailure }: ForecastJobsParts) {
  const jobs = new Map<string, Job>();

  /** The one that is under way for this revision goes on. @throws 404 broadcast.notFound, 409 broadcast.notDraft */
  async function start(id: string, by: Actor): Promise<Progress> {
    const broadcast = await broadcasts.get(id);
    if (broadcast.state !== 'draft' && broadcast.state !== 'submitted') {
      throw new RequestProblem(409, 'broadcast.notDraft', 'Only what has not been approved yet is forecast.');
    }
    const before = jobs.get(id);
    if (before?.state === 'counting' && before.revision === broadcast.revision) return shown(before);
    const job: Job = { state: 'counting', people: 0, reason: null, revision: broadcast.revision };
    remember(id, job);
    void count(broadcast, job, by);
    return shown(job);
  }

  /** Ends by itself in `done` or `failed`. */
  async function count(broadcast: BroadcastRecord, job: Job, by: Actor): Promise<void> {
    const id = String(broadcast._id);
    try {
      const reach = await forecast(broadcast, (people) => void (job.people = people));
      await act({
        cause: causeOf(by),
        change: async (tx) => {
          await broadcasts.forecasted(tx, id, broadcast.revision, reach, clock.now());
          return [];
        },
      });
      job.people = reach.people;
      job.state = 'done';
    } catch (error) {
      job.state = 'failed';
      job.reason = error instanceof RequestProblem ? error.code : FORECAST_INTERRUPTED;
      if (!(error instanceof RequestProblem)) onFailure(error, id);
    }
  }

  function remember(id: string, job: Job): void {
    jobs.delete(id);
    jobs.set(id, job);
    const [oldest] = jobs.keys();
    if (jobs.size > REMEMBERED && oldest !== undefined) jobs.delete(oldest);
  }

  /** Of the present revision; from another process, once it is done. @throws 404 forecast.notFound */
  async function get(id: string): Promise<Progress> {
    const { revision, forecast: kept } = await broadcasts.get(id);
    const job = jobs.get(id);
    if (job?.revision === revision) return shown(job);
    if (kept?.revision === revision) return { state: 'done', people: kept.people, reason: null };
    throw notFound('forecast');
  }

  return { start, get };
}

const shown = ({ state, people, reason }: Job): Progress => ({ state, people, reason });
