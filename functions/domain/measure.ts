import * as z from 'zod';

/** One code as FHIR writes it: the code system's address and the code. */
const codingSchema = z.strictObject({
  system: z.string().min(1, 'write the address of the code system, e.g. http://loinc.org'),
  code: z.string().min(1, 'write the code'),
});

/** One answer code and the points it stands for. Without `system` it holds whatever system the sender writes. */
const answerCodeSchema = z.strictObject({
  system: z.string().min(1).optional(),
  code: z.string().min(1, 'write the answer code'),
  value: z.int('write the whole number of points this answer stands for'),
});

const itemSchema = z.strictObject({
  number: z.int('write the item number, counted from 1'),
  codes: z.array(codingSchema).default([]),
  /** Answer codes that hold for this item only. */
  answers: z.array(answerCodeSchema).default([]),
});

const bandSchema = z.strictObject({
  from: z.int('write the lowest total of the band'),
  to: z.int('write the highest total of the band'),
  name: z.string().min(1, 'write the name of the band'),
});

/** What a question of a form is: the number of an item, the printed total, or a question that is never counted. */
const formRoleSchema = z.union([z.int(), z.enum(['total', 'difficulty', 'ignore'])], {
  error: 'write an item number, or total, difficulty or ignore',
});

const formSchema = z.strictObject({
  name: z.string().min(1, 'write a name for the form'),
  questionnaires: z.array(z.string().min(1)).default([]),
  identifiers: z.array(z.strictObject({ system: z.string().min(1), value: z.string().min(1).optional() })).default([]),
  items: z.record(z.string().min(1), formRoleSchema),
  answers: z.array(answerCodeSchema).default([]),
});

const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'write small letters and digits, joined by single hyphens, e.g. phq-9');

const shapeSchema = z.strictObject({
  id: nameSchema,
  title: z.string().min(1, 'write the title people know the measure by'),
  version: z.string().min(1, 'write a version in quotes, e.g. "1"'),
  /** Other spellings of the id. They name an unmapped form in a refusal and never lead to a total. */
  names: z.array(nameSchema).default([]),
  /** Points of one item, both ends included. */
  range: z.strictObject({ min: z.int(), max: z.int() }),
  items: z.array(itemSchema).min(1, 'write at least one item'),
  answers: z.array(answerCodeSchema).default([]),
  /** Codes of the whole questionnaire; a number under one of them is read as a printed total. */
  panel: z.array(codingSchema).default([]),
  /** Codes of the printed total, which is a check and never the source. */
  total: z.array(codingSchema).default([]),
  /** What stands beside the items and is never added. */
  difficulty: z
    .strictObject({ items: z.array(codingSchema).default([]), answers: z.array(codingSchema).default([]) })
    .default({ items: [], answers: [] }),
  /** Codes that belong to a shorter or related measure, such as the PHQ-2's total. */
  notThisMeasure: z.array(codingSchema).default([]),
  direction: z.enum(['higher-is-worse', 'higher-is-better'], {
    error: 'write higher-is-worse or higher-is-better',
  }),
  bands: z.array(bandSchema).min(1, 'write at least one band'),
  /** Number of the item that is looked at on arrival, whatever becomes of the total; a higher value is worse. */
  safetyItem: z.int().nullable().default(null),
  /** Points between two totals from which a change is more than measurement error, and where the figure comes from. */
  reliableChange: z
    .strictObject({ points: z.number().positive(), source: z.string().min(1) })
    .nullable()
    .default(null),
  /** The first total, coming from the good side, that counts as a case. */
  caseness: z.int().nullable().default(null),
  /** The first total, coming from the good side, that no longer counts as remission. */
  remission: z.int().nullable().default(null),
  /** Points of improvement that count as a response. */
  response: z.number().positive().nullable().default(null),
  /** Licence notice that must stand wherever the codes are shown. */
  notice: z.string().nullable().default(null),
  forms: z.array(formSchema).default([]),
});

/** One measure: items, range, codes, bands and thresholds. All of it is the clinic's data. */
export type Measure = z.infer<typeof shapeSchema>;
export type MeasureForm = Measure['forms'][number];
export type AnswerCode = z.infer<typeof answerCodeSchema>;
export type Coding = z.infer<typeof codingSchema>;

type Report = (path: (string | number)[], message: string) => void;

/** Lowest and highest total of a complete questionnaire, both reachable. */
export function totalRange(measure: Pick<Measure, 'items' | 'range'>): { min: number; max: number } {
  return { min: measure.items.length * measure.range.min, max: measure.items.length * measure.range.max };
}

function checkItems(measure: Measure, report: Report): void {
  if (measure.range.min >= measure.range.max) report(['range'], 'write a max above the min');
  measure.items.forEach((item, index) => {
    if (item.number !== index + 1)
      report(['items', index, 'number'], `write ${index + 1}: items are numbered in order`);
  });
  const { safetyItem } = measure;
  if (safetyItem !== null && (safetyItem < 1 || safetyItem > measure.items.length)) {
    report(['safetyItem'], `write the number of an item, 1 to ${measure.items.length}, or leave the line out`);
  }
}

/** A code that is used for two things would make every response that holds it ambiguous. */
function checkQuestionCodes(measure: Measure, report: Report): void {
  const lists: [(string | number)[], Coding[]][] = [
    ...measure.items.map((item, index): [(string | number)[], Coding[]] => [['items', index, 'codes'], item.codes]),
    [['panel'], measure.panel],
    [['total'], measure.total],
    [['difficulty', 'items'], measure.difficulty.items],
    [['notThisMeasure'], measure.notThisMeasure],
  ];
  const seen = new Set<string>();
  for (const [path, codes] of lists) {
    codes.forEach(({ code }, index) => {
      if (seen.has(code)) report([...path, index, 'code'], `code ${code} stands twice: keep it at one question only`);
      seen.add(code);
    });
  }
}

function checkAnswerCodes(measure: Measure, report: Report): void {
  const { min, max } = measure.range;
  const check = (path: (string | number)[], codes: AnswerCode[], inherited: AnswerCode[]): void => {
    codes.forEach((entry, index) => {
      if (entry.value < min || entry.value > max)
        report([...path, index, 'value'], `write a value from ${min} to ${max}`);
      const clash = [...inherited, ...codes.slice(0, index)].some(
        (other) => other.code === entry.code && other.system === entry.system && other.value !== entry.value,
      );
      if (clash) report([...path, index, 'value'], `answer code ${entry.code} already has another value: keep one`);
    });
  };
  check(['answers'], measure.answers, []);
  measure.items.forEach((item, index) => {
    check(['items', index, 'answers'], item.answers, measure.answers);
  });
  measure.forms.forEach((form, index) => {
    check(['forms', index, 'answers'], form.answers, measure.answers);
  });
}

function checkBands(measure: Measure, report: Report): void {
  const { min, max } = totalRange(measure);
  let next = min;
  measure.bands.forEach((band, index) => {
    if (band.from !== next) {
      report(
        ['bands', index, 'from'],
        `write ${next}: bands follow each other without a gap or an overlap from ${min} to ${max}`,
      );
    }
    if (band.to < band.from)
      report(['bands', index, 'to'], `write ${band.from} or more: a band ends where it starts or above`);
    next = band.to + 1;
  });
  if (next !== max + 1) {
    report(['bands', measure.bands.length - 1, 'to'], `write ${max}: the last band ends at the highest total, ${max}`);
  }
  for (const threshold of ['caseness', 'remission'] as const) {
    const value = measure[threshold];
    if (value !== null && (value < min || value > max)) report([threshold], `write a total from ${min} to ${max}`);
  }
}

function checkForms(measure: Measure, report: Report): void {
  const names = new Set<string>();
  measure.forms.forEach((form, index) => {
    if (names.has(form.name))
      report(['forms', index, 'name'], `form ${form.name} is listed twice: give each form its own name`);
    names.add(form.name);
    if (form.questionnaires.length + form.identifiers.length === 0) {
      report(['forms', index], 'write questionnaires or identifiers: how else would a response of this form be known');
    }
    const mapped = Object.entries(form.items).filter(([, role]) => typeof role === 'number');
    for (const [linkId, role] of mapped) {
      if (!measure.items.some((item) => item.number === role)) {
        report(['forms', index, 'items', linkId], `item ${role} does not exist: write 1 to ${measure.items.length}`);
      }
    }
    for (const { number } of measure.items) {
      const count = mapped.filter(([, role]) => role === number).length;
      if (count !== 1) report(['forms', index, 'items'], `give item ${number} exactly one link id, not ${count}`);
    }
  });
}

/** The schema of one file in clinic/measures. Unknown keys are refused; each message says what to write instead. */
export const measureSchema = shapeSchema.superRefine((measure, context) => {
  const report: Report = (path, message) => {
    context.addIssue({ code: 'custom', path, message });
  };
  checkItems(measure, report);
  checkQuestionCodes(measure, report);
  checkAnswerCodes(measure, report);
  checkBands(measure, report);
  checkForms(measure, report);
});

/** Sum of the answers in points, or null while any of them is missing: a missing item is never 0. */
export function totalOf(answers: readonly (number | null)[]): number | null {
  let total = 0;
  for (const answer of answers) {
    if (answer === null) return null;
    total += answer;
  }
  return total;
}

/** Name of the band a total lies in. The schema lets the bands cover every total the measure can have. */
export function bandOf(measure: Pick<Measure, 'bands'>, total: number): string {
  return measure.bands.reduce((name, band) => (total >= band.from ? band.name : name), '');
}

type Threshold = Pick<Measure, 'direction'>;

function isAtOrWorse(measure: Threshold, total: number, threshold: number): boolean {
  return measure.direction === 'higher-is-worse' ? total >= threshold : total <= threshold;
}

/** Whether a total reaches caseness, or null where the measure has no such threshold. */
export function isCase(measure: Threshold & Pick<Measure, 'caseness'>, total: number): boolean | null {
  return measure.caseness === null ? null : isAtOrWorse(measure, total, measure.caseness);
}

/** Whether a total lies in remission, or null where the measure has no such threshold. */
export function isInRemission(measure: Threshold & Pick<Measure, 'remission'>, total: number): boolean | null {
  return measure.remission === null ? null : !isAtOrWorse(measure, total, measure.remission);
}

/** Points by which `to` is better than `from`; negative where it is worse. */
export function improvement(measure: Threshold, from: number, to: number): number {
  return measure.direction === 'higher-is-worse' ? from - to : to - from;
}
