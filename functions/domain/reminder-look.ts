import type { Clinic } from './clinic.ts';
import { fromEpoch, toEpoch } from './epoch.ts';
import type { Instant } from './instant.ts';
import type { PatientSnapshot } from './patient.ts';
import { type Reminded, remindedPatient } from './reminder.ts';
import { calendarOf, type ReminderCalendar } from './reminder-calendar.ts';
import { isRemindable, unansweredAt, unansweredFrom } from './reminder-obstacles.ts';
import { nextReminder } from './reminder-plan.ts';

/**
 * For how long a claim is its claimer's, in milliseconds: longer than one send takes, shorter than the time between two
 * rounds. A claim that is older was left behind by a crash.
 */
export const claimMilliseconds = 5 * 60_000;

/** From when on a claim without an outcome counts as left behind. */
export function claimedUntil({ at }: { readonly at: Instant }): Instant {
  return fromEpoch(toEpoch(at) + claimMilliseconds);
}

/** A patient who answers no reminder any more. */
export interface Silence {
  /** When they were last heard of. */
  readonly heardOf: Instant;
  /** From when on no more reminders are sent. */
  readonly from: Instant;
  /** How many reminders in a row have stayed without an answer at a moment. */
  readonly unanswered: (moment: Instant) => number;
}

/** Null: not so many reminders have gone out since the patient was last heard of. `from` may lie ahead. */
export function silenceOf(calendar: ReminderCalendar): Silence | null {
  const from = unansweredFrom(calendar);
  if (from === null) return null;
  return {
    heardOf: calendar.heardOf,
    from: fromEpoch(from),
    unanswered: (moment) => unansweredAt(toEpoch(moment), calendar),
  };
}

/**
 * When a round has to look at a patient, if no event comes before; null: not before one comes. A moment that has passed means:
 * the next round.
 */
export function nextLook(patient: PatientSnapshot, clinic: Clinic, now: Instant): Instant | null {
  const reminded = remindedPatient(patient);
  const next = nextReminder(reminded, clinic, now);
  const looks = [
    ...patient.reminders.filter(({ outcome }) => outcome === 'claimed').map(claimedUntil),
    ...(next === null ? [] : [next.at]),
    ...lookAtSilence(patient, reminded, clinic, now),
  ];
  return looks.toSorted()[0] ?? null;
}

/** When a person is to be asked to look, or no longer: at most one moment. */
function lookAtSilence(patient: PatientSnapshot, reminded: Reminded, clinic: Clinic, now: Instant): Instant[] {
  const calendar = calendarOf(reminded, clinic);
  const silence = calendar === null ? null : silenceOf(calendar);
  if (calendar === null || silence === null) return hasAlert(patient) ? [now] : [];
  if (patient.gaveUpAfter === silence.heardOf) return [];
  const at = silence.from > now ? silence.from : now;
  return isRemindable(toEpoch(at), calendar) ? [at] : [];
}

function hasAlert({ alerts }: PatientSnapshot): boolean {
  return alerts.some(({ cause }) => cause === 'unanswered');
}
