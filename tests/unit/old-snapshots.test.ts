import { describe, expect, it } from 'vitest';
import type { AlertTrigger } from '../../functions/domain/alert-lifecycle.ts';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { decideEvent, needsHistory } from '../../functions/domain/decide.ts';
import { decideAlert } from '../../functions/domain/decide-alert.ts';
import { decideReview, reviewNeedsHistory } from '../../functions/domain/decide-review.ts';
import { type ClinicalEvent, readEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { type Patient, restored } from '../../functions/domain/patient.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-12T09:00:00.000Z';

function event(id: string, type: string, occurredAt: string, data: object): ClinicalEvent {
  const read = readEvent({ id, type, occurredAt, patient: 'vendor-1', data }, now);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.event;
}

const history = [
  event('ev-1', 'PatientEnrolled', '2026-03-02T09:00:00Z', {
    programme: 'depression',
    track: 'therapist-supported',
    therapist: 't-7',
    timeZone: 'America/New_York',
    language: 'en',
  }),
  event('ev-2', 'ConsentGiven', '2026-03-02T09:01:00Z', { scopes: ['scoring', 'reminders'] }),
  event('ev-3', 'QuestionnaireSubmitted', '2026-03-03T09:00:00Z', {
    measure: 'phq-9',
    answers: [2, 2, 2, 2, 1, 1, 2, 0, 1],
  }),
];

/** The alert as the first version of Tandem kept it, before alerts had steps, versions and an outbox. */
const alert = {
  cause: 'safety',
  ended: null,
  evidence: [
    { answer: 1, at: '2026-03-03T09:00:00.000Z', basis: 'answer', measure: 'phq-9', previous: null, response: 'ev-3' },
  ],
  id: 'a-1',
  openedAt: '2026-03-03T09:00:01.000Z',
  raisedAt: '2026-03-03T09:00:01.000Z',
  status: 'open',
  tier: 'alert',
};

/** Field by field what that version wrote of this patient. */
const first = {
  alerts: [alert],
  raised: { 'ev-3': 'alert' },
  reviewAt: '2026-03-03T09:00:01.000Z',
  standing: [
    {
      at: '2026-03-03T09:00:01.000Z',
      factors: [],
      kind: 'dropout',
      level: 'green',
      reviewAt: null,
      rules: 'sha256:older',
      score: 0,
    },
  ],
  state: {
    activity: { dates: ['2026-03-03'], first: '2026-03-03T09:00:00.000Z', last: '2026-03-03T09:00:00.000Z' },
    barriers: [],
    consent: { reminders: true, scoring: true },
    contact: null,
    enrolment: {
      endReason: null,
      enrolledAt: '2026-03-02T09:00:00.000Z',
      pausedUntil: null,
      programme: 'depression',
      status: 'active',
    },
    events: 3,
    language: 'en',
    liveSession: { heldAt: null, requestedAt: null },
    messages: { fromPatient: 0, fromTherapist: 0, last: null },
    modules: {},
    newest: { at: '2026-03-03T09:00:00.000Z', id: 'ev-3' },
    responses: [
      {
        at: '2026-03-03T09:00:00.000Z',
        event: 'ev-3',
        key: 'ev-3',
        reading: { measure: 'phq-9', outcome: 'scored', total: 13 },
      },
    ],
    therapist: 't-7',
    timeZone: 'America/New_York',
    track: 'therapist-supported',
  },
};

/** As the adapter hands it over: JSON that somebody else wrote. */
function loaded(snapshot: object): Patient {
  const stored: Partial<Patient> = JSON.parse(JSON.stringify(snapshot));
  return { ...restored(stored), id: 'p-1', version: 3, head: genesis('p-1'), foldedUnder: 'sha256:older' };
}

describe.each([
  ['first committed version', first],
  ['version that had nights, and neither reminders nor preferences', { ...first, reviewedOn: '2026-03-11' }],
])('a patient whom the %s of Tandem stored', (_name, snapshot) => {
  const patient = loaded(snapshot);

  it('takes the next event: the state is the fold of all events under the rules of today', () => {
    const next = event('ev-4', 'ModuleCompleted', '2026-03-11T09:00:00Z', { module: 'm1', minutes: 41 });
    expect(needsHistory(patient, next, exampleClinic)).toBe(true);
    const { patient: after } = decideEvent(patient, next, history, exampleClinic, now);
    expect(after.state).toEqual(fold([...history, next], exampleClinic));
    expect(after).toMatchObject({ reminders: [], refusals: [], gaveUpAfter: null, legalHold: null });
    // The answer of back then calls for nobody a second time.
    expect(after.alerts.map(({ id }) => id)).toContain('a-1');
    expect(after.raised['ev-3']).toBe('alert');
  });

  it('is looked at by the night', () => {
    expect(reviewNeedsHistory(patient, exampleClinic)).toBe(true);
    const change = decideReview(patient, '2026-03-12', null, history, exampleClinic, now);
    expect(change?.patient.state).toEqual(fold(history, exampleClinic));
    expect(change?.patient.reviewedOn).toBe('2026-03-12');
  });

  const triggers: AlertTrigger[] = [
    { kind: 'deadline' },
    { kind: 'acknowledge', by: 't-7', version: 1, source: 'portal' },
  ];
  it.each(triggers)('has an alert that can be driven and answered: $kind', (trigger: AlertTrigger) => {
    const { change } = decideAlert(patient, 'a-1', trigger, exampleClinic, now);
    expect(change?.changedAlerts).toMatchObject([{ id: 'a-1', evidence: alert.evidence }]);
  });
});
