import { describe, expect, it } from 'vitest';
import { assess, observe } from '../../functions/domain/risk.ts';
import { auc, hasOutsideData } from '../outside-data.ts';
import { type LearnerTarget, learnerCases } from '../outside-learners.ts';

interface Case {
  readonly score: number;
  readonly silence: number;
  readonly outcome: boolean;
}

function casesOf(run: string, day: number, target: LearnerTarget): Case[] {
  return learnerCases(run, day, target).map(({ state, clinic, at, outcome }) => ({
    score: assess(state, clinic, at).assessments[0]?.score ?? Number.NaN,
    silence: observe(state, clinic, at)?.get('silence') ?? Number.NaN,
    outcome,
  }));
}

describe.skipIf(!hasOutsideData)('dropout score on online learners (skipped where ../shared/data is absent)', () => {
  it.each([
    ['few_modules', 922, 354, 0.71],
    ['silent', 798, 56, 0.79],
  ] as const)(
    'run BBB-2013J, day 28, %s: the default, unfitted rules reach their bar',
    (target, people, having, bar) => {
      const cases = casesOf('BBB-2013J', 28, target);
      expect([cases.length, cases.filter(({ outcome }) => outcome).length]).toEqual([people, having]);
      const reached = auc(cases);
      console.info(`AUC ${target}, day 28, n ${people}: ${reached.toFixed(3)} (bar ${bar})`);
      expect(reached).toBeGreaterThanOrEqual(bar);
      // Better than days since the last activity alone, by at least 0.03.
      expect(reached - auc(cases.map((one) => ({ ...one, score: one.silence })))).toBeGreaterThanOrEqual(0.03);
    },
  );

  it.each(['few_modules', 'silent'] as const)(
    'run BBB-2013J, day 20, %s: better than silence alone by 0.03',
    (target) => {
      const cases = casesOf('BBB-2013J', 20, target);
      const reached = auc(cases);
      console.info(`AUC ${target}, day 20, n ${cases.length}: ${reached.toFixed(3)}`);
      expect(reached - auc(cases.map((one) => ({ ...one, score: one.silence })))).toBeGreaterThanOrEqual(0.03);
    },
  );
});
