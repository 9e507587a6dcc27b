import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCandidates } from '../../bin/evaluate/candidates.ts';
import { bucketsOf, type FitRow, featuresOf, fitPoints, scoreOf, stepsOf } from '../../bin/evaluate/fit-scorecard.ts';
import { folded } from '../../bin/evaluate/folds.ts';
import { fitLogistic, fitRising, logLoss, patternsOf, probabilityOf } from '../../bin/evaluate/logistic-regression.ts';
import { Chance } from '../../bin/simulate/chance.ts';
import type { Scorecard } from '../../functions/domain/risk-rules.ts';
import { readyScorecards } from '../../functions/domain/risk-scorecard.ts';
import { exampleClinic } from '../example-clinic.ts';
import { riskRules } from '../risk-patients.ts';

const rule = { reason: 'r', plain: 'p', source: 's' };
/** One factor whose risk rises, one whose risk falls, one with a dip between. */
const card: Scorecard = {
  levels: { yellow: 1, red: 2 },
  factors: [
    { ...rule, factor: 'silence', buckets: [3, 7, 14].map((from, index) => ({ from, points: index + 1 })) },
    { ...rule, factor: 'active-days', buckets: [0, 4, 8].map((from, index) => ({ from, points: 2 - index })) },
    {
      ...rule,
      factor: 'module-minutes',
      buckets: [
        { from: 0, points: 1 },
        { from: 50, points: 0 },
        { from: 200, points: 1 },
      ],
    },
  ],
};

describe('logistic regression with a ridge', () => {
  const rows = [
    ...Array.from({ length: 40 }, (_, index) => ({ features: [1, 0], outcome: index < 30 })),
    ...Array.from({ length: 60 }, (_, index) => ({ features: [0, 1], outcome: index < 6 })),
    ...Array.from({ length: 50 }, (_, index) => ({ features: [0, 0], outcome: index < 10 })),
  ];

  it('gives each group its own share where the ridge is next to nothing', () => {
    const model = fitLogistic(patternsOf(rows), 1e-9);
    expect(probabilityOf(model, [1, 0])).toBeCloseTo(0.75, 6);
    expect(probabilityOf(model, [0, 1])).toBeCloseTo(0.1, 6);
    expect(probabilityOf(model, [0, 0])).toBeCloseTo(0.2, 6);
  });

  it('draws weights to 0 as the ridge grows, the intercept to the share of all', () => {
    const weights = [0.1, 1, 10, 100].map((ridge) => Math.abs(fitLogistic(patternsOf(rows), ridge).weights[0] ?? 0));
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    expect(probabilityOf(fitLogistic(patternsOf(rows), 1e9), [1, 0])).toBeCloseTo(46 / 150, 4);
  });

  it('stands still where everybody has the outcome, or nobody is there', () => {
    const all = rows.map((row) => ({ ...row, outcome: true }));
    expect(probabilityOf(fitLogistic(patternsOf(all), 1), [0, 0])).toBeGreaterThan(0.99);
    expect(fitLogistic([], 1).weights).toEqual([]);
  });

  it('without a weight below 0 sets to 0 what would lower the risk, and loses little', () => {
    const rising = fitRising(patternsOf(rows), 1);
    expect(rising.weights[1]).toBe(0);
    expect(rising.weights[0]).toBeGreaterThan(1);
    expect(logLoss(patternsOf(rows), rising)).toBeLessThan(Math.log(2));
  });
});

describe('five folds', () => {
  it('hold everybody once, each fold its share of those with the outcome, the same for the same seed', () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ index, outcome: index < 25 }));
    const folds = folded(rows, new Chance('a'));
    expect(folds.flatMap(({ part }) => part.map(({ index }) => index)).toSorted((a, b) => a - b)).toEqual(
      rows.map(({ index }) => index),
    );
    for (const { rest, part } of folds) {
      expect([rest.length, part.length, part.filter(({ outcome }) => outcome).length]).toEqual([80, 20, 5]);
      expect(rest.some((row) => part.includes(row))).toBe(false);
    }
    expect(folded(rows, new Chance('a'))).toEqual(folds);
    expect(folded(rows, new Chance('b'))).not.toEqual(folds);
  });
});

/** Each bucket as it comes, the outcome by chance or by the first factor. */
const rowsOf = (seed: string, chanceOf: (silence: number) => number): FitRow[] => {
  const chance = new Chance(seed);
  return Array.from({ length: 400 }, () => {
    const buckets = [chance.whole(-1, 2), chance.whole(0, 2), chance.whole(-1, 2)];
    return { buckets, outcome: chance.happens(chanceOf(buckets[0] ?? -1)) };
  });
};

describe('fitted points', () => {
  it('look at the buckets that an assessment looks at', () => {
    const clinic = { ...exampleClinic, rules: { ...exampleClinic.rules, risk: { ...riskRules, dropout: card } } };
    const { rules } = readyScorecards(clinic, clinic.rules.risk).dropout;
    const of = (silence: number | null, days: number | null, minutes: number | null) =>
      bucketsOf(
        new Map([
          ['silence', silence],
          ['active-days', days],
          ['module-minutes', minutes],
        ]),
        rules,
      );
    expect(of(2, 0, 49)).toEqual([-1, 0, 0]);
    expect(of(7, 8, 200)).toEqual([1, 2, 2]);
    expect(of(null, null, null)).toEqual([-1, -1, -1]);
    expect(bucketsOf(new Map(), rules)).toEqual([-1, -1, -1]);
  });

  it('learn from all steps between a bucket and the one that is worth nothing', () => {
    const steps = stepsOf(card);
    expect(featuresOf([1, 0, 0], steps)).toEqual([1, 1, 0, 1, 1, 1, 0]);
    expect(featuresOf([-1, 2, 2], steps)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(featuresOf([-1, -1, -1], steps)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('find what tells, and are the same for the same seed', () => {
    const rows = rowsOf('a', (silence) => 0.1 + 0.25 * (silence + 1));
    const fitted = fitPoints(rows, card, new Chance('f'));
    expect(fitted).toEqual(fitPoints(rows, card, new Chance('f')));
    expect(fitted?.points[0]?.[2]).toBe(fitted?.scale);
    expect(scoreOf([2, 2, 1], fitted?.points ?? [])).toBe(fitted?.scale);
    expect(scoreOf([-1, -1, -1], fitted?.points ?? [])).toBe(0);
  });

  it('keep the direction of the rules, whatever the data say: no step away from nothing lowers the score', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4 }), fc.double({ min: 0, max: 0.3, noNaN: true }), (seed, slope) => {
        const fitted = fitPoints(
          rowsOf(seed, (silence) => 0.9 - slope * (silence + 1)),
          card,
          new Chance('f'),
        );
        if (fitted === null) return;
        const [silence = [], active = [], minutes = []] = fitted.points;
        expect([0, ...silence]).toEqual([0, ...silence].toSorted((a, b) => a - b));
        expect(active).toEqual(active.toSorted((a, b) => b - a));
        expect([active[2], minutes[1]]).toEqual([0, 0]);
        expect(Math.max(...fitted.points.flat())).toBe(fitted.scale);
        expect(fitted.levels.yellow).toBeGreaterThanOrEqual(1);
        expect(fitted.levels.red).toBeGreaterThan(fitted.levels.yellow);
      }),
      { seed: 5, numRuns: 25 },
    );
  });

  it('keep a factor that protects below nothing', () => {
    const protects: Scorecard = {
      ...card,
      factors: [{ ...rule, factor: 'barriers', buckets: [{ from: 1, points: -2 }] }, ...card.factors.slice(0, 1)],
    };
    const chance = new Chance('p');
    const rows = Array.from({ length: 600 }, () => {
      const buckets = [chance.whole(-1, 0), chance.whole(-1, 2)];
      return { buckets, outcome: chance.happens(0.5 - 0.3 * ((buckets[0] ?? 0) + 1) + 0.1 * ((buckets[1] ?? 0) + 1)) };
    });
    const fitted = fitPoints(rows, protects, new Chance('f'));
    expect(fitted?.points[0]?.[0]).toBeLessThan(0);
    expect(fitted?.points[1]?.[2]).toBeGreaterThan(0);
  });

  it('are rounded as coarsely as costs no accuracy: finer where patients differ finely, never beyond what rules may hold', () => {
    const one = rowsOf('a', (silence) => 0.1 + 0.25 * (silence + 1));
    expect(fitPoints(one, card, new Chance('f'))?.scale).toBe(5);
    // Eight buckets that weigh from 1 to 8: whole points up to 5 cannot tell them all apart.
    const wide: Scorecard = {
      ...card,
      factors: [
        {
          ...rule,
          factor: 'silence',
          buckets: Array.from({ length: 40 }, (_, from) => ({ from: from + 1, points: from + 1 })),
        },
      ],
    };
    const chance = new Chance('w');
    const rows = Array.from({ length: 3000 }, () => {
      const bucket = chance.whole(-1, 39);
      return { buckets: [bucket], outcome: chance.happens((bucket + 1) / 40) };
    });
    const fine = fitPoints(rows, wide, new Chance('f'))?.scale ?? 0;
    expect(fine).toBeGreaterThan(5);
    expect(fine).toBeLessThanOrEqual(100);
  });

  it('are none where nothing tells anybody apart', () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ buckets: [-1, 2, 1], outcome: index % 3 === 0 }));
    expect(fitPoints(rows, card, new Chance('f'))).toBeNull();
  });

  it('may use factors that the rules lack, each once, and for dropout only', () => {
    const wide = withCandidates('dropout', riskRules.dropout);
    expect(wide.factors.map(({ factor }) => factor).slice(riskRules.dropout.factors.length)).toEqual([
      'active-days-28',
      'module-days',
    ]);
    expect(withCandidates('dropout', wide)).toEqual(wide);
    expect(withCandidates('deterioration', riskRules.deterioration)).toEqual(riskRules.deterioration);
  });
});
