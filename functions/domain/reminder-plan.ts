import type { Clinic } from './clinic.ts';
import { fromEpoch, toEpoch } from './epoch.ts';
import type { Instant } from './instant.ts';
import { dayAt } from './local-day.ts';
import { atWallTime, endOfSpan, isWithin } from './local-time.ts';
import type { ReminderTopic } from './message-template.ts';
import type { Channel, HeldBack, Reminded, ReminderRecord, TrialDraw } from './reminder.ts';
import {
  calendarOf,
  isPlannedByDay,
  type Reminder,
  type ReminderCalendar,
  reminderIn,
  undecided,
} from './reminder-calendar.ts';
import { carriesCrisisLine } from './reminder-message.ts';
import { isFinal, type Verdict, verdictAt } from './reminder-obstacles.ts';

/** A reminder that was to go out and waits. */
export interface Held {
  readonly at: Instant;
  readonly reason: HeldBack;
  readonly until: Instant;
}

/** What becomes of one reminder, and when, if nothing else happens before. */
export type PlannedReminder = Sending & {
  readonly key: string;
  readonly kind: ReminderTopic;
  readonly subject: string;
  readonly dueAt: Instant;
  /** When to send or drop it: now, or later. */
  readonly at: Instant;
  /** What it is about, for the clinic's staff. */
  readonly why: string;
  /** Where it waits before. */
  readonly held: readonly Held[];
};

type Sending =
  /** `crisisLine`: its text is followed by the crisis line. */
  | { readonly outcome: 'send'; readonly reason: null; readonly channel: Channel; readonly crisisLine: boolean }
  | { readonly outcome: 'drop'; readonly reason: HeldBack; readonly channel: null; readonly crisisLine: false };

export type ReminderDecision =
  | { readonly outcome: 'send'; readonly channel: Channel; readonly crisisLine: boolean }
  | { readonly outcome: 'hold'; readonly until: Instant; readonly reason: HeldBack }
  | { readonly outcome: 'drop'; readonly reason: HeldBack };

/**
 * The next thing to do about a patient's reminders, and when; null: nothing, until an event comes. Where it lies ahead, look
 * again then, or after the next event: everything is worked out anew each time.
 */
export function nextReminder(reminded: Reminded, clinic: Clinic, now: Instant): PlannedReminder | null {
  const calendar = calendarOf(reminded, clinic);
  if (calendar === null) return null;
  const moment = toEpoch(now);
  let first: Resolution | null = null;
  let latestDay = Number.POSITIVE_INFINITY;
  for (const reminder of undecided(calendar)) {
    if (reminder.on > latestDay && isPlannedByDay(reminder)) break;
    const resolution = resolve(reminder, moment, calendar);
    if (first !== null && compare(first, resolution) <= 0) continue;
    first = resolution;
    latestDay = dayAt(resolution.at, calendar.timeZone);
  }
  return first === null ? null : inWords(first, calendar);
}

/**
 * What becomes of every reminder that nothing has been decided about, in the order of time, if nothing else happens.
 * @param until those that fall due on a later date than this moment's are left out.
 */
export function outlook(reminded: Reminded, clinic: Clinic, now: Instant, until: Instant): PlannedReminder[] {
  const calendar = calendarOf(reminded, clinic);
  if (calendar === null) return [];
  const lastDay = dayAt(toEpoch(until), calendar.timeZone);
  return [...undecided(calendar)]
    .filter(({ on }) => on <= lastDay)
    .map((reminder) => resolve(reminder, toEpoch(now), calendar))
    .toSorted(compare)
    .map((resolution) => inWords(resolution, calendar));
}

/**
 * Whether one reminder may go out now. Asked at the claim, and once more right before the send with the state as it then is:
 * what was done, withdrawn or paused meanwhile holds.
 * @param key of a reminder in the patient's calendar; one that is no longer there has been done, or is no longer planned.
 */
export function decideReminder(reminded: Reminded, key: string, clinic: Clinic, now: Instant): ReminderDecision {
  const calendar = calendarOf(reminded, clinic);
  const reminder = calendar === null ? undefined : reminderIn(calendar, key);
  if (calendar === null || reminder === undefined) return { outcome: 'drop', reason: 'completed' };
  const moment = toEpoch(now);
  const slot = slotAfter(reminder, moment, calendar);
  if (slot === null) return { outcome: 'drop', reason: 'expired' };
  if (moment < slot.start)
    return { outcome: 'hold', until: fromEpoch(slot.start), reason: whyNotYet(moment, calendar) };
  const { obstacle, channel } = verdictAt(reminder, moment, calendar);
  if (obstacle === null) return { outcome: 'send', channel, crisisLine: carriesCrisisLine(reminded, clinic) };
  const next = isFinal(obstacle) ? null : nextTry(reminder, moment, slot, obstacle, calendar);
  if (next === null) return { outcome: 'drop', reason: obstacle };
  return { outcome: 'hold', until: fromEpoch(next.at), reason: obstacle };
}

/**
 * The record that a decision leaves: a claim where the reminder is to be sent.
 * @param draw of the clinic's own trial, which may hold back what would be sent.
 */
export function recordOf(planned: PlannedReminder, at: Instant, draw?: TrialDraw): ReminderRecord {
  const { key, kind, subject, dueAt } = planned;
  const about = { key, kind, subject, dueAt, at, ...(draw && { trial: draw }) };
  if (planned.outcome === 'drop') return { ...about, channel: null, reason: planned.reason, outcome: 'dropped' };
  if (draw?.arm === 'hold') return { ...about, channel: null, reason: 'trial', outcome: 'dropped' };
  return { ...about, channel: planned.channel, reason: null, outcome: 'claimed' };
}

/** The hours of one day in which a reminder may go out, in milliseconds since 1970: from `start` up to, not including, `end`. */
interface Slot {
  readonly start: number;
  readonly end: number;
}

interface Resolution {
  readonly reminder: Reminder;
  readonly dueAt: number;
  readonly at: number;
  readonly verdict: Verdict;
  readonly held: readonly { readonly at: number; readonly reason: HeldBack; readonly until: number }[];
}

const expired: Verdict = { obstacle: 'expired', channel: null };

function resolve(reminder: Reminder, now: number, calendar: ReminderCalendar): Resolution {
  let slot = slotAfter(reminder, now, calendar);
  if (slot === null)
    return { reminder, dueAt: slotOf(reminder, 0, calendar).start, at: now, verdict: expired, held: [] };
  let at = Math.max(now, slot.start);
  const held: Resolution['held'][number][] = [];
  for (;;) {
    const verdict = verdictAt(reminder, at, calendar);
    const { obstacle } = verdict;
    if (obstacle === null || isFinal(obstacle)) return { reminder, dueAt: slot.start, at, verdict, held };
    const next = nextTry(reminder, at, slot, obstacle, calendar);
    if (next === null) return { reminder, dueAt: slot.start, at, verdict, held };
    held.push({ at, reason: obstacle, until: next.at });
    ({ slot, at } = next);
  }
}

/** The earlier first; at one moment, the one that the clinic lists first, then the one whose day came first. */
function compare(a: Resolution, b: Resolution): number {
  return a.at - b.at || a.reminder.rule.order - b.reminder.rule.order || a.reminder.on - b.reminder.on;
}

/**
 * The first day's hours that are not over at a moment. A window that the clocks skip as a whole is passed over: there is no such
 * hour on that day.
 */
function slotAfter(reminder: Reminder, moment: number, calendar: ReminderCalendar): Slot | null {
  for (let place = 0; place < reminder.rule.validForDays; place++) {
    const slot = slotOf(reminder, place, calendar);
    if (slot.end > moment && slot.end > slot.start) return slot;
  }
  return null;
}

/** Reminders start at the patient's hour, or the clinic's, where it lies in the window, else where the window begins. */
function slotOf({ rule, on }: Reminder, place: number, { reminded, cadence, timeZone }: ReminderCalendar): Slot {
  const wish = reminded.preferences.hour ?? cadence.preferredMinute;
  const start = isWithin(wish, rule.window) && !isWithin(wish, cadence.quiet) ? wish : rule.earliest;
  return {
    start: atWallTime(on + place, start, timeZone),
    end: atWallTime(on + place, rule.window.to, timeZone),
  };
}

/** When to try again what cannot go out now: after the quiet hours, else in the next day's window; null: there is none. */
function nextTry(
  reminder: Reminder,
  moment: number,
  slot: Slot,
  obstacle: HeldBack,
  calendar: ReminderCalendar,
): { readonly slot: Slot; readonly at: number } | null {
  const quietEnd = endOfSpan(moment, calendar.cadence.quiet, calendar.timeZone);
  if (obstacle === 'quiet-hours' && quietEnd < slot.end) return { slot, at: quietEnd };
  const next = slotAfter(reminder, slot.end, calendar);
  return next === null ? null : { slot: next, at: next.start };
}

function whyNotYet(moment: number, { cadence, timeZone }: ReminderCalendar): HeldBack {
  return endOfSpan(moment, cadence.quiet, timeZone) > moment ? 'quiet-hours' : 'window';
}

function inWords({ reminder, dueAt, at, verdict, held }: Resolution, calendar: ReminderCalendar): PlannedReminder {
  const { key, rule, subject, why } = reminder;
  return {
    key,
    kind: rule.kind,
    subject,
    dueAt: fromEpoch(dueAt),
    at: fromEpoch(at),
    ...sendingOf(verdict, calendar),
    why,
    held: held.map((one) => ({ at: fromEpoch(one.at), reason: one.reason, until: fromEpoch(one.until) })),
  };
}

function sendingOf({ obstacle, channel }: Verdict, { reminded, clinic }: ReminderCalendar): Sending {
  if (obstacle !== null) return { outcome: 'drop', reason: obstacle, channel: null, crisisLine: false };
  return { outcome: 'send', reason: null, channel, crisisLine: carriesCrisisLine(reminded, clinic) };
}
