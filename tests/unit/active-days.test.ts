import { describe, expect, it } from 'vitest';
import { observe } from '../../functions/domain/risk.ts';
import { exampleClinic } from '../example-clinic.ts';
import { active, type Brief, completed, enrolled, onDay, stateOf } from '../risk-patients.ts';

const seen = (briefs: readonly Brief[], day: number) =>
  observe(stateOf([...enrolled, ...briefs]), exampleClinic, onDay(day))?.get('active-days-28');

describe('active days over four weeks', () => {
  it('are counted from the end of the fourth week on, each date once, today included', () => {
    const briefs = active(0, 1, 1.01, 13, 27);
    expect(seen(briefs, 26)).toBeNull();
    expect(seen(briefs, 27)).toBe(4);
  });

  it('fall out of the window one by one, 28 days later', () => {
    const briefs = active(0, 1, 13);
    expect([27, 28, 29, 40, 41].map((day) => seen(briefs, day))).toEqual([3, 2, 1, 1, 0]);
  });

  it('say nothing of somebody who has finished', () => {
    const all = exampleClinic.programme.modules.map(({ id }, index) => completed(index + 1, id));
    expect(seen(all, 30)).toBeNull();
  });
});
