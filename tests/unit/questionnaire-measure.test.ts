import { describe, expect, test } from 'vitest';
import { measureSchema } from '../../functions/domain/measure.ts';
import {
  answers,
  changed,
  codedItems,
  gad7Codes,
  items,
  measureCalled,
  phq9Codes,
  questionnaire,
  read,
  readItems,
  response,
  scored,
  unreadable,
  vendorItems,
} from './questionnaire-samples.ts';

const named = (address: string) => readItems(vendorItems, { questionnaire: address });

describe('which measure a response is', () => {
  const gad = codedItems([1, 1, 1, 1, 1, 1, 1], gad7Codes);

  test('two measures in one response are refused, with the answers and item 9 of the one that has it', () => {
    expect(readItems([...gad, ...items])).toMatchObject({
      ...unreadable,
      answers,
      item9: 1,
      reason: 'The questions fit more than one measure: send one response for each measure.',
    });
    const isi = measureCalled('isi').items.map(({ codes }) => ({
      linkId: codes[0]?.code,
      answer: [{ valueInteger: 1 }],
    }));
    expect(readItems([...gad, ...isi])).toMatchObject({ kind: 'unreadable', item9: null });
  });

  test('a shorter measure that shares its codes gives way to the fuller one, and to a map', () => {
    const phq9 = measureCalled('phq-9');
    const short = (count: number, more: object = {}) =>
      measureSchema.parse({
        id: `short-${count}`,
        title: 'Short',
        version: '1',
        range: { min: 0, max: 3 },
        items: phq9.items.slice(0, count),
        answers: phq9.answers,
        direction: 'higher-is-worse',
        bands: [{ from: 0, to: count * 3, name: 'all' }],
        ...more,
      });
    expect(read(response(items), [short(2), phq9])).toMatchObject(scored);
    expect(read(response(items), [phq9, short(2)])).toMatchObject(scored);
    // Eight items could be a short form, or a PHQ-9 whose item 9 is missing: nobody may guess which.
    expect(read(response(items.slice(0, 8)), [short(8), phq9])).toMatchObject(unreadable);
    const map = Object.fromEntries(phq9Codes.slice(0, 8).map((code, index) => [code, index + 1]));
    const mapped = short(8, { forms: [{ name: 'f', questionnaires: [questionnaire], items: map }] });
    expect(read(response(items.slice(0, 8), { questionnaire }), [phq9, mapped])).toMatchObject({
      outcome: 'scored',
      measure: 'short-8',
    });
  });

  test('a form that only looks like a measure is refused with that name and what to do', () => {
    for (const address of ['https://v.example/PHQ9Form', 'Questionnaire/mii-phq-9', 'urn:PHQ_9-x', 'our phq 9']) {
      expect(named(address)).toMatchObject({ ...unreadable, reason: expect.stringContaining('phq-9.yaml') as string });
    }
    expect(named('urn:our-isi-form')).toMatchObject({ kind: 'unreadable', measure: 'isi' });
    for (const address of ['urn:phq-90', 'urn:visit', 'urn:other']) {
      expect(named(address)).toMatchObject({ kind: 'unknown-measure', measure: null });
    }
  });

  test('the reason never holds what a sender or patient wrote', () => {
    const secret = 'SECRET-7';
    const reading = readItems(
      [
        { linkId: secret, text: secret, answer: [{ valueString: secret }] },
        ...changed(items, 1, { answer: [{ valueString: secret }] }),
      ],
      {
        questionnaire: secret,
        status: secret,
      },
    );
    expect(JSON.stringify(reading)).not.toContain(secret);
  });
});
