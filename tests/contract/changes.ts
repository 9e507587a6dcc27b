/** Events and decisions for the contract suites, made by the real domain. */
import { randomUUID } from 'node:crypto';
import { type Change, decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import type { Patient } from '../../functions/domain/patient.ts';
import { exampleClinic } from '../example-clinic.ts';

export const now = '2026-03-01T12:00:00.123Z';

export const newPatient = () => `p-${randomUUID()}`;

export function activity(id: string = randomUUID(), occurredAt = '2026-02-01T08:00:00.000Z'): ClinicalEvent {
  return { id, type: 'PatientActive', occurredAt, patient: 'vendor-1', data: { kind: 'use', minutes: 12.5 } };
}

/** Answers that raise a safety alert. */
export function questionnaire(id: string = randomUUID()): ClinicalEvent {
  const data = { measure: 'phq-9', answers: [1, 2, null, 0, 3, 0, 1, 2, 3] };
  return { id, type: 'QuestionnaireSubmitted', occurredAt: '2026-02-02T08:00:00.000Z', patient: 'vendor-1', data };
}

export function recorded(patient: Patient, event: ClinicalEvent): Change {
  return decideEvent(patient, event, null, exampleClinic, now);
}

/** A decision about no event, such as a scan's. */
export function withoutEvent(patient: Patient): Change {
  const change = recorded(patient, activity());
  return { ...change, event: null, audit: { ...change.audit, action: 'risk.assess', detail: { empty: [], none: {} } } };
}
