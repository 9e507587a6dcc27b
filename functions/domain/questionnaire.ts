import { isJsonObject, type JsonObject, listOf, textOf } from './fhir-json.ts';
import { bandOf, type Measure, totalOf } from './measure.ts';
import { answerScale, readAnswers } from './questionnaire-answer.ts';
import { readFhir } from './questionnaire-fhir.ts';
import { namesMeasure } from './questionnaire-identity.ts';
import type { Reading, RefusalKind, RefusedReading } from './questionnaire-reading.ts';

export type { Reading, RefusalKind, RefusedReading, ResponseStatus, ScoredReading } from './questionnaire-reading.ts';

/** Data of a QuestionnaireSubmitted event: plain answers in the order of the items, or a FHIR resource. */
export type QuestionnaireData =
  | { readonly measure: string; readonly answers: readonly (number | null)[] }
  | { readonly fhir: unknown };

function measureCalled(name: unknown, measures: readonly Measure[]): Measure | null {
  return measures.find((measure) => measure.id === name || measure.names.some((other) => other === name)) ?? null;
}

function readPlain(name: unknown, stated: unknown, measures: readonly Measure[]): Reading {
  const header = { responseKey: null, status: 'completed' } as const;
  const measure = measureCalled(name, measures);
  const list = listOf(stated);
  if (measure === null) {
    const nameGiven = textOf(name)?.slice(0, longestName) ?? '';
    const reason = 'The clinic has no measure of this name: add it to clinic/measures, or send one of its measures.';
    return {
      outcome: 'refused',
      kind: 'unknown-measure',
      reason,
      answers: [],
      // A mistyped name must not hide the answer that matters: it is looked for where the name seems to mean a measure.
      ...safetyOf(measures.find((one) => one.safetyItem !== null && namesMeasure(nameGiven, one)) ?? null, list),
      ...header,
    };
  }
  const { min, max } = measure.range;
  // A plain answer is a number and nothing else; the scale is asked only for the worst a safety answer can mean.
  const answers = measure.items.map((_, index) => {
    const answer = list[index];
    return typeof answer === 'number' && Number.isInteger(answer) && answer >= min && answer <= max ? answer : null;
  });
  const missing = measure.items.map(({ number }) => number).filter((number) => (list[number - 1] ?? null) === null);
  const faulty = measure.items
    .map(({ number }) => number)
    .filter((number) => answers[number - 1] === null && !missing.includes(number));
  const safety = safetyOf(measure, list);
  const refuse = (kind: RefusalKind, reason: string): Reading => ({
    outcome: 'refused',
    kind,
    reason,
    answers,
    ...safety,
    ...(missing.length > 0 ? { missing } : {}),
    ...header,
  });
  if (list.length !== measure.items.length) {
    return refuse(
      'unreadable',
      `${measure.title} has ${measure.items.length} items: send as many answers, null where one is missing.`,
    );
  }
  if (faulty.length > 0) {
    return refuse(
      'unreadable',
      `Answers could not be read. item ${faulty.join(', ')}: send a whole number from ${min} to ${max}, or null.`,
    );
  }
  const total = totalOf(answers);
  if (total === null) {
    return refuse(
      'incomplete',
      `No total: item ${missing.join(', ')} not answered. A missing answer never counts as 0.`,
    );
  }
  return {
    outcome: 'scored',
    measure: measure.id,
    answers: answers.filter((answer) => answer !== null),
    total,
    band: bandOf(measure, total),
    item9: safety.item9,
    ...header,
  };
}

/** Characters of a measure's name that are looked at. */
const longestName = 64;

/** What a list of plain answers says of a measure's safety item: the worst it can mean. */
function safetyOf(
  measure: Measure | null,
  list: readonly unknown[],
): Pick<RefusedReading, 'measure' | 'item9' | 'item9Unread'> {
  if (measure === null) return { measure: null, item9: null, item9Unread: false };
  const answer = list.filter((_, index) => index + 1 === measure.safetyItem);
  const { worst, isAnswered } = readAnswers(answer, answerScale(measure, measure.safetyItem ?? 0, []), null);
  return { measure: measure.id, item9: worst, item9Unread: isAnswered && worst === null };
}

/**
 * Reads one questionnaire: a total where everything is unambiguous, else a refusal with the reason and what could be
 * read of the safety item. Pure and total: it never throws, whatever JSON stands in `data`. A missing item is never 0.
 */
export function readQuestionnaire(data: QuestionnaireData | JsonObject, measures: readonly Measure[]): Reading {
  const given: JsonObject = isJsonObject(data) ? data : {};
  if ('fhir' in given) return readFhir(given['fhir'], measures);
  return readPlain(given['measure'], given['answers'], measures);
}
