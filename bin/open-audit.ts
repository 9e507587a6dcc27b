import { userInfo } from 'node:os';
import { exportPorts, operatorPorts } from '../functions/adapters/compose.ts';
import type { AuditEntry } from '../functions/domain/audit-chain.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import { decideNote } from '../functions/domain/decide-note.ts';
import type { Instant } from '../functions/domain/instant.ts';
import { unknownHere } from '../functions/domain/legal-hold.ts';
import type { PatientId } from '../functions/domain/patient.ts';
import { loadDecideCommit } from '../functions/load-decide-commit.ts';
import { PatientErased } from '../functions/ports/patients.ts';
import { type Deployment, functionEnvironment, Refused } from './deployment.ts';
import type { ChainReader } from './opened-records.ts';

/** A deployment's audit as the compliance officer works with it, with the rights of whoever calls. */
export function openAudit(deployment: Deployment, clinic: Clinic) {
  const environment = functionEnvironment(deployment);
  const { patients, audit, pause } = operatorPorts(environment, clinic);
  const { journal, pseudonyms, privateJwk, accessKeyId, reviewIndex } = exportPorts(environment);
  const reader: ChainReader = { stored: (chain) => audit.stored(chain), privateJwk };
  const origin = deployment.outputs['LogOrigin'] ?? deployment.stage;
  return { clinic, origin, patients, pause, journal, pseudonyms, accessKeyId, reviewIndex, reader };
}

export type AuditPorts = ReturnType<typeof openAudit>;

/** What is asked of the audit is itself a record: who, what, and why. */
export function lookRecord(
  action: string,
  reason: string,
  accessKeyId: string,
  detail: AuditEntry['detail'],
): Omit<AuditEntry, 'rules'> {
  return {
    action,
    agent: { who: userInfo().username, role: 'clinic' },
    source: 'command line',
    part: 'audit',
    outcome: 'success',
    reason,
    changed: false,
    detail: { ...detail, accessKeyId },
  };
}

/**
 * Writes a record into a patient's chain, before anything is shown. The chain of somebody erased cannot take one: it then stands in
 * one of the system's, and names the patient.
 * @throws Refused where nobody is known by this id.
 */
export async function noteOn(
  { patients, pause, clinic, journal }: Pick<AuditPorts, 'patients' | 'pause' | 'clinic' | 'journal'>,
  id: PatientId,
  entry: Omit<AuditEntry, 'rules'>,
  now: Instant,
): Promise<void> {
  try {
    await loadDecideCommit(
      patients,
      id,
      async (patient) => {
        if (patient.version === 0) throw new Refused(unknownHere);
        return decideNote(patient, entry, clinic, now);
      },
      pause,
    );
  } catch (error) {
    if (!(error instanceof PatientErased)) throw error;
    const detail = { ...entry.detail, patient: id };
    await journal.note(id, { ...entry, rules: clinic.hash, detail }, now);
  }
}
