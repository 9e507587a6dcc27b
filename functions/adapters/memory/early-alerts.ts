import type { EarlyAlert } from '../../domain/early-alert.ts';
import type { EarlyAlerts } from '../../ports/early-alerts.ts';
import { type Faults, withFaults } from './faults.ts';

export function memoryEarlyAlerts(faults: Faults = {}): EarlyAlerts {
  const kept = new Map<string, EarlyAlert>();
  return {
    find: (reference) => withFaults(faults, 'earlyAlerts.find', () => kept.get(reference) ?? null),
    keep: (early) =>
      withFaults(faults, 'earlyAlerts.keep', () => {
        kept.set(early.reference, early);
      }),
  };
}
