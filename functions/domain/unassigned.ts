import { type AlertChange, endedAlert } from './alert.ts';
import { days, type Instant, later } from './instant.ts';
import type { Patient, PatientSnapshot, PatientState } from './patient.ts';
import { openAlert } from './safety-alert.ts';

/** After this long without a therapist a patient is an alert of its own. A default, not evidence. */
export const longestUnassigned = days;

/** Whether somebody has to be named. A self-guided patient has no therapist by choice, and nobody after the end. */
function needsTherapist({ enrolment, track, therapist }: PatientState): boolean {
  return enrolment !== null && enrolment.status !== 'ended' && track === 'therapist-supported' && therapist === null;
}

/** Since when an accompanied patient has had no therapist, after an event; null: they have one, or need none. */
export function unassignedSince(before: PatientState, after: PatientState, at: Instant): Instant | null {
  return needsTherapist(after) ? (before.unassignedSince ?? at) : null;
}

/** From when it is an alert, past moments too; null: not before an event comes. Nobody is asked for during a pause. */
function alertFrom({ enrolment, unassignedSince: since }: PatientState): Instant | null {
  if (since === null) return null;
  const from = later(since, longestUnassigned);
  if (enrolment?.status !== 'paused') return from;
  const { pausedUntil } = enrolment;
  return pausedUntil !== null && pausedUntil < from ? from : pausedUntil;
}

/** When to look at the patient for this, if no event comes; null: never. */
export function unassignedReviewAt(state: PatientState, now: Instant): Instant | null {
  const from = alertFrom(state);
  return from !== null && from > now ? from : null;
}

/** What an event leaves of the alert: it ends at once where somebody has been named, or nobody is needed any more. */
export function endUnassigned(alerts: Patient['alerts'], state: PatientState): AlertChange {
  const alert = alerts.find(({ cause }) => cause === 'unassigned');
  if (alert === undefined || state.unassignedSince !== null) return { open: alerts, changed: [] };
  const why = state.therapist === null ? 'the patient needs no therapist any more' : 'a therapist has been assigned';
  return { open: alerts.filter((one) => one !== alert), changed: [endedAlert(alert, 'closed', why)] };
}

/**
 * The same in a review, which also opens it: once for each time without a therapist, so that whoever has resolved it is not
 * asked again every night.
 */
export function decideUnassigned(
  patient: Patient,
  state: PatientState,
  now: Instant,
): AlertChange & Pick<PatientSnapshot, 'alertedUnassignedSince'> {
  const { alertedUnassignedSince: alerted } = patient;
  const from = alertFrom(state);
  if (from === null || from > now || alerted === state.unassignedSince)
    return { ...endUnassigned(patient.alerts, state), alertedUnassignedSince: alerted };
  const isOpen = patient.alerts.some(({ cause }) => cause === 'unassigned');
  const opened = isOpen ? [] : [openAlert(patient, 'unassigned', 'alert', [], now)];
  return {
    open: [...patient.alerts, ...opened],
    changed: opened,
    alertedUnassignedSince: state.unassignedSince,
  };
}
