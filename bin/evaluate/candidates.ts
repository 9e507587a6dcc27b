import type { FactorRule, Scorecard } from '../../functions/domain/risk-rules.ts';

/**
 * Factors that a fit may add where the clinic's rules lack them. The points say only in which direction the risk goes: the
 * fit keeps the direction, learns the points, and leaves out what tells nothing.
 */
const dropoutCandidates: readonly FactorRule[] = [
  {
    factor: 'active-days-28',
    reason: 'Active on {range} of the last 28 days',
    plain: 'You have used the program less often than most people do.',
    source: 'How often a patient logs in, arXiv 2201.04967; points fitted',
    // Steps of three days: on the three earlier runs of online learners (docs/model-card.md) better than steps of two or four.
    buckets: [0, 3, 6, 9, 12, 15, 18, 21].map((from, index, all) => ({ from, points: all.length - 1 - index })),
  },
  {
    factor: 'module-days',
    reason: 'The newest module took {range} days from when its turn came',
    plain: 'Your last lesson took you longer than planned.',
    source: 'Time taken for each module, as reviewed for internet CBT; points fitted',
    // Early, on the due day, up to three days late, later: on the three earlier runs no worse than finer steps.
    buckets: [0, 7, 8, 11].map((from, points) => ({ from, points })),
  },
];

/** The scorecard with every factor that a fit may use. */
export function withCandidates(kind: 'dropout' | 'deterioration', scorecard: Scorecard): Scorecard {
  const candidates = kind === 'dropout' ? dropoutCandidates : [];
  const missing = candidates.filter(({ factor }) => scorecard.factors.every((rule) => rule.factor !== factor));
  return { ...scorecard, factors: [...scorecard.factors, ...missing] };
}
