import type { Erasures } from '../../ports/erasures.ts';
import { type Faults, withFaults } from './faults.ts';
import type { MemoryPatients } from './patients.ts';

/** Nothing is encrypted in memory, so the patient goes instead of their keys. */
export function memoryErasures(patients: MemoryPatients, faults: Faults = {}): Erasures {
  return {
    erase: (patient, erasure) => withFaults(faults, 'erasures.erase', () => patients.erase(patient, erasure)),
    clear: (id) => withFaults(faults, 'erasures.clear', () => patients.clear(id)),
  };
}
