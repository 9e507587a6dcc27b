import { describe, expect, test } from 'vitest';
import { type Measure, measureSchema } from '../../functions/domain/measure.ts';
import {
  answers,
  loinc,
  measures,
  ordinal,
  questionnaire,
  read,
  response,
  scored,
  unreadable,
  vendorItems,
  weighted,
  withForm,
} from './questionnaire-samples.ts';

const sum = (valueDecimal: number) => ({ linkId: 'sum', answer: [{ valueDecimal }] });

describe('forms of a clinic', () => {
  test('a form is known by canonical, version, relative reference, STU3 reference, identifier or contained original', () => {
    const relative = [withForm('phq-9', { questionnaires: ['Questionnaire/f'] })];
    const identified = [withForm('phq-9', { questionnaires: [], identifiers: [{ system: 'urn:forms', value: '17' }] })];
    const anyOfSystem = [withForm('phq-9', { questionnaires: [], identifiers: [{ system: 'urn:forms' }] })];
    const identifier = { system: 'urn:forms', value: '17' };
    const derived = { resourceType: 'Questionnaire', id: 'a', derivedFrom: [questionnaire] };
    const cases: [readonly Measure[], object, string][] = [
      [[withForm('phq-9')], { questionnaire }, 'scored'],
      [[withForm('phq-9')], { questionnaire: `${questionnaire}|2.1` }, 'scored'],
      [
        [withForm('phq-9', { questionnaires: [`${questionnaire}|2.1`] })],
        { questionnaire: `${questionnaire}|2.0` },
        'refused',
      ],
      [[withForm('phq-9')], { questionnaire: { reference: questionnaire } }, 'scored'],
      [[withForm('phq-9')], { questionnaire: '#a', contained: [derived] }, 'scored'],
      [relative, { questionnaire: 'Questionnaire/f' }, 'scored'],
      [relative, { questionnaire }, 'scored'],
      [relative, { questionnaire: 'https://v.example/Questionnaire/g' }, 'refused'],
      [[withForm('phq-9')], { questionnaire: `x/${questionnaire}` }, 'refused'],
      [[withForm('phq-9', { questionnaires: ['#f'] })], { questionnaire: 'x/#f' }, 'refused'],
      [identified, { questionnaire: { identifier } }, 'scored'],
      [identified, { questionnaire: { identifier: { ...identifier, value: '18' } } }, 'refused'],
      [anyOfSystem, { questionnaire: { identifier: { ...identifier, value: '18' } } }, 'scored'],
      [anyOfSystem, { questionnaire: { identifier: { system: 'urn:other' } } }, 'refused'],
      [identified, { questionnaire: '#a', contained: [{ ...derived, identifier: [identifier] }] }, 'scored'],
    ];
    for (const [index, [list, more, outcome]] of cases.entries()) {
      expect(read(response(vendorItems, more), list).outcome, `case ${index}`).toBe(outcome);
    }
  });

  test('the address of a question inside the form names its link id, also where the response names no form', () => {
    const moved = vendorItems.map(({ linkId, answer }, index) => ({
      linkId: `${index}`,
      answer,
      definition: `${questionnaire}#${linkId}`,
    }));
    expect(read(response(moved), [withForm('phq-9')])).toMatchObject(scored);
  });

  test('the form’s total is checked; its difficulty and ignored questions are not counted', () => {
    const more = [
      { linkId: 'burden', answer: [weighted(ordinal, 3, { system: loinc, code: 'LA6574-3' })] },
      { linkId: 'note', answer: [{ valueString: '2' }] },
      { linkId: 'constructor', answer: [{ valueInteger: 3 }] },
    ];
    const list = [withForm('phq-9')];
    expect(read(response([...vendorItems, ...more, sum(13)], { questionnaire }), list)).toMatchObject(scored);
    expect(read(response([...vendorItems, ...more, sum(14)], { questionnaire }), list)).toMatchObject(unreadable);
  });

  test('a form’s own answer codes count in that form only, with blanks inside, and without a system under any system', () => {
    const local = ['not at all', 'some days', 'most days', 'every day'];
    const form = { answers: local.map((code, value) => ({ code, value })) };
    const own = answers.map((points, index) => ({
      linkId: `q${index + 1}`,
      answer: [{ valueCoding: { system: 'urn:v', code: ` ${local[points]} ` } }],
    }));
    expect(read(response(own, { questionnaire }), [withForm('phq-9', form)])).toMatchObject(scored);
    expect(read(response(own, { questionnaire }), [withForm('phq-9')])).toMatchObject({
      ...unreadable,
      item9Unread: true,
    });
  });

  test('a form whose link ids do not fit its map is incomplete, not a total of nothing', () => {
    const other = vendorItems.map((item, index) => ({ ...item, linkId: `v2-${index}` }));
    expect(read(response(other, { questionnaire }), [withForm('phq-9')])).toMatchObject({
      kind: 'incomplete',
      missing: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    });
  });

  test('a clinic adds a measure with UUID codes, where higher is better, without code', () => {
    const codes = ['0e5aa952-d470-4219-b275-5e8204d96987', '1ab11c78-6258-4069-9065-0f076833b133'];
    const who = measureSchema.parse({
      id: 'who-5',
      title: 'WHO-5',
      version: '1',
      range: { min: 0, max: 5 },
      items: [1, 2, 3, 4, 5].map((number) => ({ number })),
      answers: codes.map((code, index) => ({ system: 'urn:kl', code, value: 5 - 2 * index })),
      direction: 'higher-is-better',
      bands: [
        { from: 0, to: 12, name: 'low' },
        { from: 13, to: 25, name: 'good' },
      ],
      forms: [
        {
          name: 'danish',
          questionnaires: ['urn:who5'],
          items: { happy: 1, calm: 2, active: 3, rested: 4, interest: 5 },
        },
      ],
    });
    const item = ['happy', 'calm', 'active', 'rested', 'interest'].map((linkId, index) => ({
      linkId,
      answer: [{ valueCoding: { system: 'urn:kl', code: codes[index === 1 ? 1 : 0], display: 'display 0' } }],
    }));
    expect(read(response(item, { questionnaire: 'urn:who5' }), [...measures, who])).toMatchObject({
      outcome: 'scored',
      measure: 'who-5',
      answers: [5, 3, 5, 5, 5],
      total: 23,
      band: 'good',
    });
  });
});
