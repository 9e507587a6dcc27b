import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EarlyAlerts } from '../../functions/ports/early-alerts.ts';
import { now } from './changes.ts';

/** What every adapter of the port EarlyAlerts promises. */
export function earlyAlertsContract(adapter: string, start: () => Promise<EarlyAlerts>): void {
  describe(`early alerts, ${adapter}`, () => {
    it('keeps what went out about a message in the place of what was kept before, and knows nothing of others', async () => {
      const earlyAlerts = await start();
      const reference = randomUUID();
      expect(await earlyAlerts.find(reference)).toBeNull();
      const early = { reference, at: now, told: ['s-1'], isRecorded: false };
      await earlyAlerts.keep(early, now);
      expect(await earlyAlerts.find(reference)).toEqual(early);
      const later = { ...early, told: ['s-1', 't-7'], isRecorded: true };
      await earlyAlerts.keep(later, now);
      await earlyAlerts.keep(later, now);
      expect(await earlyAlerts.find(reference)).toEqual(later);
      expect(await earlyAlerts.find(randomUUID())).toBeNull();
    });
  });
}
