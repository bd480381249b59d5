/** A limit on how long something is waited for. Ends the waiting, not the work: whoever waits must be able to do without its result. */

export class TooLate extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TooLate';
  }
}

/** As `work` settles, or a TooLate with `message` after `ms` milliseconds; what becomes of the work then is nobody's concern. */
export function within<T>(ms: number, work: Promise<T>, message = `no end within ${ms} ms`): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new TooLate(message)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
