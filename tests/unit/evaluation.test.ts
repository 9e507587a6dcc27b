import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../bin/simulate/chance.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import {
  evaluate,
  fewestInGroup,
  figuresOf,
  knownCases,
  minutesPerRedWeek,
  thresholdWithin,
} from '../../functions/domain/evaluation.ts';
import { claimFaults } from '../../functions/domain/evaluation-claim.ts';
import { type PastCourse, pastCourse, responseMeasure, weeksOf } from '../../functions/domain/evaluation-course.ts';
import { bootstrapIntervals, shareInterval } from '../../functions/domain/evaluation-interval.ts';
import { accuracyAt, auc, tallyOf } from '../../functions/domain/evaluation-tally.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { exampleClinic } from '../example-clinic.ts';
import { auc as aucByPairs, balancedAccuracy } from '../outside-data.ts';
import { active, type Brief, completed, enrolled, onDay, phq9 } from '../risk-patients.ts';

const chanceOf = (seed: string) => {
  const chance = new Chance(seed);
  return () => chance.next();
};

const anyCases = fc.array(fc.record({ score: fc.integer({ min: 0, max: 9 }), outcome: fc.boolean() }), {
  maxLength: 60,
});

describe('figures out of a tally', () => {
  it('are those that counting every pair and every patient gives', () => {
    fc.assert(
      fc.property(anyCases, fc.integer({ min: 0, max: 10 }), (cases, threshold) => {
        const tally = tallyOf(cases);
        const both = new Set(cases.map(({ outcome }) => outcome)).size === 2;
        const accuracy = accuracyAt(tally, threshold);
        expect(auc(tally) === null).toBe(!both);
        expect(accuracy.balancedAccuracy === null).toBe(!both);
        expect(accuracy.flagged).toBe(cases.filter(({ score }) => score >= threshold).length);
        if (!both) return;
        expect(auc(tally)).toBeCloseTo(aucByPairs(cases), 12);
        const flags = cases.map(({ score, outcome }) => ({ flag: score >= threshold, outcome }));
        expect(accuracy.balancedAccuracy).toBeCloseTo(balancedAccuracy(flags), 12);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('say nothing where nobody is flagged or nobody is there', () => {
    expect(accuracyAt([], 1)).toEqual({
      flagged: 0,
      sensitivity: null,
      specificity: null,
      ppv: null,
      balancedAccuracy: null,
    });
    expect(figuresOf([], 1, chanceOf('a'))).toMatchObject({
      patients: 0,
      auc: null,
      auc95: null,
      balancedAccuracy95: null,
    });
  });
});

describe('the bootstrap', () => {
  const cases = Array.from({ length: 200 }, (_, index) => ({
    score: index % 10,
    outcome: index % 10 > 4 + (index % 3),
  }));

  it('holds the figure itself, is the same for the same seed, and narrows as patients come', () => {
    const [interval] = bootstrapIntervals(tallyOf(cases), [auc], chanceOf('a'));
    expect(bootstrapIntervals(tallyOf(cases), [auc], chanceOf('a'))).toEqual([interval]);
    const [low, high] = interval as [number, number];
    const reached = auc(tallyOf(cases)) ?? 0;
    expect(low).toBeLessThan(reached);
    expect(high).toBeGreaterThan(reached);
    const [more] = bootstrapIntervals(tallyOf([...cases, ...cases, ...cases, ...cases]), [auc], chanceOf('a'));
    const [lowOfMore, highOfMore] = more as [number, number];
    expect(highOfMore - lowOfMore).toBeLessThan(0.7 * (high - low));
  });

  it('leaves out draws that say nothing', () => {
    const few = [
      { score: 1, outcome: true },
      { score: 0, outcome: false },
    ];
    expect(bootstrapIntervals(tallyOf(few), [auc], chanceOf('a'))).toEqual([[1, 1]]);
  });

  it("gives a share Wilson's interval, which holds for none and for all", () => {
    expect(shareInterval(0, 0)).toBeNull();
    // Wilson 1927, worked by hand: 0 of 10 and 5 of 10.
    expect(shareInterval(0, 10)?.map((one) => one.toFixed(3))).toEqual(['0.000', '0.278']);
    expect(shareInterval(5, 10)?.map((one) => one.toFixed(3))).toEqual(['0.237', '0.763']);
    expect(shareInterval(10, 10)?.[1]).toBeCloseTo(1, 12);
  });
});

describe('a claim of accuracy', () => {
  const good = { patients: 500, balancedAccuracy: 0.67, simulated: false, heldOut: true };
  it.each([
    ['500 patients and 67 %', {}, []],
    ['499 patients', { patients: 499 }, ['fewer than 500']],
    ['66.9 %', { balancedAccuracy: 0.669 }, ['66.9 % is below 67.0 %']],
    ['no figure', { balancedAccuracy: null }, ['cannot be told']],
    ['simulated patients', { simulated: true }, ['simulated']],
    ['the patients of the fit', { heldOut: false }, ['fitted to these very patients']],
    ['everything at once', { patients: 1, balancedAccuracy: 0.5, simulated: true, heldOut: false }, ['', '', '', '']],
  ])('with %s', (_, change, words) => {
    const faults = claimFaults({ ...good, ...change });
    expect(faults).toHaveLength(words.length);
    words.forEach((word, index) => {
      expect(faults[index]).toContain(word);
    });
  });
});

function eventsOf(briefs: readonly Brief[], patient = 'p'): ClinicalEvent[] {
  return briefs.map(
    ([day, type, data = {}], index) =>
      ({ id: `${patient}-${index}`, type, occurredAt: onDay(day), patient, data }) as ClinicalEvent,
  );
}

const courseOf = (briefs: readonly Brief[], until = 90, clinic: Clinic = exampleClinic) =>
  pastCourse(eventsOf(briefs), clinic, onDay(until), 4);
const outcomeOf = (briefs: readonly Brief[], until = 90) => courseOf([...enrolled, ...briefs], until)?.outcomes;
const ended = (day: number, reason: string): Brief => [day, 'EnrolmentEnded', { reason }];

describe('what came of a patient', () => {
  it.each([
    ['dropped out', [ended(30, 'dropped-out')], 90, true],
    ['completed', [ended(57, 'completed')], 90, false],
    ['moved away', [ended(30, 'moved')], 90, null],
    ['is still enrolled when the programme is over', [], 56, false],
    ['is still enrolled on the day before', [], 55, null],
  ] as const)('dropout: %s', (_, briefs, until, value) => {
    expect(outcomeOf([...briefs], until)?.dropout?.value ?? null).toBe(value);
  });

  it.each([
    ['half is gone', [phq9(0, 20), phq9(56, 10)], false, false],
    ['less than half is gone', [phq9(0, 20), phq9(56, 11)], true, false],
    ['reliably worse', [phq9(0, 12), phq9(56, 18)], true, true],
    ['no case at the start', [phq9(0, 4), phq9(56, 4)], null, false],
    ['no final total', [phq9(0, 20), phq9(41, 10)], null, null],
    ['a total in the last two weeks', [phq9(0, 20), phq9(42, 10)], false, false],
    ['a single total', [phq9(56, 20)], null, null],
    ['no total', [], null, null],
  ] as const)('response: %s', (_, briefs, noResponse, deterioration) => {
    const outcomes = outcomeOf([...briefs]);
    expect(outcomes?.['no-response']?.value ?? null).toBe(noResponse);
    expect(outcomes?.deterioration?.value ?? null).toBe(deterioration);
  });

  it('is not told by a measure where the plan has none with a caseness and a reliable change', () => {
    const clinic = {
      ...exampleClinic,
      programme: { ...exampleClinic.programme, measures: [{ measure: 'eheals', dueDays: [0] }] },
    };
    expect(responseMeasure(clinic)).toBeNull();
    expect(courseOf([...enrolled, phq9(0, 20), phq9(56, 4)], 90, clinic)?.outcomes).toMatchObject({
      dropout: { value: false },
      'no-response': null,
      deterioration: null,
    });
  });

  it('is told in the zone of the clinic where the patient has none', () => {
    const zoneless: Brief = [0, 'PatientEnrolled', { programme: 'depression', track: 'self-guided' }];
    expect(courseOf([zoneless, phq9(0, 20), phq9(56, 4)])?.outcomes['no-response']?.value).toBe(false);
  });

  it('counts the first course only', () => {
    const again: Brief[] = [
      ...enrolled,
      ended(30, 'dropped-out'),
      [60, 'PatientEnrolled', enrolled[0]?.[2]],
      ended(90, 'completed'),
    ];
    expect(courseOf(again, 200)?.outcomes.dropout?.value).toBe(true);
    expect(courseOf(again, 200)?.weeks.map(({ week }) => week)).toEqual([1, 2, 3, 4]);
  });

  it('is nothing where nobody was enrolled', () => {
    expect(courseOf(active(1, 2))).toBeNull();
  });
});

describe('what the scores would have said', () => {
  it('is looked at week by week, only where the patient was scored and the week was over', () => {
    expect(weeksOf(exampleClinic)).toBe(7);
    expect(courseOf(enrolled, 34)?.weeks.map(({ week }) => week)).toEqual([1, 2, 3, 4]);
    const noConsent = enrolled.slice(0, 1);
    expect(courseOf(noConsent)?.weeks).toEqual([]);
  });

  it('knows nothing of later events, and keeps what was seen in the week of the fit', () => {
    const silent = courseOf([...enrolled, ...active(1, 2)]);
    const back = courseOf([...enrolled, ...active(1, 2, 30), completed(30, 'm1')]);
    expect(back?.weeks.slice(0, 4)).toEqual(silent?.weeks.slice(0, 4));
    expect(back?.weeks[4]?.scores.dropout).toBeLessThan(silent?.weeks[4]?.scores.dropout ?? 0);
    expect(silent?.weeks[3]?.values?.get('silence')).toBe(26);
    expect(silent?.weeks[2]?.values).toBeNull();
  });

  it('does not foresee what stands in the history already', () => {
    const course = courseOf([...enrolled, phq9(0, 20), phq9(42, 18)]) as PastCourse;
    expect(knownCases([course], 'no-response', 5)).toMatchObject([{ outcome: true }]);
    expect(knownCases([course], 'no-response', 6)).toEqual([]);
    expect(knownCases([course], 'no-response', 9)).toEqual([]);
  });
});

/** `count` patients with one score in week 4 and an outcome. */
function made(
  count: number,
  score: number,
  outcome: boolean | null,
  track: string | null = 'self-guided',
): PastCourse[] {
  return Array.from({ length: count }, (_, index) => ({
    patient: `${score}-${index}`,
    groups: { track, language: 'en', timeZone: null },
    weeks: [{ week: 4, at: onDay(28), scores: { dropout: score, deterioration: 0 }, values: null }],
    outcomes: {
      dropout: outcome === null ? null : { value: outcome, seenAt: null },
      'no-response': null,
      deterioration: null,
    },
  }));
}

describe('an evaluation', () => {
  const courses = [
    ...made(60, 0, false),
    ...made(10, 5, false, 'therapist-supported'),
    ...made(10, 5, true, 'therapist-supported'),
    ...made(20, 9, true, null),
    ...made(25, 9, null),
  ];
  const one = evaluate(courses, 'dropout', 9, 4, chanceOf('a'));

  it('counts who is flagged, found, and not known', () => {
    expect(one).toMatchObject({ target: 'dropout', scorecard: 'dropout', red: 9, unknown: 25, week: 4 });
    expect(one.atWeek).toMatchObject({ patients: 100, events: 30, flagged: 20, ppv: 1, specificity: 1 });
    expect(one.atWeek.sensitivity).toBeCloseTo(2 / 3, 12);
    expect(one.weeks).toEqual([{ week: 4, ...one.atWeek }]);
  });

  it('goes through the weeks in order', () => {
    const late = courseOf([...enrolled, ...active(20)]) as PastCourse;
    const inOrder = evaluate([{ ...late, weeks: late.weeks.toReversed() }], 'dropout', 9, 4, chanceOf('a'));
    expect(inOrder.weeks.map(({ week }) => week)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('costs 14 minutes for each red patient and week, those whose outcome is not known included', () => {
    expect(one.thresholds.map(({ threshold }) => threshold)).toEqual([0, 5, 9]);
    expect(one.thresholds[2]?.minutesPer100).toBeCloseTo((100 * minutesPerRedWeek * 45) / 125, 9);
    expect(one.thresholds[0]?.minutesPer100).toBe(1400);
    expect(thresholdWithin(one.thresholds, 1400)).toBe(0);
    expect(thresholdWithin(one.thresholds, 1399)).toBe(5);
    expect(thresholdWithin(one.thresholds, 1)).toBeNull();
  });

  it('puts neighbouring scores together until a band says something', () => {
    expect(one.calibration.map(({ from, to, patients, events }) => [from, to, patients, events])).toEqual([
      [0, 0, 60, 0],
      [5, 5, 20, 10],
      [9, 9, 20, 20],
    ]);
    const thin = [...made(10, 0, false), ...made(15, 1, true), ...made(3, 2, true)];
    expect(evaluate(thin, 'dropout', 2, 4, chanceOf('a')).calibration.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [2, 2],
    ]);
  });

  it('tells subgroups apart, without figures for small ones, and not where there is one', () => {
    expect(one.subgroups.map(({ by, group, patients, figures }) => [by, group, patients, figures !== null])).toEqual([
      ['track', 'not known', 20, false],
      ['track', 'self-guided', 60, true],
      ['track', 'therapist-supported', 20, false],
    ]);
    expect(fewestInGroup).toBe(50);
  });

  it('draws the curve from nobody flagged to everybody', () => {
    expect(one.roc[0]).toEqual({ falseAlarms: 0, sensitivity: 0 });
    expect(one.roc.at(-1)).toEqual({ falseAlarms: 1, sensitivity: 1 });
  });

  it('says nothing, and does not fall, where nobody was scored in the week or nobody had the outcome', () => {
    const none = evaluate(courses, 'no-response', 6, 3, chanceOf('a'));
    expect(none).toMatchObject({
      atWeek: { patients: 0, auc: null },
      calibration: [],
      roc: [{ falseAlarms: 0, sensitivity: 0 }],
    });
    expect(evaluate(made(30, 1, false), 'dropout', 1, 4, chanceOf('a')).roc).toHaveLength(1);
    expect(evaluate([], 'dropout', 1, 4, chanceOf('a')).thresholds).toMatchObject([{ threshold: 1, minutesPer100: 0 }]);
  });
});
