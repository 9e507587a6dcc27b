import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Measure, type MeasureForm, measureSchema } from '../../functions/domain/measure.ts';
import { readQuestionnaire } from '../../functions/domain/questionnaire.ts';
import { compareTiers, type SafetyTier, safetyRulesSchema, safetyTier } from '../../functions/domain/safety.ts';
import { measures } from './questionnaire-samples.ts';

// Outside data: checked against, never shipped. Where the folder is absent the tests say so and are skipped.
const folder = new URL('../../../shared/data/fhir/', import.meta.url);
const isPresent = existsSync(folder);

type Row = Record<string, string>;

function rowsOf(name: string): Row[] {
  const [head = [], ...rows] = readFileSync(new URL(name, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell))
    .map((cells) => cells.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)));
  return rows.map((cells) => Object.fromEntries(head.map((column, index) => [column, cells[index] ?? ''])));
}

/** What a clinic would write for a form that says in no usable way which form it is. */
const extraAddresses: Record<string, string> = {
  'sdc-phq9': '#contained-adaptive-questionnaire-example-phq9-start',
};

/** The shipped measures with the forms of the outside maps, as a clinic would add them. */
function measuresWithMaps(): Measure[] {
  const maps = Map.groupBy(rowsOf('linkid-maps.csv'), (row) => row['map'] ?? '');
  const forms = [...maps].map(([name, rows]) => {
    const address = rows[0]?.['questionnaire'] ?? '';
    const isIdentified = address.startsWith('(');
    return {
      name,
      questionnaires: isIdentified ? [] : [address, extraAddresses[name]].filter((entry) => entry !== undefined),
      identifiers: isIdentified ? [{ system: 'https://pro.example.org/' }] : [],
      items: Object.fromEntries(
        rows.map((row) => [
          row['link_id'] ?? '',
          row['role'] === 'item' ? Number(row['item']) : (row['role'] as 'total'),
        ]),
      ),
      answers: [],
    } satisfies MeasureForm;
  });
  return measures.map((measure) =>
    measureSchema.parse({
      ...measure,
      forms: forms.filter(({ name }) => name.includes(measure.id.replace('-', ''))),
    }),
  );
}

function tierOf(item9: number | null): SafetyTier {
  return safetyTier(null, item9, safetyRulesSchema.parse({}));
}

function pointsIn(text: string): (number | null)[] {
  return text.split(' ').map((cell) => (cell === '-' ? null : Number(cell)));
}

function contentOf(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

describe.skipIf(!isPresent)(`questionnaires of public systems${isPresent ? '' : ' (outside data absent)'}`, () => {
  const rows = isPresent ? rowsOf('expected.csv') : [];
  const mapped = isPresent ? measuresWithMaps() : [];

  test('the outside cases are all here', () => {
    expect(rows).toHaveLength(25);
  });

  for (const row of rows) {
    const { file = '', expect: outcome = '', item9_min_tier: leastTier = '', why = '' } = row;
    for (const [set, list] of [
      ['without maps', measures],
      ['with maps', mapped],
    ] as const) {
      const isScored = outcome === 'accept' || (outcome === 'accept_with_map' && set === 'with maps');
      const rule = isScored ? 'scored' : outcome === 'accept_or_refuse' ? 'exact or refused' : 'refused';
      test(`${file} ${set} is ${rule}: ${why}`, () => {
        const reading = readQuestionnaire({ fhir: contentOf(file) }, list);

        const exact = {
          outcome: 'scored',
          total: Number(row['expect_total']),
          band: row['expect_band'],
          answers: pointsIn(row['item_values'] ?? ''),
        };
        const refused = { outcome: 'refused', reason: expect.stringMatching(/./) as string };
        const mayBeEither = rule === 'exact or refused' && reading.outcome === 'refused';
        expect(reading).toMatchObject(rule === 'refused' || mayBeEither ? refused : exact);
        expect(compareTiers(tierOf(reading.item9), leastTier as SafetyTier)).toBeGreaterThanOrEqual(0);
      });
    }
  }

  test('a refused response keeps the answers that are beyond doubt, and says which are missing', () => {
    expect(readQuestionnaire({ fhir: contentOf('sdc-phq9.json') }, mapped)).toMatchObject({
      kind: 'unreadable',
      answers: [0, 0, 0, 1, 2, 1, 3, 2, 1],
      item9: 1,
    });
    expect(readQuestionnaire({ fhir: contentOf('sdc-adaptive-start-phq9.json') }, mapped)).toMatchObject({
      kind: 'in-progress',
      answers: [0, 0, 0, 1, 2, 1, 3, 2, 1],
    });
    expect(readQuestionnaire({ fhir: contentOf('argonaut-adaptive-phq9.json') }, mapped)).toMatchObject({
      kind: 'incomplete',
      answers: [0, null, null, 0, null, null, null, 0, null],
      missing: [2, 3, 5, 6, 7, 9],
    });
    expect(readQuestionnaire({ fhir: contentOf('om1-phq9-a.json') }, mapped)).toMatchObject({
      kind: 'unreadable',
      measure: 'phq-9',
      item9: 0,
    });
    expect(readQuestionnaire({ fhir: contentOf('kl-dk-who5.json') }, mapped)).toMatchObject({
      kind: 'unknown-measure',
      measure: null,
    });
  });
});
