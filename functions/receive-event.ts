import type { Clinic } from './domain/clinic.ts';
import { type Change, decideEvent, needsHistory } from './domain/decide.ts';
import { type ClinicalEvent, type Fault, readEvent, sameEvent } from './domain/event.ts';
import { checkAgainstClinic } from './domain/event-clinic.ts';
import type { Instant } from './domain/instant.ts';
import type { PatientId } from './domain/patient.ts';
import { loadDecideCommit, type Pause } from './load-decide-commit.ts';
import { PatientErased, type Patients } from './ports/patients.ts';
import type { Pseudonyms } from './ports/pseudonyms.ts';

export type Received =
  | { readonly outcome: 'recorded'; readonly patient: PatientId; readonly change: Change }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] };

export interface ReceivingPorts {
  readonly patients: Patients;
  readonly pseudonyms: Pseudonyms;
  readonly clinic: Clinic;
  readonly pause: Pause;
}

/**
 * Takes one event in the public form: its effect is in force when this resolves, and happens once however often the event
 * comes. A refusal is final for this content: the caller sets it aside.
 */
export async function receiveEvent(ports: ReceivingPorts, input: unknown, now: Instant): Promise<Received> {
  const read = readEvent(input, now);
  if ('faults' in read) return { outcome: 'refused', faults: read.faults };
  const { event } = read;
  const misfits = checkAgainstClinic(event, ports.clinic);
  if (misfits.length > 0) return { outcome: 'refused', faults: misfits };

  const id = await ports.pseudonyms.patient(event.patient);
  try {
    return await take(ports, id, event, now);
  } catch (error) {
    // Nobody becomes known again by an event: whoever was erased would get a second history without having asked for one.
    if (error instanceof PatientErased) return { outcome: 'refused', faults: [erasedFault] };
    throw error;
  }
}

const erasedFault: Fault = {
  path: 'patient',
  message: 'was erased: nothing of theirs is kept or followed (docs/operations.md#event-of-an-erased-patient)',
};

async function take(ports: ReceivingPorts, id: PatientId, event: ClinicalEvent, now: Instant): Promise<Received> {
  let reused = false;
  const change = await loadDecideCommit(
    ports.patients,
    id,
    async (patient) => {
      const seen = await ports.patients.seen(id, event.id);
      if (seen.kind !== 'never') {
        // The retry of a commit whose answer was lost lands here too, and recognises its own write.
        reused = seen.kind === 'other-patient' || !sameEvent(seen.event, event);
        return null;
      }
      const history = needsHistory(patient, event, ports.clinic) ? await ports.patients.history(id) : null;
      return decideEvent(patient, event, history, ports.clinic, now);
    },
    ports.pause,
  );
  if (reused)
    return { outcome: 'refused', faults: [{ path: 'id', message: 'was used before for an event with other content' }] };
  return change === null ? { outcome: 'duplicate' } : { outcome: 'recorded', patient: id, change };
}
