import { type PastCourse, scorecardOf, type Target } from './evaluation-course.ts';
import { bootstrapIntervals, type Interval, shareInterval } from './evaluation-interval.ts';
import { type Accuracy, accuracyAt, auc, type KnownCase, type Tally, tallyOf } from './evaluation-tally.ts';

/** Minutes of a therapist for each red patient and week (Forsell 2019). */
export const minutesPerRedWeek = 14;
/** A subgroup below this size is named and not measured. */
export const fewestInGroup = 50;
/** A band of scores holds at least so many patients, or an eighth of all. */
const fewestInBand = 20;

/** What a score said, held against what came of it. Shares from 0 to 1. */
export interface Figures extends Accuracy {
  readonly patients: number;
  /** Of those, how many had the outcome. */
  readonly events: number;
  readonly balancedAccuracy95: Interval;
  readonly auc: number | null;
  readonly auc95: Interval;
}

export interface Threshold extends Accuracy {
  /** Red from this score on. */
  readonly threshold: number;
  /** Therapist time for 100 enrolled patients and a week of the programme, in minutes, all weeks taken together. */
  readonly minutesPer100: number;
}

/** Scores from `from` to `to`: how many of those who had them came to the outcome. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly patients: number;
  readonly events: number;
  readonly observed: number;
  readonly observed95: Interval;
}

export interface Subgroup {
  readonly by: 'track' | 'language' | 'timeZone';
  readonly group: string;
  readonly patients: number;
  /** null: too few to say anything. */
  readonly figures: Figures | null;
}

export interface Evaluation {
  readonly target: Target;
  readonly scorecard: 'dropout' | 'deterioration';
  /** The score from which on the clinic's rules say red: what the figures hold for. */
  readonly red: number;
  /** Patients whose outcome is not known: left out. */
  readonly unknown: number;
  readonly weeks: readonly (Figures & { readonly week: number })[];
  /** The week that the rest is about. */
  readonly week: number;
  readonly atWeek: Figures;
  readonly subgroups: readonly Subgroup[];
  readonly thresholds: readonly Threshold[];
  readonly calibration: readonly Band[];
  /** Each point of the curve: a flag from a score on; from none flagged to all flagged. */
  readonly roc: readonly { readonly falseAlarms: number; readonly sensitivity: number }[];
}

/**
 * How well one scorecard foresaw one outcome in a history.
 * @param red the score from which on the rules say red.
 * @param week the week of the programme in which the subgroups, thresholds and bands are looked at.
 * @param random see bootstrapIntervals.
 */
export function evaluate(
  courses: readonly PastCourse[],
  target: Target,
  red: number,
  week: number,
  random: () => number,
): Evaluation {
  const scorecard = scorecardOf[target];
  const weeks = [...new Set(courses.flatMap((course) => course.weeks.map((one) => one.week)))].toSorted(
    (a, b) => a - b,
  );
  const cases = knownCases(courses, target, week);
  const tally = tallyOf(cases);
  const everyScore = courses.flatMap((course) => course.weeks.map(({ scores }) => scores[scorecard]));
  const byWeek = weeks.map((one) => ({ week: one, ...figuresOf(knownCases(courses, target, one), red, random) }));
  return {
    target,
    scorecard,
    red,
    unknown: courses.filter(({ outcomes }) => outcomes[target] === null).length,
    weeks: byWeek,
    week,
    atWeek: byWeek.find((one) => one.week === week) ?? figuresOf(cases, red, random),
    subgroups: (['track', 'language', 'timeZone'] as const).flatMap((by) => subgroupsOf(cases, by, red, random)),
    thresholds: thresholdsOf(tally, everyScore, red),
    calibration: bandsOf(tally),
    roc: rocOf(tally),
  };
}

/** A patient as seen in one week, and what came of them. */
export interface WeekCase extends KnownCase {
  readonly groups: PastCourse['groups'];
  /** What every factor saw; empty in weeks for which it was not kept. */
  readonly values: ReadonlyMap<string, number | null>;
}

const nothing: WeekCase['values'] = new Map();

/** Who was scored in a week, and whose outcome is known but was not yet. */
export function knownCases(courses: readonly PastCourse[], target: Target, week: number): WeekCase[] {
  return courses.flatMap(({ weeks, outcomes, groups }) => {
    const seen = weeks.find((one) => one.week === week);
    const outcome = outcomes[target];
    if (seen === undefined || outcome === null || (outcome.seenAt !== null && outcome.seenAt <= seen.at)) return [];
    return [
      { score: seen.scores[scorecardOf[target]], outcome: outcome.value, groups, values: seen.values ?? nothing },
    ];
  });
}

/** What a flag from a score on would have got right, with 95 % intervals. */
export function figuresOf(cases: readonly KnownCase[], red: number, random: () => number): Figures {
  const tally = tallyOf(cases);
  const [balancedAccuracy95 = null, auc95 = null] = bootstrapIntervals(
    tally,
    [(drawn) => accuracyAt(drawn, red).balancedAccuracy, auc],
    random,
  );
  return {
    patients: cases.length,
    events: cases.filter(({ outcome }) => outcome).length,
    ...accuracyAt(tally, red),
    balancedAccuracy95,
    auc: auc(tally),
    auc95,
  };
}

/** Groups of one kind; none where everybody is in the same. */
function subgroupsOf(cases: readonly WeekCase[], by: Subgroup['by'], red: number, random: () => number): Subgroup[] {
  const groups = Map.groupBy(cases, ({ groups: of }) => of[by] ?? 'not known');
  if (groups.size < 2) return [];
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => ({
      by,
      group,
      patients: members.length,
      figures: members.length < fewestInGroup ? null : figuresOf(members, red, random),
    }));
}

/** Every score seen, and the clinic's own threshold, as a threshold. */
function thresholdsOf(tally: Tally, everyScore: readonly number[], red: number): Threshold[] {
  const seen = new Set([...tally.map(({ score }) => score), red]);
  return [...seen]
    .toSorted((a, b) => a - b)
    .map((threshold) => ({
      threshold,
      ...accuracyAt(tally, threshold),
      minutesPer100:
        (100 * minutesPerRedWeek * everyScore.filter((score) => score >= threshold).length) /
        Math.max(1, everyScore.length),
    }));
}

/** The lowest threshold, which finds the most, that a budget pays for; null: none does. */
export function thresholdWithin(thresholds: readonly Threshold[], minutesPer100: number): number | null {
  return thresholds.find((one) => one.minutesPer100 <= minutesPer100)?.threshold ?? null;
}

/** Neighbouring scores together, so that each band holds enough patients to say something. */
function bandsOf(tally: Tally): Band[] {
  const patients = tally.reduce((sum, { having, lacking }) => sum + having + lacking, 0);
  const enough = Math.max(fewestInBand, patients / 8);
  const bands: { from: number; to: number; patients: number; events: number }[] = [];
  for (const { score, having, lacking } of tally) {
    const last = bands.at(-1);
    if (last === undefined || last.patients >= enough)
      bands.push({ from: score, to: score, patients: having + lacking, events: having });
    else {
      last.to = score;
      last.patients += having + lacking;
      last.events += having;
    }
  }
  return bands.map((band) => ({
    ...band,
    observed: band.events / band.patients,
    observed95: shareInterval(band.events, band.patients),
  }));
}

function rocOf(tally: Tally): Evaluation['roc'] {
  const points = tally.toReversed().flatMap(({ score }) => {
    const { sensitivity, specificity } = accuracyAt(tally, score);
    return sensitivity === null || specificity === null ? [] : [{ falseAlarms: 1 - specificity, sensitivity }];
  });
  return [{ falseAlarms: 0, sensitivity: 0 }, ...points];
}
