import { describe, expect, it } from 'vitest';
import {
  clinicalChange,
  cutOffC,
  differenceError,
  isReliable,
  normOf,
  reliableChange,
  reliableChangeIndex,
  shareChange,
  standardError,
} from '../../functions/domain/reliable-change.ts';

describe('the reliable change index', () => {
  it("is that of Jacobson and Truax's worked example", () => {
    const precision = { sd: 7.5, reliability: 0.8 };
    expect(standardError(precision)).toBeCloseTo(3.3541, 4);
    expect(differenceError(precision)).toBeCloseTo(4.7434, 4);
    expect(reliableChangeIndex(32.5, 47.5, precision)).toBeCloseTo(3.1623, 4);
  });

  it('is reliable beyond 1.96 either way, not at it', () => {
    expect([1.96, -1.96, 0].map(isReliable)).toEqual([false, false, false]);
    expect([1.9601, -1.9601].map(isReliable)).toEqual([true, true]);
  });
});

describe('change, where less is better', () => {
  // A difference of 1 is 1 standard error.
  const precision = { sd: Math.SQRT1_2, reliability: 0 };

  it.each([
    [10, 8, 'improved'],
    [10, 9, 'unchanged'],
    [10, 11, 'unchanged'],
    [10, 12, 'deteriorated'],
  ])('from %d to %d is %s', (before, after, change) => {
    expect(reliableChange(before, after, precision)).toBe(change);
  });

  it.each([
    [10, 6, 'recovered'],
    [10, 7, 'improved'],
    [6, 3, 'improved'],
    [6, 10, 'harmed'],
    [8, 10, 'deteriorated'],
    [5, 7, 'deteriorated'],
    [10, 9, 'unchanged'],
  ])('from %d to %d across a cut-off of 7 is %s', (before, after, change) => {
    expect(clinicalChange(before, after, precision, 7)).toBe(change);
  });

  it.each([
    [20, 10, 'improved'],
    [20, 11, 'unchanged'],
    [20, 30, 'deteriorated'],
    [20, 29, 'unchanged'],
  ])('by half: from %d to %d is %s, exactly half counts', (before, after, change) => {
    expect(shareChange(before, after, 0.5)).toBe(change);
  });
});

describe('groups', () => {
  it('have a mean and a sample standard deviation', () => {
    expect(normOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, sd: Math.sqrt(32 / 7) });
  });

  it('meet at cut-off c, nearer to the group that varies less', () => {
    expect(cutOffC({ mean: 20, sd: 5 }, { mean: 10, sd: 5 })).toBe(15);
    expect(cutOffC({ mean: 20, sd: 2 }, { mean: 10, sd: 8 })).toBe(18);
  });
});
