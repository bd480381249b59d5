/** How an import's state looks, and whether it is still moving. */
import type { ImportState } from '../../api/types.js';

export const isMoving = (state: ImportState): boolean => state === 'checking' || state === 'running';
export const canStart = (state: ImportState): boolean => !isMoving(state) && state !== 'uploaded';

export function toneOf(state: ImportState): string {
  if (state === 'failed' || state === 'stopped') return 'chip--bad';
  return state === 'done' || state === 'checked' ? 'chip--good' : '';
}
