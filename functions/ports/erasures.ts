import type { Erasure } from '../domain/erasure.ts';
import type { Patient, PatientId } from '../domain/patient.ts';

/** Destroys what opens a patient's content, and clears away what can no longer be opened. */
export interface Erasures {
  /**
   * One transaction, or nothing: both records are written, the patient's keys are gone, and no index names them any more. From then on
   * `Patients.load` says so.
   * @throws Conflict where the patient has changed since the load.
   */
  erase(patient: Patient, erasure: Erasure): Promise<void>;
  /**
   * Removes what is left of an erased patient: it can be read by nobody, so this is tidying. May be called again, also where an
   * earlier call stopped half-way. What stays is the end of their chain and its records.
   * @returns how many items were removed.
   * @throws Error where the patient is not erased.
   */
  clear(id: PatientId): Promise<number>;
}
