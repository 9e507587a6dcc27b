import { toEpoch } from './epoch.ts';
import { hours } from './instant.ts';
import { dayAt } from './local-day.ts';
import { endOfSpan } from './local-time.ts';
import { type Channel, type HeldBack, mayHaveArrived, type Reminded } from './reminder.ts';
import { isDone, type Reminder, type ReminderCalendar } from './reminder-calendar.ts';

/** A reminder has been answered when the patient was active within this time after it. */
const answeredWithin = 48 * hours;

/** Obstacles that no later hour removes. */
const final: ReadonlySet<HeldBack> = new Set(['ended', 'completed']);

export function isFinal(obstacle: HeldBack): boolean {
  return final.has(obstacle);
}

/** Whether a reminder may go out, and by which channel. */
export type Verdict =
  | { readonly obstacle: HeldBack; readonly channel: null }
  | { readonly obstacle: null; readonly channel: Channel };

/**
 * What stands against a reminder at a moment (ms) within its window. Nothing here has an exception: no kind of reminder is
 * urgent enough to override what a patient wants.
 */
export function verdictAt(reminder: Reminder, moment: number, calendar: ReminderCalendar): Verdict {
  const obstacle = obstacleOf(reminder, moment, calendar);
  if (obstacle !== null) return { obstacle, channel: null };
  const { reminded } = calendar;
  const channel = channelOf(reminded);
  if (channel !== null) return { obstacle, channel };
  const { channels, optedOut } = reminded.preferences;
  const wantsNone = channels.every((one) => optedOut.includes(one));
  return { obstacle: reminded.state.contact !== null && wantsNone ? 'opted-out' : 'no-contact', channel };
}

function obstacleOf(reminder: Reminder, moment: number, calendar: ReminderCalendar): HeldBack | null {
  const { reminded, cadence, enrolment, timeZone } = calendar;
  if (enrolment.status === 'ended') return 'ended';
  if (isDone(reminder, calendar)) return 'completed';
  if (isPaused(moment, calendar)) return 'paused';
  if (!reminded.state.consent.reminders) return 'no-consent';
  if (unansweredAt(moment, calendar) >= cadence.stopAfterUnanswered) return 'unanswered';
  if (cadence.holidays.has(dayAt(moment, timeZone))) return 'holiday';
  if (endOfSpan(moment, cadence.quiet, timeZone) > moment) return 'quiet-hours';
  return isOverCap(reminder, moment, calendar) ? 'cap' : null;
}

function isPaused(moment: number, { reminded, enrolment }: ReminderCalendar): boolean {
  const { pausedUntil } = reminded.preferences;
  if (pausedUntil !== null && moment < toEpoch(pausedUntil)) return true;
  return enrolment.status === 'paused' && (enrolment.pausedUntil === null || moment < toEpoch(enrolment.pausedUntil));
}

/** The first channel that the patient has agreed to, has not stopped, and has an address for; null: none. */
function channelOf({ state: { contact }, preferences: { channels, optedOut } }: Reminded): Channel | null {
  return channels.find((one) => contact?.[one] !== undefined && !optedOut.includes(one)) ?? null;
}

/**
 * How many reminders in a row have stayed without an answer: those since the patient was last heard of, once 48 hours have
 * passed since they were due. Any activity starts the count anew.
 */
export function unansweredAt(moment: number, { reminded, heardOf }: ReminderCalendar): number {
  let count = 0;
  for (const record of reminded.records.toReversed()) {
    if (record.at < heardOf) break;
    if (mayHaveArrived(record) && toEpoch(record.dueAt) + answeredWithin <= moment) count++;
  }
  return count;
}

/** Local dates are counted: the day itself, and the seven that end with it. */
function isOverCap({ key }: Reminder, moment: number, { reminded, cadence, timeZone }: ReminderCalendar): boolean {
  const today = dayAt(moment, timeZone);
  let thisDay = 0;
  let thisWeek = 0;
  for (const record of reminded.records.toReversed()) {
    const day = dayAt(toEpoch(record.at), timeZone);
    if (day <= today - 7) break;
    // A reminder that is claimed is not in its own way.
    if (!mayHaveArrived(record) || record.key === key) continue;
    thisWeek++;
    if (day === today) thisDay++;
  }
  return thisDay >= cadence.caps.perDay || thisWeek >= cadence.caps.perWeek;
}
