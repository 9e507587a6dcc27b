import type { Change } from './decide.ts';
import type { Instant } from './instant.ts';
import type { Patient } from './patient.ts';
import type { Person } from './staff-access.ts';

/** What somebody asked for. */
export interface AccessAsked {
  /** Such as "alert.view". */
  readonly action: string;
  readonly alertId: string;
  /** From where, such as "portal 203.0.113.7". */
  readonly source: string;
}

/** What is recorded where somebody asks for an alert of a patient they may not know of. Nothing else changes. */
export function refusedAccess(
  patient: Patient,
  { staff, roles }: Person,
  { action, alertId, source }: AccessAsked,
  rules: string,
  now: Instant,
): Change {
  return {
    at: now,
    patient,
    foldedUnder: patient.foldedUnder ?? rules,
    changedAlerts: [],
    assessments: [],
    event: null,
    reminders: [],
    night: null,
    unreadable: false,
    audit: {
      action,
      agent: { who: staff, role: rolesInWords(roles) },
      source,
      part: 'alert',
      outcome: 'refused',
      reason: 'neither of their own patients nor of those they stand in for or were asked about',
      changed: false,
      rules,
      detail: { alert: alertId },
    },
  };
}

/** As the audit writes them. */
export function rolesInWords(roles: readonly string[]): string {
  return roles.length === 0 ? 'no role' : roles.join(', ');
}
