import { genesis } from '../functions/domain/audit-chain.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import { decideEvent } from '../functions/domain/decide.ts';
import type { ClinicalEvent } from '../functions/domain/event.ts';
import { days, instantAt } from '../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../functions/domain/patient.ts';

const start = Date.UTC(2026, 0, 5, 9);
export const tonight = instantAt(start + 20 * days);
export const dueLater = instantAt(start + 30 * days);
export const shareDue = 0.1;

/** Twenty days of one patient, with questionnaires: what every patient of the scan's benchmarks has behind them. */
export function typicalPatient(clinic: Clinic): Patient {
  const at = (day: number) => instantAt(start + day * days);
  const events = [
    [
      0,
      'PatientEnrolled',
      { programme: clinic.programme.id, track: 'therapist-supported', timeZone: 'America/New_York' },
    ],
    [0, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }],
    [0, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [2, 2, 1, 2, 1, 2, 1, 1, 0] }],
    [6, 'ModuleCompleted', { module: 'm1', minutes: 40 }],
    [13, 'ModuleCompleted', { module: 'm2', minutes: 35 }],
    [14, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [1, 2, 1, 2, 1, 1, 1, 1, 0] }],
    [18, 'PatientActive', { kind: 'use', minutes: 10 }],
  ] as const;
  let patient = unknownPatient('p', genesis('p'));
  for (const [index, [day, type, data]] of events.entries()) {
    const event = { id: `e-${index}`, type, occurredAt: at(day), patient: 'vendor', data } as unknown as ClinicalEvent;
    const change = decideEvent(patient, event, null, clinic, at(day));
    patient = { ...patient, ...change.patient, version: patient.version + 1, foldedUnder: change.foldedUnder };
  }
  return patient;
}
