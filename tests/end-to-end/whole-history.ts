/** A patient's course of events, and what the tables must say of it, whatever became of the messages on their way. */
import { expect } from 'vitest';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { hours, instantAt } from '../../functions/domain/instant.ts';
import type { Patient } from '../../functions/domain/patient.ts';
import { exampleClinic } from '../example-clinic.ts';
import type { Deployed } from './deployed.ts';

const start = Date.UTC(2026, 1, 2, 9);
/** The event of this number in a patient's course: an hour between two of them. */
export function eventOf(patient: string, number: number): ClinicalEvent {
  const common = { id: `${patient}-ev-${number}`, patient, occurredAt: instantAt(start + number * hours) };
  if (number === 0) {
    const data = { programme: 'depression', track: 'self-guided', timeZone: 'America/New_York' } as const;
    return { ...common, type: 'PatientEnrolled', data };
  }
  if (number % 5 === 0) {
    const data = { measure: 'phq-9', answers: [1, 1, 1, 0, 1, 0, 1, 0, 0] };
    return { ...common, type: 'QuestionnaireSubmitted', data };
  }
  return { ...common, type: 'PatientActive', data: { kind: 'use', minutes: number } };
}

/**
 * Each of these events once and in force, one record for each version, and a chain without a gap.
 * @param events all of the patient's, in the order in which they happened.
 */
export async function expectEachOnce(
  stack: Deployed,
  vendorId: string,
  events: readonly ClinicalEvent[],
): Promise<Patient> {
  const id = await stack.pseudonyms.patient(vendorId);
  const [patient, history, records, opened] = await Promise.all([
    stack.patients.load(id),
    stack.patients.history(id),
    stack.audit.stored(id),
    stack.audit.opened(id),
  ]);
  expect(history.map((event) => event.id).toSorted()).toEqual(events.map((event) => event.id).toSorted());
  expect(canonicalText(patient.state)).toBe(canonicalText(fold([...events], exampleClinic)));

  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
  expect(patient.version).toBe(records.length);
  let expected = genesis(id);
  for (const record of records) {
    expected = chainHash(id, record.sequence, expected, record.recordHash);
    expect(record.head).toBe(expected);
  }
  expect(patient.head).toBe(expected);
  const actions = opened.map(({ bytes }) => (JSON.parse(new TextDecoder().decode(bytes)) as { action: string }).action);
  expect(actions.filter((action) => action === 'event.record')).toHaveLength(events.length);
  return patient;
}
