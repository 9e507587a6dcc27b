import { describe, expect, it } from 'vitest';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { dayNumber, toEpoch } from '../../functions/domain/epoch.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { localText } from '../../functions/domain/local-time.ts';
import type { Reminded, ReminderRecord } from '../../functions/domain/reminder.ts';
import { remindedOf } from '../../functions/domain/reminder.ts';
import { decideReminder, nextReminder, outlook, recordOf } from '../../functions/domain/reminder-plan.ts';
import { decideRound } from '../../functions/domain/reminder-round.ts';
import { exampleClinic } from '../example-clinic.ts';
import { clinicWith, enrolment, generous, hoursAfter, patientAfter, rule, sentAt } from '../reminder-patients.ts';
import { active, type Brief, completed, enrolledAt, onDay, phq9, stateOf } from '../risk-patients.ts';

const welcome = clinicWith({ kinds: [rule('welcome')] });
const sixPm = '2026-03-02T18:00:00.000Z';

/** Runs rounds exactly when they are due, until a moment. */
function played(reminded: Reminded, clinic: Clinic, from: Instant, until: Instant): readonly ReminderRecord[] {
  let records = reminded.records;
  let now: Instant | null = from;
  while (now !== null && now < until) {
    const round = decideRound({ ...reminded, records }, clinic, now);
    records = [...records, ...round.records];
    now = round.nextAt;
  }
  return records;
}

const sends = (records: readonly ReminderRecord[]) => records.filter(({ outcome }) => outcome === 'claimed');

describe('when a reminder goes out', () => {
  it("T21: a day without a time means one send, at the preferred hour of the patient's place", () => {
    const state = stateOf(enrolment('America/New_York'));
    const records = played(remindedOf(state, [], []), welcome, enrolledAt, onDay(5));
    expect(records).toMatchObject([{ kind: 'welcome', at: '2026-03-02T23:00:00.000Z', outcome: 'claimed' }]);
  });

  it.each([
    ['their own hour', 10 * 60 + 30, {}, '2026-03-02T12:00:00.000Z'],
    ['their own hour, still to come', 19 * 60, {}, '2026-03-02T19:00:00.000Z'],
    ['an hour outside the window: where it begins', 20 * 60, { window: { from: '15:00', to: '20:00' } }, onDay(0.125)],
    ['a quiet hour: where the window begins', 22 * 60, { window: { from: '15:00', to: '23:00' } }, onDay(0.125)],
    ['none: the preferred one', null, {}, sixPm],
  ])('to a patient who prefers %s', (_, hour, change, at) => {
    const clinic = clinicWith({ kinds: [rule('welcome', 0, change)] });
    const planned = nextReminder(patientAfter([], { preferences: { hour } }), clinic, enrolledAt);
    expect(planned).toMatchObject({ at, outcome: 'send', channel: 'sms', crisisLine: false, held: [] });
  });

  it('T08: weekly at eight stays at eight for a year, through both changes of the clocks', () => {
    const dueDays = Array.from({ length: 52 }, (_, week) => 7 * week);
    const clinic = clinicWith(
      {
        ...generous,
        stopAfterUnanswered: 50,
        preferredHour: '08:00',
        kinds: [rule('questionnaire-due', 0, { window: { from: '08:00', to: '12:00' } })],
      },
      { measures: [{ measure: 'gad-7', dueDays }] },
    );
    const weekly = dueDays.slice(1).map((day): Brief => [day + 3, 'PatientActive', { kind: 'log-in' }]);
    // Enrolled on a Monday before eight, local time.
    const state = { ...stateOf(enrolment('America/Denver')) };
    let records: readonly ReminderRecord[] = [];
    for (const [day] of [[0] as const, ...weekly]) {
      const activity = { ...state.activity, last: day === 0 ? null : onDay(day) };
      records = played(
        remindedOf({ ...state, activity }, [], records),
        clinic,
        onDay(day),
        onDay(day === 0 ? 10 : day + 7),
      );
    }
    expect(sends(records)).toHaveLength(52);
    for (const { at } of records) {
      expect(localText(toEpoch(at), 'America/Denver')).toContain('T08:00-0');
      expect((dayNumber(localText(toEpoch(at), 'America/Denver')) - dayNumber('2026-03-02')) % 7).toBe(0);
    }
  });

  it('T02: three dates in a row are three reminders, though the clocks skip the hour of one', () => {
    const clinic = clinicWith(
      {
        ...generous,
        quietHours: { from: '22:00', to: '02:00' },
        preferredHour: '02:30',
        kinds: [rule('questionnaire-due', 0, { window: { from: '02:00', to: '05:00' } })],
      },
      { measures: [{ measure: 'gad-7', dueDays: [5, 6, 7] }] },
    );
    const reminded = remindedOf(stateOf(enrolment('America/New_York')), [], []);
    expect(played(reminded, clinic, enrolledAt, onDay(20)).map(({ at }) => at)).toEqual([
      '2026-03-07T07:30:00.000Z',
      '2026-03-08T07:30:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
  });

  it('a window that the clocks skip as a whole does not exist on that day', () => {
    const kinds = [rule('questionnaire-due', 0, { window: { from: '02:00', to: '03:00' }, validForDays: 2 })];
    const clinic = clinicWith(
      { quietHours: { from: '22:00', to: '02:00' }, preferredHour: '02:30', kinds },
      { measures: [{ measure: 'gad-7', dueDays: [6] }] },
    );
    const reminded = remindedOf(stateOf(enrolment('America/New_York')), [], []);
    expect(nextReminder(reminded, clinic, enrolledAt)?.at).toBe('2026-03-09T06:30:00.000Z');
  });

  it('at one moment the one that the clinic lists first goes first, then the one whose day came first', () => {
    const kinds = [rule('module-due'), rule('questionnaire-due'), rule('module-overdue', 7)];
    const order = (listed: typeof kinds) =>
      outlook(patientAfter(), clinicWith({ ...generous, kinds: listed }), enrolledAt, onDay(15)).map(
        ({ kind, subject }) => `${kind} ${subject}`,
      );
    expect(order(kinds)).toEqual([
      'questionnaire-due day-0',
      'module-due m1',
      'questionnaire-due day-7',
      'module-due m2',
      'questionnaire-due day-14',
      'module-overdue m1',
    ]);
    expect(order(kinds.toReversed()).slice(-3)).toEqual([
      'module-overdue m1',
      'questionnaire-due day-14',
      'module-due m2',
    ]);
    const late = outlook(patientAfter(), clinicWith({ ...generous, kinds }), onDay(30), onDay(31));
    expect(late.slice(0, 3).map(({ subject, reason }) => [subject, reason])).toEqual([
      ['m1', 'expired'],
      ['m2', 'expired'],
      ['m3', 'expired'],
    ]);
  });
});

function due(reminded: Reminded, clinic: Clinic, now: Instant) {
  const planned = nextReminder(reminded, clinic, now);
  return planned === null ? null : [planned.at, planned.subject, planned.reason];
}

describe('what each kind is about, and when that is done', () => {
  it('a welcome: until a module is started', () => {
    expect(due(patientAfter(active(0.1)), welcome, onDay(0.1))).toEqual([sixPm, '', null]);
    expect(due(patientAfter([completed(0.1, 'm1')]), welcome, onDay(0.1))).toEqual([sixPm, '', 'completed']);
  });

  it('a module: until it is completed', () => {
    const clinic = clinicWith({ ...generous, kinds: [rule('module-due', -1), rule('module-overdue', 2)] });
    expect(due(patientAfter(), clinic, enrolledAt)).toEqual(['2026-03-08T18:00:00.000Z', 'm1', null]);
    expect(due(patientAfter([completed(1, 'm1')]), clinic, onDay(1))).toEqual([
      '2026-03-08T18:00:00.000Z',
      'm1',
      'completed',
    ]);
    const after = outlook(patientAfter([completed(7, 'm1')]), clinic, onDay(7), onDay(10));
    expect(after.map(({ kind, subject, reason }) => [kind, subject, reason])).toEqual([
      ['module-due', 'm1', 'expired'],
      ['module-overdue', 'm1', 'completed'],
    ]);
  });

  it('questionnaires: one reminder for all of a day, until every one of them is answered', () => {
    const clinic = clinicWith(
      { kinds: [rule('questionnaire-due')] },
      {
        measures: [
          { measure: 'phq-9', dueDays: [0, 14] },
          { measure: 'gad-7', dueDays: [14] },
        ],
      },
    );
    const screened = [phq9(0, 10), phq9(13, 9)];
    const half = outlook(patientAfter(screened), clinic, onDay(13), onDay(14));
    expect(half.map(({ subject, reason, why }) => [subject, reason, why])).toEqual([
      ['day-0', 'expired', 'due on day 0: phq-9'],
      ['day-14', null, 'due on day 14: gad-7, phq-9'],
    ]);
    const gad7: Brief = [13, 'QuestionnaireSubmitted', { measure: 'gad-7', answers: [1, 1, 1, 1, 1, 1, 1] }];
    const both = outlook(patientAfter([...screened, gad7]), clinic, onDay(13), onDay(14));
    expect(both.at(-1)).toMatchObject({ subject: 'day-14', reason: 'completed' });
  });

  it('inactivity: counted from the last activity or the end of a pause, once for each silence, while modules are left', () => {
    const clinic = clinicWith({ ...generous, kinds: [rule('inactivity', 3), rule('inactivity', 6)] });
    expect(due(patientAfter(active(2)), clinic, onDay(2))).toEqual(['2026-03-07T18:00:00.000Z', onDay(2), null]);
    const paused: Brief = [1, 'EnrolmentPaused', { until: onDay(4) }];
    expect(due(patientAfter([paused]), clinic, onDay(2))).toEqual(['2026-03-09T18:00:00.000Z', onDay(4), null]);
    const records = played(patientAfter(active(2)), clinic, onDay(2), onDay(40));
    expect(sends(records).map(({ at }) => at)).toEqual(['2026-03-07T18:00:00.000Z', '2026-03-10T18:00:00.000Z']);
    const done = exampleClinic.programme.modules.map(({ id }) => completed(2, id));
    expect(due(patientAfter(done), clinic, onDay(2))?.at(2)).toBe('completed');
  });

  it('a talk: on the day before it', () => {
    const clinic = clinicWith({ kinds: [rule('live-session', -1)] });
    expect(due(patientAfter(), clinic, enrolledAt)).toBeNull();
    const reminded = patientAfter([], { session: '2026-03-10T09:00:00.000Z' });
    expect(due(reminded, clinic, enrolledAt)).toEqual(['2026-03-09T18:00:00.000Z', '2026-03-10T09:00:00.000Z', null]);
  });
});

/** What is decided about a welcome at six on the day of the enrolment, with these records. */
function capped(caps: { perDay: number; perWeek: number }, records: ReminderRecord[]) {
  const clinic = clinicWith({ kinds: [rule('welcome', 0, { validForDays: 14 })], caps });
  return decideReminder(patientAfter([], { records }), '2026-03-02/welcome/0/', clinic, sixPm);
}

describe('what holds a reminder back', () => {
  const clinic = clinicWith({ kinds: [rule('welcome', 0, { validForDays: 2 })] });
  const tomorrow = '2026-03-03T18:00:00.000Z';

  const threeDays = [rule('welcome', 0, { validForDays: 3 })];
  const everyDay = ['2026-03-02', '2026-03-03', '2026-03-04'];
  const unanswered = sentAt(enrolledAt, { dueAt: onDay(-2) });

  it.each<[string, Reminded, Partial<Parameters<typeof clinicWith>[0]>]>([
    ['no-consent', patientAfter([[0, 'ConsentWithdrawn', { scopes: ['reminders'] }]]), {}],
    ['paused', patientAfter([[0, 'EnrolmentPaused', {}]]), {}],
    ['paused', patientAfter([[0, 'EnrolmentPaused', { until: onDay(3) }]]), {}],
    ['paused', patientAfter([], { preferences: { pausedUntil: onDay(3) } }), {}],
    ['no-contact', remindedOf({ ...patientAfter().state, contact: null }, [], []), {}],
    ['no-contact', remindedOf({ ...patientAfter().state, contact: { preferred: 'sms' } }, [], []), {}],
    ['opted-out', patientAfter([[0, 'ContactChanged', { contact: { preferred: 'none' } }]]), {}],
    ['opted-out', patientAfter([], { preferences: { optedOut: ['sms'] } }), {}],
    ['unanswered', patientAfter([], { records: [unanswered] }), { stopAfterUnanswered: 1 }],
    ['holiday', patientAfter(), { holidays: everyDay }],
    ['cap', patientAfter([], { records: [sentAt(enrolledAt)] }), { caps: { perDay: 5, perWeek: 1 } }],
  ])('%s: it waits for the next window, and in the last one it is dropped', (reason, reminded, change) => {
    expect(nextReminder(reminded, clinicWith({ kinds: threeDays, ...change }), enrolledAt)).toMatchObject({
      outcome: 'drop',
      reason,
      channel: null,
      at: '2026-03-04T18:00:00.000Z',
      held: [
        { at: sixPm, reason, until: tomorrow },
        { at: tomorrow, reason },
      ],
    });
  });

  it.each<[string, Reminded, Partial<Parameters<typeof clinicWith>[0]>]>([
    ['paused', patientAfter([[0, 'EnrolmentPaused', { until: onDay(1) }]]), {}],
    ['paused', patientAfter([], { preferences: { pausedUntil: onDay(1) } }), {}],
    ['holiday', patientAfter(), { holidays: ['2026-03-02'] }],
    ['cap', patientAfter([], { records: [sentAt(enrolledAt)] }), {}],
  ])('%s: it goes out in the next window where that is over by then', (reason, reminded, change) => {
    expect(nextReminder(reminded, clinicWith({ kinds: threeDays, ...change }), enrolledAt)).toMatchObject({
      outcome: 'send',
      reason: null,
      at: tomorrow,
      held: [{ at: sixPm, reason, until: tomorrow }],
    });
  });

  it('a cap: so many on a date, and so many on seven; what was refused by the channel or dropped does not count', () => {
    const noon = sentAt(enrolledAt);
    expect(capped({ perDay: 1, perWeek: 5 }, [noon])).toEqual({ outcome: 'hold', reason: 'cap', until: tomorrow });
    expect(capped({ perDay: 2, perWeek: 5 }, [noon]).outcome).toBe('send');
    expect(capped({ perDay: 2, perWeek: 2 }, [sentAt(onDay(-6)), noon])).toMatchObject({
      outcome: 'hold',
      reason: 'cap',
    });
    expect(capped({ perDay: 2, perWeek: 2 }, [sentAt(onDay(-7)), noon]).outcome).toBe('send');
    for (const outcome of ['claimed', 'unknown'] as const)
      expect(capped({ perDay: 1, perWeek: 5 }, [{ ...noon, outcome }]).outcome).toBe('hold');
    for (const outcome of ['failed', 'dropped'] as const)
      expect(capped({ perDay: 1, perWeek: 5 }, [{ ...noon, outcome }]).outcome).toBe('send');
  });

  it('unanswered reminders in a row: those 48 hours old since the patient was last heard of', () => {
    const stopping = clinicWith({ ...generous, stopAfterUnanswered: 2, kinds: [rule('module-due')] });
    const reasonAfter = (briefs: readonly Brief[], ...days: number[]) =>
      nextReminder(patientAfter(briefs, { records: days.map((day) => sentAt(onDay(day))) }), stopping, onDay(6.5))
        ?.reason;
    expect(reasonAfter([], 1, 4)).toBe('unanswered');
    expect(reasonAfter([], 1)).toBeNull();
    // Due on the evening of day 7: one sent on day 6 may still be answered.
    expect(reasonAfter([], 1, 6)).toBeNull();
    expect(reasonAfter(active(2), 1, 4)).toBeNull();
    expect(reasonAfter([], 1, 4, 5)).toBe('unanswered');
    const failed = patientAfter([], { records: [1, 4].map((day) => sentAt(onDay(day), { outcome: 'failed' })) });
    expect(nextReminder(failed, stopping, onDay(6.5))?.reason).toBeNull();
  });

  it('T10, T11: quiet hours, until they are over', () => {
    const night = clinicWith({
      kinds: [rule('welcome', 0, { window: { from: '12:00', to: '23:30' }, validForDays: 2 })],
    });
    const key = '2026-03-02/welcome/0/';
    expect(decideReminder(patientAfter(), key, night, '2026-03-02T21:30:00.000Z')).toEqual({
      outcome: 'hold',
      reason: 'quiet-hours',
      until: tomorrow,
    });
    expect(decideReminder(patientAfter(), key, night, '2026-03-03T04:00:00.000Z')).toEqual({
      outcome: 'hold',
      reason: 'quiet-hours',
      until: tomorrow,
    });
    const siesta = clinicWith({ quietHours: { from: '13:00', to: '15:00' }, kinds: [rule('welcome')] });
    const planned = nextReminder(patientAfter([], { preferences: { hour: 12 * 60 } }), siesta, onDay(0.05));
    expect(planned).toMatchObject({
      at: '2026-03-02T15:00:00.000Z',
      outcome: 'send',
      held: [{ at: onDay(0.05), reason: 'quiet-hours', until: '2026-03-02T15:00:00.000Z' }],
    });
  });

  it('quiet hours win over a window that lies wholly within them, which `tandem check` refuses', () => {
    const kinds = [rule('welcome', 0, { window: { from: '22:00', to: '23:00' } })];
    expect(nextReminder(patientAfter(), clinicWith({ kinds }), enrolledAt)?.reason).toBe('quiet-hours');
  });

  it('its own window, which has not come', () => {
    const key = '2026-03-02/welcome/0/';
    expect(decideReminder(patientAfter(), key, clinic, onDay(0.1))).toEqual({
      outcome: 'hold',
      reason: 'window',
      until: sixPm,
    });
  });

  it('P20, P21, P22: STOP on a channel ends it there for every kind, and elsewhere nothing', () => {
    const kinds = [
      rule('welcome'),
      rule('inactivity', 1),
      rule('live-session', -1),
      rule('module-due'),
      rule('questionnaire-due'),
    ];
    const every = clinicWith({ ...generous, kinds });
    const stopped = (channels: Reminded['preferences']['channels']) =>
      outlook(
        patientAfter([], { session: onDay(5), preferences: { channels, optedOut: ['sms'] } }),
        every,
        enrolledAt,
        onDay(60),
      );
    expect(new Set(stopped(['sms']).map(({ reason }) => reason))).toEqual(new Set(['opted-out']));
    expect(new Set(stopped(['sms', 'email']).map(({ channel }) => channel))).toEqual(new Set(['email']));
    expect(stopped(['sms', 'email']).length).toBe(stopped(['sms']).length);
  });

  it('nothing is planned for a patient who is not enrolled, nor by a clinic that sends no reminders', () => {
    const { reminders: _, ...programme } = exampleClinic.programme;
    const silent = { ...exampleClinic, programme };
    const unknown = remindedOf(stateOf([]), [], []);
    for (const [reminded, one] of [
      [patientAfter(), silent],
      [unknown, clinic],
    ] as const) {
      expect(nextReminder(reminded, one, enrolledAt)).toBeNull();
      expect(outlook(reminded, one, enrolledAt, onDay(60))).toEqual([]);
      expect(decideReminder(reminded, 'any', one, enrolledAt)).toEqual({ outcome: 'drop', reason: 'completed' });
    }
  });
});

describe('T20: the state is read again at the send', () => {
  const clinic = clinicWith({ kinds: [rule('module-due'), rule('inactivity', 7)] });
  const now = '2026-03-09T18:00:00.000Z';
  const claim = (kind: string, reminded: Reminded) => {
    const planned = outlook(reminded, clinic, now, now).find((one) => one.kind === kind);
    if (planned === undefined) throw new Error(`no ${kind}`);
    return recordOf(planned, now);
  };

  it.each<[string, string, Brief[]]>([
    ['completed', 'module-due', [completed(7.1, 'm1')]],
    ['completed', 'inactivity', active(7.1)],
    ['no-consent', 'module-due', [[7.1, 'ConsentWithdrawn', { scopes: ['reminders'] }]]],
    ['ended', 'module-due', [[7.1, 'EnrolmentEnded', { reason: 'deceased' }]]],
    ['paused', 'module-due', [[7.1, 'EnrolmentPaused', {}]]],
    ['opted-out', 'module-due', [[7.1, 'ContactChanged', { contact: { preferred: 'none' } }]]],
  ])('%s between claim and send: a %s reminder is not sent', (reason, kind, since) => {
    const claimed = claim(kind, patientAfter());
    expect(claimed.outcome).toBe('claimed');
    const records = [claimed];
    expect(decideReminder(patientAfter([], { records }), claimed.key, clinic, now)).toMatchObject({ outcome: 'send' });
    expect(decideReminder(patientAfter(since, { records }), claimed.key, clinic, now)).toEqual({
      outcome: 'drop',
      reason,
    });
  });

  it('a claim that waited too long is not sent late', () => {
    const { key } = claim('module-due', patientAfter());
    expect(decideReminder(patientAfter(), key, clinic, hoursAfter(now, 2))).toEqual({
      outcome: 'drop',
      reason: 'expired',
    });
  });
});

describe('what went by', () => {
  it('T15: of a course entered late, the past is recorded as dropped with the reason, and the next lies ahead', () => {
    const clinic = clinicWith({ kinds: [rule('welcome'), rule('module-due')] });
    const { records, send, nextAt } = decideRound(patientAfter(), clinic, onDay(10));
    expect(records.map(({ kind, subject, outcome, reason }) => [kind, subject, outcome, reason])).toEqual([
      ['welcome', '', 'dropped', 'expired'],
      ['module-due', 'm1', 'dropped', 'expired'],
    ]);
    expect([send, nextAt]).toEqual([null, '2026-03-16T18:00:00.000Z']);
  });

  it('T19: after an outage of nine days at most one of a daily cadence is sent, and eight have expired', () => {
    const dueDays = Array.from({ length: 9 }, (_, day) => day + 1);
    const clinic = clinicWith(
      { ...generous, kinds: [rule('questionnaire-due')] },
      { measures: [{ measure: 'gad-7', dueDays }] },
    );
    const { records, send } = decideRound(patientAfter(), clinic, '2026-03-11T18:10:00.000Z');
    expect(records.map(({ outcome }) => outcome).toSorted()).toEqual(['claimed', ...Array(8).fill('dropped')]);
    expect(send).toMatchObject({ subject: 'day-9', dueAt: '2026-03-11T18:00:00.000Z' });
  });

  it('one round sends one; the next round sends the next', () => {
    const clinic = clinicWith({ ...generous, kinds: [rule('welcome'), rule('questionnaire-due')] });
    const first = decideRound(patientAfter(), clinic, sixPm);
    expect([first.send?.kind, first.records.length, first.nextAt]).toEqual(['welcome', 1, sixPm]);
    const second = decideRound(patientAfter([], { records: first.records }), clinic, hoursAfter(sixPm, 0.25));
    expect([second.send?.kind, second.records.length]).toEqual(['questionnaire-due', 1]);
  });

  it('once everything is decided no round needs to look again', () => {
    expect(decideRound(patientAfter(), welcome, sixPm).nextAt).toBeNull();
  });
});

describe('a reminder goes out once', () => {
  const clinic = clinicWith({ ...generous, kinds: [rule('module-due', 0, { validForDays: 2 })] });

  it('also to a patient who moves to where it is still yesterday', () => {
    const records = played(patientAfter(), clinic, enrolledAt, onDay(8));
    expect(sends(records).map(({ subject }) => subject)).toEqual(['m1']);
    const moved: Brief = [7.3, 'ContactChanged', { timeZone: 'Pacific/Honolulu' }];
    expect(nextReminder(patientAfter([moved], { records }), clinic, onDay(7.3))?.subject).toBe('m2');
  });

  it('by the day on which its course began, however many courses there are', () => {
    const keys = Array.from({ length: 1002 }, (_, day) => {
      const reminded = patientAfter();
      const { enrolment: course } = reminded.state;
      const enrolledOn = later(enrolledAt, (day % 1001) * 86_400_000);
      if (course === null) throw new Error('is enrolled');
      const state = { ...reminded.state, enrolment: { ...course, enrolledAt: enrolledOn } };
      return nextReminder({ ...reminded, state }, welcome, enrolledOn)?.key;
    });
    expect(new Set(keys).size).toBe(1001);
    expect(keys[1001]).toBe(keys[0]);
    expect(keys[0]).toBe('2026-03-02/welcome/0/');
  });

  it('in each course: a second one reminds anew', () => {
    const records = played(patientAfter(), clinic, enrolledAt, onDay(8));
    const again: Brief[] = [
      [9, 'EnrolmentEnded', { reason: 'other' }],
      ...enrolment('UTC').map(([, type, data]): Brief => [20, type, data]),
    ];
    const planned = nextReminder(patientAfter(again, { records }), clinic, onDay(20));
    expect(planned).toMatchObject({ key: '2026-03-22/module-due/0/m1', at: '2026-03-29T18:00:00.000Z' });
  });
});
