import { toEpoch } from './epoch.ts';
import { dayAt } from './local-day.ts';
import { endOfSpan } from './local-time.ts';
import { answeredWithin, type Channel, type HeldBack, mayHaveArrived, type Reminded } from './reminder.ts';
import { isDone, type Reminder, type ReminderCalendar } from './reminder-calendar.ts';

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
  const [channel = null] = channelsOf(reminded);
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

/** The channels that the patient has agreed to, has not stopped, and has an address for; the preferred one first. */
export function channelsOf({ state: { contact }, preferences: { channels, optedOut } }: Reminded): Channel[] {
  return channels.filter((one) => contact?.[one] !== undefined && !optedOut.includes(one));
}

/** Whether the patient may get reminders at all at a moment (ms): enrolled, no pause, consent given. */
export function isRemindable(moment: number, calendar: ReminderCalendar): boolean {
  const { reminded, enrolment } = calendar;
  return enrolment.status !== 'ended' && reminded.state.consent.reminders && !isPaused(moment, calendar);
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

/** From when on (ms) so many reminders have stayed without an answer that no more are sent; null: not so many have gone out. */
export function unansweredFrom({ reminded, heardOf, cadence }: ReminderCalendar): number | null {
  const answerable = reminded.records.filter((record) => record.at >= heardOf && mayHaveArrived(record));
  const waits = answerable.map(({ dueAt }) => toEpoch(dueAt) + answeredWithin).toSorted((a, b) => a - b);
  return waits[cadence.stopAfterUnanswered - 1] ?? null;
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
