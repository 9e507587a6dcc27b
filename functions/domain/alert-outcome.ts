import * as z from 'zod';
import { instantSchema } from './event.ts';

const words = (what: string) =>
  z.string().trim().min(1, `write ${what}`).max(500, `${what}: write at most 500 characters`);

/** What became of an alert, as the person who answers says it. It feeds the report on which alerts were worth raising. */
export const outcomeSchema = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('reached') }).describe('The patient was spoken with.'),
  z
    .strictObject({ code: z.literal('not-reached'), nextTry: instantSchema.describe('when it is tried again') })
    .describe('The patient could not be reached: the alert stays open until the next try.'),
  z.strictObject({ code: z.literal('plan-adapted') }).describe('The plan was adapted with the patient.'),
  z.strictObject({ code: z.literal('live-session-booked') }).describe('A live session is booked.'),
  z
    .strictObject({
      code: z.literal('referred'),
      disclosure: z
        .strictObject({
          recipient: words('who received it').describe('name of who received it, and the address if known'),
          what: words('what was disclosed').describe('a brief description of what was disclosed'),
          purpose: words('the purpose').describe('the purpose of the disclosure'),
        })
        .nullable()
        .describe('45 CFR 164.528(b)(2); null: the referral is part of the treatment, which needs no accounting'),
    })
    .describe('The patient was referred to somebody else.'),
  z.strictObject({ code: z.literal('known-and-planned') }).describe('Known already, and part of the plan.'),
  z
    .strictObject({ code: z.literal('no-action-needed'), why: words('why').describe('why nothing has to be done') })
    .describe('Nothing has to be done.'),
]);
export type Outcome = z.output<typeof outcomeSchema>;

/** Why an alert is put off. Codes, so that nothing about a patient is typed where it does not belong. */
export const snoozeReasons = ['in-contact', 'session-booked', 'waiting-for-information', 'more-urgent-first'] as const;
export type SnoozeReason = (typeof snoozeReasons)[number];
