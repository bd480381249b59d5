/** Many requests for the same refresh become few: at once, then at most one more after the gap. */
export function coalesce(work: () => Promise<unknown>, gapMs: number): () => void {
  let busy = false;
  let again = false;
  async function run(): Promise<void> {
    busy = true;
    do {
      again = false;
      await work();
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    } while (again);
    busy = false;
  }
  return () => {
    if (busy) again = true;
    else void run();
  };
}
