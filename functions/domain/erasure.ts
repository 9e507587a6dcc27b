import type { AuditEntry } from './audit-chain.ts';
import type { Clinic } from './clinic.ts';
import type { Instant } from './instant.ts';
import { type PatientOrder, unknownHere } from './legal-hold.ts';
import type { Patient } from './patient.ts';

/** Why a patient's content goes: somebody asked for it, or it was kept for as long as it has to be. */
export type ErasureCause = 'request' | 'retention';

/** What is erased is decided here; that the keys go, and every content with them, is the adapter's part. */
export interface Erasure {
  readonly at: Instant;
  /** The last record of the patient's chain. Nobody can read it once the keys are gone. */
  readonly record: AuditEntry;
  /** The same in one of the system's chains, which stays readable: who was erased, when, by whom and why. */
  readonly twin: AuditEntry;
}

export type ErasureDecision = { readonly erasure: Erasure } | { readonly refused: string };

/** Erases a patient, unless something stands against it. */
export function decideErasure(
  patient: Patient,
  { who, accessKeyId, reason, cause }: PatientOrder & { readonly cause: ErasureCause },
  clinic: Clinic,
  now: Instant,
): ErasureDecision {
  const refused = objectionTo(patient);
  if (refused !== null) return { refused };
  const record: AuditEntry = {
    action: 'patient.erase',
    agent: { who, role: 'clinic' },
    source: 'command line',
    part: null,
    outcome: 'success',
    reason,
    changed: true,
    rules: clinic.hash,
    detail: { cause, accessKeyId },
  };
  const names = { patient: patient.id, sequence: patient.version + 1 };
  return { erasure: { at: now, record, twin: { ...record, detail: { ...record.detail, ...names } } } };
}

/** What stands against erasing a patient, and what to do about it; null: nothing. */
export function objectionTo({ version, legalHold, alerts, state }: Patient): string | null {
  if (version === 0) return unknownHere;
  if (legalHold !== null)
    return `a legal hold stands since ${legalHold.since}: ask who ordered it (npx tandem audit who-saw), and npx tandem patients release once it has ended`;
  // Whoever may be in danger is not forgotten before a person has answered.
  if (alerts.some(({ tier, cause }) => tier === 'urgent' || cause === 'safety'))
    return 'an urgent or safety alert about this patient is open: npx tandem alerts list; erase them once somebody has resolved it';
  // Whoever is being treated would be followed no more, and nobody would notice.
  if (state.enrolment !== null && state.enrolment.status !== 'ended')
    return 'the enrolment has not ended: the programme sends EnrolmentEnded first (or npx tandem send), since nobody follows an erased patient';
  return null;
}
