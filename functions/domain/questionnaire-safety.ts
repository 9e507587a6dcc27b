import { allObjects, type JsonObject, listOf, textOf } from './fhir-json.ts';
import type { Measure } from './measure.ts';
import { type AnswerReading, answerScale, readAnswers } from './questionnaire-answer.ts';
import {
  identify,
  type MatchedForm,
  namesMeasure,
  numberAtEnd,
  type QuestionnaireReference,
} from './questionnaire-identity.ts';

/** What could be learnt about safety items anywhere in a resource. */
export interface SafetyReading {
  /** The worst any answer to a safety item can mean, in points; null where none was found or understood. */
  readonly worst: number | null;
  /** The measure whose safety item was answered, the worst answer's where there are several; null where there is none. */
  readonly measure: Measure | null;
  /** True where a safety item was answered, yet nothing of any such answer could be read. */
  readonly isUnread: boolean;
  /** False where the resource was too large to be looked through. */
  readonly isWhole: boolean;
}

type SafetyAnswer = AnswerReading & { readonly measure: Measure };

/** Whether an object could be a question or an observation; a coding, whose code is a text, is neither. */
function isQuestionLike(node: JsonObject): boolean {
  return 'linkId' in node || 'definition' in node || typeof node['code'] === 'object';
}

/**
 * Looks through a whole resource for answers to the measures' safety items, also where the response is refused, is of
 * another kind, or is built against the rules. Doubtful readings count here and only here: the worst of them holds.
 *
 * Where no question known to be the safety item is answered, but form or link id name a measure that has one, the
 * question whose link id ends in the item's number is taken for it. A number must then be in range: it could be a total.
 */
export function sweepSafetyItems(
  resource: unknown,
  measures: readonly Measure[],
  matched: readonly MatchedForm[],
  definitions: ReadonlyMap<string, JsonObject>,
  reference: QuestionnaireReference,
): SafetyReading {
  const { objects, isWhole } = allObjects(resource);
  const known: SafetyAnswer[] = [];
  const guesses: SafetyAnswer[] = [];
  for (const node of objects.filter(isQuestionLike)) {
    const linkId = textOf(node['linkId']) ?? '';
    const definition = definitions.get(linkId) ?? null;
    const identities = identify(node, measures, matched, definition);
    const answers = [...listOf(node['answer']), node];
    for (const measure of measures) {
      const { safetyItem } = measure;
      if (safetyItem === null) continue;
      const read = (): SafetyAnswer => {
        const forms = matched.filter((match) => match.measure === measure).map(({ form }) => form);
        return { measure, ...readAnswers(answers, answerScale(measure, safetyItem, forms), definition) };
      };
      if (identities.some((identity) => identity.measure === measure && identity.role === safetyItem)) {
        known.push(read());
      } else if (
        identities.length === 0 &&
        numberAtEnd(linkId) === safetyItem &&
        [linkId, ...reference.addresses].some((text) => namesMeasure(text, measure))
      ) {
        const guess = read();
        if (guess.values.size > 0 || !guess.faults.has('out-of-range')) guesses.push(guess);
      }
    }
  }
  const isAnswered = (reading: SafetyAnswer): boolean => reading.isAnswered;
  const answered = (known.some(isAnswered) ? known : guesses).filter(isAnswered);
  const [worst] = answered.toSorted((a, b) => (b.worst ?? -1) - (a.worst ?? -1));
  if (worst === undefined) return { worst: null, measure: null, isUnread: false, isWhole };
  return { worst: worst.worst, measure: worst.measure, isUnread: worst.worst === null, isWhole };
}
