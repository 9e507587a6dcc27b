import type { TrialStop, TrialStops } from '../../ports/trial-stops.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import type { MemoryAudit } from './audit.ts';
import { type Faults, withFaults } from './faults.ts';

export function memoryTrialStops(audit: MemoryAudit, faults: Faults): TrialStops {
  const stops = new Map<string, TrialStop>();
  return {
    stopOf: (trial) => withFaults(faults, 'trialStops.stopOf', () => stops.get(trial) ?? null),
    stop: (trial, stop, entry) =>
      withFaults(faults, 'trialStops.stop', () => {
        if (stops.has(trial)) return false;
        audit.append(audit.place(systemChainOf(trial)), entry, stop.at);
        stops.set(trial, stop);
        return true;
      }),
  };
}
