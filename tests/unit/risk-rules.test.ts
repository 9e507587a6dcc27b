import { describe, expect, it } from 'vitest';
import { riskRulesFaults, riskRulesSchema } from '../../functions/domain/risk-rules.ts';
import { exampleClinic } from '../example-clinic.ts';
import { riskRules } from '../risk-patients.ts';

const { measures } = exampleClinic;
const silence = riskRules.dropout.factors[0];
const missing = riskRules.deterioration.factors.find(({ factor }) => factor === 'measure-missing');

/** The faults of a dropout scorecard with one factor, as path and message. */
function faultsOf(change: object, levels: object = { yellow: 1, red: 2 }): string[] {
  const card = { levels, factors: [{ ...silence, ...change }] };
  const parsed = riskRulesSchema.safeParse({ ...riskRules, dropout: card });
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('scorecards', () => {
  it('that the project ships fit its measures', () => {
    expect(riskRulesFaults(riskRules, measures)).toEqual([]);
  });

  it.each([
    [{ measure: 'phq-9' }, 'dropout.factors.0.measure: leave it out: this factor looks at none'],
    [{ factor: 'caseness' }, 'dropout.factors.0.measure: name the measure this factor looks at'],
    [
      {
        buckets: [
          { from: 3, points: 1 },
          { from: 3, points: 2 },
        ],
      },
      'dropout.factors.0.buckets.1.from: write a value above that of the bucket before it',
    ],
    [
      { reason: 'No activity for {days} days' },
      'dropout.factors.0.reason: write no placeholders but {value}, {range} and {measure}',
    ],
    [{ plain: 'You scored 7' }, 'dropout.factors.0.plain: write plain words, without numbers and placeholders'],
  ])('with a fault say what to write instead: %j', (change, fault) => {
    expect(faultsOf(change)).toContain(fault);
  });

  it.each([
    [{ yellow: 2, red: 2 }, 'dropout.levels.red: write a score above yellow'],
    [{ yellow: 1, red: 7 }, 'dropout.levels.red: write at most 6, all the points that can come together'],
  ])('need levels that can be reached, in order: %j', (levels, fault) => {
    expect(faultsOf({}, levels)).toContain(fault);
    expect(faultsOf({}, { yellow: 1, red: 6 })).toEqual([]);
  });

  it('list each factor and measure once', () => {
    const card = { levels: { yellow: 1, red: 2 }, factors: [missing, { ...missing, measure: 'isi' }, missing] };
    const parsed = riskRulesSchema.safeParse({ ...riskRules, deterioration: card });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['deterioration.factors.2.factor']);
  });

  it('that ask more of a measure than it has are faults', () => {
    const bare = measures.map((one) => ({ ...one, reliableChange: null, caseness: null }));
    const found = (of: typeof measures) =>
      riskRulesFaults(riskRules, of).map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(found(bare)).toContain(
      'deterioration.factors.0.measure: has no reliable change: name another, or leave the factor out',
    );
    expect(found(bare)).toContain(
      'deterioration.factors.3.measure: has no caseness: name another, or leave the factor out',
    );
    expect(found(bare)).toHaveLength(6);
    expect(found([])).toContain(
      'deterioration.factors.2.measure: is no measure of this clinic: name another, or leave the factor out',
    );
  });
});
