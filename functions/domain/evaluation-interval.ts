import type { Tally } from './evaluation-tally.ts';

/** A 95 % interval, both ends included; null where the figure itself cannot be told. */
export type Interval = readonly [number, number] | null;

type Statistic = (tally: Tally) => number | null;

/**
 * Percentile bootstrap: the cases are drawn again with replacement; what 95 % of the draws say. Draws that say nothing, since
 * they hold nobody with or nobody without the outcome, are left out.
 * @param random from 0 to below 1, from a seeded generator, so that the same seed gives the same interval.
 */
export function bootstrapIntervals(
  tally: Tally,
  statistics: readonly Statistic[],
  random: () => number,
  draws = 1000,
): readonly Interval[] {
  // One entry a case: 2 × index of its score, and 1 more where it has the outcome.
  const cases = tally.flatMap(({ having, lacking }, index) => [
    ...Array.from({ length: lacking }, () => 2 * index),
    ...Array.from({ length: having }, () => 2 * index + 1),
  ]);
  const seen: number[][] = statistics.map(() => []);
  for (let draw = 0; draw < draws; draw++) {
    const drawn = drawAgain(cases, tally, random);
    statistics.forEach((statistic, index) => {
      const value = statistic(drawn);
      if (value !== null) seen[index]?.push(value);
    });
  }
  return seen.map(middle95);
}

function drawAgain(cases: readonly number[], tally: Tally, random: () => number): Tally {
  const counts = new Uint32Array(2 * tally.length);
  for (let drawn = 0; drawn < cases.length; drawn++) {
    const one = cases[Math.floor(random() * cases.length)] as number;
    counts[one] = (counts[one] as number) + 1;
  }
  return tally.map(({ score }, index) => ({
    score,
    lacking: counts[2 * index] as number,
    having: counts[2 * index + 1] as number,
  }));
}

function middle95(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))];
  const [low, high] = [at(0.025), at(0.975)];
  return low === undefined || high === undefined ? null : [low, high];
}

/** Wilson's 95 % interval of a share (Wilson 1927): holds for few cases, and for none or all of them. */
export function shareInterval(part: number, whole: number): Interval {
  if (whole === 0) return null;
  const z = 1.959964;
  const observed = part / whole;
  const centre = (observed + (z * z) / (2 * whole)) / (1 + (z * z) / whole);
  const half =
    (z / (1 + (z * z) / whole)) * Math.sqrt((observed * (1 - observed)) / whole + (z * z) / (4 * whole ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
