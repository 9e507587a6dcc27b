import { allObjects, isJsonObject, type JsonObject, listOf, objectsOf, textOf } from './fhir-json.ts';
import { bandOf, type Measure, totalOf } from './measure.ts';
import { type AnswerFault, answerScale, printedNumbers, readAnswers } from './questionnaire-answer.ts';
import {
  type Identity,
  identify,
  type MatchedForm,
  matchForms,
  namesMeasure,
  type QuestionnaireReference,
  questionnaireReference,
} from './questionnaire-identity.ts';
import {
  type Reading,
  type RefusalKind,
  type RefusedReading,
  type ResponseHeader,
  type ResponseStatus,
  responseStatuses,
} from './questionnaire-reading.ts';
import { type SafetyReading, sweepSafetyItems } from './questionnaire-safety.ts';

/** One question of a response with everything it is said to be. */
interface Question {
  readonly node: JsonObject;
  readonly definition: JsonObject | null;
  readonly identities: readonly Identity[];
}

/** What a response says about one measure. */
interface Evidence {
  readonly measure: Measure;
  readonly questions: ReadonlySet<Question>;
  readonly isMapped: boolean;
}

/** Questions under `item` and `answer.item`, at any depth and in any order: their identity is not their place. */
function questionNodes(parent: JsonObject): JsonObject[] {
  const nodes: JsonObject[] = [];
  const waiting = [parent];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const holders = [next, ...objectsOf(next['answer'])];
    for (const holder of holders) {
      for (const child of objectsOf(holder['item'])) {
        nodes.push(child);
        waiting.push(child);
      }
    }
  }
  return nodes;
}

function definitionsByLinkId(reference: QuestionnaireReference): Map<string, JsonObject> {
  const definitions = new Map<string, JsonObject>();
  if (reference.contained === null) return definitions;
  for (const definition of questionNodes(reference.contained)) {
    const linkId = textOf(definition['linkId']);
    if (linkId !== null) definitions.set(linkId, definition);
  }
  return definitions;
}

function gatherEvidence(
  questions: readonly Question[],
  measures: readonly Measure[],
  matched: readonly MatchedForm[],
): Evidence[] {
  return measures
    .map((measure) => ({
      measure,
      questions: new Set(
        questions.filter(({ identities }) =>
          identities.some(
            (identity) => identity.isSure && identity.measure === measure && identity.role !== 'not-counted',
          ),
        ),
      ),
      isMapped: matched.some((match) => match.measure === measure),
    }))
    .filter((evidence) => evidence.questions.size > 0 || evidence.isMapped);
}

/** Whether `other` shares its questions with `evidence` and is the lesser fit: PHQ-2 within PHQ-9, a code beside a map. */
function isBetterThan(evidence: Evidence, other: Evidence): boolean {
  return (
    [...other.questions].every((question) => evidence.questions.has(question)) &&
    (other.questions.size < evidence.questions.size || (evidence.isMapped && !other.isMapped))
  );
}

interface ItemEvidence {
  isAnswered: boolean;
  readonly values: Set<number>;
  readonly faults: Set<AnswerFault>;
}

function readItems({ measure, questions }: Evidence, matched: readonly MatchedForm[]): Map<number, ItemEvidence> {
  const forms = matched.filter((match) => match.measure === measure).map(({ form }) => form);
  const items = new Map<number, ItemEvidence>(
    measure.items.map(({ number }) => [number, { isAnswered: false, values: new Set(), faults: new Set() }]),
  );
  for (const { node, definition, identities } of questions) {
    const own = identities.filter((identity) => identity.isSure && identity.measure === measure);
    const roles = new Set(own.map(({ role }) => role));
    for (const [number, item] of items) {
      if (!roles.has(number)) continue;
      const reading = readAnswers(listOf(node['answer']), answerScale(measure, number, forms), definition);
      item.isAnswered ||= reading.isAnswered;
      for (const value of reading.values) item.values.add(value);
      for (const fault of reading.faults) item.faults.add(fault);
      if (roles.size > 1) item.faults.add('two-items');
      if (item.values.size > 1) item.faults.add('disagree');
    }
  }
  return items;
}

const faultWords: readonly (readonly [AnswerFault, string])[] = [
  ['unknown-code', 'an answer code the measure does not know (add it to the measure or to the form)'],
  ['foreign-code', 'an answer code of another question or code system'],
  ['out-of-range', 'a value that is no whole number within the range'],
  ['free-text', 'a free text, which never counts'],
  ['other-kind', 'a kind of value that is not read'],
  ['disagree', 'readings that disagree (code, weight or repeated answer)'],
  ['two-items', 'codes or link ids of two different questions'],
];

function describeFaults(items: ReadonlyMap<number, ItemEvidence>): string | null {
  const words = faultWords.flatMap(([fault, wording]) => {
    const numbers = [...items].filter(([, item]) => item.faults.has(fault)).map(([number]) => number);
    return numbers.length === 0 ? [] : [`item ${numbers.join(', ')}: ${wording}`];
  });
  return words.length === 0 ? null : `${words.join('; ')}.`;
}

/** Numbers printed as the measure's total anywhere in the response. */
function printedTotals(measure: Measure, questions: readonly Question[]): Set<number | null> {
  const printed = questions.filter(({ identities }) =>
    identities.some((identity) => identity.isSure && identity.measure === measure && identity.role === 'total'),
  );
  return new Set(printed.flatMap(({ node }) => printedNumbers(node)));
}

/** FHIR's dateTime: a date with or without month, day, time and offset. */
const FHIR_DATE_TIME = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** Longer ids are no ids: nothing downstream has to store them. */
const LONGEST_KEY = 500;

function responseKeyOf(response: JsonObject): string | null {
  const id = textOf(response['id']);
  const [identifier] = objectsOf(response['identifier']);
  const value = textOf(identifier?.['value']);
  const key = id ?? (value === null ? null : `${textOf(identifier?.['system']) ?? ''}|${value}`);
  return key !== null && key.length <= LONGEST_KEY ? key : null;
}

function headerOf(response: JsonObject): ResponseHeader {
  const authored = textOf(response['authored']);
  return {
    responseKey: responseKeyOf(response),
    status: responseStatuses.find((status) => status === response['status']) ?? null,
    ...(authored !== null && FHIR_DATE_TIME.test(authored) ? { authored } : {}),
  };
}

interface Refusal {
  readonly kind: RefusalKind;
  readonly reason: string;
}

/** A status that forbids a total, or null for completed and amended. */
function refusalByStatus(status: ResponseStatus | null): Refusal | null {
  switch (status) {
    case 'completed':
    case 'amended':
      return null;
    case 'entered-in-error':
      return { kind: 'withdrawn', reason: 'The sender marks the response as entered in error: it no longer counts.' };
    case null:
      return {
        kind: 'unreadable',
        reason: 'The status is missing or not one that FHIR has: send completed or amended.',
      };
    default:
      return { kind: 'in-progress', reason: `The response is ${status}: only completed and amended ones are scored.` };
  }
}

/** Why no measure could be told from the questions; `named` is the measure the form's address names, if any. */
function refusalWithoutMeasure(named: Measure | null): Refusal {
  if (named === null) {
    const reason = 'No question belongs to a measure of the clinic: add the measure, or map the form.';
    return { kind: 'unknown-measure', reason };
  }
  const reason = `The form looks like ${named.title}, but no question carries a code of it: map it under forms in ${named.id}.yaml.`;
  return { kind: 'unreadable', reason };
}

/** A response to no measure that could be told: what is known of it all the same. */
function refuseUnscored(
  header: ResponseHeader,
  refusal: Refusal,
  named: Measure | null,
  safety: SafetyReading,
): RefusedReading {
  const measure = named ?? safety.measure;
  return {
    outcome: 'refused',
    ...refusal,
    measure: measure?.id ?? null,
    answers: measure === null ? [] : measure.items.map(() => null),
    item9: safety.worst,
    item9Unread: safety.isUnread,
    ...header,
  };
}

/** A resource that is no questionnaire response: never scored, yet an answer to a safety item inside it is seen. */
function refuseOtherResource(resource: unknown, measures: readonly Measure[], safety: SafetyReading): RefusedReading {
  const { objects } = allObjects(resource);
  const named = measures.find((measure) =>
    objects.some((object) =>
      identify(object, measures, [], null).some((found) => found.measure === measure && found.role !== 'not-counted'),
    ),
  );
  const header = { responseKey: null, status: null };
  if (named === undefined) {
    const reason = 'This is no FHIR QuestionnaireResponse and holds no code of a measure of the clinic.';
    return refuseUnscored(header, { kind: 'unknown-measure', reason }, null, safety);
  }
  const reason =
    'This is no FHIR QuestionnaireResponse: a total without its items is not taken, send the response itself.';
  return refuseUnscored(header, { kind: 'unreadable', reason }, named, safety);
}

/** The response's own measure, where one fits and every other is a lesser fit. */
function bestFit(candidates: readonly Evidence[]): Evidence | undefined {
  return candidates.find((evidence) =>
    candidates.every((other) => other === evidence || isBetterThan(evidence, other)),
  );
}

/**
 * Reads one FHIR R4 QuestionnaireResponse (STU3's reference forms too). Total: any JSON value gives a reading, and no
 * input makes it throw or run without bound. What is ambiguous is refused with the reason.
 */
export function readFhir(resource: unknown, measures: readonly Measure[]): Reading {
  const response = isJsonObject(resource) ? resource : {};
  const reference = questionnaireReference(response);
  const matched = matchForms(reference, measures);
  const definitions = definitionsByLinkId(reference);
  const safety = sweepSafetyItems(resource, measures, matched, definitions, reference);
  if (response['resourceType'] !== 'QuestionnaireResponse') return refuseOtherResource(resource, measures, safety);
  const header = headerOf(response);
  if (!safety.isWhole) {
    const reason = 'The response is too large to be read: send one questionnaire without attachments.';
    return refuseUnscored(header, { kind: 'unreadable', reason }, null, safety);
  }

  const questions = questionNodes(response).map((node): Question => {
    const definition = definitions.get(textOf(node['linkId']) ?? '') ?? null;
    return { node, definition, identities: identify(node, measures, matched, definition) };
  });
  const candidates = gatherEvidence(questions, measures, matched);
  const fit = bestFit(candidates);
  const byStatus = refusalByStatus(header.status);
  const subject = fit ?? candidates.find(({ measure }) => measure.safetyItem !== null) ?? candidates[0];
  if (subject === undefined) {
    const named =
      measures.find((measure) => reference.addresses.some((address) => namesMeasure(address, measure))) ?? null;
    return refuseUnscored(header, byStatus ?? refusalWithoutMeasure(named), named, safety);
  }

  const { measure } = subject;
  const items = readItems(subject, matched);
  const answers = [...items.values()].map(({ values, faults }) =>
    faults.size === 0 ? ([...values][0] ?? null) : null,
  );
  const missing = [...items].filter(([, item]) => !item.isAnswered && item.faults.size === 0).map(([number]) => number);
  const refuse = ({ kind, reason }: Refusal): RefusedReading => ({
    outcome: 'refused',
    kind,
    reason,
    measure: measure.id,
    answers,
    item9: safety.worst,
    item9Unread: safety.isUnread,
    ...(missing.length > 0 ? { missing } : {}),
    ...header,
  });

  if (byStatus !== null) return refuse(byStatus);
  if (fit === undefined) {
    const reason = 'The questions fit more than one measure: send one response for each measure.';
    return refuse({ kind: 'unreadable', reason });
  }
  const faults = describeFaults(items);
  if (faults !== null) return refuse({ kind: 'unreadable', reason: `Answers could not be read. ${faults}` });
  const total = totalOf(answers);
  if (total === null) {
    const reason = `No total: item ${missing.join(', ')} not answered. A missing answer never counts as 0.`;
    return refuse({ kind: 'incomplete', reason });
  }
  if ([...printedTotals(measure, questions)].some((printed) => printed !== total)) {
    const reason =
      'The printed total cannot be confirmed: it is not the sum of the answers. Correct the form or its sender.';
    return refuse({ kind: 'unreadable', reason });
  }
  const item9 = answers.find((_, index) => index + 1 === measure.safetyItem) ?? null;
  if (safety.worst !== item9 || safety.isUnread) {
    const reason =
      'A safety item is answered in more than one place, and the answers disagree or belong to another measure.';
    return refuse({ kind: 'unreadable', reason });
  }
  return {
    outcome: 'scored',
    measure: measure.id,
    answers: answers.filter((answer) => answer !== null),
    total,
    band: bandOf(measure, total),
    item9,
    ...header,
  };
}
