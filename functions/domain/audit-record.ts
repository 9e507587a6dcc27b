import * as z from 'zod';
import type { AuditRecord, ChainId } from './audit-chain.ts';

/** What this version of Tandem reads of a record. Members that a later one adds do not make it unreadable. */
const recordSchema: z.ZodType<AuditRecord> = z.object({
  action: z.string(),
  agent: z.object({ who: z.string(), role: z.string() }),
  source: z.string(),
  part: z.string().nullable(),
  outcome: z.enum(['success', 'refused']),
  reason: z.string(),
  changed: z.boolean(),
  rules: z.string(),
  detail: z.record(z.string(), z.json()),
  version: z.literal(1),
  chain: z.string(),
  sequence: z.int().min(1),
  recordedAt: z.string(),
});

/** A record out of its decrypted bytes; null where they are none that this version knows. */
export function readAuditRecord(bytes: Uint8Array): AuditRecord | null {
  try {
    return recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

/** Roles that stand for no person: Tandem itself, and the programme's vendor. */
const automaticRoles: ReadonlySet<string> = new Set(['system', 'vendor']);

/** Whether a person did it, not a program. */
export function isByPerson({ agent }: Pick<AuditRecord, 'agent'>): boolean {
  return !automaticRoles.has(agent.role);
}

/** Whether the chain is a patient's, not the system's. */
export function isOfPatient({ chain }: Pick<AuditRecord, 'chain'>): boolean {
  return chain.startsWith('p-');
}

const listed = z.object({ alerts: z.array(z.object({ patient: z.string() })) });

/** The patients whom a list named that somebody was shown: such a record stands on one of the system's chains. */
export function patientsListed({ detail }: Pick<AuditRecord, 'detail'>): ChainId[] {
  const { data } = listed.safeParse(detail);
  return data === undefined ? [] : [...new Set(data.alerts.map(({ patient }) => patient))];
}
