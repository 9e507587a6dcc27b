import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Canaries } from '../../functions/ports/door.ts';

/** What every adapter of the port Canaries promises. */
export function canariesContract(adapter: string, start: () => Promise<Canaries>): void {
  describe(`canaries, ${adapter}`, () => {
    it('knows which canary has arrived, however often it did', async () => {
      const canaries = await start();
      const [arrived, missing] = [randomUUID(), randomUUID()];
      expect(await canaries.hasArrived(arrived)).toBe(false);
      await canaries.arrived(arrived, '2026-03-01T00:00:00.000Z');
      await canaries.arrived(arrived, '2026-03-01T00:00:01.000Z');
      expect(await canaries.hasArrived(arrived)).toBe(true);
      expect(await canaries.hasArrived(missing)).toBe(false);
    });
  });
}
