/** What still runs after its request was answered, so that a stop can wait for it before the database closes. Knows no work. */

export interface UnderWay {
  /** Counts the work until it settles; gives it back as it is. */
  add<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, what was added meanwhile included. */
  done(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  const running = new Set<Promise<unknown>>();
  return {
    add: (work) => {
      const forget = (): void => void running.delete(work);
      running.add(work);
      work.then(forget, forget);
      return work;
    },
    done: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
