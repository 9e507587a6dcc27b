import * as z from 'zod';

const count = (least: number, most: number) =>
  z.int('write a whole number').min(least, `write ${least} or more`).max(most, `write at most ${most}`);

/** What the access review points at. Simple rules that anybody can recompute; whoever reviews decides what is wrong. */
export const accessReviewRulesSchema = z.strictObject({
  patientsInAnHour: count(1, 10_000)
    .default(20)
    .describe('how many patients one person may look at within an hour before the review points at it'),
  timesOwnMedian: count(1, 1000)
    .default(3)
    .describe("how many times a person's own median day a day may hold before the review points at it"),
  fewestInADay: count(1, 10_000)
    .default(10)
    .describe('a day with fewer records than this is never compared with the median'),
  medianDays: count(1, 365).default(56).describe('how many days before it a day is compared with'),
});
export type AccessReviewRules = z.output<typeof accessReviewRulesSchema>;
