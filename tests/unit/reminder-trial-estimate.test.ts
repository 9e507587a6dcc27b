import { describe, expect, it } from 'vitest';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { instantAt, later } from '../../functions/domain/instant.ts';
import type { ReminderRecord, TrialDraw } from '../../functions/domain/reminder.ts';
import {
  estimateOf,
  fewest,
  isClear,
  narrowestAt,
  sequenceFactor,
} from '../../functions/domain/reminder-trial-estimate.ts';
import {
  addTallies,
  drawsOf,
  emptyTally,
  type TrialDecision,
  type TrialTally,
  tallyOf,
  tallySince,
  trialDecisions,
} from '../../functions/domain/reminder-trial-tally.ts';
import { exampleClinic } from '../example-clinic.ts';
import { sentAt } from '../reminder-patients.ts';
import { type Brief, onDay } from '../risk-patients.ts';

const decision = (arm: TrialDraw['arm'], active: boolean, probability = 0.5): TrialDecision => ({
  at: instantAt(0),
  arm,
  probability,
  active,
});

/** A tally of so many patients with one draw each: sent with and without activity, held with and without. */
function tallyOfOnes(counts: readonly [number, number, number, number], probability = 0.5): TrialTally {
  const kinds = [
    decision('send', true, probability),
    decision('send', false, probability),
    decision('hold', true, probability),
    decision('hold', false, probability),
  ];
  return kinds
    .flatMap((kind, index) => Array.from({ length: counts[index] ?? 0 }, () => tallyOf([kind])))
    .reduce(addTallies, emptyTally);
}

describe('the outcome of a draw', () => {
  const drawnAt = onDay(7);
  const draw: TrialDraw = { name: 't-1', probability: 0.5, arm: 'send', at: drawnAt };
  const records: ReminderRecord[] = [sentAt(drawnAt, { trial: draw }), sentAt(onDay(6))];
  const hour = 1 / 24;
  const isActive = (briefs: readonly Brief[]) => {
    const events = briefs.map(
      ([day, type, data = { kind: 'use' }], index) =>
        ({ id: `ev-${index}`, type, occurredAt: onDay(day), patient: 'p', data }) as ClinicalEvent,
    );
    return trialDecisions('t-1', records, events, exampleClinic, onDay(10)).map(({ active }) => active);
  };
  const use = (...days: number[]): Brief[] => days.map((day) => [day, 'PatientActive']);

  it.each([
    ['nothing', [], false],
    ['use within 48 hours', use(7 + 47 * hour), true],
    ['use at the end of the 48 hours', use(9), true],
    ['use after them', use(9.01), false],
    ['use before the draw only', use(6.5), false],
    ['a visit that had begun before, and goes on', use(7 - 0.3 * hour, 7 + 0.1 * hour, 7 + 0.5 * hour), false],
    ['the same, and another visit later', use(7 - 0.3 * hour, 7 + 0.1 * hour, 7 + 5 * hour), true],
    ['use an hour before and soon after', use(7 - hour, 7 + 0.1 * hour), true],
    ['use at the very moment', use(7), false],
    [
      'an answer to a questionnaire',
      [[7.1, 'QuestionnaireSubmitted', { measure: 'gad-7', answers: [0, 0, 0, 0, 0, 0, 0] }]],
      true,
    ],
    ['a message from the therapist', [[7.1, 'MessageExchanged', { from: 'therapist' }]], false],
  ] as [string, Brief[], boolean][])('%s', (_, briefs, expected) => {
    expect(isActive(briefs)).toEqual([expected]);
  });

  it('is not there before 48 hours have passed, nor for another trial', () => {
    const at = (now: string, trial = 't-1') => trialDecisions(trial, records, [], exampleClinic, now);
    expect(at(later(onDay(9), -1))).toEqual([]);
    expect(at(onDay(9))).toEqual([{ at: drawnAt, arm: 'send', probability: 0.5, active: false }]);
    expect(at(onDay(9), 't-2')).toEqual([]);
    expect(drawsOf('t-1', records)).toEqual([draw]);
  });

  it('is in the order of time', () => {
    const later2 = { ...draw, at: onDay(7.5), arm: 'hold' } as const;
    const both = [sentAt(onDay(7.5), { trial: later2 }), ...records];
    expect(trialDecisions('t-1', both, [], exampleClinic, onDay(12)).map(({ arm }) => arm)).toEqual(['send', 'hold']);
  });
});

describe('a tally', () => {
  it('of a patient without draws counts nobody, and what is added can be taken away again', () => {
    expect(tallyOf([])).toEqual(emptyTally);
    const arms = ['send', 'hold', 'send'] as const;
    const one = tallyOf(arms.map((arm, index) => decision(arm, index === 0, 0.25)));
    expect(one).toMatchObject({ patients: 1, sent: 2, sentActive: 1, held: 1, heldActive: 0 });
    expect(one.sums).toEqual([8, 4, 1 / 0.75, 0]);
    expect(one.products[0]).toEqual([64, 32, 8 / 0.75, 0]);
    const both = addTallies(one, tallyOfOnes([1, 2, 3, 4]));
    const back = tallySince(both, tallyOfOnes([1, 2, 3, 4]));
    expect(back).toMatchObject({ patients: 1, sent: 2, sentActive: 1, held: 1, heldActive: 0 });
    const numbers = ({ sums, products }: TrialTally) => [sums, ...products].flat();
    for (const [place, number] of numbers(back).entries()) expect(number).toBeCloseTo(numbers(one)[place] ?? -1, 10);
  });
});

describe('an estimate', () => {
  it('is the difference of two proportions with its ordinary error, where every patient has one draw', () => {
    const { activeSent, activeHeld, effect, interval } = estimateOf(tallyOfOnes([60, 40, 45, 55]));
    expect([activeSent, activeHeld]).toEqual([0.6, 0.45]);
    expect(effect).toBeCloseTo(0.15, 12);
    const error = Math.sqrt(((0.6 * 0.4) / 100 + (0.45 * 0.55) / 100) * (200 / 199));
    expect(interval?.[0]).toBeCloseTo(0.15 - 1.959964 * error, 10);
    expect(interval?.[1]).toBeCloseTo(0.15 + 1.959964 * error, 10);
  });

  it('is wider where the draws of a patient hang together than where they do not', () => {
    const alike = [...Array(60).keys()].map((index) => {
      const [arm, active] = [index % 2 === 0, index % 4 < 2];
      return tallyOf(Array.from({ length: 3 }, () => decision(arm ? 'send' : 'hold', active)));
    });
    const width = (tally: TrialTally) => {
      const { interval } = estimateOf(tally);
      return interval === null ? 0 : interval[1] - interval[0];
    };
    const clustered = width(alike.reduce(addTallies, emptyTally));
    const apart = width(tallyOfOnes([45, 45, 45, 45]));
    expect(clustered / apart).toBeCloseTo(Math.sqrt(3), 1);
  });

  it('weighs by the inverse of the probabilities, which may differ', () => {
    const tally = addTallies(tallyOfOnes([30, 10, 10, 10], 0.75), tallyOfOnes([10, 20, 20, 20], 0.25));
    const { activeSent, activeHeld } = estimateOf(tally);
    expect(activeSent).toBeCloseTo((30 / 0.75 + 10 / 0.25) / (40 / 0.75 + 30 / 0.25), 12);
    expect(activeHeld).toBeCloseTo((10 / 0.25 + 20 / 0.75) / (20 / 0.25 + 40 / 0.75), 12);
  });

  it('says nothing before there is enough, of anything', () => {
    const nothing = { effect: null, interval: null, sequence: null, verdict: 'cannot-tell', stillNeeded: null };
    expect(estimateOf(emptyTally)).toEqual({ activeSent: null, activeHeld: null, ...nothing });
    expect(estimateOf(tallyOfOnes([50, 50, 0, 0]))).toMatchObject({ activeSent: 0.5, activeHeld: null, ...nothing });
    expect(estimateOf(tallyOfOnes([fewest.ofEach - 1, 50, 50, 50]))).toMatchObject(nothing);
    expect(estimateOf(tallyOfOnes([50, 50, 50, fewest.ofEach - 1]))).toMatchObject(nothing);
    const many = [decision('send', true), decision('send', false), decision('hold', true), decision('hold', false)];
    const few = Array.from({ length: fewest.patients - 1 }, () => tallyOf(many)).reduce(addTallies, emptyTally);
    expect(estimateOf(few)).toMatchObject(nothing);
    expect(estimateOf(addTallies(few, tallyOf(many))).effect).toBe(0);
  });

  it.each([
    ['benefit', [700, 300, 400, 600], true],
    ['harm', [400, 600, 700, 300], true],
    ['small', [10_000, 10_000, 10_000, 10_000], false],
    ['cannot-tell', [100, 100, 90, 110], false],
  ] as const)('says "%s" where that is so, and never claims more than the sequence does', (verdict, counts, clear) => {
    const estimate = estimateOf(tallyOfOnes(counts));
    expect(estimate.verdict).toBe(verdict);
    expect(isClear(estimate.verdict)).toBe(clear);
    const [low, high] = estimate.sequence ?? [0, 0];
    expect(low > 0 || high < 0).toBe(clear);
  });

  it('is wholly within the sequence, which is an interval for any number of looks', () => {
    const { interval, sequence } = estimateOf(tallyOfOnes([100, 100, 90, 110]));
    expect(sequence?.[0]).toBeLessThan(interval?.[0] ?? 0);
    expect(sequence?.[1]).toBeGreaterThan(interval?.[1] ?? 0);
  });

  it('says how many more draws would do: with those, the sequence is as narrow as was asked for', () => {
    const { stillNeeded } = estimateOf(tallyOfOnes([100, 100, 100, 100]), 0.05);
    const quarter = Math.ceil((400 + (stillNeeded ?? 0)) / 4);
    const half = (each: number) => estimateOf(tallyOfOnes([each, each, each, each])).sequence?.[1] ?? 1;
    expect(half(quarter)).toBeLessThanOrEqual(0.0501);
    expect(half(Math.floor(quarter * 0.98))).toBeGreaterThan(0.05);
    expect(estimateOf(tallyOfOnes([quarter, quarter, quarter, quarter])).stillNeeded).toBeLessThan(10);
    expect(estimateOf(tallyOfOnes([5000, 5000, 5000, 5000])).stillNeeded).toBe(0);
  });
});

describe("the sequence's width", () => {
  it('is that of the published formula, least against the ordinary one where it is tuned to be, and never below it', () => {
    // Worked out apart from the code: rho² = 7.936 / 1000, t = 1000, alpha = 0.05.
    const time = -2 * Math.log(0.05) + Math.log(-2 * Math.log(0.05) + 1);
    const byHand = Math.sqrt(((2 * (time + 1)) / time) * Math.log(Math.sqrt(time + 1) / 0.05));
    expect(sequenceFactor(narrowestAt)).toBeCloseTo(byHand, 10);
    expect(sequenceFactor(narrowestAt)).toBeCloseTo(3.0352, 4);
    for (const draws of [10, 100, 3000, 100_000]) expect(sequenceFactor(draws)).toBeGreaterThan(1.959964);
    expect(sequenceFactor(100)).toBeGreaterThan(sequenceFactor(narrowestAt));
    expect(sequenceFactor(100_000)).toBeGreaterThan(sequenceFactor(narrowestAt));
  });
});
