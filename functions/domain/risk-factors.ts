import type { Programme } from './clinic.ts';
import { toEpoch } from './epoch.ts';
import { days, type Instant } from './instant.ts';
import { dayAt, type LocalDay } from './local-day.ts';
import type { Measure } from './measure.ts';
import type { MeasureCourse } from './measure-course.ts';
import type { PatientState } from './patient.ts';
import { answeredWithin, mayHaveArrived, type ReminderRecord } from './reminder.ts';

/** A patient as the factors see them: every instant read once, in milliseconds since 1970 and in local days. */
export interface Course {
  readonly state: PatientState;
  readonly programme: Programme;
  readonly timeZone: string;
  readonly now: number;
  readonly today: LocalDay;
  readonly enrolledAt: number;
  readonly enrolledOn: LocalDay;
  /** When the patient was last heard of: the last activity, the enrolment, or the end of a pause. */
  readonly heardOfAt: number;
  /** Due days of the modules that are not completed. None: the patient has finished, nothing is left to drop out of. */
  readonly openDueDays: readonly number[];
  readonly completed: readonly CompletedModule[];
  /** Reminders that may have reached the patient since they were last heard of. */
  readonly reminders: readonly ReminderRecord[];
  /** Local days with activity that stand in the longest window, or ahead of today; ascending. */
  readonly activeOn: readonly LocalDay[];
  /** The measures of the clinic, as this patient has answered them. */
  readonly measures: ReadonlyMap<string, MeasureCourse>;
}

export interface CompletedModule {
  readonly at: Instant;
  readonly dueDay: number;
  readonly minutes: number | null;
}

/** One thing a score looks at. */
export interface Factor {
  /** What its values count, as in "{range} days". */
  readonly unit: string;
  readonly perMeasure: boolean;
  /**
   * What moves the value while no event comes: elapsed time (a moment is in milliseconds), local dates (a moment is a
   * local day), or nothing.
   */
  readonly clock: 'elapsed' | 'dates' | 'none';
  /**
   * What an assessment shows: the value itself, or the lowest value of its bucket where the value moves within it, so
   * that an assessment stays true until its review.
   */
  readonly shows: 'value' | 'bucket';
  /** Whether the value never falls while no event comes: then the last bucket is for good. */
  readonly rises: boolean;
  /** The value at a moment of its clock; null where nothing can be said. */
  value(course: Course, measure: MeasureCourse, moment: number): number | null;
  /** Every moment at which the value could reach another bucket by itself; others may stand among them. */
  changes(course: Course, measure: MeasureCourse, boundaries: readonly number[]): readonly number[];
  /** How many days stand for seven in its boundaries: fewer at a faster pace than a module a week. */
  week(programme: Programme): number;
  /** What a measure must have for it and has not; null where it has all. Absent: it needs nothing. */
  readonly missingIn?: (measure: Measure) => string | null;
}

/** Days of activity are counted over this many local dates, today included; the longest window. */
const twoWeeks = 14;
export const longestActivityWindow = 28;
/** A barrier counts for four weeks after it was reported. */
const barrierLasts = 28 * days;
/** Week 4 is over when four times seven days have passed since the enrolment. */
const week4 = 28 * days;
/** A total says how things stand in week 4 when it is from the fourth week or later. */
const fourthWeek = 21 * days;

const still = { clock: 'none', shows: 'value', rises: true, changes: () => [] } as const;
const ofPatient = { perMeasure: false, week: () => 7 } as const;
const ofMeasure = { perMeasure: true, week: () => 7 } as const;

export const factorNames = [
  'silence',
  'modules-behind',
  'active-days',
  'active-days-28',
  'module-minutes',
  'module-days',
  'reminders-unanswered',
  'questionnaires-overdue',
  'barriers',
  'self-guided',
  'total',
  'measure-missing',
  'worse-than-start',
  'worse-than-best',
  'fall-by-week-4',
  'caseness',
] as const;
export type FactorName = (typeof factorNames)[number];

/** Every factor a scorecard can use. Sources stand in rules.yaml, beside the points. */
export const factors: { readonly [name in FactorName]: Factor } = {
  /** Days of 24 hours since the patient was last heard of. A module may take long, but a week without any use is long too. */
  silence: {
    ...ofPatient,
    unit: 'days',
    clock: 'elapsed',
    shows: 'bucket',
    rises: true,
    value: ({ heardOfAt, openDueDays: open }, _, moment) =>
      open.length === 0 ? null : Math.floor((moment - heardOfAt) / days),
    changes: ({ heardOfAt }, _, boundaries) => boundaries.map((boundary) => heardOfAt + boundary * days),
    week: ({ paceDays }) => Math.min(7, paceDays),
  },

  /** Modules whose due day is over and that are not completed. */
  'modules-behind': {
    ...ofPatient,
    unit: 'modules',
    clock: 'dates',
    shows: 'bucket',
    rises: true,
    value: ({ openDueDays: open, enrolledOn }, _, day) => countOver(open, enrolledOn, day),
    changes: ({ openDueDays: open, enrolledOn }) => daysOver(open, enrolledOn),
  },

  /** Local dates with any activity among the last 14, today included; null until 14 are over. */
  'active-days': activeDays(twoWeeks),

  /** The same over four weeks: how regularly the programme is used. */
  'active-days-28': activeDays(longestActivityWindow),

  /** Minutes for the newest module in per cent of the patient's own average before it; null before the third module. */
  'module-minutes': {
    ...ofPatient,
    ...still,
    unit: 'per cent',
    value: ({ completed, openDueDays: open }) => (open.length === 0 ? null : minutesAgainstOwnAverage(completed)),
  },

  /** Days the newest module took, counted from when its turn came: the pace itself where it was completed on its due day. */
  'module-days': {
    ...ofPatient,
    ...still,
    unit: 'days',
    value: ({ completed, openDueDays: open, enrolledOn, programme, timeZone }) => {
      const newest = newestOf(completed);
      if (newest === null || open.length === 0) return null;
      const late = dayAt(toEpoch(newest.at), timeZone) - enrolledOn - newest.dueDay;
      return Math.max(0, late + programme.paceDays);
    },
    week: ({ paceDays }) => paceDays,
  },

  /** Reminders in a row that 48 hours have passed since without the patient being heard of: any activity starts anew. */
  'reminders-unanswered': {
    ...ofPatient,
    unit: 'reminders',
    clock: 'elapsed',
    shows: 'bucket',
    rises: true,
    value: ({ reminders, openDueDays: open }, _, moment) => {
      if (open.length === 0) return null;
      let count = 0;
      for (const reminder of reminders) if (unansweredFrom(reminder) <= moment) count++;
      return count;
    },
    changes: ({ reminders }) => reminders.map(unansweredFrom),
  },

  /** Questionnaires of the plan whose day is over and that are not answered, over all measures. */
  'questionnaires-overdue': {
    ...ofPatient,
    unit: 'questionnaires',
    clock: 'dates',
    shows: 'bucket',
    rises: true,
    value: ({ measures, enrolledOn }, _, day) => {
      let count = 0;
      for (const { unanswered } of measures.values()) count += countOver(unanswered, enrolledOn, day);
      return count;
    },
    changes: ({ measures, enrolledOn }) => {
      const over: LocalDay[] = [];
      for (const { unanswered } of measures.values()) for (const due of unanswered) over.push(dayOver(due, enrolledOn));
      return over;
    },
  },

  /** Different barriers that the patient has reported in the last four weeks. */
  barriers: {
    ...ofPatient,
    unit: 'barriers',
    clock: 'elapsed',
    shows: 'bucket',
    rises: false,
    value: ({ state: { barriers } }, _, moment) => {
      const named = new Set<string>();
      for (const { at, barrier } of barriers) if (toEpoch(at) > moment - barrierLasts) named.add(barrier);
      return named.size;
    },
    changes: ({ state }) => state.barriers.map(({ at }) => toEpoch(at) + barrierLasts),
  },

  /** 1 on the self-guided track, 0 on the other. */
  'self-guided': {
    ...ofPatient,
    ...still,
    unit: 'track',
    value: ({ state }) => (state.track === 'self-guided' ? 1 : 0),
  },

  /** The newest total of a measure, whichever way it counts: for measures that describe, such as the eHEALS. */
  total: {
    ...ofMeasure,
    ...still,
    unit: 'points',
    value: (_, { latest }) => latest?.total ?? null,
  },

  /** Times in a row that the plan asked for a measure and no total came, not answered or not readable. */
  'measure-missing': {
    ...ofMeasure,
    unit: 'times',
    clock: 'dates',
    shows: 'bucket',
    rises: true,
    value: ({ enrolledOn }, { unscored }, day) => countOver(unscored, enrolledOn, day),
    changes: ({ enrolledOn }, { unscored }) => daysOver(unscored, enrolledOn),
  },

  /** Points by which the newest total is worse than the first, once the change is reliable; null before. */
  'worse-than-start': {
    ...ofMeasure,
    ...still,
    unit: 'points',
    value: (_, { worseThanStart }) => worseThanStart,
    missingIn: lacksReliableChange,
  },

  /** The same against the best total so far: a relapse that still looks better than the start. */
  'worse-than-best': {
    ...ofMeasure,
    ...still,
    unit: 'points',
    value: (_, { worseThanBest }) => worseThanBest,
    missingIn: lacksReliableChange,
  },

  /** Per cent of the distress at the start that is gone, from the end of week 4 on; null before. */
  'fall-by-week-4': {
    ...ofMeasure,
    unit: 'per cent',
    clock: 'elapsed',
    shows: 'value',
    rises: true,
    value: ({ enrolledAt }, { fall, latest }, moment) =>
      latest !== null && latest.at >= enrolledAt + fourthWeek && moment >= enrolledAt + week4 ? fall : null,
    changes: ({ enrolledAt }) => [enrolledAt + week4],
  },

  /** The newest total, where it reaches caseness; null below. */
  caseness: {
    ...ofMeasure,
    ...still,
    unit: 'points',
    value: (_, { caseTotal }) => caseTotal,
    missingIn: ({ caseness }) => (caseness === null ? 'has no caseness' : null),
  },
};

function activeDays(window: number): Factor {
  return {
    ...ofPatient,
    unit: 'days',
    clock: 'dates',
    shows: 'bucket',
    rises: false,
    value: ({ activeOn, enrolledOn, openDueDays: open }, _, day) => {
      if (open.length === 0 || day < enrolledOn + window - 1) return null;
      let count = 0;
      for (const on of activeOn) if (on > day - window && on <= day) count++;
      return count;
    },
    changes: ({ activeOn, enrolledOn }) => {
      const moments = [enrolledOn + window - 1];
      // A date can lie ahead of today's after a move to the west: then it comes into the window before it leaves it.
      for (const on of activeOn) moments.push(on, on + window);
      return moments;
    },
  };
}

/** When a reminder begins to count as unanswered (ms), if nothing is heard of the patient before. */
export function unansweredFrom({ dueAt }: Pick<ReminderRecord, 'dueAt'>): number {
  return toEpoch(dueAt) + answeredWithin;
}

/** Those of the records that wait for an answer, or wait in vain. */
export function remindersSince(heardOfAt: number, records: readonly ReminderRecord[]): ReminderRecord[] {
  return records.filter((record) => mayHaveArrived(record) && toEpoch(record.at) >= heardOfAt);
}

function lacksReliableChange({ reliableChange }: Measure): string | null {
  return reliableChange === null ? 'has no reliable change' : null;
}

/** What of the programme is done, and what is not. */
export function modulesOf(
  { modules }: Pick<PatientState, 'modules'>,
  programme: Programme,
): Pick<Course, 'openDueDays' | 'completed'> {
  const open: number[] = [];
  const completed: CompletedModule[] = [];
  for (const { id, dueDay } of programme.modules) {
    const known = Object.hasOwn(modules, id) ? modules[id] : undefined;
    if (!known?.completedAt) open.push(dueDay);
    else completed.push({ at: known.completedAt, dueDay, minutes: known.minutes });
  }
  return { openDueDays: open, completed };
}

/** Due days of the modules that are not completed. */
export function openDueDays(state: PatientState, programme: Programme): readonly number[] {
  return modulesOf(state, programme).openDueDays;
}

function minutesAgainstOwnAverage(completed: readonly CompletedModule[]): number | null {
  const timed = completed.flatMap(({ at, minutes }) => (minutes === null ? [] : [{ at, minutes }]));
  const newest = newestOf(timed);
  if (newest === null || timed.length < 3) return null;
  const before = timed.reduce((sum, { minutes }) => sum + minutes, 0) - newest.minutes;
  return before === 0 ? null : Math.floor((100 * newest.minutes * (timed.length - 1)) / before);
}

/** The one completed last, the later one of the programme where two were at once. */
function newestOf<T extends { readonly at: Instant }>(completed: readonly T[]): T | null {
  let newest: T | null = null;
  for (const one of completed) if (newest === null || one.at >= newest.at) newest = one;
  return newest;
}

/** How many due days are over on a local day: a due day is over once its date has passed. */
function countOver(dueDays: readonly number[], enrolledOn: LocalDay, day: LocalDay): number {
  let count = 0;
  for (const due of dueDays) if (enrolledOn + due < day) count++;
  return count;
}

/** The local days on which due days are over for the first time. */
function daysOver(dueDays: readonly number[], enrolledOn: LocalDay): LocalDay[] {
  return dueDays.map((due) => dayOver(due, enrolledOn));
}

function dayOver(due: number, enrolledOn: LocalDay): LocalDay {
  return enrolledOn + due + 1;
}
