/**
 * Keeps the heap near what lives in it while a long batch job runs. Left alone, V8 lets a heap grow to several times that before it
 * collects: quick, and right for short work, but a file of any size shall be read in bounded memory.
 */
import { setFlagsFromString } from 'node:v8';

/** Per cent by which the heap may outgrow what a collection left; V8 reads it at every collection, and 0 gives the choice back to it. */
const GROWING_PERCENT = 120;

let running = 0;

export async function withTightHeap<T>(work: () => Promise<T>): Promise<T> {
  running += 1;
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  try {
    return await work();
  } finally {
    running -= 1;
    if (running === 0) setFlagsFromString('--heap-growing-percent=0');
  }
}
