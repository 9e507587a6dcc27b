import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCandidates } from '../../bin/evaluate/candidates.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { fold } from '../../functions/domain/fold.ts';
import { epochMilliseconds, instantAt } from '../../functions/domain/instant.ts';
import { contentOf } from '../../functions/domain/review.ts';
import { type Assessment, assess } from '../../functions/domain/risk.ts';
import { exampleClinic, runs } from '../example-clinic.ts';
import { enrolledHistory } from '../risk-histories.ts';
import { riskRules } from '../risk-patients.ts';

const start = Date.UTC(2026, 0, 5, 8);
const anyMoment = fc.integer({ min: 0, max: 16 * 7 * 86_400_000 }).map((after) => instantAt(start + after));
const contents = (assessments: readonly Assessment[]) => canonicalText(assessments.map(contentOf));

/** Rules with the factors that only a fit uses: active days over four weeks. */
const risk = { ...riskRules, dropout: withCandidates('dropout', riskRules.dropout) };
const clinic = { ...exampleClinic, rules: { ...exampleClinic.rules, risk } };

describe('active days over four weeks', () => {
  it('stay in their bucket until the review', () => {
    let listed = 0;
    fc.assert(
      fc.property(enrolledHistory(), anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (events, now, part) => {
        const state = fold(events, clinic);
        const outcome = assess(state, clinic, now);
        const from = epochMilliseconds(now);
        const until = outcome.reviewAt === null ? from + 200 * 86_400_000 : epochMilliseconds(outcome.reviewAt);
        for (const moment of [from + Math.floor(part * (until - 1 - from)), until - 1])
          expect(contents(assess(state, clinic, instantAt(moment)).assessments)).toBe(contents(outcome.assessments));
        if (outcome.assessments[0]?.factors.some(({ name }) => name === 'active-days-28')) listed++;
      }),
      { seed: 5, numRuns: runs(500) },
    );
    expect(listed).toBeGreaterThan(100);
  });
});
