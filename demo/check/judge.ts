/** How a step judges: what must hold, and what must come true before a deadline. */

/** A step's reason to fail, as it is printed. */
export class StepFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StepFailed';
  }
}

/** `rule` is the sentence that must hold. */
export function expect(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new StepFailed(`Expected: ${rule}`);
}

const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 100;

/** Looks until there is something, less and less often; fails with `what` when there is nothing within `withinMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  withinMs = 12_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.3)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new StepFailed(`Waited ${String(withinMs / 1000)} s in vain for ${what}`);
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
}
