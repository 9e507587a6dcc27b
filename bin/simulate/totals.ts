import type { Measure } from '../../functions/domain/measure.ts';
import { totalRange } from '../../functions/domain/measure.ts';

/** Baseline totals of patients who start internet CBT: mean and SD, n = 54,604 (JAMA Netw Open e2010791). */
const published: Readonly<Record<string, { mean: number; sd: number }>> = {
  'phq-9': { mean: 12.96, sd: 5.81 },
  'gad-7': { mean: 11.85, sd: 5.14 },
};

/** Chance of each total, from the lowest on. */
export interface Totals {
  readonly min: number;
  readonly chances: readonly number[];
}

/**
 * Bell-shaped totals of a measure with exactly the published mean and SD. Cutting a bell off at both ends moves its mean and
 * SD, so the bell behind it is fitted. Measures without a published figure lie around their middle.
 */
export function totalsOf(measure: Measure): Totals {
  const { min, max } = totalRange(measure);
  const { mean, sd } = published[measure.id] ?? { mean: (min + max) / 2, sd: (max - min) / 5 };
  let centre = mean;
  let spread = sd ** 2;
  let chances: number[] = [];
  for (let round = 0; round < 500; round++) {
    const heights = Array.from({ length: max - min + 1 }, (_, index) =>
      Math.exp(-((min + index - centre) ** 2) / (2 * spread)),
    );
    const all = sum(heights);
    chances = heights.map((height) => height / all);
    const is = sum(chances.map((chance, index) => chance * (min + index)));
    const varies = sum(chances.map((chance, index) => chance * (min + index - is) ** 2));
    centre += (mean - is) / 2;
    spread *= sd ** 2 / varies;
  }
  return { min, chances };
}

/** The total below which this share (0 to 1) of people lie. */
export function totalAt(share: number, { min, chances }: Totals): number {
  let rest = share;
  const index = chances.findIndex((chance) => {
    rest -= chance;
    return rest < 0;
  });
  return min + (index < 0 ? chances.length - 1 : index);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
