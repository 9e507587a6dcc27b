/**
 * Hands out turns, the first at once and each later one not before its time, to whoever asks, in their order. It holds for one
 * process: the workflow lets one at a time send.
 */
export function turns(perSecond: number, sleep: (milliseconds: number) => Promise<unknown>): () => Promise<void> {
  let next: Promise<unknown> = Promise.resolve();
  return async () => {
    const mine = next;
    next = mine.then(() => sleep(1000 / perSecond));
    await mine;
  };
}
