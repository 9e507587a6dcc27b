import { describe, expect, it } from 'vitest';
import { TookTooLong, within } from '../../functions/adapters/time-limit.ts';

describe('a limit of time', () => {
  it('hands on what the work gives, and how it fails', async () => {
    const inTime = within(60_000);
    expect(await inTime(Promise.resolve(7))).toBe(7);
    await expect(inTime(Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  });

  it('gives up on work that does not end, and lets its late failure go', async () => {
    let fail: (error: Error) => void = () => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    await expect(within(1)(work)).rejects.toThrow(TookTooLong);
    fail(new Error('nobody waits for this'));
    await expect(work).rejects.toThrow('nobody waits');
  });
});
