import * as z from 'zod';
import type { Measure } from './measure.ts';
import { factorNames, factors } from './risk-factors.ts';

/** The most points of a bucket. More would say nothing that fewer could not say as well. */
export const mostPoints = 100;

/** Of values from `from` on, up to the next bucket: so many points. */
const bucketSchema = z.strictObject({
  from: z.int('write a whole number').describe('the lowest value of this bucket, in the unit of the factor'),
  points: z
    .int('write a whole number of points')
    .min(-mostPoints, `write -${mostPoints} or more`)
    .max(mostPoints, `write at most ${mostPoints}`)
    .describe('what a value in this bucket adds to the score; 0 keeps the reason off the list'),
});
export type Bucket = z.output<typeof bucketSchema>;

const sentence = (what: string) => z.string().min(1, `write ${what}`).max(300, `${what}: write at most 300 characters`);

const factorRuleSchema = z
  .strictObject({
    factor: z.enum(factorNames).describe('what is looked at'),
    measure: z.string().optional().describe('the id of the questionnaire, where the factor looks at one'),
    reason: sentence('the reason for the therapist')
      .regex(/^(?!.*\{(?!(value|range|measure)\}))/, 'write no placeholders but {value}, {range} and {measure}')
      .describe('the reason in words; {value}, {range} and {measure} are filled in'),
    plain: sentence('the reason for the patient')
      .regex(/^[^{}\d]*$/, 'write plain words, without numbers and placeholders')
      .describe('the reason for the patient: short words, no numbers'),
    source: sentence('the source').describe('where the factor and its points come from'),
    buckets: z.array(bucketSchema).min(1, 'write at least one bucket').describe('values, ascending, with their points'),
  })
  .superRefine(({ factor, measure, buckets }, context) => {
    const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (factors[factor].perMeasure && measure === undefined)
      report(['measure'], 'name the measure this factor looks at');
    if (!factors[factor].perMeasure && measure !== undefined)
      report(['measure'], 'leave it out: this factor looks at none');
    buckets.forEach(({ from }, index) => {
      const before = buckets[index - 1];
      if (before !== undefined && from <= before.from)
        report(['buckets', index, 'from'], 'write a value above that of the bucket before it');
    });
  });
export type FactorRule = z.output<typeof factorRuleSchema>;

/** What a scorecard can be fitted to foresee. */
export const fitOutcomes = ['dropout', 'no-response', 'deterioration'] as const;

const share = () => z.number('write a number').min(0, 'write 0 or more').max(1, 'write at most 1');
const people = () => z.int('write a whole number').min(0, 'write 0 or more');

/** Where fitted points come from, and how they did for patients they were not learned from. */
const fittedSchema = z.strictObject({
  on: z.iso.date('write a date, such as 2026-03-02').describe('the day of the fit'),
  data: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'write "sha256:" and 64 hex digits, as the fit wrote it')
    .describe('the hash of the events learned from'),
  outcome: z.enum(fitOutcomes).describe('what the points are to foresee'),
  week: z.int('write a whole number').min(1, 'write 1 or more').describe('at the end of which week it is told'),
  patients: people().describe('how many patients were learned from'),
  events: people().describe('how many of them had the outcome'),
  simulated: z.boolean('write true or false').describe('whether the patients were made up'),
  sensitivity: share().describe('of those with the outcome, the share that was red, cross-validated'),
  specificity: share().describe('of those without, the share that was not red, cross-validated'),
  balancedAccuracy: share().describe('the mean of the two'),
});
export type Fitted = z.output<typeof fittedSchema>;

const scorecardSchema = z
  .strictObject({
    fitted: fittedSchema
      .optional()
      .describe(
        'where fitted points come from, as "tandem evaluate --fit" writes it; leave it out after a change by hand',
      ),
    levels: z
      .strictObject({
        yellow: z.int('write a whole number').min(1, 'write 1 or more').describe('the lowest score that is yellow'),
        red: z.int('write a whole number').describe('the lowest score that is red'),
      })
      .describe('from which score on a patient is yellow or red'),
    factors: z
      .array(factorRuleSchema)
      .min(1, 'list at least one factor')
      .describe('what is looked at, with its points'),
  })
  .superRefine(({ levels, factors: rules }, context) => {
    const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (levels.red <= levels.yellow) report(['levels', 'red'], 'write a score above yellow');
    const most = rules.reduce((sum, rule) => sum + Math.max(0, ...rule.buckets.map(({ points }) => points)), 0);
    if (levels.red > most) report(['levels', 'red'], `write at most ${most}, all the points that can come together`);
    rules.forEach((rule, index) => {
      if (rules.findIndex((other) => factorName(other) === factorName(rule)) < index)
        report(['factors', index, 'factor'], 'is listed twice: keep one');
    });
  });
export type Scorecard = z.output<typeof scorecardSchema>;

/** rules.yaml, `risk`: the two scorecards. Points are added up; their sum is the score; the score gives the level. */
export const riskRulesSchema = z.strictObject({
  basis: sentence('what the points rest on').describe('what the points rest on, shown with every explanation'),
  dropout: scorecardSchema.describe('who may leave the programme'),
  deterioration: scorecardSchema.describe('who is getting worse, or not better'),
});
export type RiskRules = z.output<typeof riskRulesSchema>;

/** The name a factor has in an assessment: "silence", "worse-than-start:phq-9". One name for each scorecard. */
export function factorName({ factor, measure }: Pick<FactorRule, 'factor' | 'measure'>): string {
  return measure === undefined ? factor : `${factor}:${measure}`;
}

/** What of the rules does not fit the clinic's measures: the path within `risk`, and what to write instead. */
export function riskRulesFaults(
  rules: RiskRules,
  measures: readonly Measure[],
): { path: (string | number)[]; message: string }[] {
  return (['dropout', 'deterioration'] as const).flatMap((card) =>
    rules[card].factors.flatMap(({ factor, measure: id }, index) => {
      if (id === undefined) return [];
      const measure = measures.find((one) => one.id === id);
      const missing = measure === undefined ? 'is no measure of this clinic' : factors[factor].missingIn?.(measure);
      if (!missing) return [];
      return [
        { path: [card, 'factors', index, 'measure'], message: `${missing}: name another, or leave the factor out` },
      ];
    }),
  );
}
