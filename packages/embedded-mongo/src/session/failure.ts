/** Shorthand for the errors the server half raises; codes and names are MongoDB's (its error_codes.yml). */
import { MongoError } from '../errors.js';
import type { Doc } from '../types.js';

export function failure(code: number, message: string, more: { labels?: string[]; extra?: Doc } = {}): MongoError {
  return new MongoError(code, message, more);
}

/** A plain write met a key that an open transaction holds: wait until that transaction ends, then run again from the start. */
export class MustWait extends Error {
  constructor(readonly ended: Promise<void>) {
    super('waiting for a transaction');
  }
}

export { MongoError, notImplemented, writeConflict } from '../errors.js';
