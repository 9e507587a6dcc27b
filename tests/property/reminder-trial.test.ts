import { expect, it } from 'vitest';
import { Chance } from '../../bin/simulate/chance.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { estimateOf, isClear } from '../../functions/domain/reminder-trial-estimate.ts';
import {
  addTallies,
  emptyTally,
  type TrialDecision,
  type TrialTally,
  tallyOf,
  tallySince,
} from '../../functions/domain/reminder-trial-tally.ts';

const repetitions = process.env['TANDEM_LONG'] === '1' ? 10_000 : 1000;
const weeks = 26;

interface Simulated {
  /** What sending truly adds to the probability of being active, on average. */
  readonly effect: number;
  readonly probability: number;
  readonly patients: number;
}

/**
 * The tally at the end of each week. Patients begin in any week and are drawn about for eight, up to three times in each. How active
 * one is and how much a reminder does to one differ from patient to patient and stay: so the draws of a patient hang together.
 */
function weeklyTallies({ effect, probability, patients }: Simulated, chance: Chance): TrialTally[] {
  const added: TrialTally[] = Array.from({ length: weeks }, () => emptyTally);
  for (let patient = 0; patient < patients; patient++) {
    const begins = chance.whole(-7, weeks - 1);
    const habit = 0.45 + 0.5 * (chance.next() - 0.5);
    const own = effect + 0.1 * (chance.next() - 0.5);
    const most = chance.whole(1, 3);
    const decisions: TrialDecision[] = [];
    let before = emptyTally;
    for (let week = Math.max(0, begins); week < Math.min(weeks, begins + 8); week++) {
      for (let draw = 0; draw < chance.whole(0, most); draw++) {
        const arm = chance.happens(probability) ? 'send' : 'hold';
        const active = chance.happens(arm === 'send' ? habit + own : habit);
        decisions.push({ at: instantAt(0), arm, probability, active });
      }
      const after = tallyOf(decisions);
      added[week] = addTallies(added[week] ?? emptyTally, tallySince(after, before));
      before = after;
    }
  }
  let sum = emptyTally;
  return added.map((week) => {
    sum = addTallies(sum, week);
    return sum;
  });
}

const within = (span: readonly [number, number] | null, truth: number) =>
  span !== null && span[0] <= truth && truth <= span[1];

/** In which part of many trials each of these happens. */
function partsOf(simulated: Simulated) {
  const counts = { covered: 0, leftBySequence: 0, leftByInterval: 0, claimed: 0 };
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const chance = new Chance(`${JSON.stringify(simulated)}/${repetition}`);
    const looks = weeklyTallies(simulated, chance)
      .map((tally) => estimateOf(tally))
      .filter(({ effect }) => effect !== null);
    const left = (which: 'interval' | 'sequence') => looks.some((look) => !within(look[which], simulated.effect));
    if (within(looks.at(-1)?.interval ?? null, simulated.effect)) counts.covered++;
    if (left('sequence')) counts.leftBySequence++;
    if (left('interval')) counts.leftByInterval++;
    if (looks.some(({ verdict }) => isClear(verdict))) counts.claimed++;
  }
  return {
    covered: counts.covered / repetitions,
    leftBySequence: counts.leftBySequence / repetitions,
    leftByInterval: counts.leftByInterval / repetitions,
    claimed: counts.claimed / repetitions,
  };
}

it.each([
  { effect: -0.05, probability: 0.5, patients: 80 },
  { effect: 0.1, probability: 0.7, patients: 80 },
])(
  'an effect of $effect, sent with probability $probability, is covered by the interval in 95 % of trials, give or take 2, and left by the sequence at any weekly look in 5 % at most',
  (simulated) => {
    const { covered, leftBySequence } = partsOf(simulated);
    expect(covered).toBeGreaterThanOrEqual(0.93);
    expect(covered).toBeLessThanOrEqual(0.97);
    expect(leftBySequence).toBeLessThanOrEqual(0.05);
  },
);

it('no effect is claimed to be one in 5 % of trials at most, although somebody looks in each of 26 weeks; by the interval, which is for one look, it would be far more often', () => {
  const { covered, claimed, leftByInterval } = partsOf({ effect: 0, probability: 0.5, patients: 80 });
  expect(covered).toBeGreaterThanOrEqual(0.93);
  expect(covered).toBeLessThanOrEqual(0.97);
  expect(claimed).toBeLessThanOrEqual(0.05);
  expect(leftByInterval).toBeGreaterThan(0.12);
});
