import type { Change } from '../domain/decide.ts';
import type { ClinicalEvent } from '../domain/event.ts';
import type { Instant } from '../domain/instant.ts';
import type { Patient, PatientId } from '../domain/patient.ts';

/** What is already known under an event's id. */
export type Seen =
  | { readonly kind: 'never' }
  | { readonly kind: 'same-patient'; readonly event: ClinicalEvent }
  | { readonly kind: 'other-patient' };

/** Somebody else committed first: load again, decide again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/**
 * The patient was erased: nothing of theirs can be read or written any more, and nobody has to do anything about them. Whoever meets
 * this in the middle of something ends it quietly.
 */
export class PatientErased extends Error {
  override readonly name = 'PatientErased';
  readonly at: Instant;

  constructor(id: PatientId, at: Instant) {
    super(`${id} was erased at ${at}: nothing of theirs can be read or written any more`);
    this.at = at;
  }
}

/** Every patient's state and events. Reads are strongly consistent: what was committed before a load began is in it. */
export interface Patients {
  /**
   * A patient never heard of has version 0.
   * @throws PatientErased
   */
  load(id: PatientId): Promise<Patient>;
  /** Every stored event of the patient, in no order, as of at least the last load. */
  history(id: PatientId): Promise<ClinicalEvent[]>;
  /** What is stored under this event's id, for whichever patient. */
  seen(id: PatientId, eventId: string): Promise<Seen>;
  /**
   * One transaction: state, event, alerts and audit record, or nothing.
   * @throws Conflict where the patient has changed since the load, or the event id has been used meanwhile.
   */
  commit(patient: Patient, change: Change): Promise<void>;
}
