import type { Clinic } from './clinic.ts';
import { type Factor, factors } from './risk-factors.ts';
import { type FactorRule, factorName, type RiskRules, type Scorecard } from './risk-rules.ts';

/** Values from `from` up to the next bucket, at this programme's pace. */
export interface ReadyBucket {
  readonly from: number;
  readonly points: number;
  /** The reason with the range and the measure's title filled in, and the value where the bucket stands for it. */
  readonly reason: string;
}

/** A factor's rule, ready to be used again and again: what does not depend on a patient is worked out once. */
export interface ReadyRule {
  /** The factor's name in an assessment. */
  readonly name: string;
  readonly factor: Factor;
  /** Null: the factor looks at no measure. */
  readonly measure: string | null;
  /** Ascending. */
  readonly buckets: readonly ReadyBucket[];
  /** Where the buckets begin. */
  readonly boundaries: readonly number[];
  readonly plain: string;
}

export interface ReadyScorecard {
  readonly levels: Scorecard['levels'];
  readonly rules: readonly ReadyRule[];
}

export interface ReadyScorecards {
  readonly dropout: ReadyScorecard;
  readonly deterioration: ReadyScorecard;
}

const known = new WeakMap<Clinic, ReadyScorecards>();

/** The scorecards of a clinic. A clinic is never changed once it is read, so the same object gives the same scorecards. */
export function readyScorecards(clinic: Clinic, risk: RiskRules): ReadyScorecards {
  let ready = known.get(clinic);
  if (ready === undefined) {
    ready = {
      dropout: readyScorecard(risk.dropout, clinic),
      deterioration: readyScorecard(risk.deterioration, clinic),
    };
    known.set(clinic, ready);
  }
  return ready;
}

function readyScorecard({ levels, factors: rules }: Scorecard, clinic: Clinic): ReadyScorecard {
  return { levels, rules: rules.map((rule) => readyRule(rule, clinic)) };
}

function readyRule(rule: FactorRule, { programme, measures }: Clinic): ReadyRule {
  const factor = factors[rule.factor];
  const week = factor.week(programme);
  const atPace = (from: number) => Math.ceil((from * week) / 7);
  const boundaries = rule.buckets.map(({ from }) => atPace(from));
  const title = measures.find(({ id }) => id === rule.measure)?.title ?? '';
  return {
    name: factorName(rule),
    factor,
    measure: rule.measure ?? null,
    boundaries,
    buckets: rule.buckets.map(({ from, points }, index) => ({
      from: atPace(from),
      points,
      reason: rule.reason
        .replaceAll('{range}', rangeInWords(atPace(from), boundaries[index + 1]))
        .replaceAll('{measure}', () => title)
        .replaceAll('{value}', factor.shows === 'bucket' ? String(atPace(from)) : '{value}'),
    })),
    plain: rule.plain,
  };
}

function rangeInWords(from: number, next: number | undefined): string {
  if (next === undefined) return `${from} or more`;
  return next - 1 === from ? String(from) : `${from} to ${next - 1}`;
}
