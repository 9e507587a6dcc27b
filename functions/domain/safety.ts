import * as z from 'zod';

/** What the answer to a safety item calls for, from nothing to an escalation at once. */
const tiers = ['none', 'list', 'alert', 'urgent'] as const;
export type SafetyTier = (typeof tiers)[number];

const points = (name: string) => z.int().min(1, `${name}: write 1 or more points; 0 would flag every answer`);

/** The clinical lead's tiers of item 9, in points of one answer (0 to 3). Defaults: domain reference, "PHQ-9 item 9". */
export const safetyRulesSchema = z
  .strictObject({
    urgentAt: points('urgentAt').default(3),
    urgentRise: points('urgentRise').default(2),
    alertAt: points('alertAt').default(2),
    listAt: points('listAt').default(1),
  })
  .refine((rules) => rules.listAt <= rules.alertAt, { path: ['alertAt'], message: 'write at least listAt' })
  .refine((rules) => rules.alertAt <= rules.urgentAt, { path: ['urgentAt'], message: 'write at least alertAt' });
export type SafetyRules = z.infer<typeof safetyRulesSchema>;

/**
 * Tier of a new answer to the safety item. `previous` is the answer before it, null where there is none: then nothing
 * is known to have risen and only the new answer counts. `current` null (not answered) calls for nothing by itself.
 */
export function safetyTier(previous: number | null, current: number | null, rules: SafetyRules): SafetyTier {
  if (current === null) return 'none';
  const hasRisenSharply = previous !== null && current - previous >= rules.urgentRise;
  if (current >= rules.urgentAt || hasRisenSharply) return 'urgent';
  if (current >= rules.alertAt) return 'alert';
  return current >= rules.listAt ? 'list' : 'none';
}

/** Order of tiers for sorting: negative where `a` is less urgent than `b`, 0 where equal. */
export function compareTiers(a: SafetyTier, b: SafetyTier): number {
  return tiers.indexOf(a) - tiers.indexOf(b);
}
