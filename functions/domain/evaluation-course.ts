import type { Clinic, Programme } from './clinic.ts';
import { fromEpoch, toEpoch } from './epoch.ts';
import type { ClinicalEvent } from './event.ts';
import { apply, compareEvents, placeOf } from './fold.ts';
import { days, type Instant } from './instant.ts';
import { dayAt } from './local-day.ts';
import type { Measure } from './measure.ts';
import { courseOf } from './measure-course.ts';
import { type PatientState, unknownState } from './patient.ts';
import { type AssessmentKind, assess, observe } from './risk.ts';
import { fitOutcomes } from './risk-rules.ts';

/**
 * What came of a patient. dropout: the enrolment ended so, rather than with the programme. no-response: half or more of the
 * distress at the start was still there at the end. deterioration: reliably worse at the end than at the start.
 */
export const targets = fitOutcomes;
export type Target = (typeof targets)[number];

/** The scorecard that is to foresee it. */
export const scorecardOf: Readonly<Record<Target, Exclude<AssessmentKind, 'safety'>>> = {
  dropout: 'dropout',
  'no-response': 'deterioration',
  deterioration: 'deterioration',
};

/** One patient's course: what the scores would have said at the end of each week, and what came of it. */
export interface PastCourse {
  readonly patient: string;
  /** By what the patients can be told apart; null: not known. */
  readonly groups: {
    readonly track: string | null;
    readonly language: string | null;
    readonly timeZone: string | null;
  };
  /** Ascending by week; only weeks in which the patient was scored. */
  readonly weeks: readonly WeekSeen[];
  /** null: nobody knows. */
  readonly outcomes: Readonly<Record<Target, PastOutcome | null>>;
}

export interface WeekSeen {
  /** Weeks of seven times 24 hours since the enrolment that were over. */
  readonly week: number;
  readonly at: Instant;
  readonly scores: Readonly<Record<Exclude<AssessmentKind, 'safety'>, number>>;
  /** What every factor saw (`observe`); null in weeks for which it is not kept. */
  readonly values: ReadonlyMap<string, number | null> | null;
}

export interface PastOutcome {
  readonly value: boolean;
  /** From this moment on the outcome stands in the history: what is said then foresees nothing. null: it never does. */
  readonly seenAt: Instant | null;
}

/** A final total is one of the last two weeks of the plan, or later. */
const finalTotal = 14 * days;
/** Per cent of the distress at the start that is gone: half is the usual response. */
const response = 50;

/** The measure that response is told by: the first of the plan with a caseness and a reliable change. */
export function responseMeasure({ programme, measures }: Clinic): Measure | null {
  const planned = programme.measures.map(({ measure }) => measures.find(({ id }) => id === measure));
  return (
    planned.find((measure) => measure !== undefined && measure.caseness !== null && measure.reliableChange !== null) ??
    null
  );
}

/** The weeks of a programme whose end leaves something to foresee: all that end before the last module is due. */
export function weeksOf({ programme }: Clinic): number {
  return Math.max(1, Math.ceil(programmeEnd(programme) / 7) - 1);
}

/**
 * The first course of a patient, from all events of the patient; null where there is no enrolment. What comes after a second
 * enrolment is left out, so that each patient counts once.
 * @param heardUntil the newest event of the whole history: what came of the patient is known so far.
 * @param observedIn the week whose values are kept, for a fit.
 */
export function pastCourse(
  events: readonly ClinicalEvent[],
  clinic: Clinic,
  heardUntil: Instant,
  observedIn: number,
): PastCourse | null {
  const history = firstCourse(events.toSorted((a, b) => compareEvents(placeOf(a), placeOf(b))));
  const enrolled = history.find(({ type }) => type === 'PatientEnrolled');
  if (enrolled === undefined) return null;
  const start = toEpoch(enrolled.occurredAt);
  const weeks: WeekSeen[] = [];
  let state = unknownState;
  let heard = 0;
  const hear = (until: Instant) => {
    for (const event of history.slice(heard)) {
      if (event.occurredAt > until) break;
      state = apply(state, event, clinic);
      heard++;
    }
  };
  for (let week = 1; week <= weeksOf(clinic); week++) {
    const at = fromEpoch(start + 7 * week * days);
    if (at > heardUntil) break;
    hear(at);
    const { assessments } = assess(state, clinic, at);
    const scores = new Map(assessments.map(({ kind, score }) => [kind, score]));
    const [dropout, deterioration] = [scores.get('dropout'), scores.get('deterioration')];
    if (dropout === undefined || deterioration === undefined) continue;
    const values = week === observedIn ? observe(state, clinic, at) : null;
    weeks.push({ week, at, scores: { dropout, deterioration }, values });
  }
  hear(heardUntil);
  const measure = responseMeasure(clinic);
  return {
    patient: enrolled.patient,
    groups: { track: state.track, language: state.language, timeZone: state.timeZone },
    weeks,
    outcomes: {
      dropout: dropoutOf(history, start, clinic, heardUntil),
      ...(measure === null ? untold : responseOf(measure, state, start, clinic)),
    },
  };
}

function firstCourse(events: readonly ClinicalEvent[]): readonly ClinicalEvent[] {
  const ended = events.findIndex(({ type }) => type === 'EnrolmentEnded');
  const again = events.findIndex(({ type }, index) => ended >= 0 && index > ended && type === 'PatientEnrolled');
  return again < 0 ? events : events.slice(0, again);
}

/** Whoever is still enrolled when the programme is over has stayed; other ends, such as a move, say nothing. */
function dropoutOf(history: readonly ClinicalEvent[], start: number, { programme }: Clinic, heardUntil: Instant) {
  for (const event of history)
    if (event.type === 'EnrolmentEnded') {
      const { reason } = event.data;
      return reason === 'dropped-out' || reason === 'completed'
        ? { value: reason === 'dropped-out', seenAt: null }
        : null;
    }
  return start + programmeEnd(programme) * days <= toEpoch(heardUntil) ? { value: false, seenAt: null } : null;
}

const untold = { 'no-response': null, deterioration: null };

function responseOf(measure: Measure, state: PatientState, start: number, { programme, settings }: Clinic) {
  const dueDays = programme.measures.flatMap((planned) => (planned.measure === measure.id ? planned.dueDays : []));
  const timeZone = state.timeZone ?? settings.timeZone;
  const { latest, fall, worseThanStart } = courseOf(
    measure,
    dueDays,
    state,
    { at: start, on: dayAt(start, timeZone) },
    timeZone,
  );
  if (latest === null || latest.at < start + (Math.max(...dueDays) * days - finalTotal) || hasOneTotal(measure, state))
    return untold;
  const seenAt = fromEpoch(latest.at);
  return {
    'no-response': fall === null ? null : { value: fall < response, seenAt },
    deterioration: { value: worseThanStart !== null, seenAt },
  };
}

function hasOneTotal(measure: Measure, { responses }: PatientState): boolean {
  return responses.filter(({ reading }) => reading.measure === measure.id && reading.outcome === 'scored').length === 1;
}

/** The day on which the last module is due: the programme is over. */
function programmeEnd({ modules }: Programme): number {
  return Math.max(...modules.map(({ dueDay }) => dueDay));
}
