import * as z from 'zod';

/*
 * What the vendor's door answers, in one place for its code and its published description. No answer repeats a value that came,
 * but for the id of an event that was taken.
 */

const faultSchema = z.strictObject({
  path: z.string().describe('which attribute or field, such as `data.module`; empty: the whole'),
  message: z.string().describe('what is wrong with it, and what to write instead'),
});

const faults = z.array(faultSchema).describe('what is wrong and where, at most 20');
const setAside = z.boolean().describe('whether the clinic keeps the event, encrypted, for repair');

const acceptedSchema = z.strictObject({
  id: z.string().describe('the id of the event'),
  status: z.literal('accepted').describe('it can no longer be lost, and takes effect in moments'),
});

const refusedSchema = z.strictObject({
  status: z.literal('refused').describe('it takes no effect'),
  setAside,
  faults,
});

/** What became of each event of a request. */
export const resultsSchema = z.strictObject({
  results: z
    .array(z.discriminatedUnion('status', [acceptedSchema, refusedSchema]))
    .describe('one for each event, in the order of the request'),
});

/** Why a request as a whole was refused. */
export const refusalSchema = z.strictObject({
  message: z.string().describe('what happened, for a person'),
  setAside,
  faults,
});

export type Results = z.output<typeof resultsSchema>;
export type Refusal = z.output<typeof refusalSchema>;
