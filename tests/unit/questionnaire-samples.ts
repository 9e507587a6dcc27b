import { clinicMeasures, loadMeasures } from '../../bin/commands/measure-files.ts';
import { type Measure, measureSchema } from '../../functions/domain/measure.ts';
import { type Reading, readQuestionnaire } from '../../functions/domain/questionnaire.ts';

/** The measures as the project ships them. */
export const measures: readonly Measure[] = loadMeasures(clinicMeasures);

export function measureCalled(id: string): Measure {
  const measure = measures.find((candidate) => candidate.id === id);
  if (measure === undefined) throw new Error(`no measure ${id}`);
  return measure;
}

export const loinc = 'http://loinc.org';
export const phq9Codes = measureCalled('phq-9').items.map(({ codes }) => codes[0]?.code ?? '');
export const gad7Codes = measureCalled('gad-7').items.map(({ codes }) => codes[0]?.code ?? '');
export const answerCodes = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];

/** One item of a response: a link id and its answers. */
export interface SampleItem {
  linkId: string;
  answer?: unknown;
  [other: string]: unknown;
}

export function coded(points: number): { valueCoding: { system: string; code: string | undefined } } {
  return { valueCoding: { system: loinc, code: answerCodes[points] } };
}

export function weighted(url: string, points: unknown, coding: object = {}): object {
  return { valueCoding: { ...coding, extension: [{ url, valueDecimal: points }] } };
}

/** Items with LOINC link ids and LOINC answers. */
export function codedItems(answers: readonly number[], codes: readonly string[] = phq9Codes): SampleItem[] {
  return answers.map((points, index) => ({ linkId: codes[index] ?? `q${index + 1}`, answer: [coded(points)] }));
}

export function response(item: readonly unknown[], more: object = {}): object {
  return { resourceType: 'QuestionnaireResponse', status: 'completed', item, ...more };
}

/** The items with one of them changed. */
export function changed(items: readonly SampleItem[], number: number, change: Partial<SampleItem>): SampleItem[] {
  return items.map((item, index) => (index + 1 === number ? { ...item, ...change } : item));
}

/** Points whose sum is 13, with 1 for item 9. */
export const answers = [2, 2, 2, 2, 1, 1, 2, 0, 1];
export const items = codedItems(answers);
export const scored = { outcome: 'scored', measure: 'phq-9', answers, total: 13, band: 'moderate', item9: 1 };
export const unreadable = { outcome: 'refused', kind: 'unreadable', measure: 'phq-9' };

export const ordinal = 'http://hl7.org/fhir/StructureDefinition/ordinalValue';
export const itemWeight = 'http://hl7.org/fhir/StructureDefinition/itemWeight';

export function read(fhir: unknown, list: readonly Measure[] = measures): Reading {
  return readQuestionnaire({ fhir }, list);
}

export function readItems(item: readonly unknown[], more: object = {}): Reading {
  return read(response(item, more));
}

/** The address of the vendor's form in `withForm`. */
export const questionnaire = 'https://v.example/Questionnaire/f';
export const vendorItems: readonly SampleItem[] = answers.map((points, index) => ({
  linkId: `q${index + 1}`,
  answer: [coded(points)],
}));

/** A measure with a form that maps q1, q2… to its items. */
export function withForm(id: string, form: object = {}): Measure {
  const measure = measureCalled(id);
  const map = Object.fromEntries(measure.items.map(({ number }) => [`q${number}`, number]));
  const base = { name: 'vendor', questionnaires: [questionnaire] };
  return measureSchema.parse({
    ...measure,
    forms: [{ ...base, items: { ...map, sum: 'total', burden: 'difficulty', note: 'ignore' }, ...form }],
  });
}
