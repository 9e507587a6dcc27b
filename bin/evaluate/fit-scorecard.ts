import { auc, tallyOf } from '../../functions/domain/evaluation-tally.ts';
import { mostPoints, type Scorecard } from '../../functions/domain/risk-rules.ts';
import type { ReadyRule } from '../../functions/domain/risk-scorecard.ts';
import type { Chance } from '../simulate/chance.ts';
import { folded } from './folds.ts';
import { fitRising, type LogisticModel, logLoss, type Pattern, patternsOf } from './logistic-regression.ts';

/**
 * One patient as a fit sees them: for each factor of the scorecard the index of the bucket its value lies in, -1 where it
 * lies below the first or where there is none; and what came of the patient.
 */
export interface FitRow {
  readonly buckets: readonly number[];
  readonly outcome: boolean;
}

/** Points for each bucket of each factor, and the levels. */
export interface FittedPoints {
  readonly points: readonly (readonly number[])[];
  readonly levels: Scorecard['levels'];
  readonly ridge: number;
  /** The most points of any bucket. */
  readonly scale: number;
}

/** The ridges to choose from. */
const ridges = [0.3, 1, 3, 10, 30, 100];
/** The most points of any bucket, to choose from: the fewer, the easier to add up in one's head; the more, the less rounding costs. */
const scales = [5, 10, 20, 30, 50, mostPoints];
/** What rounding may cost of the AUC: less than its third decimal can show. */
const costOfRounding = 0.0005;
/** So small a cost is told apart from chance only over several cross-validations. */
const crossValidations = 3;

/** @param values what every factor saw (`observe`). */
export function bucketsOf(values: ReadonlyMap<string, number | null>, rules: readonly ReadyRule[]): number[] {
  return rules.map(({ name, boundaries }) => {
    const value = values.get(name) ?? null;
    return value === null ? -1 : boundaries.findLastIndex((from) => value >= from);
  });
}

/**
 * Learns integer points from rows: penalised logistic regression, then rounded. Cross-validation chooses the ridge, and the
 * coarsest scale that costs no AUC worth mention. Null where nothing can be learned: no factor tells anybody apart.
 * @param scorecard whose factors and buckets are kept; a step to the next bucket keeps the direction of its points.
 */
export function fitPoints(rows: readonly FitRow[], scorecard: Scorecard, chance: Chance): FittedPoints | null {
  const steps = stepsOf(scorecard);
  const encoded = rows.map((row) => ({ ...row, features: featuresOf(row.buckets, steps) }));
  const dealt = Array.from({ length: crossValidations }, () =>
    folded(encoded, chance).map(({ rest, part }) => ({ rest: patternsOf(rest), part })),
  );
  const ridge = chooseRidge(dealt[0] ?? []);
  const model = fitRising(patternsOf(encoded), ridge);
  const exact = exactPoints(scorecard, steps, model);
  const largest = largestOf(exact);
  if (largest === 0) return null;
  const scale = chooseScale(
    dealt.flat().map(({ rest, part }) => ({ exact: exactPoints(scorecard, steps, fitRising(rest, ridge)), part })),
  );
  const points = rounded(exact, scale);
  const highest = points.reduce((sum, ofFactor) => sum + Math.max(0, ...ofFactor), 0);
  // Levels are 1 and 2 at the lowest.
  if (highest < 2) return null;
  const events = rows.filter(({ outcome }) => outcome).length;
  // Red is whoever is at more than the average risk: steadier than the threshold that happened to be best in these rows.
  const average = (Math.log(events / (rows.length - events)) - model.intercept) * (scale / largest);
  const red = Math.min(highest, Math.max(2, Math.ceil(average)));
  return { points, levels: { yellow: Math.ceil(red / 2), red }, ridge, scale };
}

/** The sum of the points of the buckets a patient is in. */
export function scoreOf(buckets: readonly number[], points: readonly (readonly number[])[]): number {
  return buckets.reduce((sum, bucket, rule) => sum + (points[rule]?.[bucket] ?? 0), 0);
}

/**
 * One step between neighbouring buckets, away from the bucket that is worth nothing (the first of that kind, or having no
 * value at all). Whoever is some steps away has taken all steps on the way: so neighbouring buckets learn from each other.
 */
export interface Step {
  readonly rule: number;
  readonly bucket: number;
  readonly above: boolean;
  /** 1: the clinic's own points do not fall with this step; -1: they do, as for a factor that protects. */
  readonly sign: 1 | -1;
}

export function stepsOf(scorecard: Scorecard): Step[] {
  return scorecard.factors.flatMap(({ buckets }, rule) => {
    const zero = buckets.findLastIndex(({ points }) => points === 0);
    return buckets.flatMap(({ points }, bucket): Step[] => {
      if (bucket === zero) return [];
      const above = bucket > zero;
      const before = buckets[above ? bucket - 1 : bucket + 1]?.points ?? 0;
      return [{ rule, bucket, above, sign: points < before ? -1 : 1 }];
    });
  });
}

/** For each step: the step's sign where it is taken, else 0. */
export function featuresOf(buckets: readonly number[], steps: readonly Step[]): number[] {
  return steps.map(({ rule, bucket, above, sign }) => {
    const seen = buckets[rule] ?? -1;
    const taken = above ? seen >= bucket : seen >= 0 && seen <= bucket;
    return taken ? sign : 0;
  });
}

interface Fold {
  readonly rest: readonly Pattern[];
  readonly part: readonly (FitRow & { readonly features: readonly number[] })[];
}

function chooseRidge(folds: readonly Fold[]): number {
  const parts = folds.map(({ rest, part }) => ({ rest, part: patternsOf(part) }));
  const losses = ridges.map((ridge) => ({
    ridge,
    loss: parts.reduce((sum, { rest, part }) => sum + logLoss(part, fitRising(rest, ridge)), 0),
  }));
  return losses.reduce((best, one) => (one.loss < best.loss ? one : best)).ridge;
}

/** The lowest scale whose rounded points tell the patients left out nearly as well as the points before rounding do. */
function chooseScale(folds: readonly { exact: readonly (readonly number[])[]; part: readonly FitRow[] }[]): number {
  const aucWith = (pointsOf: (exact: readonly (readonly number[])[]) => readonly (readonly number[])[]) =>
    folds.reduce((sum, { exact, part }) => {
      const points = pointsOf(exact);
      const scored = part.map(({ buckets, outcome }) => ({ score: scoreOf(buckets, points), outcome }));
      return sum + (auc(tallyOf(scored)) ?? 0.5);
    }, 0) / folds.length;
  const enough = aucWith((exact) => exact) - costOfRounding;
  return scales.find((scale) => aucWith((exact) => rounded(exact, scale)) >= enough) ?? mostPoints;
}

/** Whole points, the largest of which is `scale`; all 0 where nothing was learned. */
function rounded(exact: readonly (readonly number[])[], scale: number): number[][] {
  const largest = largestOf(exact);
  // "+ 0" turns -0 into 0.
  return exact.map((ofFactor) => ofFactor.map((one) => (largest === 0 ? 0 : Math.round((one / largest) * scale) + 0)));
}

function largestOf(exact: readonly (readonly number[])[]): number {
  return Math.max(...exact.flat().map(Math.abs));
}

/** For each factor and bucket the sum of the weights of the steps on the way to it. */
function exactPoints(scorecard: Scorecard, steps: readonly Step[], { weights }: LogisticModel): number[][] {
  return scorecard.factors.map(({ buckets }, rule) =>
    buckets.map((_, bucket) =>
      steps.reduce((sum, step, index) => {
        const onTheWay = step.above ? bucket >= step.bucket : bucket <= step.bucket;
        return step.rule === rule && onTheWay ? sum + step.sign * (weights[index] ?? 0) : sum;
      }, 0),
    ),
  );
}
