import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withCandidates } from '../../bin/evaluate/candidates.ts';
import { bucketsOf, featuresOf, fitPoints, scoreOf, stepsOf } from '../../bin/evaluate/fit-scorecard.ts';
import { fitLogistic, patternsOf, probabilityOf } from '../../bin/evaluate/logistic-regression.ts';
import { Chance } from '../../bin/simulate/chance.ts';
import { type Figures, figuresOf } from '../../functions/domain/evaluation.ts';
import type { Interval } from '../../functions/domain/evaluation-interval.ts';
import { assess, observe } from '../../functions/domain/risk.ts';
import type { RiskRules } from '../../functions/domain/risk-rules.ts';
import { readyScorecards } from '../../functions/domain/risk-scorecard.ts';
import { auc, balancedAccuracy, hasOutsideData } from '../outside-data.ts';
import { type LearnerTarget, learnerCases } from '../outside-learners.ts';
import { riskRules } from '../risk-patients.ts';

const earlierRuns = ['AAA-2013J', 'AAA-2014J', 'BBB-2013B'];
const laterRun = 'BBB-2013J';
/** The rules as shipped, with what a fit may add. */
const risk: RiskRules = { ...riskRules, dropout: withCandidates('dropout', riskRules.dropout) };

interface Row {
  readonly buckets: readonly number[];
  readonly outcome: boolean;
  /** By the rules as shipped. */
  readonly unfitted: number;
  readonly silence: number;
}

function rowsOf(runs: readonly string[], day: number, target: LearnerTarget): Row[] {
  return runs.flatMap((run) => {
    const [first, ...others] = learnerCases(run, day, target);
    if (first === undefined) throw new Error(`no learners in ${run}`);
    const withRisk = { ...first.clinic, rules: { ...first.clinic.rules, risk } };
    const { rules } = readyScorecards(withRisk, risk).dropout;
    return [first, ...others].map(({ clinic, state, at, outcome }) => {
      const values = observe(state, clinic, at) ?? new Map<string, number | null>();
      return {
        buckets: bucketsOf(values, rules),
        outcome,
        unfitted: assess(state, clinic, at).assessments[0]?.score ?? Number.NaN,
        silence: values.get('silence') ?? Number.NaN,
      };
    });
  });
}

interface Result {
  /** By the rules as shipped. */
  readonly unfitted: Figures;
  /** Whole points, as `evaluate --fit` writes them. */
  readonly points: Figures;
  /** The regression on the same buckets, before rounding and before keeping directions. */
  readonly regression: Figures;
  /** Days since the last activity, alone: no threshold, only its AUC. */
  readonly silence: Figures;
}

/** Fitted on the three earlier runs, looked at on the later one. */
function resultOf(day: number, target: LearnerTarget): Result {
  const earlier = rowsOf(earlierRuns, day, target);
  const later = rowsOf([laterRun], day, target);
  const fitted = fitPoints(earlier, risk.dropout, new Chance('outside-data'));
  if (fitted === null) throw new Error('nothing learned');
  const steps = stepsOf(risk.dropout);
  const features = ({ buckets }: Row) => featuresOf(buckets, steps);
  const model = fitLogistic(patternsOf(earlier.map((row) => ({ features: features(row), outcome: row.outcome }))), 1);
  const average = earlier.filter(({ outcome }) => outcome).length / earlier.length;
  const figures = (score: (row: Row) => number, red: number) => {
    const cases = later.map((row) => ({ score: score(row), outcome: row.outcome }));
    return figuresOf(cases, red, drawing(day, target));
  };
  return {
    unfitted: figures(({ unfitted }) => unfitted, riskRules.dropout.levels.red),
    points: figures(({ buckets }) => scoreOf(buckets, fitted.points), fitted.levels.red),
    regression: figures((row) => probabilityOf(model, features(row)), average),
    silence: figures(({ silence }) => silence, 1),
  };
}

function drawing(day: number, target: LearnerTarget): () => number {
  const chance = new Chance(`bootstrap/${day}/${target}`);
  return () => chance.next();
}

const known = new Map<string, Result>();
function result(day: number, target: LearnerTarget): Result {
  const key = `${day}/${target}`;
  const found = known.get(key) ?? resultOf(day, target);
  known.set(key, found);
  return found;
}

const looks = [
  [28, 'few_modules'],
  [28, 'silent'],
  [20, 'few_modules'],
  [20, 'silent'],
] as const;

const share = (value: number | null) => (value === null ? '-' : value.toFixed(3));

const within = (interval: Interval) => (interval === null ? '-' : `${share(interval[0])} to ${share(interval[1])}`);

/** The lines of the table in docs/model-card.md. */
function cardLines(): string[] {
  return looks.flatMap(([day, target]) => {
    const { unfitted, regression, points, silence } = result(day, target);
    return (
      [
        ['default points, not fitted', unfitted],
        ['fitted, whole points', points],
        ['fitted, regression before rounding', regression],
        ['days of silence alone', silence],
      ] as const
    ).map(([rules, one]) => {
      const flags =
        one === silence
          ? ['-', '-', '-']
          : [
              `${share(one.balancedAccuracy)} (${within(one.balancedAccuracy95)})`,
              share(one.sensitivity),
              share(one.ppv),
            ];
      return `| ${[target, day, `${one.patients} (${one.events})`, rules, `${share(one.auc)} (${within(one.auc95)})`, ...flags].join(' | ')} |`;
    });
  });
}

describe.skipIf(!hasOutsideData)('points fitted on online learners (skipped where ../shared/data is absent)', () => {
  // AUC and balanced accuracy of scikit-learn 1.9.1, run once by hand on the same features and the same split:
  // LogisticRegression(C=1.0, solver='newton-cholesky', tol=1e-10), flagged from the share of the earlier runs on.
  it.each([
    [28, 'few_modules', 0.766862, 0.702704],
    [28, 'silent', 0.838792, 0.73686],
    [20, 'few_modules', 0.750938, 0.695087],
    [20, 'silent', 0.822084, 0.723422],
  ] as const)('day %i, %s: the regression agrees with scikit-learn', (day, target, expectedAuc, expectedAccuracy) => {
    const { regression } = result(day, target);
    expect(regression.auc).toBeCloseTo(expectedAuc, 4);
    expect(regression.balancedAccuracy).toBeCloseTo(expectedAccuracy, 4);
  });

  it.each([
    [28, 'few_modules', 0.74, 0.66],
    [28, 'silent', 0.8, 0.72],
    [20, 'few_modules', null, 0.65],
    [20, 'silent', null, 0.7],
  ] as const)(
    'day %i, %s: what was fitted on the three earlier runs reaches its bars',
    (day, target, aucBar, accuracyBar) => {
      const { regression, points, silence } = result(day, target);
      expect(regression.auc).toBeGreaterThanOrEqual(aucBar ?? 0);
      expect(regression.balancedAccuracy).toBeGreaterThanOrEqual(accuracyBar);
      expect((points.auc ?? 0) - (silence.auc ?? 1)).toBeGreaterThanOrEqual(0.03);
      expect(points.auc).toBeGreaterThanOrEqual(aucBar ?? 0);
      expect(points.balancedAccuracy).toBeGreaterThanOrEqual(accuracyBar);
    },
  );

  it('the figures are those that counting every pair and every learner gives', () => {
    const cases = rowsOf([laterRun], 28, 'silent').map(({ unfitted: score, outcome }) => ({ score, outcome }));
    const { unfitted } = result(28, 'silent');
    expect(unfitted.auc).toBeCloseTo(auc(cases), 12);
    const flags = cases.map(({ score, outcome }) => ({ flag: score >= riskRules.dropout.levels.red, outcome }));
    expect(unfitted.balancedAccuracy).toBeCloseTo(balancedAccuracy(flags), 12);
  });

  it('the figures in the model card are these', () => {
    const card = readFileSync(new URL('../../docs/model-card.md', import.meta.url), 'utf8');
    const stands = card.split('\n').filter((line) => /^\| (few_modules|silent) /.test(line));
    expect(stands).toEqual(cardLines());
  });
});
