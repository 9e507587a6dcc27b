import { type Alert, newAlert } from './alert.ts';
import type { ClinicalEvent } from './event.ts';
import type { Instant } from './instant.ts';
import type { LegalHold } from './legal-hold.ts';
import type { Night } from './night.ts';
import type { Reading } from './questionnaire.ts';
import type { Channel, ChannelRefusal, ReminderRecord } from './reminder.ts';
import type { Assessment } from './risk.ts';
import type { RaisedTiers } from './safety-alert.ts';

/** Opaque: "p-" and a keyed hash of the programme's id. */
export type PatientId = string;

/** Keyed hash of an event's id: what the tables may show of it. */
export type EventKey = string;

type Data<T extends ClinicalEvent['type']> = Extract<ClinicalEvent, { type: T }>['data'];

export interface Enrolment {
  readonly programme: string;
  readonly enrolledAt: Instant;
  readonly status: 'active' | 'paused' | 'ended';
  /** When the newest pause ends or ended; null: there was none, or its end is open. */
  readonly pausedUntil: Instant | null;
  readonly endReason: Data<'EnrolmentEnded'>['reason'] | null;
}

/** One questionnaire as answered, in the order of answering. */
export interface Response {
  /** The FHIR resource's own id where it has one, else the event's: an amendment replaces what it amends. */
  readonly key: string;
  /** When it was first answered; an amendment does not move it. */
  readonly at: Instant;
  /** The id of the event that the reading comes from. */
  readonly event: string;
  readonly reading: Reading;
}

/**
 * What is known of a patient: the fold of their events, and nothing else. It depends on which events arrived, never on their
 * order or number. Everything a decision needs stands here.
 */
export interface PatientState {
  readonly enrolment: Enrolment | null;
  readonly track: Data<'TrackChanged'>['track'] | null;
  readonly therapist: string | null;
  /** Since when an accompanied patient has had no therapist; null: they have one, or need none. */
  readonly unassignedSince: Instant | null;
  /** null: the clinic's zone, since none was given. */
  readonly timeZone: string | null;
  readonly language: string | null;
  readonly contact: NonNullable<Data<'ContactChanged'>['contact']> | null;
  readonly consent: { readonly scoring: boolean; readonly reminders: boolean };
  readonly modules: {
    readonly [module: string]: {
      readonly startedAt: Instant | null;
      readonly completedAt: Instant | null;
      readonly minutes: number | null;
    };
  };
  readonly activity: {
    readonly first: Instant | null;
    readonly last: Instant | null;
    /** Local calendar dates with any activity, ascending. */
    readonly dates: readonly string[];
  };
  readonly responses: readonly Response[];
  readonly barriers: readonly { readonly at: Instant; readonly barrier: Data<'BarrierReported'>['barrier'] }[];
  readonly messages: { readonly fromPatient: number; readonly fromTherapist: number; readonly last: Instant | null };
  readonly liveSession: {
    readonly requestedAt: Instant | null;
    readonly heldAt: Instant | null;
    /** When the newest agreed talk begins, past ones too; null: none is agreed. */
    readonly scheduledFor: Instant | null;
  };
  /** How the patient wants to be reminded, as far as their events say. */
  readonly preferences: {
    /** Agreed to, the preferred one first; null: nothing said, so that `contact.preferred` holds. */
    readonly channels: readonly Channel[] | null;
    /** Such as "18:30" in the patient's zone; null: the clinic's. */
    readonly hour: string | null;
    readonly pausedUntil: Instant | null;
    /** Channels on which the patient said STOP. */
    readonly optedOut: readonly Channel[];
  };
  /** The place of the newest event folded in: an event before it needs the whole history. */
  readonly newest: { readonly at: Instant; readonly id: string } | null;
  readonly events: number;
}

/** A patient as stored: the fold, what Tandem itself decided, and the place in the audit chain. */
export interface Patient {
  readonly id: PatientId;
  /** Number of decisions committed, which is also the sequence number of the newest audit record. 0: unknown so far. */
  readonly version: number;
  /** c[version] of the audit chain, hex. */
  readonly head: string;
  readonly state: PatientState;
  /** The configuration the state was folded under (Clinic.hash). */
  readonly foldedUnder: string | null;
  /** Alerts not yet ended. */
  readonly alerts: readonly Alert[];
  /** What the safety rules raised already. */
  readonly raised: RaisedTiers;
  /** What the last review left standing, one for each kind. */
  readonly standing: readonly Assessment[];
  /** When a scan has to look at this patient next; null: not before an event comes. */
  readonly reviewAt: Instant | null;
  /** The newest night whose scan looked at this patient; null: none did. */
  readonly reviewedOn: Night | null;
  /** What became of each reminder, one record for each, ascending by `at`. */
  readonly reminders: readonly ReminderRecord[];
  /** When a round of reminders has to look at this patient; null: not before an event comes. */
  readonly reminderAt: Instant | null;
  /** Opt-outs that no event told of, but the channel, when a reminder was refused. */
  readonly refusals: readonly ChannelRefusal[];
  /** When the patient was last heard of before their reminders were given up and a person was asked to look; null: never. */
  readonly gaveUpAfter: Instant | null;
  /** `unassignedSince` of the time without a therapist that was an alert last; null: none was. */
  readonly alertedUnassignedSince: Instant | null;
  /** Stands against erasing the patient; null: nothing does. */
  readonly legalHold: LegalHold | null;
}

/** What Tandem knows of somebody it has never heard of. */
export function unknownPatient(id: PatientId, head: string): Patient {
  return {
    id,
    version: 0,
    head,
    state: unknownState,
    foldedUnder: null,
    alerts: [],
    raised: {},
    standing: [],
    reviewAt: null,
    reviewedOn: null,
    reminders: [],
    reminderAt: null,
    refusals: [],
    gaveUpAfter: null,
    alertedUnassignedSince: null,
    legalHold: null,
  };
}

/** What a decision leaves of a patient, beside the place in the chain. */
export type PatientSnapshot = Omit<Patient, 'id' | 'version' | 'head' | 'foldedUnder'>;

/** Only what belongs there, whatever else the object carries. */
export function snapshotOf(patient: PatientSnapshot): PatientSnapshot {
  const { state, alerts, raised, standing, reviewAt, reviewedOn, ...decided } = patient;
  const { reminders, reminderAt, refusals, gaveUpAfter, alertedUnassignedSince, legalHold } = decided;
  const ofReminders = { reminders, reminderAt, refusals, gaveUpAfter };
  return { state, alerts, raised, standing, reviewAt, reviewedOn, ...ofReminders, alertedUnassignedSince, legalHold };
}

/**
 * A snapshot as stored, maybe by older code: what it lacks is as for somebody never heard of. Its state is folded again at the
 * next decision, since Clinic.hash is another one; here it only gets its shape.
 */
export function restored(stored: Partial<PatientSnapshot>): PatientSnapshot {
  const { state, alerts = [] } = stored;
  const liveSession = { ...unknownState.liveSession, ...state?.liveSession };
  return {
    ...snapshotOf(unknownPatient('', '')),
    ...stored,
    state: { ...unknownState, ...state, liveSession },
    // An alert from before there were steps has taken none: its first is due.
    alerts: alerts.map((alert) => ({ ...newAlert(alert, alert.raisedAt), ...alert })),
  };
}

export const unknownState: PatientState = {
  enrolment: null,
  track: null,
  therapist: null,
  unassignedSince: null,
  timeZone: null,
  language: null,
  contact: null,
  consent: { scoring: false, reminders: false },
  modules: {},
  activity: { first: null, last: null, dates: [] },
  responses: [],
  barriers: [],
  messages: { fromPatient: 0, fromTherapist: 0, last: null },
  liveSession: { requestedAt: null, heldAt: null, scheduledFor: null },
  preferences: { channels: null, hour: null, pausedUntil: null, optedOut: [] },
  newest: null,
  events: 0,
};
