/** A short list as a cursor that is exhausted with its first batch. */
import { Long } from 'bson';
import type { Doc } from '../types.js';

export function allInOneBatch(ns: string, firstBatch: Doc[]): Doc {
  return { cursor: { firstBatch, id: Long.ZERO, ns }, ok: 1 };
}
