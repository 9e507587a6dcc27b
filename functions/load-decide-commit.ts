import type { Change } from './domain/decide.ts';
import type { Patient, PatientId } from './domain/patient.ts';
import { Conflict, type Patients } from './ports/patients.ts';

/** How long a writer who lost waits before the next try; passed in so that nothing here depends on chance or a clock. */
export type Pause = (attempt: number) => Promise<void>;

/** Enough for 50 writers on one patient at once: each round at least one of them gets through. */
export const mostAttempts = 60;

/**
 * The one shape of every workflow that changes something. `decide` sees the patient as loaded and returns the change, or
 * null where there is nothing to do. A conflict means: load again, decide again.
 * @throws Conflict where every attempt lost; the caller's queue delivers the work again.
 */
export async function loadDecideCommit(
  patients: Patients,
  id: PatientId,
  decide: (patient: Patient) => Promise<Change | null>,
  pause: Pause,
): Promise<Change | null> {
  for (let attempt = 1; ; attempt += 1) {
    const patient = await patients.load(id);
    const change = await decide(patient);
    if (change === null) return null;
    try {
      await patients.commit(patient, change);
      return change;
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === mostAttempts) throw error;
      await pause(attempt);
    }
  }
}

/** "Full jitter": a random wait below a ceiling that doubles from 20 ms to 1 s, so that writers who met do not meet again. */
export function jitteredPause(random: () => number, wait: (milliseconds: number) => Promise<void>): Pause {
  return (attempt) => wait(random() * Math.min(1000, 20 * 2 ** attempt));
}
