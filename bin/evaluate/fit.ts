import type { Clinic } from '../../functions/domain/clinic.ts';
import { type Figures, figuresOf, knownCases } from '../../functions/domain/evaluation.ts';
import { type PastCourse, scorecardOf, type Target } from '../../functions/domain/evaluation-course.ts';
import { auc, tallyOf } from '../../functions/domain/evaluation-tally.ts';
import type { RiskRules, Scorecard } from '../../functions/domain/risk-rules.ts';
import { readyScorecards } from '../../functions/domain/risk-scorecard.ts';
import { NotPossible } from '../patients-at.ts';
import type { Chance } from '../simulate/chance.ts';
import { withCandidates } from './candidates.ts';
import { bucketsOf, type FitRow, fitPoints, scoreOf } from './fit-scorecard.ts';
import { folded } from './folds.ts';

/** A scorecard learned from a history, with what it may be expected to do for patients it has not seen. */
export interface Fit {
  readonly target: Target;
  readonly week: number;
  readonly scorecard: Scorecard;
  readonly ridge: number;
  /** The most points of any bucket. */
  readonly scale: number;
  /** Factors that told nothing in this history: left out. */
  readonly leftOut: readonly string[];
  /**
   * Five-fold cross-validation of the whole procedure: each patient scored by points learned without them. The AUC is the mean
   * of the five, since points of different fits cannot be compared.
   */
  readonly crossValidated: Pick<
    Figures,
    'patients' | 'events' | 'sensitivity' | 'specificity' | 'ppv' | 'balancedAccuracy'
  > & {
    readonly balancedAccuracy95: Figures['balancedAccuracy95'];
    readonly auc: number;
  };
}

/** Fewer events than this, and a fold may hold none. */
const fewestEvents = 20;

/**
 * Learns one of the clinic's scorecards from the courses, as known at the end of one week.
 * @throws NotPossible where the history holds too little to learn from.
 */
export function fitHistory(
  courses: readonly PastCourse[],
  target: Target,
  week: number,
  clinic: Clinic,
  risk: RiskRules,
  chance: Chance,
): Fit {
  const kind = scorecardOf[target];
  const wide = withCandidates(kind, risk[kind]);
  const wideRisk = { ...risk, [kind]: wide };
  const { rules } = readyScorecards({ ...clinic, rules: { ...clinic.rules, risk: wideRisk } }, wideRisk)[kind];
  const rows = knownCases(courses, target, week).map(
    ({ values, outcome }): FitRow => ({ buckets: bucketsOf(values, rules), outcome }),
  );
  const events = rows.filter(({ outcome }) => outcome).length;
  if (Math.min(events, rows.length - events) < fewestEvents)
    throw new NotPossible(
      `--fit: week ${week} has ${events} patients with ${target} and ${rows.length - events} without: ${fewestEvents} of each are the least to learn from`,
    );
  const fitted = fitPoints(rows, wide, chance);
  if (fitted === null)
    throw new NotPossible(`--fit: no factor tells who comes to ${target} in this history: nothing to learn`);
  const factors = wide.factors.map((rule, index) => ({
    ...rule,
    source: `Fitted to this clinic's own history, ${target}, week ${week}`,
    buckets: merged(rule.buckets.map((bucket, at) => ({ ...bucket, points: fitted.points[index]?.[at] ?? 0 }))),
  }));
  const tells = ({ buckets }: (typeof factors)[number]) => buckets.some(({ points }) => points !== 0);
  return {
    target,
    week,
    scorecard: { levels: fitted.levels, factors: factors.filter(tells) },
    ridge: fitted.ridge,
    scale: fitted.scale,
    leftOut: factors
      .filter((rule) => !tells(rule))
      .map(({ factor, measure }) => (measure ? `${factor} (${measure})` : factor)),
    crossValidated: crossValidate(rows, wide, chance),
  };
}

/** Neighbouring buckets with the same points as one: what a step does not tell apart needs no words and no review. */
function merged(buckets: Scorecard['factors'][number]['buckets']): Scorecard['factors'][number]['buckets'] {
  return buckets.filter(({ points }, at) => points !== buckets[at - 1]?.points);
}

function crossValidate(rows: readonly FitRow[], wide: Scorecard, chance: Chance): Fit['crossValidated'] {
  const flags: { score: number; outcome: boolean }[] = [];
  const aucs: number[] = [];
  for (const { rest, part } of folded(rows, chance)) {
    const fitted = fitPoints(rest, wide, chance);
    // Nothing learned: nobody is flagged, and a coin would tell them apart as well.
    const scored = part.map(({ buckets, outcome }) => ({
      score: fitted === null ? 0 : scoreOf(buckets, fitted.points),
      outcome,
    }));
    aucs.push(auc(tallyOf(scored)) ?? 0.5);
    const red = fitted?.levels.red ?? 1;
    flags.push(...scored.map(({ score, outcome }) => ({ score: score >= red ? 1 : 0, outcome })));
  }
  const { patients, events, sensitivity, specificity, ppv, balancedAccuracy, balancedAccuracy95 } = figuresOf(
    flags,
    1,
    () => chance.next(),
  );
  const mean = aucs.reduce((sum, one) => sum + one, 0) / aucs.length;
  return { patients, events, sensitivity, specificity, ppv, balancedAccuracy, balancedAccuracy95, auc: mean };
}
