import { objectionTo } from './domain/erasure.ts';
import type { Instant } from './domain/instant.ts';
import type { PatientOrder } from './domain/legal-hold.ts';
import type { Patient, PatientId } from './domain/patient.ts';
import { type ErasurePorts, erasePatient } from './erase-patient.ts';
import type { ReviewIndex } from './ports/nights.ts';
import { PatientErased } from './ports/patients.ts';
import type { StoredRecords } from './ports/stored-records.ts';

export interface ExpiryPorts extends ErasurePorts {
  /** Names every patient who is known. */
  readonly reviewIndex: ReviewIndex;
  readonly records: StoredRecords;
}

export interface Expired {
  /** Patients who were looked at. */
  readonly looked: number;
  /** Whose chains have expired, or would. */
  readonly expired: readonly PatientId[];
  /** Old enough, but something stands against it: a legal hold, an open alert, an enrolment that never ended. */
  readonly kept: readonly { readonly id: PatientId; readonly why: string }[];
  /** Patients who could not be looked at; the others were. */
  readonly failures: readonly { readonly id: PatientId; readonly error: unknown }[];
}

/**
 * Erases every patient whose newest record is older than `before`: the whole chain, since one key opens all of it.
 * @param erase false: only says whom it would be.
 */
export async function expireAudit(
  ports: ExpiryPorts,
  before: Instant,
  order: PatientOrder,
  erase: boolean,
  now: Instant,
): Promise<Expired> {
  let looked = 0;
  const expired: PatientId[] = [];
  const kept: { id: PatientId; why: string }[] = [];
  const failures: { id: PatientId; error: unknown }[] = [];
  for (const shard of ports.reviewIndex.shards) {
    let cursor: string | null = null;
    do {
      const page = await ports.reviewIndex.due(shard, null, cursor);
      for (const { id } of page.due) {
        looked += 1;
        try {
          const patient = await patientOlderThan(ports, id, before);
          if (patient === null) continue;
          const refused = objectionTo(patient) ?? (erase ? await refusalOf(ports, id, order, now) : null);
          if (refused === null) expired.push(id);
          else kept.push({ id, why: refused });
        } catch (error) {
          // The index lags behind by a moment.
          if (!(error instanceof PatientErased)) failures.push({ id, error });
        }
      }
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return { looked, expired, kept, failures };
}

/** null: erased. Something may have come in between since it was looked at. */
async function refusalOf(ports: ExpiryPorts, id: PatientId, order: PatientOrder, now: Instant): Promise<string | null> {
  const done = await erasePatient(ports, id, { ...order, cause: 'retention' }, now);
  return 'refused' in done ? done.refused : null;
}

/** null: something was recorded of them since. */
async function patientOlderThan(
  { patients, records }: ExpiryPorts,
  id: PatientId,
  before: Instant,
): Promise<Patient | null> {
  const patient = await patients.load(id);
  for await (const { recordedAt } of records.between(id, patient.version, patient.version))
    return recordedAt < before ? patient : null;
  throw new Error(`the newest record of ${id} is not there: see docs/operations.md#records-unreconciled`);
}
