import type { Alert } from './alert.ts';
import type { Instant } from './instant.ts';
import type { WallMinute } from './local-time.ts';
import type { ReminderTopic } from './message-template.ts';
import type { PatientState } from './patient.ts';

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
  | 'expired';

/**
 * What became of one reminder. Each has one record, whose outcome may go on:
 *
 *     claimed ──► sent       the channel took it
 *        ├──────► failed     the channel refused it: nothing reached the patient
 *        └──────► unknown    a crash between claim and outcome: it may have reached the patient, and is not sent again
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
  readonly outcome: 'claimed' | 'sent' | 'failed' | 'unknown' | 'dropped';
  readonly reason: HeldBack | null;
}

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

/** What the events say of how a patient wants to be reminded: today, the preferred channel. */
export function remindedOf(
  state: PatientState,
  alerts: Reminded['alerts'],
  records: readonly ReminderRecord[],
): Reminded {
  const preferred = state.contact?.preferred ?? 'none';
  const channels = preferred === 'none' ? [] : [preferred];
  return {
    state,
    alerts,
    records,
    session: null,
    preferences: { channels, optedOut: [], hour: null, pausedUntil: null },
  };
}
