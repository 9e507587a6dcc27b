import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemChainOf } from '../../functions/adapters/set-aside-audit.ts';
import { trialStopRecord } from '../../functions/domain/reminder-trial.ts';
import { emptyTally } from '../../functions/domain/reminder-trial-tally.ts';
import type { TrialStops } from '../../functions/ports/trial-stops.ts';

interface Ports {
  readonly trialStops: TrialStops;
  readonly auditRecords: (chain: string) => Promise<readonly { readonly sequence: number }[]>;
}

/** What every adapter of the port TrialStops promises. */
export function trialStopsContract(adapter: string, start: () => Promise<Ports>): void {
  describe(`ends of trials, ${adapter}`, () => {
    it('notes the end of a trial once, with one audit record, and keeps it', async () => {
      const { trialStops, auditRecords } = await start();
      const [trial, other] = [`t-${randomUUID()}`, `t-${randomUUID()}`];
      const chain = systemChainOf(trial);
      const before = (await auditRecords(chain)).length;
      const stop = { at: '2026-06-01T08:00:00.000Z', verdict: 'benefit' } as const;
      const record = trialStopRecord(trial, emptyTally, 'benefit', 'sha256:test');
      expect(await trialStops.stopOf(trial)).toBeNull();
      expect(await trialStops.stop(trial, stop, record)).toBe(true);
      expect(await trialStops.stop(trial, { ...stop, at: '2026-06-02T08:00:00.000Z' }, record)).toBe(false);
      expect(await trialStops.stopOf(trial)).toEqual(stop);
      expect(await trialStops.stopOf(other)).toBeNull();
      expect(await auditRecords(chain)).toHaveLength(before + 1);
    });
  });
}
