/** Patients who have left the programme, in memory, and what it takes to erase them. */
import type { Faults } from '../functions/adapters/memory/faults.ts';
import { type MemoryStore, memoryStore } from '../functions/adapters/memory/store.ts';
import { systemChainOf } from '../functions/adapters/set-aside-audit.ts';
import type { AuditRecord } from '../functions/domain/audit-chain.ts';
import { readAuditRecord } from '../functions/domain/audit-record.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import type { PatientOrder } from '../functions/domain/legal-hold.ts';
import type { ErasurePorts } from '../functions/erase-patient.ts';
import { receiveEvent } from '../functions/receive-event.ts';
import { exampleClinic } from './example-clinic.ts';

export const order: PatientOrder = { who: 'it', accessKeyId: 'AKIAEXAMPLE', reason: 'asked for it in writing' };
export const noPause = () => Promise.resolve();

const day = (number: number) => `2026-03-0${number}T09:00:00.000Z`;

/** A patient's course: enrolled, one questionnaire, the end of the enrolment. */
export const course = [
  { type: 'PatientEnrolled', data: { programme: 'depression', track: 'therapist-supported', therapist: 't-7' } },
  { type: 'QuestionnaireSubmitted', data: { measure: 'phq-9', answers: [1, 1, 1, 1, 1, 1, 1, 1, 0] } },
  { type: 'EnrolmentEnded', data: { reason: 'completed' } },
];

export interface World {
  readonly store: MemoryStore;
  /** Of whom the address was forgotten, as often as it was. */
  readonly forgotten: string[];
}

/** @param events of the course above: 3 are all of it, 2 leave the enrolment open. */
export async function worldOf(vendors: readonly string[], events = 3, faults: Faults = {}): Promise<World> {
  const store = memoryStore(faults);
  for (const patient of vendors)
    for (const [index, event] of course.slice(0, events).entries()) {
      const input = { id: `${patient}-${index}`, occurredAt: day(index + 1), patient, ...event };
      const ports = { ...store, clinic: exampleClinic, pause: noPause };
      const received = await receiveEvent(ports, input, day(index + 1));
      if (received.outcome !== 'recorded') throw new Error(JSON.stringify(received));
    }
  return { store, forgotten: [] };
}

export function portsOf({ store, forgotten }: World, clinic: Clinic = exampleClinic): ErasurePorts {
  return {
    ...store,
    forgetAddress: async (id) => {
      forgotten.push(id);
    },
    clinic,
    pause: noPause,
  };
}

/** What the system's chain says that a patient's entries stand in. */
export function systemRecordsAbout({ store }: World, id: string): AuditRecord[] {
  return store
    .auditRecords(systemChainOf(id))
    .flatMap(({ bytes }) => readAuditRecord(bytes) ?? [])
    .filter(({ detail }) => detail['patient'] === id);
}
