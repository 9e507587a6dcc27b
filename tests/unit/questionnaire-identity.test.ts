import { describe, expect, test } from 'vitest';
import {
  answers,
  changed,
  coded,
  items,
  loinc,
  measureCalled,
  phq9Codes,
  readItems,
  scored,
  unreadable,
} from './questionnaire-samples.ts';

const places = (code: string) => [
  { code: [{ system: loinc, code }] },
  { code: { coding: [{ system: 'https://loinc.org/', code }] } },
  { extension: [{ url: 'urn:x', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.1', code } }] },
  { extension: [{ url: 'urn:x', valueCodeableConcept: { coding: [{ code }] } }] },
  { definition: `http://loinc.orgfhir/DataElement/${code}|2.81` },
];

describe('which item a question is', () => {
  test('a code at the end of a link id counts, whatever stands before it', () => {
    const prefixes = ['', '/', '/44249-1/', 'PHQ9.', 'loinc:', 'http://loinc.org/', 'Q', 'phq9-', 'a_'];
    for (const prefix of prefixes) {
      expect(readItems(items.map((item) => ({ ...item, linkId: `${prefix}${item.linkId}` })))).toMatchObject(scored);
    }
    expect(readItems(items.map((item) => ({ ...item, linkId: ` ${item.linkId}/ ` })))).toMatchObject(scored);
  });

  test('a code inside a longer number or before other text is no code', () => {
    for (const linkId of ['144260-8', '44260-8-comment', '44260-80']) {
      expect(readItems(changed(items, 9, { linkId }))).toMatchObject({ kind: 'incomplete', missing: [9] });
    }
    const isi = measureCalled('isi').items.map(({ number }) => ({
      linkId: `visi-${number}`,
      answer: [{ valueInteger: 1 }],
    }));
    expect(readItems(isi)).toMatchObject({ kind: 'unknown-measure' });
  });

  test('codes are found in item.code, in an extension, in a definition and in the answer’s definition', () => {
    for (let place = 0; place < 5; place += 1) {
      const moved = items.map(({ linkId, answer }, index) => ({
        linkId: `${index + 100}`,
        answer,
        ...places(linkId)[place],
      }));
      expect(readItems(moved), `place ${place}`).toMatchObject(scored);
    }
    const inAnswer = items.map(({ linkId }, index) => ({
      linkId: `${index + 100}`,
      answer: [{ ...coded(answers[index] ?? 0), definition: `http://loinc.org/${linkId}` }],
    }));
    expect(readItems(inAnswer)).toMatchObject(scored);
  });

  test('a code under another code system is not the item, but its answer counts for item 9', () => {
    const code = [{ system: 'http://snomed.info/sct', code: '44260-8' }];
    expect(readItems(changed(items, 9, { linkId: 'x', code, answer: [coded(3)] }))).toMatchObject({
      kind: 'incomplete',
      missing: [9],
      item9: 3,
    });
  });

  test('groups and answers may nest items at any depth and in any order', () => {
    const [first, ...rest] = items;
    const nested = [{ linkId: 'g', item: [{ linkId: 'h', item: rest.toReversed() }] }];
    expect(readItems([{ ...first, answer: [{ ...coded(2), item: nested }] }])).toMatchObject(scored);
    expect(readItems([{ linkId: 'g', item: { linkId: 'h', item: items } }])).toMatchObject(scored);
  });

  test('a question with the codes of two items is refused', () => {
    const both = changed(items, 9, { code: [{ system: loinc, code: phq9Codes[0] }] });
    expect(readItems(both)).toMatchObject({ ...unreadable, item9: 1 });
    expect(readItems(changed(items, 3, { code: [{ system: loinc, code: '44261-6' }] }))).toMatchObject(unreadable);
    // Also where the answers would agree: nobody can tell that the question is both.
    expect(readItems(changed(items, 1, { code: [{ system: loinc, code: phq9Codes[1] }] }))).toMatchObject({
      ...unreadable,
      reason: 'Answers could not be read. item 1, 2: codes or link ids of two different questions.',
    });
  });

  test('a contained questionnaire gives its questions their codes, when the response refers to it', () => {
    const definition = {
      resourceType: 'Questionnaire',
      id: 'q',
      url: 'urn:q',
      item: [
        {
          linkId: 'g',
          item: phq9Codes.map((code, index) => ({ linkId: `${14363 + index}`, code: [{ system: loinc, code }] })),
        },
        { text: 'no link id' },
      ],
    };
    const numbered = items.map(({ answer }, index) => ({ linkId: `${14363 + index}`, answer }));
    for (const reference of ['#q', 'urn:q|1.0', { reference: '#q' }]) {
      expect(readItems(numbered, { contained: [definition], questionnaire: reference })).toMatchObject(scored);
    }
    expect(readItems(numbered, { contained: [definition] })).toMatchObject({ kind: 'unknown-measure' });
    expect(
      readItems(numbered, { contained: [{ ...definition, resourceType: 'Basic' }], questionnaire: '#q' }),
    ).toMatchObject({
      kind: 'unknown-measure',
    });
  });
});
