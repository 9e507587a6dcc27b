import { Temporal } from 'temporal-polyfill';
import * as z from 'zod';
import type { Alert } from './alert.ts';
import { fingerprint } from './canonical.ts';
import { dayNumber, fromEpoch } from './epoch.ts';
import type { Instant } from './instant.ts';
import { type DaySpan, momentOn, type WorkingHours, weekdays } from './working-hours.ts';

export type Tier = Alert['tier'];
export const tiers = ['urgent', 'alert', 'list'] as const satisfies readonly Tier[];

/** What somebody may be in a clinic. */
export const roles = ['therapist', 'supervisor', 'clinical-lead', 'compliance', 'operator'] as const;
export type Role = (typeof roles)[number];

/** Whom a step can ask: the patient's own therapist, or everybody with a role. */
export const addressees = ['caseload-owner', 'supervisor', 'clinical-lead'] as const;
export type Addressee = (typeof addressees)[number];

export type StaffId = string;

const staffIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'write the staff id, 1 to 64 letters, digits, ".", "_" or "-"');

const timeSchema = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "write a time of day such as '09:00'");

const daySpansSchema = z
  .array(
    z
      .strictObject({ from: timeSchema.describe('when work starts'), to: timeSchema.describe('when work ends') })
      .refine(({ from, to }) => from < to, { path: ['to'], message: 'write a time after from' }),
  )
  .superRefine((spans, context) =>
    spans.forEach(({ from }, index) => {
      const before = spans[index - 1];
      if (before !== undefined && from < before.to)
        context.addIssue({
          code: 'custom',
          path: [index, 'from'],
          message: 'write a time not before the span above ends',
        });
    }),
  )
  .default([]);

const isDate = (text: string) => {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
};
const dateSchema = z.string().refine(isDate, 'write a date that exists, such as 2026-12-25');

const momentSchema = z
  .string()
  .refine(
    (text) => isDate(text.slice(0, 10)) && /^.{10}(T([01]\d|2[0-3]):[0-5]\d)?$/.test(text),
    'write a date such as 2026-08-03, or with a time such as 2026-08-03T13:00',
  );

const oneUnit = 'write one of minutes, hours and workingHours';
const amount = (most: number) => z.int().min(1, 'write 1 or more').max(most, `write at most ${most}`).optional();
const longestWait = { minutes: 43_200, hours: 720, workingHours: 200 };

const waitSchema = z
  .strictObject({
    minutes: amount(longestWait.minutes).describe('minutes, day and night'),
    hours: amount(longestWait.hours).describe('hours, day and night'),
    workingHours: amount(longestWait.workingHours).describe("hours of the clinic's working time"),
  })
  .refine((wait) => Object.values(wait).filter((one) => one !== undefined).length === 1, oneUnit);
export type Wait = z.output<typeof waitSchema>;

/** For what is urgent: nothing waits for the morning. */
const urgentWaitSchema = waitSchema.refine(
  ({ workingHours }) => workingHours === undefined,
  'write minutes or hours: what is urgent never waits for working hours',
);

const tierSchema = (wait: typeof waitSchema) => ({
  answer: z.enum(['one', 'each']).describe('whether one of those asked has to answer, or each of them'),
  steps: z
    .array(
      z.strictObject({
        notify: z.array(z.enum(addressees)).min(1, 'name at least one').describe('who is asked'),
        wait: wait.describe('how long an answer is waited for'),
      }),
    )
    .min(1, 'list at least one step')
    .max(20, 'list at most 20 steps')
    .describe('who is asked, one step after the other; the last one repeats'),
  outcomeWithin: wait.describe('how long after the acknowledgement an outcome is waited for'),
});

const snooze = z
  .int()
  .min(1, 'write 1 or more')
  .max(720, 'write at most 720')
  .describe('the most hours for which an alert can be put off');

/** escalation.yaml: who is asked, in which order, and for how long an answer is waited for. */
export const escalationSchema = z.strictObject({
  staff: z
    .array(
      z.strictObject({
        id: staffIdSchema.describe('the opaque id that events and messages carry'),
        roles: z.array(z.enum(roles)).min(1, 'name at least one role').describe('what this person is in the clinic'),
        email: z.email('write an e-mail address such as t-7@example.org').max(254).describe('where alerts go'),
        reachable: z.enum(['always', 'working-hours']).default('always').describe('when this person can be asked'),
        cover: staffIdSchema.optional().describe('who stands in whenever this person cannot be asked'),
        calendar: z
          .string()
          .regex(/^calendars\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.ics$/, 'write a file such as calendars/t-7.ics')
          .optional()
          .describe('an iCalendar file whose entries are absences'),
      }),
    )
    .min(1, 'list at least one person')
    .max(500, 'list at most 500 people')
    .describe('everybody whom an alert can reach'),
  workingHours: z
    .strictObject({
      monday: daySpansSchema.describe('working hours on a monday'),
      tuesday: daySpansSchema.describe('working hours on a tuesday'),
      wednesday: daySpansSchema.describe('working hours on a wednesday'),
      thursday: daySpansSchema.describe('working hours on a thursday'),
      friday: daySpansSchema.describe('working hours on a friday'),
      saturday: daySpansSchema.describe('working hours on a saturday'),
      sunday: daySpansSchema.describe('working hours on a sunday'),
    })
    .refine((week) => weekdays.some((day) => week[day].length > 0), 'write working hours for at least one day')
    .describe("when the clinic works, in the clinic's time zone"),
  holidays: z.array(dateSchema).max(1000, 'list at most 1000 dates').describe('dates on which nobody works'),
  absences: z
    .array(
      z.strictObject({
        staff: staffIdSchema.describe('who is away'),
        from: momentSchema.describe('the first day, or the first moment'),
        to: momentSchema.describe('the last day, or the moment of the return'),
        cover: staffIdSchema.optional().describe('who stands in'),
      }),
    )
    .max(5000, 'list at most 5000 absences')
    .describe('who is away, from when to when, and who stands in'),
  tiers: z
    .strictObject({
      urgent: z.strictObject(tierSchema(urgentWaitSchema)).describe('answers at once'),
      alert: z
        .strictObject({
          ...tierSchema(waitSchema),
          holdOutsideHours: z.boolean().describe('whether a new step waits for working hours'),
          longestSnoozeHours: snooze,
        })
        .describe('answers the same day'),
      list: z.strictObject({ ...tierSchema(waitSchema), longestSnoozeHours: snooze }).describe('the morning list'),
    })
    .describe('how each kind of alert goes on until a person has answered'),
});
/** escalation.yaml as written. */
export type EscalationFile = z.output<typeof escalationSchema>;

/** When somebody is away. `until` is the moment of the return. */
export interface Absence {
  readonly staff: StaffId;
  readonly from: Instant;
  readonly until: Instant;
  /** Who stands in; null: whoever always does for this person. */
  readonly cover: StaffId | null;
}

export interface Staff {
  readonly id: StaffId;
  readonly roles: readonly Role[];
  readonly email: string;
  readonly reachable: 'always' | 'working-hours';
  readonly cover: StaffId | null;
}

export interface Step {
  readonly notify: readonly Addressee[];
  readonly wait: Wait;
}

export interface TierPlan {
  readonly answer: 'one' | 'each';
  readonly steps: readonly Step[];
  readonly outcomeWithin: Wait;
  /** Whether no new step starts outside working hours. */
  readonly hold: boolean;
  /** null: cannot be put off. */
  readonly longestSnoozeHours: number | null;
}

/** The plan as decisions use it. */
export interface EscalationPlan {
  readonly staff: readonly Staff[];
  readonly workingHours: WorkingHours;
  readonly absences: readonly Absence[];
  readonly tiers: { readonly [tier in Tier]: TierPlan };
  /**
   * "sha256:…" of all of the above. It stands in the record of every decision about an alert. Clinic.hash does not cover the
   * plan: no fold and no score depends on it, and a holiday entered must not make a night look at every patient again.
   */
  readonly hash: string;
}

/**
 * @param calendars absences out of iCalendar files, by staff id.
 * @param timeZone the clinic's.
 */
export function compilePlan(
  file: EscalationFile,
  calendars: { readonly [staff: StaffId]: readonly Omit<Absence, 'staff' | 'cover'>[] },
  timeZone: string,
): EscalationPlan {
  const { urgent, alert, list } = file.tiers;
  const { holdOutsideHours: hold, ...sameDay } = alert;
  const plan = {
    staff: file.staff.map(({ id, roles: theirs, email, reachable, cover = null }) => ({
      id,
      roles: theirs,
      email,
      reachable,
      cover,
    })),
    workingHours: {
      timeZone,
      week: weekdays.map((day) =>
        file.workingHours[day].map(({ from, to }): DaySpan => ({ from: minutesOf(from), to: minutesOf(to) })),
      ),
      holidays: file.holidays,
    },
    absences: [
      ...file.absences.map(({ staff, from, to, cover = null }) => ({ staff, ...stretchOf(from, to, timeZone), cover })),
      ...Object.entries(calendars).flatMap(([staff, absences]) =>
        absences.map(({ from, until }) => ({ staff, from, until, cover: null })),
      ),
    ],
    tiers: {
      urgent: { ...urgent, hold: false, longestSnoozeHours: null },
      alert: { ...sameDay, hold },
      // A line on a list disturbs nobody's evening: its waits are what keeps to working hours.
      list: { ...list, hold: false },
    },
  };
  return { ...plan, hash: planHash(plan) };
}

/** EscalationPlan.hash, over the plan and nothing else. */
export function planHash(plan: Omit<EscalationPlan, 'hash'>): string {
  return fingerprint({
    staff: plan.staff,
    workingHours: plan.workingHours,
    absences: plan.absences,
    tiers: plan.tiers,
  });
}

/** A last day counts as a whole; a time is the moment of the return. */
export function stretchOf(from: string, to: string, timeZone: string): { from: Instant; until: Instant } {
  return { from: momentOf(from, 0, timeZone), until: momentOf(to, 1440, timeZone) };
}

function momentOf(text: string, minutesOfDate: number, timeZone: string): Instant {
  const minutes = text.length > 10 ? minutesOf(text.slice(11)) : minutesOfDate;
  return fromEpoch(momentOn(dayNumber(text), minutes, timeZone));
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** The absences of one person that hold at a moment. */
export function absencesAt(plan: EscalationPlan, staff: StaffId, at: Instant): Absence[] {
  return plan.absences.filter((one) => one.staff === staff && one.from <= at && at < one.until);
}
