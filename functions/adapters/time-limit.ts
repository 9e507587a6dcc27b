import { setTimeout as sleep } from 'node:timers/promises';

/** The work did not end in time. It may still go on, and have its effect. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/** Waits no longer than this for a piece of work. @throws TookTooLong */
export function within(milliseconds: number): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    const timer = new AbortController();
    const tooLong = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
      throw new TookTooLong(`it took longer than ${milliseconds} ms`);
    });
    // Whichever loses is waited for by nobody.
    tooLong.catch(() => {});
    work.catch(() => {});
    try {
      return await Promise.race([work, tooLong]);
    } finally {
      timer.abort();
    }
  };
}
