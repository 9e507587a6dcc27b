import type { AuditEntry } from './audit-chain.ts';
import type { Clinic } from './clinic.ts';
import type { Change } from './decide.ts';
import type { Instant } from './instant.ts';
import type { Patient } from './patient.ts';

/**
 * A record in a patient's chain that changes nothing of the patient: somebody has looked, or has written down what happened
 * elsewhere. In the chain it is sealed, and found by whoever asks who saw what.
 * @param patient one who is known: a record would make anybody else known.
 */
export function decideNote(patient: Patient, audit: Omit<AuditEntry, 'rules'>, clinic: Clinic, now: Instant): Change {
  return {
    at: now,
    patient,
    foldedUnder: patient.foldedUnder ?? clinic.hash,
    changedAlerts: [],
    assessments: [],
    event: null,
    reminders: [],
    night: null,
    unreadable: false,
    audit: { ...audit, rules: clinic.hash },
  };
}
