/**
 * Tells an outage of the database from every other failure, and brings a start through one. A database that was never reached is a
 * wrong address or a missing server and is told at once; one that was met and then went away is waited for, as a running server does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { StartProblem } from '../errors.js';
import type { Logger } from './logger.js';

/** The database cannot be reached now. */
export class DatabaseAway extends StartProblem {}

const { MongoNetworkError, MongoServerError, MongoServerSelectionError } = mongoose.mongo;

/** What a member of a replica set answers while it stops or hands over: NotWritablePrimary, ShutdownInProgress and their kin. */
const LEAVING_CODES: ReadonlySet<unknown> = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);

export function isOutage(error: unknown): boolean {
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  return error instanceof MongoServerError && LEAVING_CODES.has(error.code);
}

const PAUSE_MS = 500;

/** Runs `start` again as often as an outage ends it. It must leave nothing open when it fails, and may run any number of times. */
export async function throughOutages<T>(start: () => Promise<T>, log: Logger): Promise<T> {
  for (let wasMet = false; ;) {
    try {
      return await start();
    } catch (error) {
      wasMet ||= isOutage(error);
      if (!wasMet || !(isOutage(error) || error instanceof DatabaseAway)) throw error;
      log.error({ err: error }, 'the database went away during the start; starting again');
      await sleep(PAUSE_MS);
    }
  }
}
