import { Temporal } from 'temporal-polyfill';
import * as z from 'zod';
import type { AuditEntry, AuditRecord } from './audit-chain.ts';
import { instantSchema } from './event.ts';
import type { Instant } from './instant.ts';

/** The action of a record that somebody wrote by hand about a disclosure. */
export const disclosureAction = 'disclosure.record';

/** 45 CFR 164.528(a)(1): a patient may ask about six years. */
export const accountingYears = 6;

const words = (what: string) =>
  z.string().trim().min(1, `write ${what}`).max(500, `${what}: write at most 500 characters`);

const toThePatient = /^(the )?(patient|individual)( (him|her|them)sel(f|ves))?$/i;
const needsNoAccounting = /^(for )?(treatment|payment|(health ?care )?operations)$/i;

/** A disclosure as a person writes it down. 45 CFR 164.528(a)(1) names what needs no accounting; that is refused. */
export const disclosureSchema = z.strictObject({
  at: instantSchema.describe('when it was made'),
  recipient: words('who received it').refine(
    (text) => !toThePatient.test(text),
    'what the patient received needs no accounting, 45 CFR 164.528(a)(1)(ii)',
  ),
  address: words('the address of the recipient').nullable(),
  what: words('what was disclosed'),
  purpose: words('the purpose').refine(
    (text) => !needsNoAccounting.test(text),
    'treatment, payment and operations need no accounting, 45 CFR 164.528(a)(1)(i)',
  ),
});
export type DisclosureFacts = z.output<typeof disclosureSchema>;

/** One line of an accounting, 45 CFR 164.528(b)(2). */
export interface Disclosure extends DisclosureFacts {
  /** Who made it or wrote it down, and where that is recorded. */
  readonly by: string;
  readonly sequence: number;
}

/** The record of a disclosure that somebody writes down. */
export function disclosureRecord(
  facts: DisclosureFacts,
  { who, accessKeyId }: { readonly who: string; readonly accessKeyId: string },
): Omit<AuditEntry, 'rules'> {
  return {
    action: disclosureAction,
    agent: { who, role: 'clinic' },
    source: 'command line',
    part: 'disclosure',
    outcome: 'success',
    reason: facts.purpose,
    changed: false,
    detail: { ...facts, accessKeyId },
  };
}

const byHand = z.object({
  at: z.string(),
  recipient: z.string(),
  address: z.string().nullable(),
  what: z.string(),
  purpose: z.string(),
});
const referral = z.object({
  outcome: z.object({
    code: z.literal('referred'),
    disclosure: z.object({ recipient: z.string(), what: z.string(), purpose: z.string() }),
  }),
});

/**
 * The disclosure that a record tells of; null: none. Two kinds count: a referral that is not treatment, and what somebody wrote
 * down. A referral's recipient holds the address, where it is known.
 */
export function disclosureOf({ action, outcome, agent, recordedAt, sequence, detail }: AuditRecord): Disclosure | null {
  if (outcome !== 'success') return null;
  const recorded = { by: agent.who, sequence };
  if (action === disclosureAction) {
    const { data } = byHand.safeParse(detail);
    return data === undefined ? null : { ...data, ...recorded };
  }
  const { data } = referral.safeParse(detail);
  return data === undefined ? null : { at: recordedAt, address: null, ...data.outcome.disclosure, ...recorded };
}

/** The span of an accounting: what was asked for, within the six years before now by the clinic's calendar. */
export function accountingSpan(
  asked: { readonly from: Instant | null; readonly to: Instant | null },
  now: Instant,
  timeZone: string,
): { readonly from: Instant; readonly to: Instant } {
  const earliest = Temporal.Instant.from(now)
    .toZonedDateTimeISO(timeZone)
    .subtract({ years: accountingYears })
    .toInstant()
    .toString({ fractionalSecondDigits: 3 });
  const from = asked.from !== null && asked.from > earliest ? asked.from : earliest;
  const to = asked.to !== null && asked.to < now ? asked.to : now;
  return { from, to };
}

/** The accounting of disclosures: each within the span, ends included, the oldest first. */
export function accountingOf(
  records: readonly AuditRecord[],
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Disclosure[] {
  return records
    .flatMap((record) => disclosureOf(record) ?? [])
    .filter(({ at }) => from <= at && at <= to)
    .toSorted((a, b) => (a.at === b.at ? a.sequence - b.sequence : a.at < b.at ? -1 : 1));
}
