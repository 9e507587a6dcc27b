import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readQuestionnaire } from '../../functions/domain/questionnaire.ts';
import { compareTiers, safetyRulesSchema, safetyTier } from '../../functions/domain/safety.ts';
import {
  answerCodes,
  coded,
  gad7Codes,
  loinc,
  measures,
  phq9Codes,
  response,
  weighted,
} from '../unit/questionnaire-samples.ts';

const seed = 20_261_124;
const read = (fhir: unknown) => readQuestionnaire({ fhir }, measures);
const rules = safetyRulesSchema.parse({});

interface Case {
  measure: string;
  codes: readonly string[];
  answers: number[];
}

const points = fc.integer({ min: 0, max: 3 });
const someCase: fc.Arbitrary<Case> = fc
  .constantFrom(['phq-9', phq9Codes] as const, ['gad-7', gad7Codes] as const)
  .chain(([measure, codes]) =>
    fc
      .array(points, { minLength: codes.length, maxLength: codes.length })
      .map((answers) => ({ measure, codes, answers })),
  );

const ordinal = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
const itemWeight = 'http://hl7.org/fhir/StructureDefinition/itemWeight';
/** Ways in which senders write the same points. */
const answerStyles: ((value: number) => object)[] = [
  coded,
  (value) => ({ valueCoding: { code: answerCodes[value] } }),
  (value) => ({ valueInteger: value }),
  (value) => ({ valueDecimal: value }),
  (value) => weighted(ordinal, value),
  (value) => weighted(itemWeight, value, { system: 'urn:vendor', code: `c${value}` }),
  (value) => ({ ...coded(value), extension: [{ url: ordinal, valueDecimal: value }] }),
];
/** Ways in which senders say which item a question is. */
const linkStyles: ((code: string) => object)[] = [
  (code) => ({ linkId: code }),
  (code) => ({ linkId: `/${code}` }),
  (code) => ({ linkId: `/1/2/${code}` }),
  (code) => ({ linkId: `form.${code}` }),
  (code) => ({ linkId: 'x', code: [{ system: loinc, code }] }),
  (code) => ({ linkId: 'x', definition: `http://loinc.org/${code}` }),
];
const style = fc.record({ answer: fc.constantFrom(...answerStyles), link: fc.constantFrom(...linkStyles) });

/** Puts items into groups and answers at random depths. */
function nest(items: readonly object[], depths: readonly number[]): object[] {
  return items.map((item, index) => {
    let nested: object = item;
    for (let depth = 0; depth < (depths[index] ?? 0); depth += 1) {
      nested = depth % 2 === 0 ? { linkId: 'g', item: [nested] } : { linkId: 'a', answer: [{ item: [nested] }] };
    }
    return nested;
  });
}

/** A response in any order, nesting and notation, with the values it means. */
const someResponse = someCase.chain(({ measure, codes, answers }) =>
  fc
    .record({
      styles: fc.array(style, { minLength: codes.length, maxLength: codes.length }),
      order: fc.shuffledSubarray([...codes.keys()], { minLength: codes.length }),
      depths: fc.array(fc.nat(4), { minLength: codes.length, maxLength: codes.length }),
    })
    .map(({ styles, order, depths }) => {
      const items = answers.map((value, index) => ({
        ...styles[index]?.link(codes[index] ?? ''),
        answer: [styles[index]?.answer(value)],
      }));
      const inOrder = order.map((index) => items[index] ?? {});
      return {
        measure,
        answers,
        order,
        items: inOrder,
        nested: nest(inOrder, depths),
        total: answers.reduce((a, b) => a + b),
      };
    }),
);

describe('a questionnaire response', () => {
  test('the same answers give the same total, in any order, nesting, notation and link id style', () => {
    fc.assert(
      fc.property(someResponse, ({ measure, answers, nested, total }) => {
        expect(read(response(nested))).toMatchObject({ outcome: 'scored', measure, answers, total });
      }),
      { seed, numRuns: 500 },
    );
  });

  test('plain answers give exactly the reading of the FHIR response that says the same', () => {
    fc.assert(
      fc.property(someResponse, ({ measure, answers, nested }) => {
        expect(read(response(nested))).toEqual(readQuestionnaire({ measure, answers }, measures));
      }),
      { seed },
    );
  });

  test('without any one of its items a response has no total, never a smaller one', () => {
    fc.assert(
      fc.property(someResponse, fc.nat(20), ({ items, order }, pick) => {
        const index = pick % items.length;
        const item = items.toSpliced(index, 1);
        expect(read(response(item))).toMatchObject({ kind: 'incomplete', missing: [(order[index] ?? 0) + 1] });
      }),
      { seed },
    );
  });

  test('one item read in two ways is refused, and no total is given', () => {
    fc.assert(
      fc.property(someResponse, fc.nat(20), points, ({ items, answers, order }, pick, other) => {
        const index = pick % items.length;
        fc.pre(answers[order[index] ?? 0] !== other);
        const item = [...items, { ...items[index], answer: [{ valueInteger: other }] }];
        expect(read(response(item))).toMatchObject({ outcome: 'refused', kind: 'unreadable' });
      }),
      { seed },
    );
  });

  test('a printed total is accepted exactly when it is the sum, whatever its type', () => {
    const kinds: ((value: number) => object)[] = [
      (value) => ({ valueInteger: value }),
      (value) => ({ valueDecimal: value }),
      (value) => ({ valueString: String(value) }),
      (value) => ({ valueQuantity: { value } }),
    ];
    fc.assert(
      fc.property(
        someResponse,
        fc.nat(27),
        fc.boolean(),
        fc.constantFrom(...kinds),
        ({ measure, items, total }, other, isRight, kind) => {
          const printed = isRight ? total : other;
          const linkId = measure === 'phq-9' ? '44261-6' : '70274-6';
          const reading = read(response([...items, { linkId, answer: [kind(printed)] }]));
          expect(reading.outcome).toBe(printed === total ? 'scored' : 'refused');
        },
      ),
      { seed },
    );
  });

  test('answers outside the scale, of other kinds or unknown to the measure never become a total', () => {
    const broken = fc.constantFrom<object>(
      { valueInteger: 4 },
      { valueDecimal: 0.5 },
      { valueString: '1' },
      { valueBoolean: true },
      { valueCoding: { system: loinc, code: 'LA10998-5' } },
      { valueCoding: { system: 'http://snomed.info/sct', code: 'LA6569-3' } },
      { valueCoding: { display: 'Several days' } },
      weighted(ordinal, 7),
    );
    fc.assert(
      fc.property(someResponse, fc.nat(20), broken, ({ items }, pick, answer) => {
        const index = pick % items.length;
        const item = items.with(index, { ...items[index], answer: [answer] });
        expect(read(response(item))).toMatchObject({ outcome: 'refused', kind: 'unreadable' });
      }),
      { seed },
    );
  });
});

describe('item 9', () => {
  const breakage = fc.constantFrom<(fhir: Record<string, unknown>, items: readonly object[]) => object>(
    (fhir) => fhir,
    (fhir) => ({ ...fhir, status: 'in-progress' }),
    (fhir) => ({ ...fhir, status: 'no status' }),
    (fhir) => ({ ...fhir, resourceType: 'Basic' }),
    (fhir, items) => ({ ...fhir, item: items.slice(-1) }),
    (fhir, items) => ({ ...fhir, item: [...items, { linkId: '44261-6', answer: [{ valueInteger: 99 }] }] }),
    (fhir, items) => ({ ...fhir, item: [...items, { linkId: phq9Codes[8], answer: [{ valueInteger: 0 }] }] }),
    (fhir, items) => ({ ...fhir, item: [...items, { linkId: gad7Codes[0], answer: [{ valueInteger: 0 }] }] }),
    (fhir) => ({ resourceType: 'Bundle', entry: [{ resource: fhir }] }),
    (fhir, items) => ({ ...fhir, item: [...items, { linkId: phq9Codes[0], answer: [{ valueString: 'x' }] }] }),
  );

  test('an answer v to item 9 gives at least the tier of v, in any notation and whatever else is broken', () => {
    fc.assert(
      fc.property(
        fc.array(points, { minLength: 9, maxLength: 9 }),
        style,
        breakage,
        fc.nat(4),
        (answers, { answer, link }, breakIt, depth) => {
          const items = answers.map((value, index) => ({ ...link(phq9Codes[index] ?? ''), answer: [answer(value)] }));
          const reading = read(breakIt({ ...response(nest(items, Array(9).fill(depth))) }, items));
          const least = safetyTier(null, answers[8] ?? null, rules);
          expect(compareTiers(safetyTier(null, reading.item9, rules), least)).toBeGreaterThanOrEqual(0);
        },
      ),
      { seed, numRuns: 500 },
    );
  });

  test('of two readings of item 9 the worse one counts', () => {
    fc.assert(
      fc.property(points, points, fc.boolean(), (one, other, isApart) => {
        const linkId = phq9Codes[8];
        const item = isApart
          ? [
              { linkId, answer: [coded(one)] },
              { linkId, answer: [{ valueInteger: other }] },
            ]
          : [{ linkId, answer: [weighted(itemWeight, other, coded(one).valueCoding)] }];
        expect(read(response(item)).item9).toBe(Math.max(one, other));
      }),
      { seed },
    );
  });
});

describe('any input', () => {
  test('arbitrary JSON never throws, and never gives a total', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.jsonValue(), (json, other) => {
        for (const data of [
          { fhir: json },
          { measure: 'phq-9', answers: json },
          { measure: json, answers: other },
          json,
        ]) {
          const reading = readQuestionnaire(data as { fhir: unknown }, measures);
          expect(reading.outcome).toBe('refused');
        }
      }),
      { seed, numRuns: 1000 },
    );
  });

  test('JSON in the shape of a response, with anything in any place, never throws, and a total is a sum of its answers', () => {
    const keys = [
      'resourceType',
      'status',
      'item',
      'linkId',
      'answer',
      'valueCoding',
      'valueInteger',
      'valueDecimal',
      'code',
      'system',
    ];
    const moreKeys = [
      'extension',
      'url',
      'definition',
      'questionnaire',
      'contained',
      'answerOption',
      'id',
      'identifier',
      'coding',
    ];
    const words = [
      'QuestionnaireResponse',
      'Questionnaire',
      'completed',
      loinc,
      ordinal,
      '#q',
      ...answerCodes,
      ...phq9Codes,
      '44261-6',
    ];
    const { value } = fc.letrec((tie) => ({
      leaf: fc.oneof(
        fc.constantFrom(...words),
        fc.integer({ min: -1, max: 5 }),
        fc.constant(null),
        fc.boolean(),
        fc.string(),
      ),
      object: fc.dictionary(fc.constantFrom(...keys, ...moreKeys), tie('value'), { maxKeys: 6 }),
      value: fc.oneof({ maxDepth: 8 }, tie('leaf'), tie('object'), fc.array(tie('value'), { maxLength: 6 })),
    }));
    const item = fc.record({ linkId: fc.constantFrom(...phq9Codes), answer: fc.oneof(value, fc.constant([coded(1)])) });
    const rough = fc.record({
      resourceType: fc.constant('QuestionnaireResponse'),
      status: fc.constantFrom('completed', 'amended', 'stopped'),
      questionnaire: value,
      contained: value,
      item: fc.oneof(value, fc.array(fc.oneof(item, value), { maxLength: 12 })),
    });
    fc.assert(
      fc.property(fc.oneof(rough, value), (fhir) => {
        const reading = read(fhir);
        const isSum =
          reading.outcome === 'scored'
            ? reading.total === reading.answers.reduce((a, b) => a + b)
            : reading.reason !== '' && !('total' in reading);
        expect(isSum).toBe(true);
      }),
      { seed, numRuns: 3000 },
    );
  });
});
