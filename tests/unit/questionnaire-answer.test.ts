import { describe, expect, test } from 'vitest';
import {
  answerCodes,
  answers,
  changed,
  coded,
  codedItems,
  gad7Codes,
  items,
  itemWeight,
  loinc,
  ordinal,
  phq9Codes,
  readItems,
  scored,
  unreadable,
  weighted,
} from './questionnaire-samples.ts';

const withAnswer = (number: number, ...answer: unknown[]) => readItems(changed(items, number, { answer }));
const option = (coding: object, points: number) => ({
  valueCoding: coding,
  extension: [{ url: ordinal, valueDecimal: points }],
});
const contained = (answerOption: unknown) => ({
  questionnaire: '#q',
  contained: [
    {
      resourceType: 'Questionnaire',
      id: 'q',
      item: phq9Codes.map((linkId) => ({ linkId, answerOption, option: 'x' })),
    },
  ],
});
const concept = (...coding: unknown[]) => ({ valueCodeableConcept: { coding } });

describe('what an answer is worth', () => {
  test('whole numbers in range count, as integer or decimal', () => {
    expect(withAnswer(1, { valueInteger: 2 })).toMatchObject(scored);
    expect(withAnswer(1, { valueDecimal: 2 })).toMatchObject(scored);
    for (const value of [2.5, 4, -1, '2', {}]) expect(withAnswer(1, { valueInteger: value })).toMatchObject(unreadable);
  });

  test('a code without a system counts, and one under a wrong system is refused', () => {
    expect(withAnswer(1, { valueCoding: { code: answerCodes[2] } })).toMatchObject(scored);
    const wrong = { valueCoding: { system: 'http://snomed.info/sct', code: answerCodes[3] } };
    expect(withAnswer(9, wrong)).toMatchObject({ ...unreadable, item9: 3 });
    expect(
      withAnswer(9, { valueCoding: { ...wrong.valueCoding, extension: [{ url: ordinal, valueDecimal: 3 }] } }),
    ).toMatchObject({
      ...unreadable,
      item9: 3,
    });
  });

  test('Q03: points in ordinalValue, itemWeight or STU3’s extension give the same total', () => {
    for (const url of [ordinal, itemWeight, 'http://hl7.org/fhir/StructureDefinition/iso21090-CO-value']) {
      const inCoding = answers.map((points, index) => ({ linkId: phq9Codes[index], answer: [weighted(url, points)] }));
      const onAnswer = answers.map((points, index) => ({
        linkId: phq9Codes[index],
        answer: [{ extension: [{ url, valueInteger: points }], valueCoding: { system: 'urn:v', code: 'x' } }],
      }));
      const besideCode = answers.map((points, index) => ({
        linkId: phq9Codes[index],
        answer: [weighted(url, points, { system: loinc, code: answerCodes[points] })],
      }));
      for (const item of [inCoding, onAnswer, besideCode]) expect(readItems(item)).toMatchObject(scored);
    }
  });

  test('Q03: code and weight, or two weights, that disagree are refused with the reason, and item 9 takes the worse', () => {
    const code = { system: loinc, code: answerCodes[0] };
    expect(withAnswer(2, weighted(ordinal, 2, code))).toMatchObject({
      ...unreadable,
      reason: 'Answers could not be read. item 2: readings that disagree (code, weight or repeated answer).',
    });
    expect(withAnswer(9, weighted(itemWeight, 3, code))).toMatchObject({ ...unreadable, item9: 3 });
    expect(withAnswer(9, weighted(itemWeight, 0, { system: loinc, code: answerCodes[3] }))).toMatchObject({ item9: 3 });
    const two = { extension: [{ url: itemWeight, valueDecimal: 1 }], ...weighted(ordinal, 2) };
    expect(withAnswer(9, two)).toMatchObject({ ...unreadable, item9: 2 });
  });

  test('a weight outside the range is refused, and for item 9 it is the worst answer', () => {
    expect(withAnswer(9, weighted(ordinal, 4, { system: loinc, code: answerCodes[0] }))).toMatchObject({
      ...unreadable,
      item9: 3,
    });
    expect(withAnswer(9, weighted(ordinal, 'much'))).toMatchObject({ ...unreadable, item9: null, item9Unread: true });
  });

  test('the options of a contained questionnaire give unknown codes their points, and may not contradict known ones', () => {
    const own = answers.map((points, index) => ({
      linkId: phq9Codes[index],
      answer: [{ valueCoding: { system: 'urn:v', code: `v${points}` } }],
    }));
    const options = [0, 1, 2, 3].map((points) => option({ system: 'urn:v', code: `v${points}` }, points));
    expect(readItems(own, contained([...options, { valueInteger: 1 }, option({}, 1)]))).toMatchObject(scored);
    expect(readItems(items, contained([option({ code: answerCodes[2] }, 1)]))).toMatchObject(unreadable);
  });

  test('an answer code that belongs to another item, or to the difficulty question, is refused', () => {
    const gad = codedItems([1, 1, 1, 1, 1, 1, 1], gad7Codes);
    const other = [{ valueCoding: { system: loinc, code: 'LA18938-3' } }];
    expect(readItems(changed(gad, 2, { answer: other }))).toMatchObject({
      outcome: 'scored',
      answers: [1, 2, 1, 1, 1, 1, 1],
    });
    expect(readItems(changed(gad, 3, { answer: other }))).toMatchObject({ kind: 'unreadable', measure: 'gad-7' });
    expect(withAnswer(3, weighted(ordinal, 1, { system: loinc, code: 'LA6573-5' }))).toMatchObject(unreadable);
  });

  test('Q09: a code of an older version of the form is refused, and item 9 is still read where its code is known', () => {
    expect(withAnswer(4, { valueCoding: { system: loinc, code: 'LA10998-5' } })).toMatchObject({
      ...unreadable,
      item9: 1,
    });
    const old = withAnswer(9, { valueCoding: { system: loinc, code: 'LA10998-5' } });
    expect(old).toMatchObject({ ...unreadable, item9: null, item9Unread: true });
    expect(withAnswer(4, weighted(ordinal, 2, { system: loinc, code: 'LA10998-5' }))).toMatchObject(unreadable);
  });

  test('of several codings one known is enough; a contradiction among them is not', () => {
    const known = coded(2).valueCoding;
    expect(withAnswer(1, concept(known, { system: 'urn:v', code: 'most' }))).toMatchObject(scored);
    expect(withAnswer(1, concept(known, coded(1).valueCoding))).toMatchObject(unreadable);
    expect(withAnswer(1, concept(known, { system: 'urn:v', code: answerCodes[2] }))).toMatchObject(unreadable);
    expect(withAnswer(1, concept())).toMatchObject(unreadable);
  });

  test('free text and other kinds of value never count, but a number in them counts for item 9', () => {
    for (const answer of [
      { valueString: '2' },
      { valueString: 'two' },
      { valueBoolean: true },
      { valueQuantity: { value: 2 } },
      2,
    ]) {
      expect(withAnswer(1, answer)).toMatchObject(unreadable);
    }
    for (const answer of [
      { valueString: '2' },
      { valueQuantity: { value: 2 } },
      2,
      { valueCoding: { system: 'urn:v', code: '2' } },
    ]) {
      expect(withAnswer(9, answer)).toMatchObject({ ...unreadable, item9: 2 });
    }
  });

  test('a display text is never data', () => {
    const misleading = items.map(({ linkId }, index) => {
      const { valueCoding } = coded(answers[index] ?? 0);
      return {
        linkId,
        text: 'Total 27',
        answer: [{ valueCoding: { ...valueCoding, display: 'Nearly every day - 3' } }],
      };
    });
    expect(readItems(misleading)).toMatchObject(scored);
    expect(withAnswer(1, { valueCoding: { display: 'Several days' } })).toMatchObject(unreadable);
  });

  test('the same answer twice counts once; two different answers to one item are refused and item 9 takes the worse', () => {
    expect(withAnswer(1, coded(2), coded(2))).toMatchObject(scored);
    expect(withAnswer(1, coded(2), coded(1))).toMatchObject(unreadable);
    expect(readItems([...items, items[0]])).toMatchObject(scored);
    expect(readItems([...items, { linkId: '/44260-8', answer: [coded(3)] }])).toMatchObject({
      ...unreadable,
      item9: 3,
    });
  });

  test('Q01: a half-filled form has no total, lists what is missing, and a number in free text is not added', () => {
    const half = [...items.slice(0, 4), { linkId: 'comment', answer: [{ valueString: '2' }] }];
    expect(readItems(half)).toMatchObject({
      kind: 'incomplete',
      answers: [2, 2, 2, 2, null, null, null, null, null],
      missing: [5, 6, 7, 8, 9],
      item9: null,
      item9Unread: false,
      reason: 'No total: item 5, 6, 7, 8, 9 not answered. A missing answer never counts as 0.',
    });
  });

  test('Q08: an item whose answer is absent, empty or null is missing', () => {
    for (const answer of [undefined, [], null, [{}], [null], [{ valueCoding: null }], {}]) {
      expect(readItems(changed(items, 2, { answer }))).toMatchObject({ kind: 'incomplete', missing: [2] });
    }
  });
});
