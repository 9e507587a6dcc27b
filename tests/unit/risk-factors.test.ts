import { describe, expect, it } from 'vitest';
import { withCandidates } from '../../bin/evaluate/candidates.ts';
import { unknownState } from '../../functions/domain/patient.ts';
import type { ReminderRecord } from '../../functions/domain/reminder.ts';
import { assess, observe } from '../../functions/domain/risk.ts';
import { exampleClinic } from '../example-clinic.ts';
import {
  active,
  type Brief,
  completed,
  eheals,
  enrolled,
  factorOf,
  gad7,
  onDay,
  phq9,
  riskRules,
  scored,
  stateOf,
} from '../risk-patients.ts';

const every = (from: number, to: number) =>
  active(...Array.from({ length: to - from + 1 }, (_, index) => from + index));
const allModules = exampleClinic.programme.modules.map(({ id }, index): Brief => completed(1 + index / 10, id));

const paced = (paceDays: number) => ({ ...exampleClinic, programme: { ...exampleClinic.programme, paceDays } });

const behind = (briefs: Brief[], day: number) =>
  assess(stateOf(briefs), exampleClinic, onDay(day)).assessments[0]?.factors.some(
    ({ name }) => name === 'modules-behind',
  );

const count = (day: number) => factorOf('questionnaires-overdue', 'dropout', [], day)?.value;

const missing = (answered: number, day: number) =>
  factorOf('measure-missing:phq-9', 'deterioration', [phq9(answered, 5)], day)?.value;

const fhir = (status: string) => ({ fhir: { resourceType: 'QuestionnaireResponse', id: 'r1', status, item: [] } });

const barrier = (day: number, one: string): Brief => [day, 'BarrierReported', { barrier: one }];

const relapse = (total: number) => [phq9(0, 20), phq9(7, 4), phq9(14, total)];

const fall = (day: number, total: number, milliseconds = 0, answeredOn = 27) =>
  factorOf('fall-by-week-4:phq-9', 'deterioration', [phq9(0, 20), phq9(answeredOn, total)], day, milliseconds);

const from = (first: number) =>
  factorOf('fall-by-week-4:phq-9', 'deterioration', [phq9(0, first), phq9(27, first)], 28);

const observed = (first: number, second: number) => {
  const briefs = [...enrolled, eheals(0, first), eheals(27, second)];
  return observe(stateOf(briefs), exampleClinic, onDay(28))?.get('fall-by-week-4:eheals');
};

describe('silence', () => {
  it.each([
    [2, 86_399_999, undefined, undefined],
    [3, 0, 3, 1],
    [6, 86_399_999, 3, 1],
    [7, 0, 7, 3],
    [14, 0, 14, 5],
    [20, 86_399_999, 14, 5],
    [21, 0, 21, 6],
  ])('counts elapsed days of 24 hours: day %d and %d ms', (day, milliseconds, value, points) => {
    const factor = factorOf('silence', 'dropout', [], day, milliseconds);
    expect(factor?.value).toBe(value);
    expect(factor?.points).toBe(points);
  });

  it('starts anew with any activity and with the end of a pause', () => {
    expect(factorOf('silence', 'dropout', active(5), 7)).toBeUndefined();
    const paused: Brief = [1, 'EnrolmentPaused', { until: onDay(10) }];
    expect(factorOf('silence', 'dropout', [paused], 12)).toBeUndefined();
    expect(factorOf('silence', 'dropout', [paused], 13)?.value).toBe(3);
  });

  it('has shorter limits at a faster pace, and no longer ones at a slower pace', () => {
    expect(factorOf('silence', 'dropout', [], 4, 0, paced(3))).toMatchObject({ value: 3, points: 3 });
    expect(factorOf('silence', 'dropout', [], 6, 0, paced(21))).toMatchObject({ value: 3, points: 1 });
  });

  it('says in words how long, and names the last bucket "or more"', () => {
    expect(factorOf('silence', 'dropout', [], 8)?.reason).toBe('No activity for 7 to 13 days');
    expect(factorOf('silence', 'dropout', [], 30)?.reason).toBe('No activity for 21 or more days');
  });
});

describe('modules behind', () => {
  it('counts a module from the local date after its due day, not by the hour', () => {
    const busy = every(1, 7);
    expect(factorOf('modules-behind', 'dropout', busy, 7.49)).toBeUndefined();
    expect(factorOf('modules-behind', 'dropout', busy, 7.5)).toMatchObject({ value: 1, points: 4 });
    expect(factorOf('modules-behind', 'dropout', [...busy, completed(7.6, 'm1')], 8)).toBeUndefined();
    expect(factorOf('modules-behind', 'dropout', [], 15)).toMatchObject({
      value: 2,
      reason: 'Modules behind schedule: 2 or more',
    });
  });

  it("counts the dates of the patient's own zone, the clinic's where there is none", () => {
    const { timeZone: _, ...withoutZone } = (enrolled[0] as Brief)[2] as Record<string, unknown>;
    const honolulu: Brief[] = [
      [0, 'PatientEnrolled', { ...withoutZone, timeZone: 'Pacific/Honolulu' }],
      enrolled[1] as Brief,
    ];
    // Noon UTC is 02:00 in Honolulu: day 7 there ends at 10:00 UTC, 7.92 days after the enrolment.
    expect(behind(honolulu, 7.9)).toBe(false);
    expect(behind(honolulu, 7.93)).toBe(true);
    // New York, the clinic's zone: day 7 ends at 04:00 UTC, since summer time has begun.
    const clinicZone: Brief[] = [[0, 'PatientEnrolled', withoutZone], enrolled[1] as Brief];
    expect(behind(clinicZone, 7.66)).toBe(false);
    expect(behind(clinicZone, 7.67)).toBe(true);
  });
});

describe('active days', () => {
  it('are counted over the last 14 dates, today included, once 14 are over', () => {
    expect(factorOf('active-days', 'dropout', active(1, 2), 12)).toBeUndefined();
    // The enrolment itself is no activity.
    expect(factorOf('active-days', 'dropout', active(1, 2), 13)).toMatchObject({
      value: 2,
      points: 3,
      reason: 'Active on 2 to 3 of the last 14 days',
    });
    expect(factorOf('active-days', 'dropout', active(1, 2), 15)).toMatchObject({ value: 0, points: 4 });
    expect(factorOf('active-days', 'dropout', every(1, 13), 13)).toBeUndefined();
    expect(factorOf('active-days', 'dropout', every(1, 7), 13)).toMatchObject({ value: 6, points: 1 });
  });

  it('take in a date that a move to the west has put ahead of today', () => {
    const moves: Brief[] = [
      [0.1, 'ContactChanged', { timeZone: 'Pacific/Kiritimati' }],
      ...active(13),
      [13.001, 'ContactChanged', { timeZone: 'Pacific/Honolulu' }],
    ];
    const { reviewAt } = scored('dropout', moves, 13.9);
    expect(factorOf('active-days', 'dropout', moves, 13.9)?.value).toBe(0);
    expect(reviewAt).not.toBeNull();
  });
});

describe('minutes for a module', () => {
  it.each([
    [[40, 40, 19], 47],
    [[40, 40, 20], undefined],
    [[40, 40, 79], undefined],
    [[40, 40, 80], 200],
    [[40, 10], undefined],
    [[0, 0, 30], undefined],
  ])('%j: the newest against the own average before it', (minutes, value) => {
    const briefs = minutes.map((one, index) => completed(index + 1, `m${index + 1}`, one));
    expect(factorOf('module-minutes', 'dropout', briefs, 4)?.value).toBe(value);
  });

  it('say nothing without minutes', () => {
    const briefs = [completed(1, 'm1'), completed(2, 'm2'), completed(3, 'm3')];
    expect(factorOf('module-minutes', 'dropout', briefs, 4)).toBeUndefined();
  });
});

describe('days for a module', () => {
  const seen = (briefs: Brief[], day: number, clinic = exampleClinic) =>
    observe(stateOf([...enrolled, ...briefs], clinic), clinic, onDay(day))?.get('module-days');

  it('are counted in local dates from when the turn of the newest module came: its due day at the pace of a week is 7', () => {
    // m1 is due on day 7, m2 on day 14.
    expect(seen([], 9)).toBeNull();
    expect(seen([completed(4, 'm1')], 9)).toBe(4);
    expect(seen([completed(7.4, 'm1')], 9)).toBe(7);
    expect(seen([completed(7.5, 'm1')], 9)).toBe(8);
    expect(seen([completed(7, 'm1'), completed(18, 'm2')], 20)).toBe(11);
    expect(seen([completed(18, 'm1'), completed(7, 'm2')], 20)).toBe(18);
  });

  it('are not below nothing for a module done before its turn, and nothing once all are done', () => {
    expect(seen([completed(1, 'm4')], 2)).toBe(0);
    expect(seen(allModules, 9)).toBeNull();
  });

  it('have limits that stretch with the pace, to whole days', () => {
    const rule = withCandidates('dropout', riskRules.dropout).factors.find(({ factor }) => factor === 'module-days');
    if (rule === undefined) throw new Error('no such rule');
    const dropout = { levels: { yellow: 1, red: 3 }, factors: [rule] };
    const points = (paceDays: number, day: number) => {
      const risk = { ...riskRules, dropout };
      const clinic = { ...paced(paceDays), rules: { ...exampleClinic.rules, risk } };
      return factorOf('module-days', 'dropout', [completed(day, 'm1')], 40, 0, clinic)?.points;
    };
    expect([6, 7, 8, 10, 11].map((day) => points(7, day))).toEqual([undefined, 1, 2, 2, 3]);
    // At a pace of 14 days the turn of m1 came 7 days before the enrolment: its due day is day 14 of its turn.
    expect([6, 7, 8, 9, 14, 15].map((day) => points(14, day))).toEqual([undefined, 1, 1, 2, 2, 3]);
  });
});

describe('a patient who has done every module', () => {
  it('is not silent, inactive or hurried: nothing is left to drop out of', () => {
    const { factors } = scored('dropout', allModules, 60);
    expect(factors.map(({ name }) => name)).toEqual(['questionnaires-overdue']);
  });
});

describe('reminders', () => {
  const reminder = (day: number, outcome: ReminderRecord['outcome'] = 'sent'): ReminderRecord => ({
    key: `reminder-${day}`,
    kind: 'module-due',
    subject: 'm1',
    dueAt: onDay(day),
    at: onDay(day),
    channel: 'sms',
    outcome,
    reason: null,
  });
  const listed = (briefs: Brief[], day: number, sent: ReminderRecord[]) =>
    assess(stateOf([...enrolled, ...briefs]), exampleClinic, onDay(day), sent).assessments[0]?.factors.find(
      ({ name }) => name === 'reminders-unanswered',
    );

  it('count as unanswered 48 hours after they were due, from the second in a row on', () => {
    const sent = [reminder(3), reminder(5), reminder(7)];
    expect(listed([], 6.99, sent)).toBeUndefined();
    expect(listed([], 7, sent)).toMatchObject({ value: 2, points: 1 });
    expect(listed([], 8.99, sent)).toMatchObject({ value: 2 });
    expect(listed([], 9, sent)).toMatchObject({
      value: 3,
      points: 2,
      reason: 'Reminders in a row without an answer: 3 or more',
    });
  });

  it('are counted anew once the patient is heard of, and only those that may have arrived', () => {
    const sent = [reminder(3), reminder(5), reminder(7)];
    expect(listed(active(6), 10, sent)).toBeUndefined();
    expect(listed(active(7), 10, [...sent, reminder(7.5)])?.value).toBe(2);
    const others = (['failed', 'dropped', 'waiting'] as const).map((outcome, index) => reminder(4 + index, outcome));
    expect(listed([], 10, [reminder(3), ...others])).toBeUndefined();
    expect(listed([], 10, [reminder(3, 'claimed'), reminder(4, 'unknown')])?.value).toBe(2);
  });

  it('say nothing once every module is done', () => {
    expect(listed(allModules, 10, [reminder(3), reminder(5)])).toBeUndefined();
  });
});

describe('questionnaires', () => {
  it('are overdue from the local date after their due day', () => {
    expect(count(0.49)).toBeUndefined();
    // Four measures are due on day 0, the PHQ-9 on day 7 too.
    expect(count(0.5)).toBe(3);
  });

  it('belong to the due day nearest to the answer: late for one week is not early for the next', () => {
    expect(missing(3, 8)).toBe(1);
    expect(missing(4, 8)).toBeUndefined();
    expect(missing(8, 15)).toBe(1);
    expect(missing(10, 15)).toBe(1);
    expect(missing(11, 15)).toBeUndefined();
    expect(missing(0, 30)).toBe(2);
  });

  it('count as answered for dropout, but as missing for deterioration, while their total cannot be told', () => {
    const partly: Brief = [0, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [1, 1, 1, 1, 1, 1, 1, 1, null] }];
    const others = [
      gad7(0, 3),
      eheals(0, 30),
      [0, 'QuestionnaireSubmitted', { measure: 'isi', answers: [0, 0, 0, 0, 0, 0, 0] }] as Brief,
    ];
    expect(factorOf('questionnaires-overdue', 'dropout', [partly, ...others], 1)).toBeUndefined();
    expect(factorOf('measure-missing:phq-9', 'deterioration', [partly, ...others], 1)?.value).toBe(1);
    // A total of day 0, then an answer without one: the PHQ-9 of day 7 is missing, though it was answered.
    const later: Brief = [7, ...(partly.slice(1) as [Brief[1], unknown])];
    expect(factorOf('measure-missing:phq-9', 'deterioration', [phq9(0, 3), later], 8)?.value).toBe(1);
  });

  it('from before the screening, or entered in error, count for nothing', () => {
    const wrong: Brief[] = [[0, 'QuestionnaireSubmitted', fhir('entered-in-error')], phq9(-28.01, 27)];
    expect(factorOf('measure-missing:phq-9', 'deterioration', wrong, 1)?.value).toBe(1);
    expect(factorOf('measure-missing:phq-9', 'deterioration', [phq9(-28, 4)], 1)).toBeUndefined();
  });
});

describe('barriers', () => {
  it('count once each, for four weeks', () => {
    const named = [barrier(1, 'time'), barrier(2, 'time'), barrier(3, 'fit')];
    expect(factorOf('barriers', 'dropout', named, 4)).toMatchObject({ value: 2, points: 3 });
    expect(factorOf('barriers', 'dropout', named, 29.99)).toMatchObject({ value: 2 });
    expect(factorOf('barriers', 'dropout', named, 30)).toMatchObject({ value: 1, points: 2 });
    expect(factorOf('barriers', 'dropout', named, 31)).toBeUndefined();
  });
});

describe('eHEALS', () => {
  it.each([
    [26, 26],
    [27, undefined],
  ])('%d of 40: help is offered at or below 26', (total, value) => {
    expect(factorOf('total:eheals', 'dropout', [eheals(0, total)], 1)?.value).toBe(value);
  });
});

describe('track', () => {
  it('counts for the self-guided', () => {
    expect(factorOf('self-guided', 'dropout', [[1, 'TrackChanged', { track: 'self-guided' }]], 2)?.points).toBe(1);
    expect(factorOf('self-guided', 'dropout', [], 2)).toBeUndefined();
  });
});

describe('reliable change', () => {
  it.each([
    ['phq-9', phq9, 5, undefined],
    ['phq-9', phq9, 6, 6],
    ['gad-7', gad7, 3, undefined],
    ['gad-7', gad7, 4, 4],
  ] as const)('%s against the start, %o by %d points', (measure, answered, rise, value) => {
    const briefs = [answered(0, 3), answered(7, 3 + rise)];
    expect(factorOf(`worse-than-start:${measure}`, 'deterioration', briefs, 8)?.value).toBe(value);
    expect(factorOf(`worse-than-best:${measure}`, 'deterioration', briefs, 8)?.value).toBe(value);
  });

  it('against the best so far shows a relapse that still looks better than the start', () => {
    expect(factorOf('worse-than-best:phq-9', 'deterioration', relapse(9), 15)).toBeUndefined();
    expect(factorOf('worse-than-best:phq-9', 'deterioration', relapse(10), 15)?.value).toBe(6);
    expect(factorOf('worse-than-start:phq-9', 'deterioration', relapse(10), 15)).toBeUndefined();
  });

  it('says nothing of a single answer', () => {
    expect(factorOf('worse-than-start:phq-9', 'deterioration', [phq9(0, 27)], 1)).toBeUndefined();
  });

  it('against the start is red by itself', () => {
    expect(scored('deterioration', [phq9(0, 3), phq9(7, 9), gad7(0, 0)], 8)).toMatchObject({ score: 6, level: 'red' });
  });
});

describe('week 4', () => {
  it.each([
    [27, 0, undefined],
    [28, -1, undefined],
    [28, 0, 0],
    [29, 0, 0],
  ])('is over on day 28, not before: day %d and %d ms', (day, milliseconds, value) => {
    expect(fall(day, 20, milliseconds)?.value).toBe(value);
  });

  it.each([
    [16, 20, 3],
    [15, 25, 1],
    [11, 45, 1],
    [10, undefined, undefined],
    [24, 0, 3],
  ])('from 20 to %d points: exactly half is a response', (total, value, points) => {
    expect(fall(28, total)?.value).toBe(value);
    expect(fall(28, total)?.points).toBe(points);
  });

  it('is the next review where nothing else moves before it', () => {
    const rule = riskRules.deterioration.factors.find(({ factor }) => factor === 'fall-by-week-4');
    if (rule === undefined) throw new Error('no such rule');
    const deterioration = { levels: { yellow: 1, red: 3 }, factors: [rule] };
    const clinic = { ...exampleClinic, rules: { ...exampleClinic.rules, risk: { ...riskRules, deterioration } } };
    const answered = [phq9(0, 20), phq9(27, 20)];
    expect(scored('deterioration', answered, 27, 0, clinic).reviewAt).toBe(onDay(28));
    expect(scored('deterioration', answered, 28, 0, clinic).reviewAt).toBeNull();
  });

  it('needs an answer from the fourth week or later', () => {
    expect(fall(28, 20, 0, 20.99)).toBeUndefined();
    expect(fall(28, 20, 0, 21)?.value).toBe(0);
  });

  it('is over for a measure that the programme never asks for, too, and such a measure is never missing', () => {
    const clinic = { ...exampleClinic, programme: { ...exampleClinic.programme, measures: [] } };
    const answered = [phq9(0, 20), phq9(27, 20)];
    expect(factorOf('fall-by-week-4:phq-9', 'deterioration', answered, 28, 0, clinic)?.value).toBe(0);
    expect(factorOf('measure-missing:phq-9', 'deterioration', [], 60, 0, clinic)).toBeUndefined();
  });

  it('needs distress at the start: whoever was no case cannot fail to respond', () => {
    expect(from(9)).toBeUndefined();
    expect(from(10)?.value).toBe(0);
  });

  it('reads a measure the other way round where higher is better, and nothing where there was nothing to lose', () => {
    expect(observed(24, 32)).toBe(50);
    expect(observed(40, 40)).toBeNull();
  });
});

describe('caseness', () => {
  it.each([
    ['phq-9', phq9, 9, undefined],
    ['phq-9', phq9, 10, 10],
    ['gad-7', gad7, 7, undefined],
    ['gad-7', gad7, 8, 8],
  ] as const)('%s, %o at %d', (measure, answered, total, value) => {
    expect(factorOf(`caseness:${measure}`, 'deterioration', [answered(0, total)], 1)?.value).toBe(value);
  });
});

describe('observing', () => {
  it('gives every factor of the clinic its raw value, seen or not', () => {
    const seen = observe(stateOf([...enrolled, phq9(0, 12)]), exampleClinic, onDay(9.7));
    expect(seen?.get('silence')).toBe(9);
    expect(seen?.get('caseness:phq-9')).toBe(12);
    expect(seen?.get('caseness:gad-7')).toBeNull();
  });

  it('has nothing to say of somebody who is not enrolled', () => {
    expect(observe(unknownState, exampleClinic, onDay(1))).toBeNull();
  });
});
