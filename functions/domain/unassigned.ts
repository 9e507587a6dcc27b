import { days, type Instant, later } from './instant.ts';
import type { PatientState } from './patient.ts';

/** After this long without a therapist a patient is an alert of its own. A default, not evidence. */
export const longestUnassigned = days;

/**
 * Whether an accompanied patient has had no therapist for more than 24 hours of the enrolment. Nobody may fall between two
 * people; a self-guided patient has no therapist by choice.
 */
export function unassignedTooLong(state: PatientState, now: Instant): boolean {
  const { enrolment, track, therapist } = state;
  if (enrolment?.status !== 'active' || track !== 'therapist-supported' || therapist !== null) return false;
  return now > later(enrolment.enrolledAt, longestUnassigned);
}
