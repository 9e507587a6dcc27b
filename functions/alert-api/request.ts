import * as z from 'zod';
import { outcomeSchema, snoozeReasons } from '../domain/alert-outcome.ts';
import { instantSchema } from '../domain/event.ts';
import { type Fault, faultsOf, inOurWords, listed } from '../domain/event-fault.ts';

/** A request as API Gateway hands it over, without what nobody here needs. */
export interface ApiRequest {
  /** Such as "GET /api/alerts/{id}". */
  readonly route: string;
  /** What stands for {id}. */
  readonly alertId: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
  /** The network address it came from. */
  readonly from: string;
  /** Who is signed in, as the check of the sign-in says; undefined: the route is for anybody. */
  readonly signedIn: { readonly staff: string; readonly roles: readonly string[] } | undefined;
}

/** The largest body of an answer to an alert, in bytes. */
export const largestBodyBytes = 16 * 1024;

/** An alert's id, as every alert has one. */
export const alertIdPattern = /^a-[0-9a-f]{26}$/;

const version = z
  .int('write the version that was read')
  .min(1, 'write the version that was read')
  .max(999_999_999, 'write the version that was read');

/** What a body says, by the kind of answer. */
export const answerSchemas = {
  acknowledge: z.strictObject({ version }),
  snooze: z.strictObject({ version, until: instantSchema, reason: z.enum(snoozeReasons) }),
  resolve: z.strictObject({ version, outcome: outcomeSchema }),
};

/** A body that cannot be taken: too large, or with faults, which say where and what to write instead and quote nothing. */
export type BodyFault = { readonly tooLarge: true } | { readonly faults: readonly Fault[] };

/** Reads a JSON body by its schema. */
export function readBody<T extends z.ZodType>(
  schema: T,
  { body = '', isBase64Encoded, contentType = '' }: ApiRequest,
): { readonly value: z.output<T> } | BodyFault {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > largestBodyBytes) return { tooLarge: true };
  if (!/^application\/json(;|$)/i.test(contentType.trim()))
    return { faults: [{ path: '', message: 'is no JSON: send it as content-type application/json' }] };
  let written: unknown;
  try {
    written = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { faults: [{ path: '', message: 'is no JSON: write an object in braces' }] };
  }
  const parsed = schema.safeParse(written, { error: words });
  return parsed.success ? { value: parsed.data } : { faults: listed(faultsOf(parsed.error.issues)) };
}

const outcomeCodes = outcomeSchema.options.map(({ shape }) => shape.code.value).join(', ');

/** The only union here is that of the outcomes. */
const words: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'invalid_union' ? `write one of ${outcomeCodes}` : inOurWords(issue);
