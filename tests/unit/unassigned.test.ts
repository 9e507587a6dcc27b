import { describe, expect, it } from 'vitest';
import type { Alert } from '../../functions/domain/alert.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import { decideAlert } from '../../functions/domain/decide-alert.ts';
import { decideReview } from '../../functions/domain/decide-review.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { later } from '../../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../../functions/domain/patient.ts';
import { review } from '../../functions/domain/review.ts';
import { exampleClinic } from '../example-clinic.ts';
import { planOf } from '../example-escalation.ts';

const clinic = { ...exampleClinic, escalation: planOf() };
const hours = 3_600_000;
const start = '2026-03-02T10:00:00.000Z';
const at = (hour: number) => later(start, hour * hours);

let count = 0;
function event(hour: number, type: string, data: unknown = {}): ClinicalEvent {
  count += 1;
  return { id: `ev-${count}`, type, occurredAt: at(hour), patient: 'vendor-1', data } as ClinicalEvent;
}
const enrolled = (hour = 0, more = {}) =>
  event(hour, 'PatientEnrolled', { programme: 'depression', track: 'therapist-supported', ...more });
const assigned = (hour: number, therapist: string | null) => event(hour, 'TherapistAssigned', { therapist });

/** A patient after these events, each taken when it happened. */
function patientAfter(...events: ClinicalEvent[]): Patient {
  let patient = unknownPatient('p-1', '');
  for (const one of events) {
    const { patient: next, foldedUnder } = decideEvent(patient, one, null, clinic, one.occurredAt);
    patient = { ...patient, ...next, foldedUnder, version: patient.version + 1 };
  }
  return patient;
}

/** The same after a review at this hour, whatever the hour. */
function reviewed(patient: Patient, hour: number) {
  const change = decideReview(patient, `night ${hour}`, null, null, clinic, at(hour));
  if (change === null) throw new Error('this patient is known, and no night looked at them');
  return { patient: { ...patient, ...change.patient, version: patient.version + 1 }, changed: change.changedAlerts };
}

const causes = ({ alerts }: { alerts: readonly Alert[] }) => alerts.map(({ cause }) => cause);
const sinceOf = (...events: ClinicalEvent[]) => fold(events, clinic).unassignedSince;

describe('since when a patient has no therapist', () => {
  it('is told by the events: the enrolment, or the moment at which the therapist left', () => {
    expect(sinceOf(enrolled())).toBe(start);
    expect(sinceOf(enrolled(), enrolled(5))).toBe(start);
    expect(sinceOf(enrolled(0, { therapist: 't-7' }))).toBeNull();
    expect(sinceOf(enrolled(0, { therapist: 't-7' }), enrolled(5))).toBe(at(5));
    expect(sinceOf(enrolled(), assigned(1, 't-7'))).toBeNull();
  });

  it('is never for whoever chose to go alone, whose course has ended, or who was never enrolled', () => {
    expect(sinceOf(enrolled(0, { track: 'self-guided' }))).toBeNull();
    expect(
      sinceOf(enrolled(0, { track: 'self-guided' }), event(3, 'TrackChanged', { track: 'therapist-supported' })),
    ).toBe(at(3));
    expect(sinceOf(enrolled(), event(2, 'EnrolmentEnded', { reason: 'moved' }))).toBeNull();
    expect(sinceOf(event(0, 'PatientActive'))).toBeNull();
  });
});

describe('a patient without a therapist', () => {
  it('is due for a review exactly a day later, and an alert then, for the same day', () => {
    const patient = patientAfter(enrolled());
    expect(review(patient.state, [], clinic, at(0)).reviewAt).toBe(at(24));
    expect(review(patient.state, [], clinic, at(24)).reviewAt).not.toBe(at(24));
    expect(causes(reviewed(patient, 23.99).patient)).toEqual([]);
    expect(reviewed(patient, 24).changed).toMatchObject([{ cause: 'unassigned', tier: 'alert', status: 'open' }]);
  });

  it('is asked of the supervisor at once: there is no therapist to wait for', () => {
    const { patient, changed } = reviewed(patientAfter(enrolled()), 24);
    const { change } = decideAlert(patient, changed[0]?.id ?? '', { kind: 'deadline' }, clinic, at(24));
    expect(change?.changedAlerts).toMatchObject([{ step: 1, asked: ['s-1'] }]);
    expect(change?.audit.reason).toContain('the patient has no therapist');
  });

  it('is one alert, whatever the nights', () => {
    const first = reviewed(patientAfter(enrolled()), 30).patient;
    const second = reviewed(first, 54);
    expect(second.changed).toEqual([]);
    expect(causes(second.patient)).toEqual(['unassigned']);
  });

  it('is no alert any more at the moment at which somebody is named', () => {
    const open = reviewed(patientAfter(enrolled()), 30).patient;
    const { changedAlerts, audit } = decideEvent(open, assigned(31, 't-7'), null, clinic, at(31));
    expect(changedAlerts).toMatchObject([
      { cause: 'unassigned', status: 'closed', ended: 'a therapist has been assigned' },
    ]);
    expect(audit.detail).toMatchObject({ alerts: [{ cause: 'unassigned', status: 'closed' }] });
    const gone = decideEvent(open, event(31, 'TrackChanged', { track: 'self-guided' }), null, clinic, at(31));
    expect(gone.changedAlerts).toMatchObject([{ ended: 'the patient needs no therapist any more' }]);
  });

  it('is not asked for again after a person has resolved it, but is when the next therapist leaves', () => {
    const { patient } = reviewed(patientAfter(enrolled()), 30);
    const resolved = { ...patient, alerts: [] };
    expect(reviewed(resolved, 54).changed).toEqual([]);
    const left = [enrolled(), assigned(60, 't-7'), enrolled(80)];
    const again = { ...patientAfter(...left), alertedUnassignedSince: resolved.alertedUnassignedSince };
    expect(reviewed(again, 103).changed).toEqual([]);
    expect(reviewed(again, 104).changed).toMatchObject([{ cause: 'unassigned' }]);
  });

  it('keeps its open alert where an event that came late moves the beginning', () => {
    const open = reviewed(patientAfter(enrolled()), 30).patient;
    const moved = { ...open, state: { ...open.state, unassignedSince: at(-5) } };
    const next = reviewed(moved, 54);
    expect(next.changed).toEqual([]);
    expect(next.patient.alertedUnassignedSince).toBe(at(-5));
  });

  it.each<[string, object, number | null]>([
    ['without an end is asked for once it is over', {}, null],
    ['that ends later is asked for at its end', { until: at(100) }, 100],
    ['that ends before the day is over does not matter', { until: at(10) }, 24],
  ])('in a pause %s', (_, pause, hour) => {
    const patient = patientAfter(enrolled(), event(5, 'EnrolmentPaused', pause));
    expect(review(patient.state, [], clinic, at(6)).reviewAt).toBe(hour === null ? null : at(hour));
    expect(causes(reviewed(patient, (hour ?? 1000) - 1).patient)).toEqual([]);
    expect(causes(reviewed(patient, hour ?? 1000).patient)).toEqual(hour === null ? [] : ['unassigned']);
    const back = patientAfter(enrolled(), event(5, 'EnrolmentPaused', pause), event(200, 'EnrolmentResumed'));
    expect(causes(reviewed(back, 200).patient)).toEqual(['unassigned']);
  });
});
