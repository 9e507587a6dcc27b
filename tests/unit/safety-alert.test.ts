import { describe, expect, it } from 'vitest';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { decideEvent, decideRefusedAnswers, needsHistory } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { type Patient, unknownPatient } from '../../functions/domain/patient.ts';
import { type Reading, readQuestionnaire } from '../../functions/domain/questionnaire.ts';
import { assess } from '../../functions/domain/risk.ts';
import { exampleClinic as clinic } from '../example-clinic.ts';
import { answerCodes, phq9Codes } from '../histories.ts';

const id = 'p-1';
const now = '2026-03-01T00:00:00.000Z';
const unknown: Patient = unknownPatient(id, genesis(id));

const on = (day: number) => `2026-01-${String(day).padStart(2, '0')}T08:00:00.000Z`;

function event(type: ClinicalEvent['type'], day: number, data: unknown): ClinicalEvent {
  return { id: `${type}-${day}`, type, occurredAt: on(day), patient: 'vendor-1', data } as ClinicalEvent;
}
const phq9 = (day: number, item9: number | null) =>
  event('QuestionnaireSubmitted', day, { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, item9] });

const fhir = (day: number, item9: number, status: string, resource = 'r1') =>
  event('QuestionnaireSubmitted', day, {
    fhir: {
      resourceType: 'QuestionnaireResponse',
      id: resource,
      status,
      item: phq9Codes.map((code, index) => ({
        linkId: `/${code}`,
        answer: [{ valueCoding: { system: 'http://loinc.org', code: answerCodes[index === 8 ? item9 : 0] } }],
      })),
    },
  });

/** The patient after these events, delivered one by one in this order. */
function patientAfter(...events: ClinicalEvent[]): Patient {
  const kept: ClinicalEvent[] = [];
  let patient = unknown;
  for (const one of events) {
    const history = needsHistory(patient, one, clinic) ? [...kept] : null;
    const change = decideEvent(patient, one, history, clinic, now);
    kept.push(one);
    patient = { ...patient, ...change.patient, version: patient.version + 1, foldedUnder: change.foldedUnder };
  }
  return patient;
}
const tierAfter = (...events: ClinicalEvent[]) => patientAfter(...events).alerts[0]?.tier ?? 'none';

describe('a safety alert', () => {
  it.each([
    [0, 'none'],
    [1, 'list'],
    [2, 'alert'],
    [3, 'urgent'],
  ])('opens in the transaction of a first answer %i with tier %s', (answer, tier) => {
    expect(tierAfter(phq9(1, answer))).toBe(tier);
  });

  it('needs neither enrolment nor consent, and survives the withdrawal of consent', () => {
    expect(tierAfter(phq9(1, 3), event('ConsentWithdrawn', 2, { scopes: ['scoring', 'reminders'] }))).toBe('urgent');
  });

  it('is not hidden by missing answers', () => {
    const answers = [null, null, 1, null, null, null, null, null, 3];
    expect(tierAfter(event('QuestionnaireSubmitted', 1, { measure: 'phq-9', answers }))).toBe('urgent');
  });

  it('is urgent for a rise of two', () => {
    expect(tierAfter(phq9(1, 0), phq9(2, 2))).toBe('urgent');
    expect(tierAfter(phq9(1, 1), phq9(2, 2))).toBe('alert');
  });

  it('sees a rise also when the lower answer arrives late', () => {
    expect(tierAfter(phq9(2, 2), phq9(1, 0))).toBe('urgent');
  });

  it('is one for each patient: a second answer raises it or adds to its evidence, and never lowers it', () => {
    const first = patientAfter(phq9(1, 1));
    const raised = patientAfter(phq9(1, 1), phq9(2, 3));
    expect(raised.alerts).toHaveLength(1);
    expect(raised.alerts[0]).toMatchObject({ id: first.alerts[0]?.id, tier: 'urgent' });
    const again = patientAfter(phq9(1, 1), phq9(2, 3), phq9(3, 1));
    expect(again.alerts[0]).toMatchObject({ tier: 'urgent' });
    expect(again.alerts[0]?.evidence.map((one) => one.basis === 'answer' && one.answer)).toEqual([1, 3, 1]);
  });

  it('is withdrawn, with the reason, when its only answer was entered in error', () => {
    const open = patientAfter(fhir(1, 3, 'completed'));
    const change = decideEvent(open, fhir(2, 3, 'entered-in-error'), null, clinic, now);
    expect(change.patient.alerts).toEqual([]);
    expect(change.changedAlerts).toMatchObject([
      { status: 'withdrawn', ended: 'the answers it rested on were entered in error' },
    ]);
  });

  it('stays when another answer it rests on still stands', () => {
    expect(patientAfter(fhir(1, 3, 'completed'), phq9(2, 2), fhir(3, 3, 'entered-in-error')).alerts).toMatchObject([
      { status: 'open' },
    ]);
  });

  it('stays when an amendment lowers the answer: what was said is for a person to judge', () => {
    expect(patientAfter(fhir(1, 3, 'completed'), fhir(2, 0, 'amended')).alerts).toMatchObject([{ tier: 'urgent' }]);
  });

  it('opens for an answer inside a refused message, once', () => {
    const reading = readQuestionnaire(
      { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3], remark: 'x' },
      clinic.measures,
    );
    const change = decideRefusedAnswers(unknown, reading, 'message-1', clinic, now);
    expect(change).toMatchObject({ event: null, changedAlerts: [{ tier: 'urgent' }], foldedUnder: clinic.hash });
    const patient = {
      ...unknown,
      version: 1,
      foldedUnder: 'sha256:old',
      alerts: change?.patient.alerts ?? [],
      raised: change?.patient.raised ?? {},
    };
    expect(decideRefusedAnswers(patient, reading, 'message-1', clinic, now)).toBeNull();
    expect(decideRefusedAnswers(patient, reading, 'message-2', clinic, now)).toMatchObject({
      foldedUnder: 'sha256:old',
    });
  });

  it('is on the list for an answer that was given but cannot be read', () => {
    const answers = [{ linkId: '/44260-8', answer: [{ valueString: 'sometimes' }] }];
    const unread = { fhir: { resourceType: 'QuestionnaireResponse', status: 'completed', item: answers } };
    expect(tierAfter(event('QuestionnaireSubmitted', 1, unread))).toBe('list');
  });

  it('of a refused message is judged against the answers before it, and not at all where it was taken back', () => {
    const answers = [{ linkId: '/44260-8', answer: [{ valueString: 'sometimes' }] }];
    const unread = { fhir: { resourceType: 'QuestionnaireResponse', status: 'completed', item: answers } };
    const before = patientAfter(phq9(1, 0), event('QuestionnaireSubmitted', 2, unread));
    expect(assess(before.state, clinic, now).assessments).toMatchObject([
      { kind: 'safety', factors: [{ value: null, reason: expect.stringContaining('cannot be read: ask') }] },
    ]);
    const two = readQuestionnaire({ measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 2] }, clinic.measures);
    expect(decideRefusedAnswers(before, two, 'message-1', clinic, now)?.changedAlerts).toMatchObject([
      { tier: 'urgent' },
    ]);
    const takenBack = { resourceType: 'QuestionnaireResponse', id: 'r1', status: 'entered-in-error', item: answers };
    const reading = readQuestionnaire({ fhir: takenBack }, clinic.measures);
    expect(decideRefusedAnswers(before, reading, 'message-2', clinic, now)).toBeNull();
  });

  it('opens also for an answer that belongs to no measure that can be told', () => {
    const reading = {
      ...readQuestionnaire({ measure: 'nothing', answers: [] }, clinic.measures),
      item9Unread: true,
    } as Reading;
    const change = decideRefusedAnswers(unknown, reading, 'message-1', clinic, now);
    expect(change?.changedAlerts).toMatchObject([{ tier: 'list', evidence: [{ measure: '', answer: null }] }]);
  });

  it('does not open for a refused message whose answer is 0 or unknown', () => {
    for (const item9 of [0, null]) {
      const reading = readQuestionnaire(
        { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, item9] },
        clinic.measures,
      );
      expect(decideRefusedAnswers(unknown, reading, 'message-1', clinic, now)).toBeNull();
    }
  });

  it('keeps evidence from a refused message when the answers beside it are withdrawn', () => {
    const withAnswer = patientAfter(fhir(1, 2, 'completed'));
    const reading = readQuestionnaire({ measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 2] }, clinic.measures);
    const refused = decideRefusedAnswers(withAnswer, reading, 'message-1', clinic, now);
    const patient = { ...withAnswer, alerts: refused?.patient.alerts ?? [], raised: refused?.patient.raised ?? {} };
    const change = decideEvent(patient, fhir(2, 2, 'entered-in-error'), null, clinic, now);
    expect(change.patient.alerts).toMatchObject([{ status: 'open' }]);
  });
});

describe('a decision', () => {
  it('counts an unreadable questionnaire as something to mend, and an incomplete one as the patient\u2019s own choice', () => {
    const unreadable = event('QuestionnaireSubmitted', 1, {
      fhir: { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'urn:nobody:knows' },
    });
    expect(decideEvent(unknown, unreadable, null, clinic, now)).toMatchObject({ unreadable: true });
    expect(decideEvent(unknown, phq9(1, null), null, clinic, now)).toMatchObject({ unreadable: false });
  });

  it('says in its record which zone it used when the patient has none', () => {
    const change = decideEvent(unknown, event('PatientActive', 1, { kind: 'use' }), null, clinic, now);
    expect(change.audit.detail['zone']).toContain("the clinic's, since the patient has none");
    const moved = decideEvent(unknown, event('ContactChanged', 1, { timeZone: 'America/Denver' }), null, clinic, now);
    expect(moved.audit.detail['zone']).toBe('America/Denver');
  });

  it('asks for the history when an event is late or the rules have changed, and not otherwise', () => {
    const patient = patientAfter(phq9(5, 0));
    expect(needsHistory(unknown, phq9(1, 0), clinic)).toBe(false);
    expect(needsHistory(patient, phq9(4, 0), clinic)).toBe(true);
    expect(needsHistory(patient, phq9(6, 0), clinic)).toBe(false);
    expect(needsHistory({ ...patient, foldedUnder: 'sha256:old' }, phq9(6, 0), clinic)).toBe(true);
  });
});
