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
  const counts = tally.map(({ score }) => ({ score, having: new Count(), lacking: new Count() }));
  /** One entry a case: the count it adds to when it is drawn. */
  const cases = tally.flatMap(({ having, lacking }, index) => [
    ...Array.from({ length: lacking }, () => counts[index]?.lacking),
    ...Array.from({ length: having }, () => counts[index]?.having),
  ]);
  const seen: number[][] = statistics.map(() => []);
  for (let draw = 0; draw < draws; draw++) {
    for (let drawn = 0; drawn < cases.length; drawn++) cases[Math.floor(random() * cases.length)]?.add();
    const again = counts.map(({ score, having, lacking }) => ({
      score,
      having: having.take(),
      lacking: lacking.take(),
    }));
    statistics.forEach((statistic, index) => {
      const value = statistic(again);
      if (value !== null) seen[index]?.push(value);
    });
  }
  return seen.map(middle95);
}

class Count {
  #value = 0;

  add(): void {
    this.#value++;
  }

  /** What was counted since the last time. */
  take(): number {
    const value = this.#value;
    this.#value = 0;
    return value;
  }
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
