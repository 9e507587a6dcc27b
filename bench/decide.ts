import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { memoryStore } from '../functions/adapters/memory/store.ts';
import { genesis } from '../functions/domain/audit-chain.ts';
import { decideEvent } from '../functions/domain/decide.ts';
import type { ClinicalEvent } from '../functions/domain/event.ts';
import { instantAt } from '../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../functions/domain/patient.ts';
import { readQuestionnaire } from '../functions/domain/questionnaire.ts';
import { receiveEvent } from '../functions/receive-event.ts';
import { perSecond } from './measure.ts';
import type { Figure } from './run.ts';

const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
if ('faults' in loaded) throw new Error('clinic/ has faults: run npx tandem check');
const { clinic } = loaded;

/** Eight weeks of one patient: 100 events in the proportions of a real programme, each of which arrives when it happens. */
function course(patient: string): ClinicalEvent[] {
  return Array.from({ length: 100 }, (_, index) => {
    const event = {
      id: `${patient}-${index}`,
      occurredAt: instantAt(Date.UTC(2026, 0, 5) + index * 13 * 3_600_000),
      patient,
    };
    if (index === 0)
      return {
        ...event,
        type: 'PatientEnrolled',
        data: { programme: clinic.programme.id, track: 'therapist-supported', timeZone: 'America/New_York' },
      };
    if (index === 1) return { ...event, type: 'ConsentGiven', data: { scopes: ['scoring', 'reminders'] } };
    if (index % 12 === 0)
      return {
        ...event,
        type: 'QuestionnaireSubmitted',
        data: { measure: 'phq-9', answers: [1, 2, 1, 0, 1, 2, 1, 0, 0] },
      };
    if (index % 12 === 6)
      return { ...event, type: 'ModuleCompleted', data: { module: `m${1 + Math.floor(index / 12)}`, minutes: 40 } };
    return { ...event, type: 'PatientActive', data: { kind: 'use', minutes: 12 } };
  }) as ClinicalEvent[];
}

export async function run(): Promise<Figure[]> {
  const events = course('vendor-1');
  const decideAlone = await perSecond(() => {
    let patient: Patient = unknownPatient('p-1', genesis('p-1'));
    for (const event of events) {
      const change = decideEvent(patient, event, null, clinic, event.occurredAt);
      patient = { ...patient, ...change.patient, version: patient.version + 1, foldedUnder: clinic.hash };
    }
    return events.length;
  });

  const courses = Array.from({ length: 20 }, (_, index) => course(`vendor-${index}`));
  const withMemory = await perSecond(async () => {
    const ports = { ...memoryStore(), clinic, pause: () => Promise.resolve() };
    for (const one of courses) for (const event of one) await receiveEvent(ports, event, event.occurredAt);
    return courses.length * 100;
  });

  const answers = { measure: 'phq-9', answers: [1, 2, 1, 0, 1, 2, 1, 0, 0] };
  const plain = await perSecond(() => {
    for (let index = 0; index < 1000; index += 1) readQuestionnaire(answers, clinic.measures);
    return 1000;
  });
  const codes = ['44250-9', '44255-8', '44259-0', '44254-1', '44251-7', '44258-2', '44252-5', '44253-3', '44260-8'];
  const fhir = {
    fhir: {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: codes.map((code) => ({
        linkId: `/${code}`,
        answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA6569-3' } }],
      })),
    },
  };
  const resources = await perSecond(() => {
    for (let index = 0; index < 100; index += 1) readQuestionnaire(fhir, clinic.measures);
    return 100;
  });
  return [
    { name: 'events through decide alone', value: decideAlone, unit: 'per second and core', aim: 50_000 },
    {
      name: 'events received with the in-memory adapters',
      value: withMemory,
      unit: 'per second and core',
      aim: 10_000,
    },
    { name: 'questionnaires scored, plain answers', value: plain, unit: 'per second and core' },
    { name: 'questionnaires scored, FHIR', value: resources, unit: 'per second and core' },
  ];
}
