import type { EventKey, PatientId } from '../domain/patient.ts';

/** The keyed hash that turns other people's ids into opaque ones. The same id always gives the same result in one clinic. */
export interface Pseudonyms {
  patient(vendorId: string): Promise<PatientId>;
  event(eventId: string): Promise<EventKey>;
}
