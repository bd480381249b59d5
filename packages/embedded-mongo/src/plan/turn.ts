/**
 * Turns: how long a reader works before it lets others in. Everything runs on one thread, so a short request beside a long scan waits for
 * the rest of the scan's turn. Owns the clock of the turn that runs now.
 */

/** Short enough that a short request hardly notices; long enough that giving way (some 20 µs) costs a scan little. */
export const TURN_MS = 3;

let began = 0;

/** Work starts, or goes on after others were let in. */
export function beginTurn(): void {
  began = performance.now();
}

/** Whether the work has had its time and should yield PAUSE. */
export function isTurnOver(): boolean {
  return performance.now() - began >= TURN_MS;
}
