/** A limit on how long a puppet is waited for. Ends the waiting, not the work. */

export function within<T>(ms: number, work: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(message)), ms);
    // Waiting for a puppet must not keep a process that is asked to end.
    timer.unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
