import type { Canaries } from '../../ports/door.ts';
import { type Faults, withFaults } from './faults.ts';

export function memoryCanaries(faults: Faults = {}): Canaries {
  const arrivals = new Set<string>();
  return {
    arrived: (id) =>
      withFaults(faults, 'canaries.arrived', () => {
        arrivals.add(id);
      }),
    hasArrived: (id) => withFaults(faults, 'canaries.hasArrived', () => arrivals.has(id)),
  };
}
