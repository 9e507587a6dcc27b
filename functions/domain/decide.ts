import { type Alert, alertsInAudit } from './alert.ts';
import type { AuditEntry } from './audit-chain.ts';
import type { Clinic } from './clinic.ts';
import type { ClinicalEvent } from './event.ts';
import { apply, compareEvents, fold, placeOf } from './fold.ts';
import type { Instant } from './instant.ts';
import type { NightLine } from './night.ts';
import type { Patient, PatientSnapshot, PatientState, Response } from './patient.ts';
import type { Reading } from './questionnaire.ts';
import type { ReminderRecord } from './reminder.ts';
import { nextLook } from './reminder-look.ts';
import type { Assessment } from './risk.ts';
import { decideRefusedSafety, decideSafety } from './safety-alert.ts';
import { endUnassigned } from './unassigned.ts';

/** All that one decision changes, committed in one transaction or not at all. */
export interface Change {
  readonly at: Instant;
  /** The patient afterwards. */
  readonly patient: PatientSnapshot;
  /** Clinic.hash of the configuration the state was folded under. */
  readonly foldedUnder: string;
  /** Alerts as changed by this decision, those that ended included: each is an item of its own. */
  readonly changedAlerts: readonly Alert[];
  /** Assessments that say something new: each is an item of its own. */
  readonly assessments: readonly Assessment[];
  /** The event to keep; null where the decision is about none. */
  readonly event: ClinicalEvent | null;
  /** Records of reminders, new or changed by this decision: each is an item of its own. */
  readonly reminders: readonly ReminderRecord[];
  /** The night whose scan this decision is part of: its account gets a line in the same transaction. */
  readonly night: NightLine | null;
  readonly audit: AuditEntry;
  /** The event holds a questionnaire that somebody has to mend, in the form's map or at the vendor: counted and alarmed. */
  readonly unreadable: boolean;
}

/** Whether a decision needs the patient's stored events: the event came late, or the rules have changed since the last fold. */
export function needsHistory(patient: Patient, event: ClinicalEvent, clinic: Clinic): boolean {
  if (patient.state.newest === null) return false;
  return patient.foldedUnder !== clinic.hash || compareEvents(placeOf(event), patient.state.newest) < 0;
}

/**
 * What one new event means for a patient.
 * @param history every stored event of the patient where `needsHistory` says so, else null.
 */
export function decideEvent(
  patient: Patient,
  event: ClinicalEvent,
  history: readonly ClinicalEvent[] | null,
  clinic: Clinic,
  now: Instant,
): Change {
  const state = history === null ? apply(patient.state, event, clinic) : fold([...history, event], clinic);
  const safety = decideSafety(patient, state, clinic, now);
  const unassigned = endUnassigned(safety.open, state);
  const changedAlerts = [...safety.changed, ...unassigned.changed];
  const next: PatientSnapshot = {
    ...patient,
    state,
    alerts: unassigned.open,
    raised: safety.raised,
    refusals: refusalsAfter(patient, event),
    // Whatever an event changed, the next scan looks: what it then finds is what a scan of everyone would have found.
    reviewAt: now,
  };
  const response = state.responses.findLast((one) => one.event === event.id);
  const arrived = history === null ? 'arrived' : 'arrived late or under new rules: the history was folded again';
  return {
    at: now,
    patient: { ...next, reminderAt: nextLook(next, clinic, now) },
    foldedUnder: clinic.hash,
    changedAlerts,
    assessments: [],
    night: null,
    event,
    reminders: [],
    unreadable: response?.reading.outcome === 'refused' && needsMending.has(response.reading.kind),
    audit: {
      action: 'event.record',
      agent: { who: 'programme', role: 'vendor' },
      source: 'bus',
      part: event.type,
      outcome: 'success',
      reason:
        response === undefined ? `${event.type} ${arrived}` : `${event.type} ${arrived}; ${readingInWords(response)}`,
      changed: true,
      rules: clinic.hash,
      detail: {
        event: event.id,
        occurredAt: event.occurredAt,
        zone: zoneInWords(state, clinic),
        alerts: alertsInAudit(changedAlerts),
      },
    },
  };
}

/**
 * What an answer to a safety item inside a refused message means; null where it means nothing new.
 * @param message an opaque name of the message, the same for the same content.
 */
export function decideRefusedAnswers(
  patient: Patient,
  reading: Reading,
  message: string,
  clinic: Clinic,
  now: Instant,
): Change | null {
  const safety = decideRefusedSafety(patient, reading, message, clinic, now);
  if (safety === null) return null;
  return {
    at: now,
    patient: { ...patient, alerts: safety.open, raised: safety.raised },
    foldedUnder: patient.foldedUnder ?? clinic.hash,
    changedAlerts: safety.changed,
    assessments: [],
    night: null,
    event: null,
    reminders: [],
    unreadable: false,
    audit: {
      action: 'alert.raise',
      agent: { who: 'tandem', role: 'system' },
      source: 'bus',
      part: 'safety',
      outcome: 'success',
      reason: 'a refused message holds an answer to a safety item',
      changed: true,
      rules: clinic.hash,
      detail: { message, alerts: alertsInAudit(safety.changed) },
    },
  };
}

/** Whoever opts in again takes back a STOP that only the channel told of, if they did so later. */
function refusalsAfter({ refusals }: Patient, event: ClinicalEvent): Patient['refusals'] {
  if (event.type !== 'ReminderOptedIn') return refusals;
  return refusals.filter(({ channel, at }) => channel !== event.data.channel || at > event.occurredAt);
}

/** The kinds of refusal that are somebody's fault to mend; the rest are how the patient answered. */
const needsMending: ReadonlySet<string> = new Set(['unreadable', 'unknown-measure']);

function readingInWords({ reading }: Response): string {
  return reading.outcome === 'scored' ? 'scored' : `not scored: ${reading.reason}`;
}

function zoneInWords(state: PatientState, clinic: Clinic): string {
  return state.timeZone ?? `${clinic.settings.timeZone}, the clinic's, since the patient has none`;
}
