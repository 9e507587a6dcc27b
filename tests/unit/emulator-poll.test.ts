import { describe, expect, it } from 'vitest';
import { until } from '../emulator/poll.ts';

describe('polling', () => {
  it('asks until there is an answer, and takes 0 and the empty string for one', async () => {
    const answers = [undefined, false, 0] as const;
    let asked = 0;
    await expect(until('an answer', async () => answers[asked++])).resolves.toBe(0);
    expect(asked).toBe(3);
    await expect(until('an answer', async () => '')).resolves.toBe('');
  });

  it('says what it waited for, and how long', async () => {
    const never = until('the alert to close', async () => false, { limitSeconds: 0 });
    await expect(never).rejects.toThrow('Waited 0 s for the alert to close; asked 1 times.');
  });

  it('does not swallow an error of the probe', async () => {
    const broken = until('an answer', async () => {
      throw new Error('no such table');
    });
    await expect(broken).rejects.toThrow('no such table');
  });
});
