import type { Clinic } from './clinic.ts';
import { dayNumber, fromEpoch, toEpoch } from './epoch.ts';
import type { Instant } from './instant.ts';
import { dayAt, type LocalDay, startOfDay } from './local-day.ts';
import { courseOf, emptyCourse, type MeasureCourse } from './measure-course.ts';
import type { Enrolment, PatientState } from './patient.ts';
import type { ReminderRecord } from './reminder.ts';
import {
  type Course,
  type Factor,
  factorNames,
  factors,
  longestActivityWindow,
  modulesOf,
  remindersSince,
} from './risk-factors.ts';
import { factorName, type Scorecard } from './risk-rules.ts';
import { type ReadyBucket, type ReadyRule, type ReadyScorecard, readyScorecards } from './risk-scorecard.ts';
import type { SafetyTier } from './safety.ts';
import { type SafetySignal, safetySignals } from './safety-alert.ts';

export type AssessmentKind = 'dropout' | 'deterioration' | 'safety';
export type Level = 'green' | 'yellow' | 'red';

/** One reason for a score. Reasons worth no points are not listed. */
export interface AssessedFactor {
  readonly name: string;
  /**
   * What was seen, in the factor's unit: the value itself, or the lowest value of its bucket where time alone moves the
   * value ("7" in "7 to 13 days"), so that the assessment stays true until its review. null: answered, but unreadable.
   */
  readonly value: number | null;
  readonly points: number;
  /** In words, for the therapist. */
  readonly reason: string;
  /** In plain words, for the patient. */
  readonly plain: string;
}

export interface Assessment {
  readonly at: Instant;
  readonly kind: AssessmentKind;
  /** The sum of the factors' points. */
  readonly score: number;
  readonly level: Level;
  readonly factors: readonly AssessedFactor[];
  /** The next moment at which this could change without a new event; null: never. */
  readonly reviewAt: Instant | null;
  /** Clinic.hash. */
  readonly rules: string;
}

/** Why dropout and deterioration are not scored. "switched-off": the clinic's rules hold no scorecards. */
export type NotScored = 'switched-off' | 'not-enrolled' | 'ended' | 'no-consent' | 'paused';

export interface RiskOutcome {
  /**
   * Dropout and deterioration where the patient may be scored; safety wherever a safety item was answered, whatever the
   * consent and the enrolment.
   */
  readonly assessments: readonly Assessment[];
  readonly notScored: NotScored | null;
  /** The earliest moment at which any of this could change without a new event; null: never. */
  readonly reviewAt: Instant | null;
}

/**
 * What the rules say of a patient at a moment. Pure and total: the same state, clinic and moment give the same bytes.
 * Where the newest event lies ahead of `now` (a sender's clock), its time is taken for now.
 * @param reminders what became of the patient's reminders; a file of events tells of none.
 */
export function assess(
  state: PatientState,
  clinic: Clinic,
  now: Instant,
  reminders: readonly ReminderRecord[] = [],
): RiskOutcome {
  const moment = state.newest === null ? toEpoch(now) : Math.max(toEpoch(now), toEpoch(state.newest.at));
  const safety = assessSafety(state, clinic, now);
  const { enrolment } = state;
  const { risk } = clinic.rules;
  if (risk === undefined) return notScored('switched-off', safety, null);
  if (enrolment === null) return notScored('not-enrolled', safety, null);
  if (enrolment.status === 'ended') return notScored('ended', safety, null);
  if (!state.consent.scoring) return notScored('no-consent', safety, null);
  const pausedUntil = enrolment.pausedUntil === null ? Number.POSITIVE_INFINITY : toEpoch(enrolment.pausedUntil);
  if (enrolment.status === 'paused' && moment < pausedUntil) return notScored('paused', safety, enrolment.pausedUntil);
  const course = courseOfPatient(state, enrolment, reminders, clinic, moment);
  const ready = readyScorecards(clinic, risk);
  const dropout = assessScorecard('dropout', ready.dropout, course, clinic, now);
  const deterioration = assessScorecard('deterioration', ready.deterioration, course, clinic, now);
  const reviewAt = earliest(dropout.reviewAt, deterioration.reviewAt);
  return { assessments: [dropout, deterioration, ...safety], notScored: null, reviewAt };
}

function notScored(why: NotScored, safety: readonly Assessment[], reviewAt: Instant | null): RiskOutcome {
  return { assessments: safety, notScored: why, reviewAt };
}

/** The sooner of two moments; null: never. */
export function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/**
 * The value of every factor at a moment, whatever the rules make of it: what a fit learns from. Keys are the names that
 * factors have in an assessment; null where nothing can be said.
 */
export function observe(state: PatientState, clinic: Clinic, now: Instant): ReadonlyMap<string, number | null> | null {
  if (state.enrolment === null) return null;
  const course = courseOfPatient(state, state.enrolment, [], clinic, toEpoch(now));
  const seen = new Map<string, number | null>();
  for (const name of factorNames) {
    const factor = factors[name];
    if (!factor.perMeasure) seen.set(name, valueNow(factor, course, emptyCourse));
    else
      for (const [measure, one] of course.measures)
        seen.set(factorName({ factor: name, measure }), valueNow(factor, course, one));
  }
  return seen;
}

function courseOfPatient(
  state: PatientState,
  enrolment: Enrolment,
  reminders: readonly ReminderRecord[],
  clinic: Clinic,
  now: number,
): Course {
  const { programme } = clinic;
  const timeZone = state.timeZone ?? clinic.settings.timeZone;
  const enrolledAt = toEpoch(enrolment.enrolledAt);
  const enrolledOn = dayAt(enrolledAt, timeZone);
  const today = dayAt(now, timeZone);
  const heardOf = [enrolledAt];
  if (state.activity.last !== null) heardOf.push(toEpoch(state.activity.last));
  if (enrolment.pausedUntil !== null) heardOf.push(toEpoch(enrolment.pausedUntil));
  const heardOfAt = Math.max(...heardOf);
  const measures = new Map<string, MeasureCourse>();
  for (const measure of clinic.measures) {
    const dueDays = programme.measures.find((one) => one.measure === measure.id)?.dueDays ?? [];
    measures.set(measure.id, courseOf(measure, dueDays, state, { at: enrolledAt, on: enrolledOn }, timeZone));
  }
  return {
    state,
    programme,
    timeZone,
    now,
    today,
    enrolledAt,
    enrolledOn,
    heardOfAt,
    reminders: remindersSince(heardOfAt, reminders),
    ...modulesOf(state, programme),
    activeOn: activeSince(today - longestActivityWindow, state),
    measures,
  };
}

/** Local days with activity after this one, ascending. */
function activeSince(day: LocalDay, { activity: { dates } }: PatientState): LocalDay[] {
  const since: LocalDay[] = [];
  // A course can have far more days than a window: from the end.
  for (const date of dates.toReversed()) {
    const on = dayNumber(date);
    if (on <= day) break;
    since.push(on);
  }
  return since.toReversed();
}

function assessScorecard(
  kind: 'dropout' | 'deterioration',
  scorecard: ReadyScorecard,
  course: Course,
  clinic: Clinic,
  at: Instant,
): Assessment {
  const assessed: AssessedFactor[] = [];
  let score = 0;
  let review: number | null = null;
  for (const rule of scorecard.rules) {
    const measure = (rule.measure === null ? null : course.measures.get(rule.measure)) ?? emptyCourse;
    const value = valueNow(rule.factor, course, measure);
    const bucket = bucketOf(value, rule.buckets);
    const change = nextChange(rule, course, measure, bucket);
    if (change !== null && (review === null || change < review)) review = change;
    if (value === null || bucket === null || bucket.points === 0) continue;
    score += bucket.points;
    assessed.push(assessedFactor(rule, value, bucket));
  }
  return {
    at,
    kind,
    score,
    level: levelOf(score, scorecard),
    factors: assessed,
    reviewAt: review === null ? null : fromEpoch(review),
    rules: clinic.hash,
  };
}

export function levelOf(score: number, { levels }: Pick<Scorecard, 'levels'>): Level {
  if (score >= levels.red) return 'red';
  return score >= levels.yellow ? 'yellow' : 'green';
}

function valueNow(factor: Factor, course: Course, measure: MeasureCourse): number | null {
  return factor.value(course, measure, factor.clock === 'dates' ? course.today : course.now);
}

/** The bucket a value lies in; null below the first, and where there is no value. */
function bucketOf(value: number | null, buckets: readonly ReadyBucket[]): ReadyBucket | null {
  let found: ReadyBucket | null = null;
  if (value === null) return found;
  for (const bucket of buckets) {
    if (value < bucket.from) break;
    found = bucket;
  }
  return found;
}

/** The first moment (ms) after now at which the value lies in another bucket while no event comes; null: never. */
function nextChange(
  { factor, buckets, boundaries }: ReadyRule,
  course: Course,
  measure: MeasureCourse,
  bucket: ReadyBucket | null,
): number | null {
  if (factor.rises && bucket === buckets.at(-1)) return null;
  const now = factor.clock === 'dates' ? course.today : course.now;
  let next: number | null = null;
  for (const moment of factor.changes(course, measure, boundaries)) {
    if (moment <= now || (next !== null && moment >= next)) continue;
    if (bucketOf(factor.value(course, measure, moment), buckets) !== bucket) next = moment;
  }
  return next === null || factor.clock !== 'dates' ? next : startOfDay(next, course.timeZone);
}

function assessedFactor({ name, factor, plain }: ReadyRule, value: number, bucket: ReadyBucket): AssessedFactor {
  const { from, points, reason } = bucket;
  if (factor.shows === 'bucket') return { name, value: from, points, reason, plain };
  return { name, value, points, reason: reason.replaceAll('{value}', String(value)), plain };
}

/** Points and words of the safety tiers: the tier is the rule, the points only order what is shown. */
const tiers: Readonly<Record<SafetyTier, { points: number; level: Level; reason: string }>> = {
  none: { points: 0, level: 'green', reason: '' },
  list: { points: 1, level: 'yellow', reason: 'look at it today' },
  alert: { points: 2, level: 'red', reason: 'answer it today' },
  urgent: { points: 3, level: 'red', reason: 'answer it at once' },
};

/** The newest answer to each measure's safety item. Rules, no score: it needs neither consent nor scorecards. */
function assessSafety(state: PatientState, clinic: Clinic, at: Instant): readonly Assessment[] {
  const newest = new Map<string, SafetySignal>();
  for (const signal of safetySignals(state, clinic)) newest.set(signal.measure, signal);
  if (newest.size === 0) return [];
  let level: Level = 'green';
  const assessed: AssessedFactor[] = [];
  for (const { measure, previous, answer, tier } of newest.values()) {
    const { points, level: ofTier, reason } = tiers[tier];
    if (points === 0) continue;
    if (level !== 'red') level = ofTier;
    const title = clinic.measures.find(({ id }) => id === measure)?.title ?? measure;
    const before = previous === null ? 'not asked before' : `${previous} before`;
    const seen = answer === null ? 'an answer that cannot be read: ask' : String(answer);
    assessed.push({
      name: `safety-item:${measure}`,
      value: answer,
      points,
      reason: `${title}: thoughts of self-harm answered with ${seen} (${before}): ${reason}`,
      plain: 'One of your answers was about thoughts of being dead or hurting yourself.',
    });
  }
  const score = assessed.reduce((sum, { points }) => sum + points, 0);
  return [{ at, kind: 'safety', score, level, factors: assessed, reviewAt: null, rules: clinic.hash }];
}
