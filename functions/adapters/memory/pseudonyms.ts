import { createSecretKey } from 'node:crypto';
import type { Pseudonyms } from '../../ports/pseudonyms.ts';
import { eventPseudonym, patientPseudonym } from '../keyed-hash.ts';
import { type Faults, withFaults } from './faults.ts';

/** @param clinicKey Stands for the clinic's KMS key: other bytes, other pseudonyms. */
export function memoryPseudonyms(clinicKey: Uint8Array, faults: Faults = {}): Pseudonyms {
  const key = createSecretKey(clinicKey);
  return {
    patient: (vendorId) => withFaults(faults, 'pseudonyms.patient', () => patientPseudonym(key, vendorId)),
    event: (eventId) => withFaults(faults, 'pseudonyms.event', () => eventPseudonym(key, eventId)),
  };
}
