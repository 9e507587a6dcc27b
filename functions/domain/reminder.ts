import type { Alert } from './alert.ts';
import { toEpoch } from './epoch.ts';
import { hours, type Instant } from './instant.ts';
import { type WallMinute, wallMinute } from './local-time.ts';
import type { ReminderTopic } from './message-template.ts';
import type { PatientSnapshot, PatientState } from './patient.ts';

export type Channel = 'sms' | 'email';

/** Why a reminder does not go out, or not yet. "window": it is not its hour. */
export type HeldBack =
  | 'window'
  | 'quiet-hours'
  | 'holiday'
  | 'cap'
  | 'unanswered'
  | 'paused'
  | 'no-consent'
  | 'opted-out'
  | 'no-contact'
  | 'completed'
  | 'ended'
  | 'expired'
  /** By the draw of the clinic's own trial. */
  | 'trial';

/**
 * What became of one reminder. Each has one record, whose outcome may go on:
 *
 *     claimed ──► sent       the channel took it
 *        ├──────► failed     the channel refused it: nothing reached the patient
 *        ├──────► unknown    a crash between claim and outcome: it may have reached the patient, and is not sent again
 *        ├──────► dropped    what the patient did meanwhile stands against it
 *        └──────► waiting    the channel was busy and did not take it: it is decided about anew, as if nothing had been
 *     dropped                it did not go out; `reason` says why
 */
export interface ReminderRecord {
  /**
   * Names the reminder, so that it goes out once: the same for the same course, kind and subject, wherever the patient lives
   * and whatever the clinic's plan says of its day. It names a module or a moment: where only opaque ids may stand, use its hash.
   */
  readonly key: string;
  readonly kind: ReminderTopic;
  /** The module, the due day of questionnaires, or the moment it is about; "" for a welcome. */
  readonly subject: string;
  /** When it should have gone out: the start of its window, or of the hour its patient prefers. */
  readonly dueAt: Instant;
  /** When this was decided. */
  readonly at: Instant;
  readonly channel: Channel | null;
  readonly outcome: 'claimed' | 'sent' | 'failed' | 'unknown' | 'dropped' | 'waiting';
  readonly reason: HeldBack | Refusal | null;
  /** Where the clinic's own trial drew whether it is sent. */
  readonly trial?: TrialDraw;
}

/** What a trial drew about one reminder, noted before anything is sent. It stays with the record whatever becomes of that. */
export interface TrialDraw {
  /** The trial's: opaque. */
  readonly name: string;
  /** How probable "send" was. */
  readonly probability: number;
  readonly arm: 'send' | 'hold';
  /** When it was drawn: from here on the patient's activity counts. */
  readonly at: Instant;
}

/** Why a channel did not take a message. */
export type Refusal = 'opted-out' | 'no-subscription' | 'invalid-address' | 'spend-limit' | 'busy';

/** The channel says that the patient has opted out there, whatever the events say. */
export interface ChannelRefusal {
  readonly channel: Channel;
  readonly at: Instant;
}

/** A reminder has been answered when the patient was active within this time (ms) after it was due. */
export const answeredWithin = 48 * hours;

/** Whether it reached the patient, or may have: these count against the caps and wait for an answer. */
export function mayHaveArrived({ outcome }: Pick<ReminderRecord, 'outcome'>): boolean {
  return outcome === 'claimed' || outcome === 'sent' || outcome === 'unknown';
}

/** How a patient wants to be reminded. */
export interface ReminderPreferences {
  /** The channels the patient has agreed to, the preferred one first; none: no reminders. */
  readonly channels: readonly Channel[];
  /** Channels on which the patient has said STOP: the others stay. */
  readonly optedOut: readonly Channel[];
  /** When in the day; null: the clinic's hour. */
  readonly hour: WallMinute | null;
  /** No reminders before this moment; null: no pause. The enrolment's own pause counts as well. */
  readonly pausedUntil: Instant | null;
}

/** All that a decision about reminders looks at. */
export interface Reminded {
  readonly state: PatientState;
  /** Alerts not yet ended. */
  readonly alerts: readonly Pick<Alert, 'cause'>[];
  readonly preferences: ReminderPreferences;
  /** When the next talk is agreed for; null: none is. */
  readonly session: Instant | null;
  /** What became of earlier reminders, ascending by `at`. */
  readonly records: readonly ReminderRecord[];
}

/**
 * What a decision about reminders looks at.
 * @param refusals opt-outs that a channel told of: they hold like those of events.
 */
export function remindedOf(
  state: PatientState,
  alerts: Reminded['alerts'],
  records: readonly ReminderRecord[],
  refusals: readonly ChannelRefusal[] = [],
): Reminded {
  const { channels, hour, pausedUntil, optedOut } = state.preferences;
  const preferred = state.contact?.preferred ?? 'none';
  return {
    state,
    alerts,
    records,
    session: state.liveSession.scheduledFor,
    preferences: {
      channels: channels ?? (preferred === 'none' ? [] : [preferred]),
      optedOut: [...optedOut, ...refusals.map(({ channel }) => channel)],
      hour: hour === null ? null : wallMinute(hour),
      pausedUntil,
    },
  };
}

/** The same of a patient as stored. */
export function remindedPatient({
  state,
  alerts,
  reminders,
  refusals,
}: Pick<PatientSnapshot, 'state' | 'alerts' | 'reminders' | 'refusals'>): Reminded {
  return remindedOf(state, alerts, reminders, refusals);
}

/** The records after a decision, ascending by `at`: one for each reminder, the newer in place of the older. */
export function withRecords(
  records: readonly ReminderRecord[],
  changed: readonly ReminderRecord[],
): readonly ReminderRecord[] {
  const newer = new Set(changed.map(({ key }) => key));
  return [...records.filter(({ key }) => !newer.has(key)), ...changed].toSorted(
    (a, b) => toEpoch(a.at) - toEpoch(b.at),
  );
}
