/** What pages and the shared worker say to each other. */
import type { StreamEvent } from '@/api/types';
import type { StreamState } from './reader';

/** `join` starts the stream if nobody had, `leave` ends it with the last page, `stop` ends it for all (signed out). */
export type ToWorker = 'join' | 'leave' | 'stop';
export type FromWorker = { type: 'event'; event: StreamEvent } | { type: 'state'; state: StreamState };
