import * as z from 'zod';
import { isWithin, type WallSpan, wallMinute } from './local-time.ts';
import { type ReminderTopic, reminderTopics } from './message-template.ts';
import { trialSchema } from './reminder-trial.ts';

const wallTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "write a time of the patient's day in quotes, such as '18:00'");

const from = wallTime.describe('when it begins');
const to = wallTime.describe('when it is over');

/** What the days of each kind are counted from, and how many make sense. */
const offsets: { readonly [kind in ReminderTopic]: { readonly least: number; readonly most: number } } = {
  // From the enrolment.
  welcome: { least: 0, most: 14 },
  // From the module's due day: at the latest on the day itself…
  'module-due': { least: -7, most: 0 },
  // …and after it.
  'module-overdue': { least: 1, most: 60 },
  // From the day on which the questionnaire is due.
  'questionnaire-due': { least: 0, most: 14 },
  // From the day on which the patient was last heard of.
  inactivity: { least: 1, most: 60 },
  // From the day of the talk: its text says "tomorrow".
  'live-session': { least: -1, most: -1 },
};

const ruleSchema = z
  .strictObject({
    kind: z.enum(reminderTopics).describe('what it is about, which is also the name of its text'),
    offsetDays: z
      .int()
      .describe('days after the enrolment, the due day, the last activity or the talk; with a minus sign, before'),
    window: z.strictObject({ from, to }).describe("the hours of the patient's day in which it may go out"),
    validForDays: z
      .int()
      .min(1, 'write 1 or more')
      .max(14, 'write at most 14')
      .describe('on how many days it may go out, counted from its own: 1 drops it once its window has passed'),
  })
  .superRefine(({ kind, offsetDays, window, validForDays }, context) => {
    const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { least, most } = offsets[kind];
    if (offsetDays < least || offsetDays > most)
      report(['offsetDays'], `for ${kind} write ${least === most ? least : `${least} to ${most}`}`);
    if (window.to <= window.from) report(['window', 'to'], 'write a later time of the same day than from');
    if (kind === 'live-session' && validForDays > 1)
      report(['validForDays'], 'for live-session write 1: a day later the talk is no longer tomorrow');
  });
export type ReminderRule = z.output<typeof ruleSchema>;

/** programme.yaml, `reminders`: what patients are reminded of, when, and how often at most. */
export const remindersSchema = z
  .strictObject({
    quietHours: z.strictObject({ from, to }).describe("the hours of the patient's day in which nothing goes out"),
    preferredHour: wallTime.describe('when reminders go out to patients who have named no hour of their own'),
    caps: z
      .strictObject({
        perDay: z.int().min(1, 'write 1 or more').max(5, 'write at most 5').describe('the most on one day'),
        perWeek: z.int().min(1, 'write 1 or more').max(35, 'write at most 35').describe('the most on seven days'),
      })
      .describe('how many reminders a patient gets at most, over all kinds'),
    stopAfterUnanswered: z
      .int()
      .min(1, 'write 1 or more')
      .max(50, 'write at most 50')
      .describe('after how many reminders without an answer no more are sent'),
    holidays: z
      .array(z.iso.date('write a date such as 2026-12-25'))
      .max(400, 'write at most 400')
      .describe('dates on which nothing goes out'),
    kinds: z
      .array(ruleSchema)
      .min(1, 'list at least one kind, or leave reminders out')
      .describe('what patients are reminded of; where two fall on one moment, the one listed first goes first'),
    trial: trialSchema
      .optional()
      .describe("the clinic's own trial of whether its reminders work; without it there is none"),
  })
  .superRefine(({ quietHours, preferredHour, caps, kinds }, context) => {
    const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const quiet = spanOf(quietHours);
    if (quiet.from === quiet.to) report(['quietHours', 'to'], 'write another time than from');
    if (isWithin(wallMinute(preferredHour), quiet)) report(['preferredHour'], 'lies within quietHours: write another');
    if (caps.perWeek < caps.perDay) report(['caps', 'perWeek'], 'write at least perDay');
    kinds.forEach(({ kind, offsetDays, window }, index) => {
      if (kinds.findIndex((other) => other.kind === kind && other.offsetDays === offsetDays) < index)
        report(['kinds', index, 'kind'], `${kind} with these offsetDays is listed twice: keep one`);
      if (earliestWithin(spanOf(window), quiet) === null)
        report(['kinds', index, 'window'], 'lies wholly within quietHours: write other hours');
    });
  });
export type Reminders = z.output<typeof remindersSchema>;

/** A span as a clinic writes it, in minutes. */
export function spanOf(written: { readonly from: string; readonly to: string }): WallSpan {
  return { from: wallMinute(written.from), to: wallMinute(written.to) };
}

/** The first minute of a window that is not quiet; null where all of it is. The window lies within one day. */
export function earliestWithin(window: WallSpan, quiet: WallSpan): number | null {
  if (!isWithin(window.from, quiet)) return window.from;
  return quiet.to > window.from && quiet.to < window.to ? quiet.to : null;
}
