import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withCandidates } from '../../bin/evaluate/candidates.ts';
import { bucketsOf, featuresOf, fitPoints, scoreOf, stepsOf } from '../../bin/evaluate/fit-scorecard.ts';
import { fitLogistic, patternsOf, probabilityOf } from '../../bin/evaluate/logistic-regression.ts';
import { Chance } from '../../bin/simulate/chance.ts';
import { type Figures, figuresOf } from '../../functions/domain/evaluation.ts';
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
  readonly day: number;
  readonly target: LearnerTarget;
  readonly fitted: Figures;
  readonly unfitted: Figures;
  readonly silenceAuc: number;
  /** Logistic regression on the same features, without rounding and without keeping directions. */
  readonly plain: { readonly auc: number; readonly balancedAccuracy: number };
}

/** Fitted on the three earlier runs, looked at on the later one. */
function resultOf(day: number, target: LearnerTarget): Result {
  const earlier = rowsOf(earlierRuns, day, target);
  const later = rowsOf([laterRun], day, target);
  const points = fitPoints(earlier, risk.dropout, new Chance('outside-data'));
  if (points === null) throw new Error('nothing learned');
  const steps = stepsOf(risk.dropout);
  const features = ({ buckets }: Row) => featuresOf(buckets, steps);
  const model = fitLogistic(patternsOf(earlier.map((row) => ({ features: features(row), outcome: row.outcome }))), 1);
  const average = earlier.filter(({ outcome }) => outcome).length / earlier.length;
  const plain = later.map((row) => ({ score: probabilityOf(model, features(row)), outcome: row.outcome }));
  const figures = (score: (row: Row) => number, red: number) =>
    figuresOf(
      later.map((row) => ({ score: score(row), outcome: row.outcome })),
      red,
      drawing(day, target),
    );
  return {
    day,
    target,
    fitted: figures(({ buckets }) => scoreOf(buckets, points.points), points.levels.red),
    unfitted: figures(({ unfitted }) => unfitted, riskRules.dropout.levels.red),
    silenceAuc: auc(later.map((row) => ({ score: row.silence, outcome: row.outcome }))),
    plain: {
      auc: auc(plain),
      balancedAccuracy: balancedAccuracy(plain.map(({ score, outcome }) => ({ flag: score >= average, outcome }))),
    },
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

describe.skipIf(!hasOutsideData)('points fitted on online learners (skipped where ../shared/data is absent)', () => {
  it('probe', () => {
    for (const day of [28, 20])
      for (const t of ['few_modules', 'silent'] as const) console.info(JSON.stringify(result(day, t)));
  });
});
