import type { Interval } from '../../functions/domain/evaluation-interval.ts';

/** A share in per cent, one place: "67.3 %"; "-" where it cannot be told. */
export function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

/** An AUC: "0.742". */
export function threePlaces(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

/** "62.3 % to 68.1 %". */
export function intervalInWords(interval: Interval, write: (value: number) => string): string {
  return interval === null ? '-' : `${write(interval[0])} to ${write(interval[1])}`;
}
