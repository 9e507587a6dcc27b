import { hasEnded } from './alert.ts';
import { type AlertTrigger, type AnswerResult, lateAnswer, transition } from './alert-lifecycle.ts';
import type { AuditEntry } from './audit-chain.ts';
import type { Clinic } from './clinic.ts';
import type { Change } from './decide.ts';
import type { Instant } from './instant.ts';
import type { Patient } from './patient.ts';

/** What a trigger means for one of a patient's alerts. */
export interface AlertDecision {
  /** What to tell whoever answered; `done` also where there was nothing left to do. */
  readonly result: AnswerResult;
  /** Why, in words for that person; they name staff and never the patient. */
  readonly reason: string;
  /** One transaction; null: nothing to record. A refusal and a look are recorded, too. */
  readonly change: Change | null;
}

/**
 * Decides about one alert. One that is not among the patient's open ones has ended: an answer to it is recorded as seen late
 * and changes nothing, whatever the patient's history. Messages go out from the changed alert's outbox.
 * @param alertId the id of an alert of this patient: an unknown one is the caller's to refuse.
 */
export function decideAlert(
  patient: Patient,
  alertId: string,
  trigger: AlertTrigger,
  clinic: Clinic,
  now: Instant,
): AlertDecision {
  const alert = patient.alerts.find(({ id }) => id === alertId);
  const record = (audit: Omit<AuditEntry, 'rules'>, changed: Pick<Change, 'changedAlerts' | 'patient'>): Change => ({
    at: now,
    ...changed,
    foldedUnder: patient.foldedUnder ?? clinic.hash,
    assessments: [],
    event: null,
    reminders: [],
    night: null,
    unreadable: false,
    audit: { ...audit, rules: clinic.hash },
  });
  if (alert === undefined) {
    if (!('by' in trigger)) return { result: 'done', reason: 'the alert has ended', change: null };
    const audit = lateAnswer(alertId, trigger, clinic.escalation);
    return { result: 'seen-late', reason: audit.reason, change: record(audit, { changedAlerts: [], patient }) };
  }
  const next = transition(alert, trigger, {
    therapist: patient.state.therapist,
    plan: clinic.escalation,
    now,
    sequence: patient.version + 1,
  });
  if (next === null) return { result: 'done', reason: 'nothing left to do', change: null };
  const alerts = patient.alerts.map((one) => (one === alert ? next.alert : one)).filter((one) => !hasEnded(one));
  const changedAlerts = next.alert === alert ? [] : [next.alert];
  return {
    result: next.result,
    reason: next.audit.reason,
    change: record(next.audit, { changedAlerts, patient: { ...patient, alerts } }),
  };
}
