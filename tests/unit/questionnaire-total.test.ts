import { describe, expect, test } from 'vitest';
import { items, loinc, ordinal, readItems, scored, unreadable, weighted } from './questionnaire-samples.ts';

const printed = (answer: unknown, linkId = '/44261-6') => readItems([...items, { linkId, answer: [answer] }]);

describe('the printed total', () => {
  test('a total of any kind confirms the sum, under its own code or the panel’s', () => {
    const kinds = [
      { valueInteger: 13 },
      { valueDecimal: 13 },
      { valueString: ' 13 ' },
      { valueString: '13.0' },
      { valueQuantity: { value: 13, unit: '{score}' } },
    ];
    for (const answer of kinds) {
      for (const linkId of ['/44261-6', '44249-1']) expect(printed(answer, linkId)).toMatchObject(scored);
    }
    expect(readItems([...items, { linkId: '44261-6' }, { linkId: '44249-1', item: [] }])).toMatchObject(scored);
  });

  test('a total that differs or cannot be read is refused, and item 9 is still read', () => {
    const kinds = [
      { valueInteger: 12 },
      { valueDecimal: 13.5 },
      { valueString: 'thirteen' },
      { valueString: '13 (moderate)' },
      { valueQuantity: { unit: '{score}' } },
      { valueCoding: { code: '13' } },
      'x',
    ];
    for (const answer of kinds) {
      for (const linkId of ['/44261-6', '44249-1'])
        expect(printed(answer, linkId)).toMatchObject({ ...unreadable, item9: 1 });
    }
  });

  test('a total never stands in for its items', () => {
    expect(readItems([{ linkId: '44261-6', answer: [{ valueInteger: 13 }] }])).toMatchObject({
      kind: 'incomplete',
      measure: 'phq-9',
      missing: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    });
    expect(readItems([...items.slice(0, 8), { linkId: '44261-6', answer: [{ valueInteger: 13 }] }])).toMatchObject({
      kind: 'incomplete',
    });
  });

  test('the PHQ-2’s total and the difficulty are no total of the PHQ-9', () => {
    const beside = [
      { linkId: '/55757-9', answer: [{ valueInteger: 4 }] },
      { linkId: '/55758-7', answer: [{ valueInteger: 4 }] },
      { linkId: '/69722-7', answer: [weighted(ordinal, 3, { system: loinc, code: 'LA6574-3' })] },
    ];
    expect(readItems([...items, ...beside])).toMatchObject(scored);
    expect(readItems([...items.slice(0, 2), ...beside])).toMatchObject({
      kind: 'incomplete',
      missing: [3, 4, 5, 6, 7, 8, 9],
    });
  });

  test('a PHQ-8 printed under the PHQ-9’s total code is incomplete', () => {
    const eight = [...items.slice(0, 8), { linkId: '44261-6', answer: [{ valueInteger: 12 }] }];
    expect(readItems(eight)).toMatchObject({ kind: 'incomplete', missing: [9] });
  });
});
