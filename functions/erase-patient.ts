import type { Clinic } from './domain/clinic.ts';
import { decideErasure, type ErasureCause } from './domain/erasure.ts';
import type { Instant } from './domain/instant.ts';
import type { PatientOrder } from './domain/legal-hold.ts';
import type { PatientId } from './domain/patient.ts';
import { mostAttempts, type Pause } from './load-decide-commit.ts';
import type { Erasures } from './ports/erasures.ts';
import { Conflict, PatientErased, type Patients } from './ports/patients.ts';
import type { Pseudonyms } from './ports/pseudonyms.ts';
import type { SetAsides } from './ports/set-aside.ts';

export interface ErasurePorts {
  readonly patients: Pick<Patients, 'load'>;
  readonly erasures: Erasures;
  readonly setAsides: Pick<SetAsides, 'list' | 'remove'>;
  readonly pseudonyms: Pick<Pseudonyms, 'patient'>;
  /** Forgets the patient's address wherever mail is sent from. Nothing happens where there is none. */
  readonly forgetAddress: (id: PatientId) => Promise<void>;
  readonly clinic: Clinic;
  readonly pause: Pause;
}

export interface Erased {
  /** When the content became unreadable: earlier than now where somebody had erased the patient before. */
  readonly at: Instant;
  /** Items cleared away by this call, and messages taken off the list of those set aside. */
  readonly cleared: number;
  readonly setAsides: number;
}

/**
 * Erases a patient, then tidies up:
 *
 *     keys destroyed, recorded twice (one transaction) -> items -> messages set aside -> e-mail address
 *
 * From the first step on nobody can read anything. A run that was killed is finished by the next one with the same patient.
 */
export async function erasePatient(
  ports: ErasurePorts,
  id: PatientId,
  order: PatientOrder & { readonly cause: ErasureCause },
  now: Instant,
): Promise<Erased | { readonly refused: string }> {
  const destroyed = await destroyKeys(ports, id, order, now);
  if ('refused' in destroyed) return destroyed;
  const cleared = await ports.erasures.clear(id);
  const setAsides = await removeSetAsides(ports, id);
  // Last: a reminder that was under way when the keys went may have asked the address until now.
  await ports.forgetAddress(id);
  return { ...destroyed, cleared, setAsides };
}

async function destroyKeys(
  { patients, erasures, clinic, pause }: ErasurePorts,
  id: PatientId,
  order: PatientOrder & { readonly cause: ErasureCause },
  now: Instant,
): Promise<{ readonly at: Instant } | { readonly refused: string }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const patient = await patients.load(id);
      const decision = decideErasure(patient, order, clinic, now);
      if ('refused' in decision) return decision;
      await erasures.erase(patient, decision.erasure);
      return { at: now };
    } catch (error) {
      if (error instanceof PatientErased) return { at: error.at };
      if (!(error instanceof Conflict) || attempt === mostAttempts) throw error;
      await pause(attempt);
    }
  }
}

/** Messages that could not be taken lie under keys of the system's, so they do not go with the patient's. */
async function removeSetAsides({ setAsides, pseudonyms }: ErasurePorts, id: PatientId): Promise<number> {
  let removed = 0;
  for (const { id: message, body } of await setAsides.list()) {
    const named = patientIn(body);
    if (named === null || (await pseudonyms.patient(named)) !== id) continue;
    if (await setAsides.remove(message, 'its patient was erased')) removed += 1;
  }
  return removed;
}

/** The programme's id of the patient whom a message of the bus names; null: none that can be read. */
function patientIn(body: string): string | null {
  try {
    const { detail }: { detail?: { patient?: unknown } } = JSON.parse(body);
    return typeof detail?.patient === 'string' && detail.patient !== '' ? detail.patient : null;
  } catch {
    return null;
  }
}
