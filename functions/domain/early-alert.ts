import type { Clinic } from './clinic.ts';
import type { Change } from './decide.ts';
import { decideNote } from './decide-note.ts';
import type { StaffId } from './escalation-plan.ts';
import type { Instant } from './instant.ts';
import { findSomebody } from './on-call.ts';
import type { Patient } from './patient.ts';
import type { Reading } from './questionnaire.ts';
import { unrecordedSignal } from './safety-alert.ts';

/**
 * What went out about a message before it could be recorded: the one exception to "no change without its record". Nobody can
 * answer such an alert, since an answer could not be recorded either; the alert that can be answered opens with the record.
 */
export interface EarlyAlert {
  /** Names the message: opaque, and the same at its every delivery. */
  readonly reference: string;
  /** When it first went out. */
  readonly at: Instant;
  /** Staff to whom it went. */
  readonly told: readonly StaffId[];
  /** Whether its gap record is written. */
  readonly isRecorded: boolean;
}

/** Whether an answer in a message is one for which an early alert may have gone out: nothing less is ever urgent. */
export function mayBeUrgent({ item9 }: Reading): boolean {
  return item9 !== null && item9 > 0;
}

/**
 * Whom an answer concerns that cannot be recorded: everybody whom the plan for what is urgent would ask one after the other, at
 * once, since none of them could say that they have it. null: it is not urgent, and waits for its record.
 * @param patient as loaded, or an unknown one where that failed: then only the answer itself counts, and the supervisors are told.
 */
export function earlyRecipients(
  patient: Patient,
  reading: Reading,
  reference: string,
  clinic: Clinic,
  now: Instant,
): StaffId[] | null {
  const signal = unrecordedSignal(patient.state, reading, reference, clinic, now);
  if (signal?.tier !== 'urgent') return null;
  const { escalation: plan } = clinic;
  const notify = [...plan.tiers.urgent.steps.flatMap((step) => step.notify), 'supervisor' as const];
  return [...findSomebody(notify, patient.state.therapist, plan, now).people];
}

/** The record of an early alert, once records can be written again. */
export function decideGapRecord(patient: Patient, early: EarlyAlert, clinic: Clinic, now: Instant): Change {
  const { reference, at, told } = early;
  const entry = {
    action: 'alert.sent-early',
    agent: { who: 'tandem', role: 'system' },
    source: 'bus',
    part: 'safety',
    outcome: 'success' as const,
    reason:
      'an urgent answer could not be recorded when it came, so its alert went out first: this is the record that was missing',
    changed: false,
    detail: { message: reference, sentAt: at, told: [...told] },
  };
  return decideNote(patient, entry, clinic, now);
}
