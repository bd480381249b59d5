/** Chooses the queue: Bull where there is a Redis, else in this process. */
import { createBullQueues } from './bull.js';
import { createMemoryQueues } from './memory.js';
import type { QueueOptions, Queues } from './queue.js';

export type { AddOptions, Job, JobHandler, Queue, QueueOptions, Queues } from './queue.js';

/** @throws StartProblem when Redis cannot be reached. */
export async function createQueues(options: QueueOptions): Promise<Queues> {
  const { redisUrl, ...rest } = options;
  return redisUrl ? createBullQueues({ ...rest, redisUrl }) : createMemoryQueues(rest);
}
