import { describe, expect, test } from 'vitest';
import {
  bandOf,
  improvement,
  isCase,
  isInRemission,
  measureSchema,
  totalOf,
  totalRange,
} from '../../functions/domain/measure.ts';
import { measureCalled, measures } from './questionnaire-samples.ts';

const mini = {
  id: 'mini-2',
  title: 'Mini',
  version: '1',
  range: { min: 0, max: 3 },
  items: [
    { number: 1, codes: [{ system: 'urn:x', code: 'mini-1' }] },
    { number: 2, codes: [{ system: 'urn:x', code: 'mini-2' }] },
  ],
  answers: [
    { system: 'urn:x', code: 'no', value: 0 },
    { system: 'urn:x', code: 'yes', value: 3 },
  ],
  direction: 'higher-is-worse',
  bands: [
    { from: 0, to: 2, name: 'low' },
    { from: 3, to: 6, name: 'high' },
  ],
};
const form = { name: 'a', questionnaires: ['urn:form'], items: { q1: 1, q2: 2, sum: 'total', more: 'ignore' } };

const bands = (...limits: [number, number][]) => ({ bands: limits.map(([from, to]) => ({ from, to, name: 'x' })) });

function faults(change: object): string[] {
  const parsed = measureSchema.safeParse({ ...mini, ...change });
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a measure file', () => {
  test('a measure needs no codes, no thresholds and no forms', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ answers: undefined, items: [{ number: 1 }, { number: 2 }] })).toEqual([]);
  });

  test('an unknown key is refused by name', () => {
    expect(faults({ cutoff: 3 })[0]).toContain('cutoff');
  });

  test('items are numbered in order', () => {
    expect(faults({ items: [{ number: 1 }, { number: 3 }] })).toEqual([
      'items.1.number: write 2: items are numbered in order',
    ]);
  });

  test('a range has a max above its min', () => {
    expect(faults({ range: { min: 3, max: 3 } })[0]).toBe('range: write a max above the min');
  });

  test('the safety item is one of the items', () => {
    for (const safetyItem of [0, 3])
      expect(faults({ safetyItem })[0]).toMatch(/^safetyItem: write the number of an item/);
    expect(faults({ safetyItem: 2 })).toEqual([]);
  });

  test('one code belongs to one question', () => {
    const total = [{ system: 'urn:x', code: 'mini-1' }];
    expect(faults({ total })).toEqual(['total.0.code: code mini-1 stands twice: keep it at one question only']);
  });

  test('answer codes stand for points within the range', () => {
    expect(faults({ answers: [{ code: 'no', value: 4 }] })).toEqual(['answers.0.value: write a value from 0 to 3']);
    expect(faults({ answers: [{ code: 'no', value: -1 }] })).toEqual(['answers.0.value: write a value from 0 to 3']);
  });

  test('one answer code has one value, in the measure, the item and the form together', () => {
    const twice = { system: 'urn:x', code: 'no', value: 1 };
    const message = 'value: answer code no already has another value: keep one';
    expect(faults({ answers: [...mini.answers, twice] })).toEqual([`answers.2.${message}`]);
    expect(faults({ items: [{ number: 1, answers: [twice] }, { number: 2 }] })).toEqual([
      `items.0.answers.0.${message}`,
    ]);
    expect(faults({ forms: [{ ...form, answers: [twice] }] })).toEqual([`forms.0.answers.0.${message}`]);
    expect(faults({ forms: [{ ...form, answers: [{ ...twice, system: 'urn:y' }] }] })).toEqual([]);
  });

  test('bands cover every total once: a gap, an overlap, a short or a turned band is named with what to write', () => {
    expect(faults(bands([0, 2], [4, 6]))[0]).toMatch(/^bands\.1\.from: write 3/);
    expect(faults(bands([0, 2], [2, 6]))[0]).toMatch(/^bands\.1\.from: write 3/);
    expect(faults(bands([1, 6]))[0]).toMatch(/^bands\.0\.from: write 0/);
    expect(faults(bands([0, 5]))[0]).toMatch(/^bands\.0\.to: write 6/);
    expect(faults(bands([0, 7]))[0]).toMatch(/^bands\.0\.to: write 6/);
    expect(faults(bands([0, 2], [3, 1]))[0]).toMatch(/^bands\.1\.to: write 3 or more/);
  });

  test('thresholds are totals the measure can have', () => {
    expect(faults({ caseness: 7 })).toEqual(['caseness: write a total from 0 to 6']);
    expect(faults({ remission: -1 })).toEqual(['remission: write a total from 0 to 6']);
    expect(faults({ caseness: 6, remission: 0 })).toEqual([]);
  });

  test('a form maps every item exactly once, to items that exist, and says how it is known', () => {
    expect(faults({ forms: [form] })).toEqual([]);
    expect(faults({ forms: [{ ...form, items: { q1: 1 } }] })).toEqual([
      'forms.0.items: give item 2 exactly one link id, not 0',
    ]);
    expect(faults({ forms: [{ ...form, items: { q1: 1, q2: 2, q3: 2 } }] })).toEqual([
      'forms.0.items: give item 2 exactly one link id, not 2',
    ]);
    expect(faults({ forms: [{ ...form, items: { q1: 1, q2: 2, q9: 9 } }] })).toEqual([
      'forms.0.items.q9: item 9 does not exist: write 1 to 2',
    ]);
    expect(faults({ forms: [{ ...form, questionnaires: [] }] })[0]).toMatch(
      /^forms\.0: write questionnaires or identifiers/,
    );
    expect(faults({ forms: [form, form] })[0]).toMatch(/^forms\.1\.name: form a is listed twice/);
    expect(faults({ forms: [{ ...form, items: { q1: 'sum' } }] })[0]).toMatch(/write an item number, or total/);
  });
});

describe('the measures of the project', () => {
  test('the four measures have the ranges and bands of the domain reference', () => {
    const summary = measures.map((measure) => {
      const { min, max } = totalRange(measure);
      const limits = measure.bands.map(({ from, to, name }) => `${from}-${to} ${name}`).join(', ');
      return `${measure.id}: ${measure.items.length} items, ${min}-${max}: ${limits}`;
    });
    expect(summary).toEqual([
      'eheals: 8 items, 8-40: 8-20 low, 21-26 moderate, 27-40 high',
      'gad-7: 7 items, 0-21: 0-4 minimal, 5-9 mild, 10-14 moderate, 15-21 severe',
      'isi: 7 items, 0-28: 0-7 none, 8-14 subthreshold, 15-21 moderate, 22-28 severe',
      'phq-9: 9 items, 0-27: 0-4 minimal, 5-9 mild, 10-14 moderate, 15-19 moderately severe, 20-27 severe',
    ]);
  });

  test('a measure with LOINC codes carries the LOINC notice', () => {
    for (const measure of measures) {
      const isLoinc = measure.items.some(({ codes }) => codes.some(({ system }) => system === 'http://loinc.org'));
      expect(measure.notice?.includes('LOINC') ?? false).toBe(isLoinc);
    }
  });
});

describe('totals', () => {
  const phq9 = measureCalled('phq-9');
  const eheals = measureCalled('eheals');

  test('a missing answer gives no total, and nine zeros give a total of 0', () => {
    expect(totalOf([0, 0, 0])).toBe(0);
    expect(totalOf([1, null, 2])).toBeNull();
    expect(totalOf([1, 2, 3])).toBe(6);
  });

  test('each total lies in the band whose limits hold it', () => {
    expect([0, 4, 5, 9, 10, 14, 15, 19, 20, 27].map((total) => bandOf(phq9, total))).toEqual([
      'minimal',
      'minimal',
      'mild',
      'mild',
      'moderate',
      'moderate',
      'moderately severe',
      'moderately severe',
      'severe',
      'severe',
    ]);
  });

  test('caseness starts at its threshold, on the bad side of the measure', () => {
    expect([9, 10].map((total) => isCase(phq9, total))).toEqual([false, true]);
    expect([26, 27].map((total) => isCase(eheals, total))).toEqual([true, false]);
    expect(isCase(measureCalled('isi'), 20)).toBeNull();
  });

  test('remission ends at its threshold', () => {
    expect([4, 5].map((total) => isInRemission(phq9, total))).toEqual([true, false]);
    expect(isInRemission(eheals, 40)).toBeNull();
  });

  test('improvement is a fall where higher is worse, and a rise where higher is better', () => {
    expect(improvement(phq9, 15, 9)).toBe(6);
    expect(improvement(eheals, 15, 9)).toBe(-6);
  });
});
