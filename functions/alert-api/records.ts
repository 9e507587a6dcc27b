import type { AuditEntry } from '../domain/audit-chain.ts';
import type { PatientId } from '../domain/patient.ts';
import { rolesInWords } from '../domain/refused-access.ts';
import type { Person } from '../domain/staff-access.ts';

interface Looked {
  readonly person: Person;
  /** The network address. */
  readonly from: string;
  /** Clinic.hash. */
  readonly rules: string;
}

/** How many alerts one record of a list names: a record holds 8 KiB. */
export const alertsOfRecord = 60;

/** Where a record says that a person came from. */
export function sourceOf(from: string): string {
  return `portal ${from}`;
}

/** Somebody was shown these. Ids only. */
export function listRecord(
  looked: Looked,
  shown: readonly { readonly alert: string; readonly patient: PatientId }[],
  part: number,
): AuditEntry {
  const alerts = shown.map(({ alert, patient }) => ({ alert, patient }));
  return record(looked, 'alert.list', 'success', 'looked at the list', { part, alerts });
}

/** Somebody asked for what their role does not include, or for what is not there. */
export function refusalRecord(
  looked: Looked,
  action: string,
  reason: string,
  alertId: string | null = null,
): AuditEntry {
  return record(looked, action, 'refused', reason, alertId === null ? {} : { alert: alertId });
}

function record(
  { person, from, rules }: Looked,
  action: string,
  outcome: AuditEntry['outcome'],
  reason: string,
  detail: AuditEntry['detail'],
): AuditEntry {
  return {
    action,
    agent: { who: person.staff, role: rolesInWords(person.roles) },
    source: sourceOf(from),
    part: 'alert',
    outcome,
    reason,
    changed: false,
    rules,
    detail,
  };
}
