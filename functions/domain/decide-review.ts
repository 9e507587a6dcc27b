import { type Alert, alertsInAudit, endedAlert, hasEnded, raisedAlert, withEvidence } from './alert.ts';
import type { Clinic } from './clinic.ts';
import type { Change } from './decide.ts';
import type { ClinicalEvent } from './event.ts';
import { fold } from './fold.ts';
import type { Instant } from './instant.ts';
import type { Night } from './night.ts';
import type { Patient, PatientSnapshot } from './patient.ts';
import { nextLook } from './reminder-look.ts';
import { isDue, type LevelChange, review } from './review.ts';
import type { Assessment } from './risk.ts';
import { decideSafety, openAlert } from './safety-alert.ts';
import { decideUnassigned } from './unassigned.ts';

/** Whether a review needs the stored events: the rules have changed since the last fold. */
export function reviewNeedsHistory(patient: Patient, clinic: Clinic): boolean {
  return patient.version > 0 && patient.foldedUnder !== clinic.hash;
}

/**
 * What a night's scan finds about one patient; null where the patient is not due, since somebody has looked meanwhile.
 * @param until the scan looks at everyone due at or before this moment; null: at everyone.
 * @param history every stored event where `reviewNeedsHistory` says so, else null.
 */
export function decideReview(
  patient: Patient,
  night: Night,
  until: Instant | null,
  history: readonly ClinicalEvent[] | null,
  clinic: Clinic,
  now: Instant,
): Change | null {
  if (patient.version === 0 || patient.reviewedOn === night) return null;
  if (until !== null && !isDue(patient.reviewAt, until)) return null;
  const state = history === null ? patient.state : fold(history, clinic);
  const found = review(state, patient.standing, clinic, now, patient.reminders);
  const safety = decideSafety(patient, state, clinic, now);
  const unassigned = decideUnassigned({ ...patient, alerts: safety.open }, state, now);
  const risk = riskAlerts({ ...patient, alerts: unassigned.open }, found.levels, now);
  const changedAlerts = [...safety.changed, ...unassigned.changed, ...risk.changed];
  const toLookAt = changedAlerts.filter(({ status }) => status === 'open').map(({ id }) => id);
  const next: PatientSnapshot = {
    ...patient,
    state,
    alerts: risk.open,
    raised: safety.raised,
    alertedUnassignedSince: unassigned.alertedUnassignedSince,
    standing: found.standing,
    reviewAt: found.reviewAt,
    reviewedOn: night,
  };
  return {
    at: now,
    // New rules may plan reminders on other days, and a silent patient has no event that would say so.
    patient: history === null ? next : { ...next, reminderAt: nextLook(next, clinic, now) },
    foldedUnder: clinic.hash,
    changedAlerts,
    assessments: found.changed,
    event: null,
    reminders: [],
    night: {
      night,
      patient: patient.id,
      outcome: 'assessed',
      changed: found.changed.length > 0,
      therapist: state.therapist,
      alerts: toLookAt,
    },
    unreadable: false,
    audit: {
      action: 'risk.assess',
      agent: { who: 'tandem', role: 'system' },
      source: 'scan',
      part: 'risk',
      outcome: 'success',
      reason: found.notScored === null ? 'a review was due' : `a review was due; not scored: ${found.notScored}`,
      changed: found.changed.length > 0 || changedAlerts.length > 0,
      rules: clinic.hash,
      detail: {
        night,
        levels: found.levels.map(({ kind, from, to }) => ({ kind, from, to })),
        alerts: alertsInAudit(changedAlerts),
      },
    },
  };
}

/** The scores' own alerts. Safety is separate: its rules have looked already. */
function riskAlerts(patient: Patient, levels: readonly LevelChange[], now: Instant) {
  let open = patient.alerts;
  const changed: Alert[] = [];
  for (const level of levels) {
    if (level.kind === 'safety') continue;
    const alert = open.find(({ cause }) => cause === level.kind);
    const next = alertAfter(patient, alert, level, now);
    if (next === null) continue;
    changed.push(next);
    open = [...open.filter((one) => one !== alert), ...(hasEnded(next) ? [] : [next])];
  }
  return { open, changed };
}

/** What a change of level makes of the alert of its kind; null: nothing. */
function alertAfter(
  patient: Patient,
  alert: Alert | undefined,
  { kind, from, to, after, why }: LevelChange,
  now: Instant,
): Alert | null {
  if (to === 'green' || after === null) {
    if (alert === undefined) return null;
    const words = why === null ? `the level of ${kind} is green again` : `no longer scored: ${why}`;
    return endedAlert(alert, 'closed', words);
  }
  const evidence = [evidenceOf(after)];
  // A level that falls asks nobody: the alert of the higher one has been answered.
  if (alert === undefined) return from === 'red' ? null : openAlert(patient, kind, 'list', evidence, now);
  return from === 'yellow' ? raisedAlert(alert, alert.tier, evidence, now) : withEvidence(alert, evidence);
}

function evidenceOf({ at, score, level }: Assessment) {
  return { basis: 'assessment' as const, at, score, level };
}
