/**
 * Whether a change is more than measurement error, and whether it leads across to the healthy side: Jacobson & Truax 1991.
 * Never state a result without the standard deviation and the reliability it rests on.
 */

/** What a measure's error follows from. */
export interface Precision {
  /** Standard deviation of the totals before treatment. */
  readonly sd: number;
  /** Reliability, 0 to below 1. */
  readonly reliability: number;
}

/** A change is reliable beyond this many standard errors: two-sided, 5 %. */
const reliableBeyond = 1.96;

/** Standard error of one total: SD * sqrt(1 - r). */
export function standardError({ sd, reliability }: Precision): number {
  return sd * Math.sqrt(1 - reliability);
}

/** Standard error of the difference of two totals: sqrt(2) * standard error. */
export function differenceError(precision: Precision): number {
  return Math.SQRT2 * standardError(precision);
}

/** (after - before) / S_diff; negative where the total has fallen. */
export function reliableChangeIndex(before: number, after: number, precision: Precision): number {
  return (after - before) / differenceError(precision);
}

/** Beyond 1.96 either way; exactly 1.96 is not beyond. */
export function isReliable(index: number): boolean {
  return Math.abs(index) > reliableBeyond;
}

/** Mean and standard deviation of a group's totals. */
export interface Norm {
  readonly mean: number;
  readonly sd: number;
}

/** Cut-off c: as far from the patients as from the healthy, in standard deviations of each. */
export function cutOffC(patients: Norm, healthy: Norm): number {
  return (healthy.sd * patients.mean + patients.sd * healthy.mean) / (patients.sd + healthy.sd);
}

/** Mean and sample standard deviation (n - 1) of at least two totals. */
export function normOf(totals: readonly number[]): Norm {
  const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length;
  const squares = totals.reduce((sum, total) => sum + (total - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (totals.length - 1)) };
}

export type ReliableChange = 'improved' | 'unchanged' | 'deteriorated';

/** For measures where less is better. */
export function reliableChange(before: number, after: number, precision: Precision): ReliableChange {
  const index = reliableChangeIndex(before, after, precision);
  if (!isReliable(index)) return 'unchanged';
  return index < 0 ? 'improved' : 'deteriorated';
}

export type ClinicalChange = ReliableChange | 'recovered' | 'harmed';

/** A reliable change that also crosses the cut-off is a recovery, or harm. For measures where less is better. */
export function clinicalChange(before: number, after: number, precision: Precision, cutOff: number): ClinicalChange {
  const change = reliableChange(before, after, precision);
  if (change === 'improved' && before > cutOff && after < cutOff) return 'recovered';
  if (change === 'deteriorated' && before < cutOff && after > cutOff) return 'harmed';
  return change;
}

/** Change by a share of the first total, 0 to 1: exactly the share counts as the change. For measures where less is better. */
export function shareChange(before: number, after: number, share: number): ReliableChange {
  if (after - before <= -share * before) return 'improved';
  return after - before >= share * before ? 'deteriorated' : 'unchanged';
}
