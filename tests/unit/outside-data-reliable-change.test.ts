import { describe, expect, it } from 'vitest';
import {
  clinicalChange,
  cutOffC,
  differenceError,
  normOf,
  reliableChange,
  reliableChangeIndex,
  shareChange,
} from '../../functions/domain/reliable-change.ts';
import { hasOutsideData, outsideRows } from '../outside-data.ts';

function counts(changes: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const change of changes) found[change] = (found[change] ?? 0) + 1;
  return found;
}

const read = () => {
  const rows = outsideRows('rci/claus-2020.csv').filter(({ hamd1, hamd4 }) => hamd1 !== '' && hamd4 !== '');
  const people = rows.map((row) => ({
    before: Number(row['hamd1']),
    after: Number(row['hamd4']),
    index: Number(row['hamd_rci']),
    category: row['hamd_category'],
  }));
  const norm = normOf(people.map(({ before }) => before));
  const precision = { sd: norm.sd, reliability: 0.8 };
  return { people, norm, precision, cutOff: cutOffC(norm, { mean: 8, sd: 8 }) };
};

describe.skipIf(!hasOutsideData)('published reliable change (skipped where ../shared/data is absent)', () => {
  it('Claus 2020, HAM-D: SD, S_diff, cut-off c and every person are as published', () => {
    const { people, norm, precision, cutOff } = read();
    expect(people).toHaveLength(40);
    expect(norm.sd).toBeCloseTo(3.3401, 4);
    expect(differenceError(precision)).toBeCloseTo(2.1125, 4);
    expect(cutOff).toBeCloseTo(19.887, 3);
    for (const { before, after, index, category } of people) {
      expect(reliableChangeIndex(before, after, precision)).toBeCloseTo(index, 4);
      expect(clinicalChange(before, after, precision, cutOff)).toBe(category);
    }
  });

  it('Claus 2020, HAM-D: the counts of Jacobson-Truax with and without cut-off, and of a fall by half', () => {
    const { people, precision, cutOff } = read();
    expect(counts(people.map(({ before, after }) => clinicalChange(before, after, precision, cutOff)))).toEqual({
      recovered: 26,
      improved: 3,
      unchanged: 10,
      deteriorated: 1,
    });
    expect(counts(people.map(({ before, after }) => reliableChange(before, after, precision)))).toEqual({
      improved: 29,
      unchanged: 10,
      deteriorated: 1,
    });
    expect(counts(people.map(({ before, after }) => shareChange(before, after, 0.5)))).toEqual({
      improved: 16,
      unchanged: 24,
    });
  });

  it('Claus 2020: the same counts with the SD of all 43', () => {
    const { people } = read();
    const all = outsideRows('rci/claus-2020.csv').flatMap(({ hamd1 }) => (hamd1 === '' ? [] : [Number(hamd1)]));
    const norm = normOf(all);
    const cutOff = cutOffC(norm, { mean: 8, sd: 8 });
    const changes = people.map(({ before, after }) =>
      clinicalChange(before, after, { sd: norm.sd, reliability: 0.8 }, cutOff),
    );
    expect(counts(changes)).toEqual({ recovered: 26, improved: 3, unchanged: 10, deteriorated: 1 });
  });

  it('Jacobson 1989: whoever has no second value is left out, not counted as unchanged', () => {
    const rows = outsideRows('rci/jacobson-1989.csv');
    const whole = rows.filter(
      ({ gds_pre, gds_post }) => ![gds_pre, gds_post].some((one) => one === '' || one === 'NA'),
    );
    expect(rows).toHaveLength(30);
    expect(whole).toHaveLength(26);
  });
});
