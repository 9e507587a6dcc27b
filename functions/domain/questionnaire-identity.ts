import { codingsOf, isSameSystem, type JsonObject, listOf, objectsOf, textOf } from './fhir-json.ts';
import type { Coding, Measure, MeasureForm } from './measure.ts';

/** What a question is to a measure: one of its items, its printed total, or something that is never counted. */
export type Role = number | 'total' | 'not-counted';

/** One thing a question may be. It is sure unless only the bare code fits while the code system does not. */
export interface Identity {
  readonly measure: Measure;
  readonly role: Role;
  readonly isSure: boolean;
}

/** A form of a measure whose link ids are in force for one response. */
export interface MatchedForm {
  readonly measure: Measure;
  readonly form: MeasureForm;
}

interface CodeMeaning {
  readonly measure: Measure;
  readonly role: Role;
  readonly system: string;
}

type CodeBook = ReadonlyMap<string, readonly CodeMeaning[]>;

const codeBooks = new WeakMap<readonly Measure[], CodeBook>();

/** All question codes of all measures. Made once for each list of measures. */
function codeBookOf(measures: readonly Measure[]): CodeBook {
  const known = codeBooks.get(measures);
  if (known !== undefined) return known;
  const book = new Map<string, CodeMeaning[]>();
  const add = (measure: Measure, role: Role, codings: readonly Coding[]): void => {
    for (const { system, code } of codings) book.set(code, [...(book.get(code) ?? []), { measure, role, system }]);
  };
  for (const measure of measures) {
    for (const item of measure.items) add(measure, item.number, item.codes);
    add(measure, 'total', [...measure.total, ...measure.panel]);
    add(measure, 'not-counted', [...measure.difficulty.items, ...measure.notThisMeasure]);
  }
  codeBooks.set(measures, book);
  return book;
}

/** An address without FHIR's `|version`. */
function withoutVersion(address: string): string {
  const bar = address.indexOf('|');
  return bar === -1 ? address : address.slice(0, bar);
}

/** No code is longer; the front of a longer link id is never looked at. */
const LONGEST_CODE = 64;

/** A code starts where the text does, after a mark, or, for a code that starts with a digit, after a letter. */
function isBoundary(before: string, first: string): boolean {
  return !/[0-9a-z]/i.test(before) || (/[a-z]/i.test(before) && /\d/.test(first));
}

/** Meanings of the longest code that a link id or a definition's address ends with: `/44250-9`, `PHQ.44250-9`. */
function meaningsAtEnd(text: string, book: CodeBook): readonly CodeMeaning[] {
  const bare = withoutVersion(text)
    .slice(-LONGEST_CODE)
    .replace(/[/\s]+$/, '');
  for (let start = 0; start < bare.length; start += 1) {
    const meanings = book.get(bare.slice(start));
    if (meanings !== undefined && (start === 0 || isBoundary(bare.charAt(start - 1), bare.charAt(start))))
      return meanings;
  }
  return [];
}

function codingsAt(question: JsonObject, definition: JsonObject | null): JsonObject[] {
  return [
    ...codingsOf(question['code']),
    ...codingsOf(definition?.['code']),
    ...objectsOf(question['extension']).flatMap((extension) => [
      ...codingsOf(extension['valueCoding']),
      ...codingsOf(extension['valueCodeableConcept']),
    ]),
  ];
}

/** Link ids a question may have in a form that its `definition` points into: the form's address, one mark, link id. */
function linkIdsInDefinition(address: string, form: MeasureForm): string[] {
  return form.questionnaires
    .filter((questionnaire) => address.startsWith(questionnaire))
    .map((questionnaire) => address.slice(questionnaire.length + 1));
}

function formRoles(question: JsonObject, measures: readonly Measure[], matched: readonly MatchedForm[]): Identity[] {
  const identities: Identity[] = [];
  const look = (measure: Measure, form: MeasureForm, linkId: string): void => {
    const role = Object.hasOwn(form.items, linkId) ? form.items[linkId] : undefined;
    if (role === undefined) return;
    identities.push({ measure, isSure: true, role: role === 'difficulty' || role === 'ignore' ? 'not-counted' : role });
  };
  const stated = textOf(question['linkId']);
  if (stated !== null) for (const { measure, form } of matched) look(measure, form, stated);
  const address = textOf(question['definition']);
  if (address !== null) {
    for (const measure of measures) {
      for (const form of measure.forms)
        for (const linkId of linkIdsInDefinition(address, form)) look(measure, form, linkId);
    }
  }
  return identities;
}

/** Everything a question is said to be: by codes in its link id, definition, codings, or by a form's map. */
export function identify(
  question: JsonObject,
  measures: readonly Measure[],
  matched: readonly MatchedForm[],
  definition: JsonObject | null,
): Identity[] {
  const book = codeBookOf(measures);
  const texts = [
    question['linkId'],
    question['definition'],
    definition?.['definition'],
    ...objectsOf(question['answer']).map((answer) => answer['definition']),
  ];
  const found = formRoles(question, measures, matched);
  for (const text of new Set(texts.map(textOf))) {
    if (text !== null) for (const meaning of meaningsAtEnd(text, book)) found.push({ ...meaning, isSure: true });
  }
  for (const coding of codingsAt(question, definition)) {
    const system = textOf(coding['system']);
    for (const meaning of book.get(textOf(coding['code']) ?? '') ?? []) {
      found.push({ ...meaning, isSure: system === null || isSameSystem(system, meaning.system) });
    }
  }
  return found;
}

/** How a response says which questionnaire it answers. */
export interface QuestionnaireReference {
  /** Canonical addresses and references, each with and without its version. */
  readonly addresses: readonly string[];
  readonly identifiers: readonly JsonObject[];
  /** The Questionnaire inside the response, where it is the one referred to. */
  readonly contained: JsonObject | null;
}

function addressesIn(value: unknown): string[] {
  return listOf(value).flatMap((entry) => {
    const address = textOf(entry);
    return address === null ? [] : [address, withoutVersion(address)];
  });
}

/** Reads R4's canonical, STU3's Reference with an address or an identifier, and a contained Questionnaire. */
export function questionnaireReference(response: JsonObject): QuestionnaireReference {
  const stated = listOf(response['questionnaire']);
  const references = objectsOf(stated);
  const addresses = [...addressesIn(stated), ...references.flatMap(({ reference }) => addressesIn(reference))];
  const contained =
    objectsOf(response['contained']).find(
      (resource) =>
        resource['resourceType'] === 'Questionnaire' &&
        (addresses.includes(`#${textOf(resource['id'])}`) || addresses.includes(textOf(resource['url']) ?? '')),
    ) ?? null;
  return {
    addresses: [...addresses, ...addressesIn(contained?.['url']), ...addressesIn(contained?.['derivedFrom'])],
    identifiers: [...references, ...objectsOf(contained)].flatMap(({ identifier }) => objectsOf(identifier)),
    contained,
  };
}

/** `Questionnaire/x`, without a server: then any server's will do. */
function isRelative(address: string): boolean {
  return !address.includes(':') && !address.startsWith('#');
}

function isFormOf(form: MeasureForm, reference: QuestionnaireReference): boolean {
  return (
    form.questionnaires.some((wanted) =>
      reference.addresses.some(
        (address) => address === wanted || (isRelative(wanted) && address.endsWith(`/${wanted}`)),
      ),
    ) ||
    form.identifiers.some(({ system, value }) =>
      reference.identifiers.some(
        (stated) => textOf(stated['system']) === system && (value === undefined || textOf(stated['value']) === value),
      ),
    )
  );
}

/** The forms, of all measures, that a response says it answers. */
export function matchForms(reference: QuestionnaireReference, measures: readonly Measure[]): MatchedForm[] {
  return measures.flatMap((measure) =>
    measure.forms.filter((form) => isFormOf(form, reference)).map((form) => ({ measure, form })),
  );
}

/** Whether a text contains a name of the measure, e.g. `Questionnaire/our-PHQ_9` for phq-9, but not `phq-90`. */
export function namesMeasure(text: string, measure: Measure): boolean {
  return [measure.id, ...measure.names].some((name) => {
    const spelling = name.replaceAll('-', '').replace(/(?<=[a-z])(?=\d)/g, '[-_. ]?');
    return new RegExp(/\d$/.test(name) ? `${spelling}(?!\\d)` : `(?<![a-z])${spelling}(?![a-z])`, 'i').test(text);
  });
}

/** The number a link id ends with (`PHQ.9`, `H1/T1/Q9`), or null: also for a LOINC code, whose end is a check digit. */
export function numberAtEnd(linkId: string): number | null {
  const end = linkId.slice(-LONGEST_CODE);
  const digits = /\d+$/.exec(end)?.[0];
  return digits === undefined || /\d{3,}-\d$/.test(end) ? null : Number(digits);
}
