import { describe, expect, test } from 'vitest';
import { type QuestionnaireData, readQuestionnaire } from '../../functions/domain/questionnaire.ts';
import { answers, measures, scored, unreadable } from './questionnaire-samples.ts';

const plain = (measure: unknown, list: unknown) => readQuestionnaire({ measure, answers: list }, measures);

describe('plain answers', () => {
  test('complete answers give total, band and item 9', () => {
    expect(plain('phq-9', answers)).toEqual({ ...scored, responseKey: null, status: 'completed' });
    expect(plain('gad-7', [0, 1, 2, 3, 0, 1, 2])).toMatchObject({ total: 9, band: 'mild', item9: null });
    expect(plain('eheals', [5, 5, 5, 5, 5, 5, 5, 5])).toMatchObject({ total: 40, band: 'high' });
    expect(plain('phq9', answers)).toMatchObject(scored);
  });

  test('Q02: nine answers of 0 are a total of 0, not a missing total', () => {
    expect(plain('phq-9', Array(9).fill(0))).toMatchObject({ outcome: 'scored', total: 0, band: 'minimal', item9: 0 });
  });

  test('a missing answer gives no total and is listed', () => {
    const reading = plain('phq-9', [2, null, 2, 2, 1, 1, 2, 0, 3]);
    expect(reading).toMatchObject({ outcome: 'refused', kind: 'incomplete', missing: [2], item9: 3 });
    expect(plain('phq-9', [2, 2, 2, 2, 1, 1, 2, 0, null])).toMatchObject({
      missing: [9],
      item9: null,
      item9Unread: false,
    });
  });

  test('too few or too many answers are refused, and item 9 is read where it stands', () => {
    expect(plain('phq-9', [...answers, 1])).toMatchObject({ ...unreadable, item9: 1 });
    expect(plain('phq-9', answers.slice(0, 8))).toMatchObject({ ...unreadable, item9: null, missing: [9] });
    expect(plain('phq-9', undefined)).toMatchObject({ ...unreadable, answers: Array(9).fill(null) });
  });

  test('an answer that is no whole number in range is refused, and item 9 above its range is the worst answer', () => {
    expect(plain('phq-9', [2, 2, 2, 2, 1, 1, 2.5, 4, 4])).toMatchObject({
      ...unreadable,
      answers: [2, 2, 2, 2, 1, 1, null, null, null],
      reason: 'Answers could not be read. item 7, 8, 9: send a whole number from 0 to 3, or null.',
      item9: 3,
    });
    expect(plain('phq-9', [0, 0, 0, 0, 0, 0, 0, 0, '2'])).toMatchObject({ ...unreadable, item9: 2 });
    expect(plain('phq-9', [0, 0, 0, 0, 0, 0, 0, 0, -1])).toMatchObject({
      ...unreadable,
      item9: null,
      item9Unread: true,
    });
    expect(plain('phq-9', [0, 0, 0, 0, 0, 0, 0, 0, { valueInteger: 2 }])).toMatchObject({ ...unreadable, item9: 2 });
  });

  test('a measure the clinic does not have is refused, and a mistyped name does not hide item 9', () => {
    for (const measure of ['phq-8', undefined, 7]) {
      expect(plain(measure, answers)).toMatchObject({ kind: 'unknown-measure', measure: null, answers: [] });
    }
    for (const measure of ['PHQ-9', 'phq_9', 'our phq9'])
      expect(plain(measure, [0, 0, 0, 0, 0, 0, 0, 0, 3])).toMatchObject({
        kind: 'unknown-measure',
        measure: 'phq-9',
        item9: 3,
      });
    expect(readQuestionnaire(null as unknown as QuestionnaireData, measures).outcome).toBe('refused');
  });
});
