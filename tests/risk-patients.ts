import type { Clinic } from '../functions/domain/clinic.ts';
import type { ClinicalEvent, EventType } from '../functions/domain/event.ts';
import { fold } from '../functions/domain/fold.ts';
import { days, type Instant, later } from '../functions/domain/instant.ts';
import type { PatientState } from '../functions/domain/patient.ts';
import { type AssessedFactor, type AssessmentKind, assess } from '../functions/domain/risk.ts';
import type { RiskRules } from '../functions/domain/risk-rules.ts';
import { exampleClinic } from './example-clinic.ts';

/** A Monday; noon UTC, so that a day of 24 hours later is the next date in UTC. */
export const enrolledAt: Instant = '2026-03-02T12:00:00.000Z';

export const riskRules = exampleClinic.rules.risk as RiskRules;

/** The moment `day` times 24 hours after the enrolment, and some milliseconds. */
export function onDay(day: number, milliseconds = 0): Instant {
  return later(enrolledAt, Math.round(day * days) + milliseconds);
}

/** [day after the enrolment, type, data] */
export type Brief = readonly [number, EventType, unknown?];

/** Nine, seven… answers that add up to the total, the safety item left at its lowest for as long as the others can hold it. */
export function answersOf(total: number, items: number, highest = 3, lowest = 0): number[] {
  const answers = Array.from({ length: items }, () => lowest);
  let rest = total - lowest * items;
  for (let item = 0; item < items; item++) {
    const points = Math.min(highest - lowest, rest);
    answers[item] = lowest + points;
    rest -= points;
  }
  return answers;
}

export const phq9 = (day: number, total: number): Brief => [
  day,
  'QuestionnaireSubmitted',
  { measure: 'phq-9', answers: answersOf(total, 9) },
];
export const gad7 = (day: number, total: number): Brief => [
  day,
  'QuestionnaireSubmitted',
  { measure: 'gad-7', answers: answersOf(total, 7) },
];
export const eheals = (day: number, total: number): Brief => [
  day,
  'QuestionnaireSubmitted',
  { measure: 'eheals', answers: answersOf(total, 8, 5, 1) },
];
export const active = (...on: number[]): Brief[] => on.map((day) => [day, 'PatientActive', { kind: 'log-in' }]);
export const completed = (day: number, module: string, minutes?: number): Brief => [
  day,
  'ModuleCompleted',
  minutes === undefined ? { module } : { module, minutes },
];

export const enrolled: Brief[] = [
  [0, 'PatientEnrolled', { programme: 'depression', track: 'therapist-supported', therapist: 't-1', timeZone: 'UTC' }],
  [0, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }],
];

/** The state after events; those of a day follow each other by a millisecond. */
export function stateOf(briefs: readonly Brief[], clinic: Clinic = exampleClinic): PatientState {
  const events = briefs.map(
    ([day, type, data = {}], index) =>
      ({
        id: `ev-${String(index).padStart(4, '0')}`,
        type,
        occurredAt: onDay(day),
        patient: 'p',
        data,
      }) as ClinicalEvent,
  );
  return fold(events, clinic);
}

/** What one scorecard says on a day of a patient who is enrolled and has consented. */
export function scored(
  kind: AssessmentKind,
  briefs: readonly Brief[],
  day: number,
  milliseconds = 0,
  clinic = exampleClinic,
) {
  const { assessments } = assess(stateOf([...enrolled, ...briefs], clinic), clinic, onDay(day, milliseconds));
  const assessment = assessments.find((one) => one.kind === kind);
  if (assessment === undefined) throw new Error(`no ${kind}`);
  return assessment;
}

/** One factor of it; undefined where it is not on the list. */
export function factorOf(
  name: string,
  kind: AssessmentKind,
  briefs: readonly Brief[],
  day: number,
  milliseconds = 0,
  clinic = exampleClinic,
): AssessedFactor | undefined {
  return scored(kind, briefs, day, milliseconds, clinic).factors.find((factor) => factor.name === name);
}
