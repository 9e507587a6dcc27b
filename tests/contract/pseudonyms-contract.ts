import { describe, expect, it } from 'vitest';
import type { Pseudonyms } from '../../functions/ports/pseudonyms.ts';

export interface PseudonymsUnderTest {
  readonly one: Pseudonyms;
  /** Of the same clinic, in another process. */
  readonly same: Pseudonyms;
  readonly otherClinic: Pseudonyms;
}

/** What every adapter of the port Pseudonyms promises. */
export function pseudonymsContract(adapter: string, start: () => Promise<PseudonymsUnderTest>): void {
  describe(`pseudonyms, ${adapter}`, () => {
    it('gives the same opaque id for the same id, in every process of a clinic', async () => {
      const { one, same } = await start();
      const pseudonym = await one.patient('vendor-123');
      expect(pseudonym).toMatch(/^p-[a-z2-7]{26}$/);
      expect(await one.patient('vendor-123')).toBe(pseudonym);
      expect(await same.patient('vendor-123')).toBe(pseudonym);
      expect(await one.event('ev-1')).toMatch(/^e-[a-z2-7]{26}$/);
      expect(await same.event('ev-1')).toBe(await one.event('ev-1'));
    });

    it('tells patients, events and clinics apart', async () => {
      const { one, otherClinic } = await start();
      const ids = await Promise.all([
        one.patient('a'),
        one.patient('b'),
        one.event('a'),
        otherClinic.patient('a'),
        otherClinic.event('a'),
      ]);
      expect(new Set(ids.map((id) => id.slice(2))).size).toBe(ids.length);
    });
  });
}
