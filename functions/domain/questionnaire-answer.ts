import { codingsOf, isJsonObject, isSameSystem, type JsonObject, listOf, objectsOf, textOf } from './fhir-json.ts';
import type { AnswerCode, Measure, MeasureForm } from './measure.ts';

/** Why an answer to an item cannot be counted. */
export type AnswerFault =
  | 'unknown-code'
  | 'foreign-code'
  | 'out-of-range'
  | 'free-text'
  | 'other-kind'
  | 'disagree'
  | 'two-items';

/** What one question's answers say. An answered question has a value or a fault; `worst` is for the safety item only. */
export interface AnswerReading {
  readonly isAnswered: boolean;
  /** Every reading that counts, in points: code, weight and number each give one. */
  readonly values: ReadonlySet<number>;
  readonly faults: ReadonlySet<AnswerFault>;
  /** The highest points that anything in the answer can mean, inside the range; null where nothing can be read. */
  readonly worst: number | null;
}

/** The answers one item can have: the measure's, the item's own and those of the forms in force. */
export interface AnswerScale {
  readonly min: number;
  readonly max: number;
  readonly codes: readonly AnswerCode[];
  /** Codes the measure knows, but not as an answer to this item. */
  readonly foreign: ReadonlySet<string>;
}

/** The scale of an item of a measure, with the local answer codes of the given forms of that measure. */
export function answerScale(measure: Measure, item: number, forms: readonly MeasureForm[]): AnswerScale {
  const own = measure.items.filter(({ number }) => number === item).flatMap(({ answers }) => answers);
  return {
    ...measure.range,
    codes: [...measure.answers, ...own, ...forms.flatMap(({ answers }) => answers)],
    foreign: new Set([
      ...measure.items.flatMap(({ answers }) => answers.map(({ code }) => code)),
      ...measure.difficulty.answers.map(({ code }) => code),
    ]),
  };
}

/** Extensions that carry the points of an answer, by the last part of their address (FHIR R4, R5, STU3). */
const WEIGHT_EXTENSIONS = new Set([
  'ordinalValue',
  'itemWeight',
  'questionnaire-ordinalValue',
  'codesystem-ordinalValue',
  'valueset-ordinalValue',
  'iso21090-CO-value',
]);

function valueKeys(holder: JsonObject): string[] {
  return Object.keys(holder).filter((key) => key.startsWith('value') && holder[key] !== null);
}

function weightsOf(holder: JsonObject): unknown[] {
  const extensions = objectsOf(holder['extension']).filter(({ url }) =>
    WEIGHT_EXTENSIONS.has(textOf(url)?.split('/').at(-1) ?? ''),
  );
  return extensions.flatMap((extension) => valueKeys(extension).map((key) => extension[key]));
}

/** Options of a contained question that are looked at; a scale has far fewer. */
const MAX_OPTIONS = 100;

/** Weights the form's own contained definition gives to the option with this coding's code. */
function optionWeights(coding: JsonObject, definition: JsonObject | null): unknown[] {
  if (definition === null) return [];
  const options = [...objectsOf(definition['answerOption']), ...objectsOf(definition['option'])];
  return options.slice(0, MAX_OPTIONS).flatMap((option) =>
    objectsOf(option['valueCoding'])
      .filter(({ code }) => textOf(code) !== null && textOf(code) === textOf(coding['code']))
      .flatMap((optionCoding) => [...weightsOf(option), ...weightsOf(optionCoding)]),
  );
}

/** A number, a quantity's number, or a text that is nothing but one. Good for a check or the safety item, not a score. */
export function numberIn(value: unknown): number | null {
  const plain = isJsonObject(value) ? value['value'] : value;
  if (typeof plain === 'number') return plain;
  const text = textOf(plain);
  return text !== null && /^\d{1,6}([.,]\d{1,6})?$/.test(text) ? Number(text.replace(',', '.')) : null;
}

/** Gathers what the answers of one question say. */
class Collector {
  readonly values = new Set<number>();
  readonly faults = new Set<AnswerFault>();
  worst: number | null = null;
  readonly scale: AnswerScale;

  constructor(scale: AnswerScale) {
    this.scale = scale;
  }

  /** A number that counts if it is whole and in range. */
  count(value: unknown): void {
    this.suspect(value);
    if (typeof value === 'number' && Number.isInteger(value) && value >= this.scale.min && value <= this.scale.max) {
      this.values.add(value);
    } else {
      this.faults.add('out-of-range');
    }
  }

  /** A number that does not count, but might be what the patient meant. Above the range means the worst answer. */
  suspect(value: unknown): void {
    const number = numberIn(value);
    if (number === null || number < this.scale.min) return;
    this.worst = Math.max(this.worst ?? this.scale.min, Math.min(Math.ceil(number), this.scale.max));
  }
}

function readCoding(coding: JsonObject, isWeighted: boolean, into: Collector): AnswerFault | null {
  const code = textOf(coding['code']);
  const system = textOf(coding['system']);
  const { codes, foreign } = into.scale;
  const isOf = (entry: AnswerCode): boolean =>
    system === null || entry.system === undefined || isSameSystem(entry.system, system);
  const known = codes.filter((entry) => entry.code === code);
  const fitting = known.filter(isOf);
  for (const entry of fitting) into.count(entry.value);
  if (fitting.length > 0) return null;
  for (const entry of known) into.suspect(entry.value);
  if (known.length > 0 || (code !== null && foreign.has(code))) return 'foreign-code';
  into.suspect(code);
  // A code that the measure's own system does not give to this item means something else, whatever its weight says.
  const isOwnSystem = system !== null && codes.some((entry) => entry.system !== undefined && isOf(entry));
  return isWeighted && !isOwnSystem ? null : 'unknown-code';
}

function readCodings(codings: JsonObject[], isWeighted: boolean, definition: JsonObject | null, into: Collector): void {
  const faults = codings.map((coding) => {
    const weights = [...weightsOf(coding), ...optionWeights(coding, definition)];
    for (const weight of weights) into.count(weight);
    return readCoding(coding, isWeighted || weights.length > 0, into);
  });
  // Beside a coding that is understood, a translation into an unknown code does no harm; a foreign one contradicts it.
  const isUnderstood = faults.includes(null);
  for (const fault of faults) if (fault === 'foreign-code' || (fault !== null && !isUnderstood)) into.faults.add(fault);
}

/** Reads one answer; true where it holds anything at all. */
function readAnswer(answer: JsonObject, definition: JsonObject | null, into: Collector): boolean {
  const weights = weightsOf(answer);
  for (const weight of weights) into.count(weight);
  const keys = valueKeys(answer);
  for (const key of keys) {
    const value = answer[key];
    if (key === 'valueCoding' || key === 'valueCodeableConcept') {
      readCodings(codingsOf(value), weights.length > 0, definition, into);
    } else if (key === 'valueInteger' || key === 'valueDecimal') {
      into.count(value);
    } else {
      into.suspect(value);
      into.faults.add(key === 'valueString' ? 'free-text' : 'other-kind');
    }
  }
  return keys.length + weights.length > 0;
}

/**
 * Reads all answers of one question against an item's scale. `definition` is the question in a contained
 * Questionnaire. An absent or empty answer is not an answer. Display texts are never looked at.
 */
export function readAnswers(
  answers: readonly unknown[],
  scale: AnswerScale,
  definition: JsonObject | null,
): AnswerReading {
  const into = new Collector(scale);
  let isAnswered = false;
  for (const answer of answers) {
    if (isJsonObject(answer)) {
      isAnswered = readAnswer(answer, definition, into) || isAnswered;
    } else if (answer !== null) {
      into.suspect(answer);
      into.faults.add('other-kind');
      isAnswered = true;
    }
  }
  if (isAnswered && into.values.size + into.faults.size === 0) into.faults.add('unknown-code');
  return { isAnswered, values: into.values, faults: into.faults, worst: into.worst };
}

/** The numbers printed as answers of one question; null stands for an answer that is not a whole number. */
export function printedNumbers(question: JsonObject): (number | null)[] {
  return listOf(question['answer']).flatMap((answer) => {
    if (!isJsonObject(answer)) return [null];
    return valueKeys(answer).map((key) => {
      const number = key === 'valueCoding' ? null : numberIn(answer[key]);
      return number !== null && Number.isInteger(number) ? number : null;
    });
  });
}
