import { describe, expect, it } from 'vitest';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import { decideReview, reviewNeedsHistory } from '../../functions/domain/decide-review.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { days, instantAt } from '../../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../../functions/domain/patient.ts';
import { exampleClinic as clinic } from '../example-clinic.ts';

const start = Date.UTC(2026, 0, 5, 9);
const at = (day: number) => instantAt(start + day * days);
let count = 0;
const event = (day: number, type: string, data: unknown) => {
  count += 1;
  return { id: `ev-${count}`, type, occurredAt: at(day), patient: 'vendor-1', data } as ClinicalEvent;
};

function received(patient: Patient, ...events: ClinicalEvent[]): Patient {
  let next = patient;
  for (const one of events) {
    const change = decideEvent(next, one, null, clinic, one.occurredAt);
    next = { ...next, ...change.patient, version: next.version + 1, foldedUnder: change.foldedUnder };
  }
  return next;
}

function reviewed(patient: Patient, day: number) {
  const night = at(day).slice(0, 10);
  const change = decideReview(patient, night, at(day), null, clinic, at(day));
  if (change === null) throw new Error(`nobody was due on day ${day}`);
  const next: Patient = {
    ...patient,
    ...change.patient,
    version: patient.version + 1,
    foldedUnder: change.foldedUnder,
  };
  return { change, next };
}

const enrolled = received(
  unknownPatient('p-1', genesis('p-1')),
  event(0, 'PatientEnrolled', { programme: 'depression', track: 'therapist-supported', therapist: 't-1' }),
  event(0, 'ConsentGiven', { scopes: ['scoring'] }),
);
const phq9 = (day: number, total: number, item9 = 0) => {
  const answers = Array.from({ length: 8 }, (_, item) => Math.min(3, Math.floor((total + item) / 8)));
  return event(day, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [...answers, item9] });
};

describe('the review of one patient', () => {
  it('is for those who are due, once a night', () => {
    expect(decideReview(unknownPatient('p-2', genesis('p-2')), '2026-01-06', null, null, clinic, at(1))).toBeNull();
    const { next, change } = reviewed(enrolled, 1);
    expect(change.night).toMatchObject({ night: '2026-01-06', outcome: 'assessed', therapist: 't-1' });
    expect(decideReview(next, '2026-01-06', null, null, clinic, at(1))).toBeNull();
    expect(decideReview(next, '2026-01-07', at(1), null, clinic, at(1))).toBeNull();
    expect(decideReview(next, '2026-01-07', null, null, clinic, at(2))).not.toBeNull();
  });

  it('opens one alert for a cause, adds to it while it is open, and closes it when the level is green again', () => {
    const silent = reviewed(reviewed(enrolled, 1).next, 60);
    const dropout = silent.change.changedAlerts.find(({ cause }) => cause === 'dropout');
    expect(dropout).toMatchObject({ status: 'open', tier: 'list', evidence: [{ basis: 'assessment' }] });
    expect(silent.change.night?.alerts).toContain(dropout?.id);
    const ended = received(silent.next, event(61, 'EnrolmentEnded', { reason: 'moved' }));
    const closed = reviewed(ended, 62).change;
    expect(closed.changedAlerts).toContainEqual(
      expect.objectContaining({ id: dropout?.id, status: 'closed', ended: 'no longer scored: ended' }),
    );
    expect(closed.patient.alerts).toEqual([]);
    expect(closed.night?.alerts).toEqual([]);
    expect(closed.audit.reason).toContain('not scored: ended');
  });

  it('says why an alert was closed when the patient is back', () => {
    const worse = reviewed(received(enrolled, phq9(1, 6), phq9(14, 20)), 15);
    expect(worse.change.changedAlerts.map(({ cause }) => cause)).toContain('deterioration');
    const better = reviewed(received(worse.next, phq9(28, 3)), 29);
    expect(better.change.changedAlerts).toContainEqual(
      expect.objectContaining({
        cause: 'deterioration',
        status: 'closed',
        ended: 'the level of deterioration is green again',
      }),
    );
    const resolved = { ...received(worse.next, phq9(28, 3)), alerts: [] };
    expect(reviewed(resolved, 29).change.changedAlerts.map(({ cause }) => cause)).not.toContain('deterioration');
  });

  it('raises an alert that goes from yellow to red, and only adds to one that goes from red to yellow', () => {
    let patient = enrolled;
    const levels: string[] = [];
    const raised: boolean[] = [];
    let yellow: { patient: Patient; day: number } | undefined;
    for (let day = 1; day < 80; day += 1) {
      if (decideReview(patient, at(day).slice(0, 10), at(day), null, clinic, at(day)) === null) continue;
      const { change, next } = reviewed(patient, day);
      const alert = change.changedAlerts.find(({ cause }) => cause === 'dropout');
      if (alert !== undefined) {
        levels.push(next.standing.find(({ kind }) => kind === 'dropout')?.level ?? '');
        raised.push(alert.raisedAt === at(day));
      }
      if (alert !== undefined) yellow ??= { patient: next, day };
      patient = next;
    }
    expect(levels).toEqual(['yellow', 'red']);
    expect(raised).toEqual([true, true]);
    // The same patient, as if the night before had found red: yellow again.
    if (yellow === undefined) throw new Error('the level never was yellow');
    const red = yellow.patient.standing.map((one) =>
      one.kind === 'dropout' ? { ...one, level: 'red' as const, score: 99 } : one,
    );
    const after = reviewed(
      { ...yellow.patient, standing: red, reviewedOn: null, reviewAt: at(yellow.day) },
      yellow.day + 0.1,
    ).change;
    const alert = after.changedAlerts.find(({ cause }) => cause === 'dropout');
    expect(alert).toMatchObject({ status: 'open' });
    expect(alert?.raisedAt).toBe(at(yellow.day));
    // A person has resolved the alert of the higher level: a lower one asks nobody again.
    const resolved = { ...yellow.patient, standing: red, alerts: [], reviewedOn: null, reviewAt: at(yellow.day) };
    expect(reviewed(resolved, yellow.day + 0.1).change.patient.alerts).toEqual([]);
  });

  it('is a net under the safety rules: an answer that no alert was raised for is found', () => {
    const missed: Patient = { ...received(enrolled, phq9(1, 4, 3)), raised: {}, alerts: [] };
    expect(reviewed(missed, 2).change.changedAlerts).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
    const known = received(enrolled, phq9(1, 4, 3));
    expect(reviewed(known, 2).change.changedAlerts.filter(({ cause }) => cause === 'safety')).toEqual([]);
  });

  it('folds the history again when the rules have changed', () => {
    const events = [event(0, 'PatientActive', { kind: 'log-in' })];
    const stale: Patient = { ...received(unknownPatient('p-3', genesis('p-3')), ...events), foldedUnder: 'sha256:old' };
    expect(reviewNeedsHistory(stale, clinic)).toBe(true);
    expect(reviewNeedsHistory(enrolled, clinic)).toBe(false);
    expect(reviewNeedsHistory(unknownPatient('p-4', ''), clinic)).toBe(false);
    const change = decideReview(stale, '2026-01-06', null, events, clinic, at(1));
    expect(change).toMatchObject({ foldedUnder: clinic.hash, patient: { state: { events: 1 } } });
  });

  it('leaves the reminders as they are, but for new rules: then a round looks when those say so', () => {
    const reminded = { ...enrolled, reminderAt: at(1) };
    expect(reviewed(reminded, 0.5).change.patient.reminderAt).toBe(at(1));
    const contact = { preferred: 'sms', sms: '+12025550123' };
    const events = [
      event(0, 'PatientEnrolled', { programme: 'depression', track: 'self-guided', contact, timeZone: 'UTC' }),
      event(0, 'ConsentGiven', { scopes: ['reminders'] }),
    ];
    const stale: Patient = { ...received(unknownPatient('p-5', genesis('p-5')), ...events), reminderAt: null };
    const change = decideReview({ ...stale, foldedUnder: 'sha256:old' }, '2026-01-06', null, events, clinic, at(0.1));
    expect(change?.patient.reminderAt).toBe('2026-01-05T18:00:00.000Z');
  });
});
