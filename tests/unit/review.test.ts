import { describe, expect, it } from 'vitest';
import { isDue, review, reviewAfterReminders } from '../../functions/domain/review.ts';
import { exampleClinic } from '../example-clinic.ts';
import { active, type Brief, eheals, enrolled, gad7, onDay, phq9, stateOf } from '../risk-patients.ts';

const look = (briefs: readonly Brief[], day: number, standing: Parameters<typeof review>[1] = []) =>
  review(stateOf(briefs), standing, exampleClinic, onDay(day));

describe('a review', () => {
  it('lists a level only where it changed', () => {
    const briefs = [...enrolled, phq9(1, 4), gad7(1, 4), eheals(1, 30)];
    expect(look(briefs, 2).levels).toEqual([]);
    const silent = look(briefs, 8);
    expect(silent.levels).toMatchObject([{ kind: 'dropout', from: 'green', to: 'yellow', before: null, why: null }]);
    const later = look(briefs, 22, silent.standing);
    expect(later.levels).toMatchObject([
      { kind: 'dropout', from: 'yellow', to: 'red' },
      { kind: 'deterioration', from: 'green', to: 'yellow' },
    ]);
    expect(look(briefs, 23, later.standing).levels).toEqual([]);
  });

  it('keeps an assessment that says the same, with the time it was made', () => {
    const first = look([...enrolled, ...active(1)], 2);
    const second = look([...enrolled, ...active(1), ...active(2.1)], 2.5, first.standing);
    expect(second.changed).toEqual([]);
    expect(second.standing).toEqual(first.standing);
    expect(second.reviewAt).not.toBe(first.reviewAt);
  });

  it('ends what stands when the patient may no longer be scored, and says why', () => {
    const red = look(enrolled, 30);
    const withdrawn = look([...enrolled, [30, 'ConsentWithdrawn', { scopes: ['scoring'] }]], 31, red.standing);
    expect(withdrawn.standing).toEqual([]);
    expect(withdrawn.levels).toMatchObject([
      { kind: 'dropout', from: 'red', to: 'green', after: null, why: 'no-consent' },
      { kind: 'deterioration', to: 'green', after: null, why: 'no-consent' },
    ]);
  });
});

describe('after a reminder', () => {
  it('the next look is when it would count as unanswered, 48 hours after it was due', () => {
    expect(reviewAfterReminders(onDay(9), [{ dueAt: onDay(3) }], onDay(3))).toBe(onDay(5));
    expect(reviewAfterReminders(null, [{ dueAt: onDay(4) }, { dueAt: onDay(3) }], onDay(4))).toBe(onDay(5));
  });

  it('the next look is at once where that has passed, and never later than it was', () => {
    expect(reviewAfterReminders(onDay(9), [{ dueAt: onDay(3) }], onDay(6))).toBe(onDay(6));
    expect(reviewAfterReminders(onDay(4), [{ dueAt: onDay(3) }], onDay(3))).toBe(onDay(4));
    expect(reviewAfterReminders(null, [], onDay(3))).toBeNull();
  });
});

describe('a patient is due', () => {
  it('once the review has come, and never without one', () => {
    expect(isDue(onDay(3), onDay(3, -1))).toBe(false);
    expect(isDue(onDay(3), onDay(3))).toBe(true);
    expect(isDue(null, onDay(3))).toBe(false);
  });
});
