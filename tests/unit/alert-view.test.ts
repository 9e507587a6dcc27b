import { describe, expect, it } from 'vitest';
import { type Alert, type Evidence, newAlert } from '../../functions/domain/alert.ts';
import { outcomeSchema } from '../../functions/domain/alert-outcome.ts';
import { whatToDo } from '../../functions/domain/alert-steps.ts';
import { alertLine, alertView, byUrgency, withoutPatient } from '../../functions/domain/alert-view.ts';
import { genesis } from '../../functions/domain/audit-chain.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { type Patient, unknownPatient, unknownState } from '../../functions/domain/patient.ts';
import type { Assessment } from '../../functions/domain/risk.ts';
import { exampleClinic } from '../example-clinic.ts';
import { planOf } from '../example-escalation.ts';

const clinic: Clinic = { ...exampleClinic, escalation: planOf() };
const at = '2026-03-02T10:00:00.000Z';

function alertOf(change: Partial<Alert> = {}): Alert {
  return { ...newAlert({ id: 'a-1', cause: 'safety', tier: 'urgent', evidence: [] }, at), ...change };
}

const patient: Patient = {
  ...unknownPatient('p-1', genesis('p-1')),
  state: {
    ...unknownState,
    enrolment: { programme: 'depression', enrolledAt: at, status: 'active', pausedUntil: null, endReason: null },
    track: 'therapist-supported',
    therapist: 't-7',
    timeZone: 'Europe/Stockholm',
  },
};

const answer = (change: object = {}): Evidence => ({
  basis: 'answer',
  response: 'r-1',
  at,
  measure: 'phq-9',
  previous: 0,
  answer: 3,
  ...change,
});

const view = (alert: Alert, of = patient, as: Clinic = clinic) => alertView(of, alert, 'vendor-1', as, at);

describe('an alert in a list', () => {
  it('says how it stands, and when one that was put off comes back', () => {
    const later = '2026-03-02T15:00:00.000Z';
    expect(alertLine(alertOf({ nextActionAt: later }), 'p-1')).toMatchObject({ patient: 'p-1', snoozedUntil: null });
    expect(alertLine(alertOf({ status: 'snoozed', nextActionAt: later }), 'p-1').snoozedUntil).toBe(later);
  });

  it('shows whoever may see states only neither whose it is nor what it is about', () => {
    expect(withoutPatient(alertLine(alertOf(), 'p-1'))).toEqual({
      ...alertLine(alertOf(), 'p-1'),
      patient: null,
      cause: null,
    });
  });

  it('stands by its urgency, and of the same urgency by how long it has waited', () => {
    const lines = [
      alertOf({ id: 'a-4', tier: 'list', raisedAt: '2026-03-01T10:00:00.000Z' }),
      alertOf({ id: 'a-2', raisedAt: '2026-03-02T12:00:00.000Z' }),
      alertOf({ id: 'a-3', tier: 'alert', raisedAt: '2026-03-01T10:00:00.000Z' }),
      alertOf({ id: 'a-1', raisedAt: '2026-03-02T12:00:00.000Z' }),
      alertOf({ id: 'a-0', raisedAt: '2026-03-02T11:00:00.000Z' }),
    ].map((alert) => alertLine(alert, 'p-1'));
    expect(lines.toSorted(byUrgency).map(({ id }) => id)).toEqual(['a-0', 'a-1', 'a-2', 'a-3', 'a-4']);
    expect(
      lines
        .toReversed()
        .toSorted(byUrgency)
        .map(({ id }) => id),
    ).toEqual(['a-0', 'a-1', 'a-2', 'a-3', 'a-4']);
  });
});

describe('an alert as it is answered', () => {
  it('names the patient as the programme does, with what is known of them', () => {
    expect(view(alertOf()).patient).toEqual({
      id: 'p-1',
      programmeId: 'vendor-1',
      programme: 'depression',
      track: 'therapist-supported',
      therapist: 't-7',
      timeZone: 'Europe/Stockholm',
    });
    expect(view(alertOf(), unknownPatient('p-1', genesis('p-1'))).patient).toMatchObject({
      programme: null,
      track: null,
      therapist: null,
      timeZone: clinic.settings.timeZone,
    });
  });

  it.each([
    [answer(), 'PHQ-9', 'answer 3 (before: 0)'],
    [answer({ previous: null, answer: null }), 'PHQ-9', 'cannot be read (never asked before)'],
    [answer({ measure: 'gone' }), 'a questionnaire', 'answer 3'],
    [{ basis: 'assessment', at, level: 'red', score: 7 }, 'the level became red', '7 points'],
    [{ basis: 'reminders', at, unanswered: 4 }, '4 reminders in a row', 'no more are sent'],
  ] as [Evidence, string, string][])('says why in words and by the clinic’s clock: %j', (evidence, ...words) => {
    const [line] = view(alertOf({ evidence: [evidence] })).why;
    for (const word of ['Mar 2, 2026, 5:00 AM EST', ...words]) expect(line).toContain(word);
  });

  it('adds the factors as they stand, each with its points, and those of another cause not', () => {
    const assessment = (kind: Assessment['kind'], reason: string): Assessment => ({
      at,
      kind,
      score: 3,
      level: 'red',
      factors: [{ name: 'x', value: 9, points: 3, reason, plain: '' }],
      reviewAt: null,
      rules: clinic.hash,
    });
    const standing = [assessment('dropout', 'nine days of silence'), assessment('safety', 'an answer')];
    const dropout = alertOf({ cause: 'dropout', tier: 'list' });
    expect(view(dropout, { ...patient, standing }).why).toEqual(['nine days of silence (3 points)']);
    expect(view(alertOf({ cause: 'deterioration' }), { ...patient, standing }).why).toEqual([]);
    expect(view(alertOf(), { ...patient, standing }).why).toEqual([]);
    const { risk: _, ...rules } = clinic.rules;
    expect(view(dropout, { ...patient, standing }, { ...clinic, rules }).why).toHaveLength(1);
  });

  it('says so where a patient has no therapist', () => {
    expect(view(alertOf({ cause: 'unassigned' })).why).toEqual([expect.stringContaining('no therapist')]);
  });

  it('tells all that has happened to it, and that more did than is kept', () => {
    const opened = { at, what: 'opened', who: 'tandem' };
    expect(view(alertOf()).history).toEqual([opened]);
    const kept = [{ at: '2026-03-02T11:00:00.000Z', what: 'acknowledged', who: 't-7' }];
    expect(view(alertOf({ history: { earlier: 0, kept } })).history).toEqual([opened, ...kept]);
    expect(view(alertOf({ history: { earlier: 7, kept } })).history).toEqual([
      opened,
      { ...opened, what: 'then came 7 things more, which only the audit still shows' },
      ...kept,
    ]);
  });

  it('offers every outcome there is, and asks for every field that one needs', () => {
    const offered = view(alertOf()).outcomes;
    expect(offered.map(({ code }) => code)).toEqual(outcomeSchema.options.map(({ shape }) => shape.code.value));
    expect(offered.filter(({ asksFor }) => asksFor.length > 0).map(({ code, asksFor }) => [code, ...asksFor])).toEqual([
      ['not-reached', 'nextTry'],
      ['referred', 'recipient', 'what', 'purpose'],
      ['no-action-needed', 'why'],
    ]);
  });

  it.each([
    ['urgent', 'open', null],
    ['alert', 'open', '2026-03-03T10:00:00.000Z'],
    ['alert', 'overdue', null],
    ['list', 'acknowledged', '2026-03-09T10:00:00.000Z'],
  ] as const)('%s and %s can be put off until %s', (tier, status, until) => {
    expect(view(alertOf({ tier, status })).snooze).toEqual({ allowed: until !== null, until });
  });
});

describe('what to do', () => {
  it.each([
    ['safety', 'urgent', 'Call the patient now', true],
    ['safety', 'alert', 'today', true],
    ['safety', 'list', 'next contact', false],
    ['deterioration', 'alert', 'adapt the plan', false],
    ['dropout', 'list', 'next small step', false],
    ['unassigned', 'alert', 'Name a therapist', false],
    ['unanswered', 'list', 'another way', false],
  ] as const)(
    'about %s, %s, is in plain steps, between the acknowledgement and the outcome',
    (cause, tier, words, crisis) => {
      const steps = whatToDo({ cause, tier }, 'call or text 988');
      expect(steps[0]).toContain('Acknowledge');
      expect(steps.at(-1)).toContain('Only that ends the alert');
      expect(steps.join('\n')).toContain(words);
      expect(steps.join('\n').includes('call or text 988')).toBe(crisis);
    },
  );
});
