import { setTimeout as pause } from 'node:timers/promises';

const pauseMilliseconds = 100;

/**
 * Asks again and again until there is an answer: undefined and false mean not yet. An error that the probe throws is
 * the answer too, and is not swallowed.
 * @param what ends the sentence "Waited 60 s for ...", for the person who reads the failure
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  { limitSeconds = 60 }: { limitSeconds?: number } = {},
): Promise<T> {
  const deadline = performance.now() + limitSeconds * 1000;
  for (let tries = 1; ; tries += 1) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= deadline) throw new Error(`Waited ${limitSeconds} s for ${what}; asked ${tries} times.`);
    await pause(pauseMilliseconds);
  }
}
