import type { Clinic } from './clinic.ts';
import { dayNumber, toEpoch } from './epoch.ts';
import type { Instant } from './instant.ts';
import { dayAt, type LocalDay } from './local-day.ts';
import { type WallSpan, wallMinute } from './local-time.ts';
import type { Measure } from './measure.ts';
import { courseOf } from './measure-course.ts';
import type { ReminderTopic } from './message-template.ts';
import type { Enrolment, PatientState } from './patient.ts';
import type { Reminded } from './reminder.ts';
import { earliestWithin, spanOf } from './reminder-cadence.ts';
import { openDueDays } from './risk-factors.ts';

/** One rule of the clinic's cadence, ready to be used again and again. */
export interface ReadyRule {
  readonly kind: ReminderTopic;
  readonly offsetDays: number;
  readonly validForDays: number;
  readonly window: WallSpan;
  /** The first minute of the window that is not quiet. */
  readonly earliest: number;
  /** Its place in the clinic's list: the lower goes first. */
  readonly order: number;
}

/** One reminder that every patient of the programme has in their calendar. */
interface PlannedReminder {
  /** What every patient's key of it ends in. */
  readonly name: string;
  readonly rule: ReadyRule;
  readonly subject: string;
  /** Local days after the enrolment on which it falls due. */
  readonly day: number;
  /** The day after the enrolment on which what it is about is due. */
  readonly dueDay: number;
  readonly asksFor: readonly AskedFor[];
  readonly why: string;
}

/** The same with the key that it has in a course. */
interface KeyedReminder extends PlannedReminder {
  readonly key: string;
}

/** A measure that a reminder asks for, and all days on which the programme does. */
interface AskedFor {
  readonly measure: Measure;
  readonly dueDays: readonly number[];
}

/** The clinic's cadence in minutes and days, and what follows from it for every patient. */
export interface ReadyCadence {
  readonly quiet: WallSpan;
  readonly preferredMinute: number;
  readonly caps: { readonly perDay: number; readonly perWeek: number };
  readonly stopAfterUnanswered: number;
  readonly holidays: ReadonlySet<LocalDay>;
  /** Ascending by day. */
  readonly planned: readonly PlannedReminder[];
  /** Rules whose day follows from what a patient does. */
  readonly others: readonly ReadyRule[];
  /** All that is planned with its keys, by the course's date: made once for all patients who began on one day. */
  readonly keyed: Map<string, readonly KeyedReminder[]>;
}

/** Dates of courses whose keys are kept. A clinic's patients seldom began on more days than these. */
const mostKnownCourses = 1000;

/** One reminder in a patient's calendar. */
export interface Reminder {
  readonly key: string;
  readonly rule: ReadyRule;
  readonly subject: string;
  /** The local date on which it falls due. */
  readonly on: LocalDay;
  /** The day after the enrolment on which its module or its questionnaires are due; 0 where it is about neither. */
  readonly dueDay: number;
  readonly asksFor: readonly AskedFor[];
  readonly why: string;
}

/** What a patient's reminders depend on, read once for all of them. */
export interface ReminderCalendar {
  readonly reminded: Reminded;
  readonly clinic: Clinic;
  readonly cadence: ReadyCadence;
  readonly enrolment: Enrolment;
  readonly timeZone: string;
  readonly enrolledOn: LocalDay;
  /** When the patient was last heard of: the last activity, the enrolment, or the end of a pause. */
  readonly heardOf: Instant;
}

const known = new WeakMap<Clinic, ReadyCadence | null>();

/** A clinic is never changed once it is read, so the same object gives the same cadence. Null: it sends no reminders. */
export function readyCadence(clinic: Clinic): ReadyCadence | null {
  let ready = known.get(clinic);
  if (ready === undefined) {
    ready = readCadence(clinic);
    known.set(clinic, ready);
  }
  return ready;
}

function readCadence(clinic: Clinic): ReadyCadence | null {
  const { reminders } = clinic.programme;
  if (reminders === undefined) return null;
  const quiet = spanOf(reminders.quietHours);
  const rules = reminders.kinds.map(({ kind, offsetDays, window: written, validForDays }, order): ReadyRule => {
    const window = spanOf(written);
    // `tandem check` refuses a window that is quiet from end to end; without it, the quiet hours hold all the same.
    const earliest = earliestWithin(window, quiet) ?? window.from;
    return { kind, offsetDays, validForDays, window, earliest, order };
  });
  return {
    quiet,
    preferredMinute: wallMinute(reminders.preferredHour),
    caps: reminders.caps,
    stopAfterUnanswered: reminders.stopAfterUnanswered,
    holidays: new Set(reminders.holidays.map(dayNumber)),
    planned: rules
      .flatMap((rule) => plannedBy(rule, clinic).map((one) => ({ ...one, name: nameOf(rule, one.subject) })))
      .toSorted((a, b) => a.day - b.day),
    others: rules.filter((rule) => !isPlannedByDay({ rule })),
    keyed: new Map(),
  };
}

function nameOf({ kind, offsetDays }: ReadyRule, subject: string): string {
  return `${kind}/${offsetDays}/${subject}`;
}

function plannedBy(rule: ReadyRule, { programme, measures }: Clinic): Omit<PlannedReminder, 'name'>[] {
  const { kind, offsetDays } = rule;
  switch (kind) {
    case 'welcome':
      return [{ rule, subject: '', dueDay: 0, day: offsetDays, asksFor: [], why: 'the patient has enrolled' }];
    case 'module-due':
    case 'module-overdue':
      return programme.modules.map(({ id, dueDay }) => {
        const why = `module ${id} ${kind === 'module-due' ? 'is' : 'was'} due on day ${dueDay}`;
        return { rule, subject: id, dueDay, day: dueDay + offsetDays, asksFor: [], why };
      });
    case 'questionnaire-due':
      // All questionnaires of a day are one reminder: its text says no more than that questions are waiting.
      return [...new Set(programme.measures.flatMap(({ dueDays }) => dueDays))].map((dueDay) => {
        const asksFor = measures.flatMap((measure) =>
          programme.measures
            .filter((one) => one.measure === measure.id && one.dueDays.includes(dueDay))
            .map(({ dueDays }) => ({ measure, dueDays })),
        );
        const why = `due on day ${dueDay}: ${asksFor.map(({ measure }) => measure.id).join(', ')}`;
        return { rule, subject: `day-${dueDay}`, dueDay, day: dueDay + offsetDays, asksFor, why };
      });
    default:
      return [];
  }
}

/** Null: the patient is not enrolled, or the clinic sends no reminders. */
export function calendarOf(reminded: Reminded, clinic: Clinic): ReminderCalendar | null {
  const cadence = readyCadence(clinic);
  const { state } = reminded;
  const { enrolment } = state;
  if (cadence === null || enrolment === null) return null;
  const timeZone = state.timeZone ?? clinic.settings.timeZone;
  const enrolledOn = dayAt(toEpoch(enrolment.enrolledAt), timeZone);
  return { reminded, clinic, cadence, enrolment, timeZone, enrolledOn, heardOf: lastHeardOf(state, enrolment) };
}

function lastHeardOf({ activity }: PatientState, { enrolledAt, pausedUntil }: Enrolment): Instant {
  return [activity.last, pausedUntil].reduce<Instant>(
    (latest, moment) => (moment !== null && moment > latest ? moment : latest),
    enrolledAt,
  );
}

function plannedFor(course: string, { keyed, planned }: ReadyCadence): readonly KeyedReminder[] {
  let ready = keyed.get(course);
  if (ready === undefined) {
    if (keyed.size >= mostKnownCourses) keyed.clear();
    ready = planned.map((one) => ({ ...one, key: `${course}/${one.name}` }));
    keyed.set(course, ready);
  }
  return ready;
}

const none: ReadonlySet<string> = new Set();

/**
 * Every reminder in a patient's calendar: first those that follow from what the patient does, then by day.
 * @param but keys of those that are left out.
 */
function* remindersIn(calendar: ReminderCalendar, but = none): Generator<Reminder> {
  const { reminded, cadence, enrolment, timeZone, enrolledOn, heardOf } = calendar;
  // A second course of the same patient has reminders of its own.
  const course = enrolment.enrolledAt.slice(0, 'YYYY-MM-DD'.length);
  for (const rule of cadence.others) {
    const isSilence = rule.kind === 'inactivity';
    const subject = isSilence ? heardOf : reminded.session;
    if (subject === null) continue;
    const key = `${course}/${nameOf(rule, subject)}`;
    if (but.has(key)) continue;
    yield {
      key,
      rule,
      subject,
      dueDay: 0,
      on: dayAt(toEpoch(subject), timeZone) + rule.offsetDays,
      asksFor: [],
      why: isSilence ? `no activity for ${rule.offsetDays} days` : 'a talk is agreed for tomorrow',
    };
  }
  for (const { key, rule, subject, dueDay, day, asksFor, why } of plannedFor(course, cadence))
    if (!but.has(key)) yield { key, rule, subject, dueDay, on: enrolledOn + day, asksFor, why };
}

/** The reminder of this key; undefined: there is none in the patient's calendar. */
export function reminderIn(calendar: ReminderCalendar, key: string): Reminder | undefined {
  for (const reminder of remindersIn(calendar)) if (reminder.key === key) return reminder;
  return undefined;
}

/** Whether its day stands in the programme: no later one in the calendar's order has an earlier day. */
export function isPlannedByDay({ rule: { kind } }: Pick<Reminder, 'rule'>): boolean {
  return kind !== 'inactivity' && kind !== 'live-session';
}

/** Those that nothing has been decided about, in the same order. */
export function undecided(calendar: ReminderCalendar): Generator<Reminder> {
  const decided = new Set<string>();
  for (const { key, outcome } of calendar.reminded.records) if (outcome !== 'waiting') decided.add(key);
  return remindersIn(calendar, decided);
}

/** Whether the patient has done what the reminder is about. */
export function isDone({ rule, dueDay, asksFor }: Reminder, calendar: ReminderCalendar): boolean {
  const { reminded, clinic, enrolment, enrolledOn, timeZone } = calendar;
  const { state } = reminded;
  switch (rule.kind) {
    // It invites to start.
    case 'welcome':
      return Object.keys(state.modules).length > 0;
    case 'module-due':
    case 'module-overdue':
      return !openDueDays(state, clinic.programme).includes(dueDay);
    case 'questionnaire-due': {
      const enrolled = { at: toEpoch(enrolment.enrolledAt), on: enrolledOn };
      return asksFor.every(
        ({ measure, dueDays }) => !courseOf(measure, dueDays, state, enrolled, timeZone).unanswered.includes(dueDay),
      );
    }
    case 'inactivity':
      return openDueDays(state, clinic.programme).length === 0;
    case 'live-session':
      return false;
  }
}
