import { describe, expect, test } from 'vitest';
import {
  answerCodes,
  coded,
  codedItems,
  gad7Codes,
  items,
  loinc,
  ordinal,
  read,
  readItems,
  response,
  unreadable,
  weighted,
} from './questionnaire-samples.ts';

const at9 = (linkId: string, answer: unknown) => [{ linkId, answer: [answer] }];
const ofItem9 = { resourceType: 'Observation', code: { coding: [{ system: loinc, code: '44260-8' }] } };

const observation = (code: string, more: object) =>
  read({ resourceType: 'Observation', code: { coding: [{ system: loinc, code }] }, ...more });

describe('item 9 surfaces whatever else is broken', () => {
  test('in a form without a map, the question whose link id ends in 9 is taken for it', () => {
    for (const linkId of ['PHQ.9', 'H1/T1/Q9', 'g1.q9', 'phq9-9', '9', 'q09']) {
      expect(
        readItems(at9(linkId, { valueCoding: { code: answerCodes[3] } }), { questionnaire: 'urn:phq-9' }),
      ).toMatchObject({
        measure: 'phq-9',
        item9: 3,
      });
    }
    expect(readItems(at9('phq9-9', coded(3)))).toMatchObject({ measure: 'phq-9', item9: 3 });
    expect(readItems(at9('phq9-9', { valueCoding: { code: 'zz' } }))).toMatchObject({ item9: null, item9Unread: true });
  });

  test('another question, another form or a number that could be a total is not taken for it', () => {
    const cases: [unknown[], object][] = [
      [at9('PHQ.8', coded(3)), { questionnaire: 'urn:phq-9' }],
      [at9('PHQ.19', coded(3)), { questionnaire: 'urn:phq-9' }],
      [at9('/12345-9', coded(3)), { questionnaire: 'urn:phq-9' }],
      [at9('score.phq9', { valueInteger: 12 }), {}],
      [at9('q9', coded(3)), { questionnaire: 'urn:dass-21' }],
      [[...items, ...at9('x9', coded(3))], { questionnaire: 'urn:phq-9' }],
    ];
    for (const [index, [item, more]] of cases.entries()) {
      expect(readItems(item, more).item9, `case ${index}`).toBe(index === 5 ? 1 : null);
    }
    const contradictory = weighted(ordinal, 4, { system: loinc, code: answerCodes[0] });
    expect(readItems(at9('PHQ.9', contradictory), { questionnaire: 'urn:phq-9' })).toMatchObject({ item9: 3 });
  });

  test('a complete response of another measure that also holds a safety answer is refused, not silently scored', () => {
    const gad = codedItems([1, 1, 1, 1, 1, 1, 1], gad7Codes);
    const code = [{ system: 'urn:other', code: '44260-8' }];
    expect(readItems([...gad, { linkId: 'x', code, answer: [coded(2)] }])).toMatchObject({
      kind: 'unreadable',
      measure: 'gad-7',
      item9: 2,
    });
    expect(readItems([...gad, { linkId: 'x', code, answer: [{ valueString: 'often' }] }])).toMatchObject({
      kind: 'unreadable',
      item9Unread: true,
    });
  });

  test('it is read in other resources: an Observation, a component, a bundle, a response without its type', () => {
    const concept = { valueCodeableConcept: { coding: [coded(3).valueCoding] } };
    const wrapped = [
      { ...ofItem9, ...concept },
      { resourceType: 'Observation', code: {}, component: [{ ...ofItem9, ...concept }] },
      { resourceType: 'Bundle', entry: [{ resource: response(codedItems([0, 0, 0, 0, 0, 0, 0, 0, 3])) }] },
      { ...response(codedItems([0, 0, 0, 0, 0, 0, 0, 0, 3])), resourceType: undefined },
      [response(codedItems([0, 0, 0, 0, 0, 0, 0, 0, 3]))],
    ];
    for (const fhir of wrapped) expect(read(fhir)).toMatchObject({ ...unreadable, item9: 3 });
  });

  test('a total or a panel as an Observation gives no total', () => {
    expect(observation('44261-6', { valueString: '12' })).toMatchObject({ ...unreadable, item9: null });
    expect(observation('44249-1', { hasMember: [{ reference: 'x' }] })).toMatchObject({ ...unreadable, item9: null });
    expect(observation('55758-7', { valueInteger: 6 })).toMatchObject({ kind: 'unknown-measure', measure: null });
  });

  test('a response too large to look through is refused', () => {
    const padding = Array.from({ length: 200_000 }, () => 0);
    expect(readItems(items, { padding })).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('too large') as string,
    });
  });

  test('depth is no obstacle and no danger', () => {
    let deep: unknown = codedItems([0, 0, 0, 0, 0, 0, 0, 0, 2]);
    for (let depth = 0; depth < 50_000; depth += 1) deep = [{ linkId: 'g', item: deep }];
    expect(read(response(deep as unknown[]))).toMatchObject({ outcome: 'scored', item9: 2 });
  });
});
