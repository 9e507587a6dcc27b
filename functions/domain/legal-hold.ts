import type { Clinic } from './clinic.ts';
import type { Change } from './decide.ts';
import { decideNote } from './decide-note.ts';
import type { Instant } from './instant.ts';
import type { Patient } from './patient.ts';

/** Nothing of this patient may be erased, neither on request nor by age: a lawsuit, an investigation, a complaint. */
export interface LegalHold {
  readonly since: Instant;
  /** Who ordered it. */
  readonly by: string;
  readonly reason: string;
}

/** What a person orders about a whole patient, and how they are known. */
export interface PatientOrder {
  /** Who is at the machine, and the id of the access key that AWS knows them by. */
  readonly who: string;
  readonly accessKeyId: string;
  readonly reason: string;
}

export type HoldDecision = { readonly change: Change } | { readonly refused: string };

/** From now on nothing of the patient is erased. It stands until it is released. */
export function decideHold(patient: Patient, order: PatientOrder, clinic: Clinic, now: Instant): HoldDecision {
  if (patient.version === 0) return { refused: unknownHere };
  if (patient.legalHold !== null)
    return { refused: `a legal hold stands already, since ${patient.legalHold.since}: it holds until it is released` };
  const { who: by, reason } = order;
  return { change: held(patient, 'patient.hold', { since: now, by, reason }, order, clinic, now) };
}

/** Ends a legal hold: whoever asks for erasure from now on gets it. */
export function decideRelease(patient: Patient, order: PatientOrder, clinic: Clinic, now: Instant): HoldDecision {
  if (patient.version === 0) return { refused: unknownHere };
  if (patient.legalHold === null)
    return { refused: 'no legal hold stands for this patient: there is nothing to release' };
  return { change: held(patient, 'patient.release', null, order, clinic, now) };
}

/** One sentence for every command about a patient. */
export const unknownHere = 'no patient of this id is known here: check it, and the --stage';

function held(
  patient: Patient,
  action: string,
  legalHold: LegalHold | null,
  { who, accessKeyId, reason }: PatientOrder,
  clinic: Clinic,
  now: Instant,
): Change {
  const entry = {
    action,
    agent: { who, role: 'clinic' },
    source: 'command line',
    part: null,
    outcome: 'success',
    reason,
    changed: true,
    detail: { accessKeyId },
  } as const;
  return { ...decideNote(patient, entry, clinic, now), patient: { ...patient, legalHold } };
}
