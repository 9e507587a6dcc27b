import { describe, expect, it } from 'vitest';
import type { Alert } from '../../functions/domain/alert.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import {
  decideReminderOutcome,
  decideReminderRecheck,
  decideReminderRound,
  reminderId,
} from '../../functions/domain/decide-reminder.ts';
import type { ClinicalEvent, EventType } from '../../functions/domain/event.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { type Patient, restored, unknownState } from '../../functions/domain/patient.ts';
import { claimMilliseconds, nextLook } from '../../functions/domain/reminder-look.ts';
import { mostRecords } from '../../functions/domain/reminder-round.ts';
import { exampleClinic } from '../example-clinic.ts';
import { clinicWith, enrolment, generous, rule, sentAt, storedAfter } from '../reminder-patients.ts';
import { active, type Brief, completed, enrolledAt, onDay, stateOf } from '../risk-patients.ts';

const welcome = clinicWith({ kinds: [rule('welcome', 0, { validForDays: 2 })] });
const sixPm = '2026-03-02T18:00:00.000Z';
const inAMoment = later(sixPm, 1000);

/** The patient after the change is committed. */
function committed(patient: Patient, change: { patient: Partial<Patient> }): Patient {
  return { ...patient, ...change.patient, version: patient.version + 1 };
}

function claimed(clinic: Clinic = welcome, at: Instant = sixPm, patient: Patient = storedAfter()) {
  const decision = decideReminderRound(patient, null, clinic, at);
  if (decision === null || decision.send === null) throw new Error('nothing was claimed');
  return { ...decision, send: decision.send, patient: committed(patient, decision.change) };
}

/** Who agrees to e-mail as well. */
function heardOf(patient: Patient, at: Instant): Patient {
  const event = happened('PreferencesChanged', { channels: ['sms', 'email'] });
  return committed(patient, decideEvent(patient, event, null, welcome, at));
}

function happened(type: EventType, data: unknown, occurredAt: Instant = sixPm): ClinicalEvent {
  return { id: `ev-${type}-${occurredAt}`, type, occurredAt, patient: 'p', data } as ClinicalEvent;
}

describe('a round', () => {
  it('commits the claim of one reminder with one audit record, which names it by its hash only', () => {
    const { change, send, patient } = claimed();
    expect(send).toMatchObject({ kind: 'welcome', channel: 'sms' });
    expect(change.reminders).toMatchObject([{ key: send.key, outcome: 'claimed', at: sixPm }]);
    expect(change.patient.reminders).toEqual(change.reminders);
    expect(change.audit).toMatchObject({
      action: 'reminder.decide',
      agent: { who: 'tandem', role: 'system' },
      reason: 'one to be sent',
      changed: true,
      detail: {
        reminders: [
          { reminder: reminderId(send.key), kind: 'welcome', channel: 'sms', outcome: 'claimed', reason: null },
        ],
        alerts: [],
      },
    });
    expect(JSON.stringify(change.audit)).not.toContain(send.key);
    // The next round looks whether an outcome has come.
    expect(patient.reminderAt).toBe(later(sixPm, claimMilliseconds));
  });

  it('lets the nightly scan look again once the reminder would count as unanswered', () => {
    const { patient, send } = claimed(welcome, sixPm, storedAfter([], { reviewAt: onDay(20) }));
    expect(send.at).toBe(sixPm);
    expect(patient.reviewAt).toBe(later(sixPm, 48 * 3_600_000));
  });

  it('P14: named by an index that lags behind, does nothing: not before the moment, and not while another sends', () => {
    const { patient } = claimed();
    expect(decideReminderRound(patient, null, welcome, later(sixPm, 200))).toBeNull();
    expect(decideReminderRound({ ...patient, reminderAt: sixPm }, null, welcome, later(sixPm, 200))).toBeNull();
    expect(decideReminderRound(storedAfter([], { reminderAt: onDay(9) }), null, welcome, onDay(8))).toBeNull();
    expect(decideReminderRound(storedAfter([], { reminderAt: null }), null, welcome, onDay(8))).toBeNull();
  });

  it('D01: a claim that a crash left without an outcome is unknown, and its reminder is never claimed again', () => {
    const { patient, send } = claimed();
    const next = decideReminderRound(patient, null, welcome, later(sixPm, 15 * 60_000));
    expect(next?.send).toBeNull();
    expect(next?.change.reminders).toMatchObject([{ key: send.key, outcome: 'unknown', at: sixPm }]);
    expect(next?.change.audit.reason).toBe('1 without an outcome: not known whether it reached the patient');
    expect(next?.change.patient.reminderAt).toBeNull();
    expect(
      decideReminderRecheck(committed(patient, next?.change ?? { patient: {} }), send.key, welcome, sixPm),
    ).toBeNull();
  });

  it('T19: after an outage drops what is stale with its reason, sends at most one, and never writes too much at once', () => {
    const daily = clinicWith(
      { ...generous, kinds: [rule('module-due')] },
      { modules: Array.from({ length: 30 }, (_, index) => ({ id: `m${index}`, title: 'Made up', dueDay: index + 1 })) },
    );
    let patient = storedAfter();
    const dropped: number[] = [];
    for (let round = 0; ; round += 1) {
      const decision = decideReminderRound(patient, null, daily, later(onDay(30.25), round));
      if (decision === null) throw new Error('still due');
      dropped.push(decision.change.reminders.filter(({ outcome }) => outcome === 'dropped').length);
      patient = committed(patient, decision.change);
      if (decision.send !== null) break;
      expect(decision.change.audit.reason).toBe(`${mostRecords} dropped`);
    }
    expect(dropped).toEqual([mostRecords, 9]);
    expect(patient.reminders.filter(({ reason }) => reason === 'expired')).toHaveLength(29);
    expect(patient.reminders.filter(({ outcome }) => outcome === 'claimed')).toMatchObject([{ subject: 'm29' }]);
  });

  it('that finds nothing to do any more says so, and when to look again', () => {
    const later9 = decideReminderRound(storedAfter([], { reminderAt: enrolledAt }), null, welcome, onDay(0.1));
    expect(later9).toMatchObject({ send: null, change: { reminders: [], patient: { reminderAt: sixPm } } });
    expect(later9?.change.audit.reason).toBe('nothing to send or drop now');
  });

  it('under new rules folds the stored events again', () => {
    const old = storedAfter([], { state: unknownState, foldedUnder: 'sha256:old' });
    const history = enrolment('UTC').map(([, type, data], index) => ({
      ...happened(type, data, later(enrolledAt, index)),
    }));
    expect(decideReminderRound(old, history, welcome, sixPm)?.send).toMatchObject({ kind: 'welcome' });
    expect(decideReminderRound(old, history, welcome, sixPm)?.change.foldedUnder).toBe(exampleClinic.hash);
  });
});

describe('T20: right before the send', () => {
  const since = (type: EventType, data: unknown): Patient => {
    const { patient } = claimed();
    return committed(patient, decideEvent(patient, happened(type, data), null, welcome, inAMoment));
  };
  const { send } = claimed();

  it('a reminder goes out by the channels that the patient has agreed to, the preferred one first', () => {
    const { patient } = claimed();
    expect(decideReminderRecheck(patient, send.key, welcome, inAMoment)).toEqual({
      verdict: 'send',
      channels: ['sms'],
      crisisLine: false,
    });
    const both = since('PreferencesChanged', { channels: ['email', 'sms'] });
    expect(decideReminderRecheck(both, send.key, welcome, inAMoment)).toMatchObject({ channels: ['email', 'sms'] });
  });

  it.each<[string, EventType, unknown, string]>([
    ['done', 'ModuleStarted', { module: 'm1' }, 'completed'],
    ['withdrawn', 'ConsentWithdrawn', { scopes: ['reminders'] }, 'no-consent'],
    ['ended', 'EnrolmentEnded', { reason: 'deceased' }, 'ended'],
    ['paused', 'EnrolmentPaused', {}, 'paused'],
    ['paused by preference', 'PreferencesChanged', { pausedUntil: onDay(3) }, 'paused'],
    ['switched off', 'PreferencesChanged', { channels: [] }, 'opted-out'],
    ['opted out', 'ReminderOptedOut', { channel: 'sms' }, 'opted-out'],
  ])('what is %s meanwhile is not sent, and the claim is dropped with the reason', (_, type, data, reason) => {
    const recheck = decideReminderRecheck(since(type, data), send.key, welcome, inAMoment);
    expect(recheck).toMatchObject({
      verdict: 'cancel',
      change: {
        reminders: [{ key: send.key, outcome: 'dropped', reason }],
        patient: { reminders: [{ key: send.key, outcome: 'dropped', reason }] },
        audit: {
          action: 'reminder.cancel',
          outcome: 'success',
          detail: { reminders: [{ outcome: 'dropped', reason }] },
        },
      },
    });
  });

  it('there is nothing to send where no such claim is', () => {
    expect(decideReminderRecheck(storedAfter(), send.key, welcome, inAMoment)).toBeNull();
  });
});

describe('the outcome of a send', () => {
  it('is kept on the record, and a round looks again when the next reminder is due', () => {
    const two = clinicWith({ kinds: [rule('welcome'), rule('module-due')] });
    const { patient, send } = claimed(two);
    const change = decideReminderOutcome(patient, send.key, { outcome: 'sent', channel: 'email' }, two, inAMoment);
    expect(change).toMatchObject({
      reminders: [{ key: send.key, outcome: 'sent', channel: 'email', at: sixPm }],
      patient: { reminderAt: '2026-03-09T18:00:00.000Z', refusals: [] },
      foldedUnder: exampleClinic.hash,
      audit: { action: 'reminder.send', outcome: 'success' },
    });
    const neverFolded = { ...patient, foldedUnder: null };
    const again = decideReminderOutcome(neverFolded, send.key, { outcome: 'sent', channel: 'sms' }, two, inAMoment);
    expect(again?.foldedUnder).toBe(exampleClinic.hash);
  });

  it('D14: is noted once', () => {
    const { patient, send } = claimed();
    const change = decideReminderOutcome(patient, send.key, { outcome: 'sent', channel: 'sms' }, welcome, inAMoment);
    const after = committed(patient, change ?? { patient: {} });
    expect(decideReminderOutcome(after, send.key, { outcome: 'sent', channel: 'sms' }, welcome, inAMoment)).toBeNull();
  });

  it('P20, P21: "opted out" switches that channel off in the same commit, until a later opt-in, and no other', () => {
    const twoKinds = clinicWith({ kinds: [rule('welcome'), rule('module-due')] });
    const { patient, send } = claimed(twoKinds);
    const refused = { outcome: 'failed', channel: 'sms', reason: 'opted-out' } as const;
    const change = decideReminderOutcome(patient, send.key, refused, twoKinds, inAMoment);
    expect(change).toMatchObject({
      reminders: [{ outcome: 'failed', reason: 'opted-out' }],
      patient: { refusals: [{ channel: 'sms', at: inAMoment }] },
      audit: { action: 'reminder.send', outcome: 'refused' },
    });
    const after = committed(patient, change ?? { patient: {} });
    const on = '2026-03-09T18:00:00.000Z';
    const next = (of: Patient) => decideReminderRound({ ...of, reminderAt: on }, null, twoKinds, on);
    expect(next(after)).toMatchObject({ send: null, change: { reminders: [{ reason: 'opted-out' }] } });

    const mail = { outcome: 'failed', channel: 'email', reason: 'opted-out' } as const;
    const both = claimed(twoKinds, on, { ...heardOf(after, on), reminderAt: on });
    expect(decideReminderOutcome(both.patient, both.send.key, mail, twoKinds, on)?.patient.refusals).toEqual([
      { channel: 'sms', at: inAMoment },
      { channel: 'email', at: on },
    ]);
    const heard = (type: EventType, data: unknown, at: Instant) =>
      committed(after, decideEvent(after, happened(type, data, at), null, twoKinds, on));
    expect(next(heard('PreferencesChanged', { channels: ['sms', 'email'] }, inAMoment))?.send?.channel).toBe('email');
    expect(next(heard('ReminderOptedIn', { channel: 'email' }, onDay(1)))?.send).toBeNull();
    expect(next(heard('ReminderOptedIn', { channel: 'sms' }, sixPm))?.send).toBeNull();
    expect(next(heard('ReminderOptedIn', { channel: 'sms' }, onDay(1)))?.send?.channel).toBe('sms');
  });

  it('another refusal leaves the preferences alone', () => {
    const { patient, send } = claimed();
    const refused = { outcome: 'failed', channel: 'sms', reason: 'spend-limit' } as const;
    expect(decideReminderOutcome(patient, send.key, refused, welcome, inAMoment)).toMatchObject({
      reminders: [{ outcome: 'failed', reason: 'spend-limit' }],
      patient: { refusals: [], reminderAt: null },
    });
  });

  it('a busy channel took nothing: the claim is given back, and its reminder tried again inside its window', () => {
    const { patient, send } = claimed();
    const change = decideReminderOutcome(patient, send.key, { outcome: 'waiting' }, welcome, inAMoment);
    expect(change).toMatchObject({
      reminders: [{ outcome: 'waiting', reason: 'busy' }],
      audit: { action: 'reminder.return', outcome: 'refused' },
    });
    const after = committed(patient, change ?? { patient: {} });
    const retry = later(sixPm, 900_000);
    const again = claimed(welcome, retry, after);
    expect(again.send.key).toBe(send.key);
    expect(again.patient.reminders).toMatchObject([{ key: send.key, outcome: 'claimed', at: retry }]);
    expect(decideReminderRound(after, null, welcome, onDay(3))).toMatchObject({
      send: null,
      change: { reminders: [{ outcome: 'dropped', reason: 'expired' }] },
    });
  });
});

describe('reminders that nobody answers', () => {
  const inactivity = clinicWith({ ...generous, stopAfterUnanswered: 2, kinds: [rule('module-overdue', 3)] });
  const reminders = [sentAt(onDay(1)), sentAt(onDay(2)), sentAt(onDay(3))];
  const silentFrom = onDay(4);
  const silent = (change: Partial<Patient> = {}, briefs: readonly Brief[] = []) =>
    storedAfter(briefs, { reminders, reminderAt: silentFrom, ...change });
  const alertOf = (patient: Patient): Alert | undefined => patient.alerts.find(({ cause }) => cause === 'unanswered');

  it("are given up, and the therapist's list gets it once", () => {
    expect(nextLook(silent(), inactivity, onDay(3))).toBe(silentFrom);
    const first = decideReminderRound(silent(), null, inactivity, silentFrom);
    expect(first?.change.changedAlerts).toMatchObject([
      { cause: 'unanswered', tier: 'list', status: 'open', evidence: [{ basis: 'reminders', unanswered: 2 }] },
    ]);
    expect(first?.change.patient).toMatchObject({ gaveUpAfter: enrolledAt, alerts: [{ cause: 'unanswered' }] });
    const after = committed(silent(), first?.change ?? { patient: {} });
    expect(after.reminderAt).toBe('2026-03-12T18:00:00.000Z');
    const resolved = { ...after, alerts: [], reminderAt: silentFrom };
    expect(decideReminderRound(resolved, null, inactivity, onDay(5))?.change.changedAlerts).toEqual([]);
  });

  it('are no alert before, nor while the patient pauses, has withdrawn or has left', () => {
    const before = decideReminderRound(silent({ reminderAt: onDay(3) }), null, inactivity, onDay(3));
    expect(before?.change).toMatchObject({ changedAlerts: [], patient: { gaveUpAfter: null, reminderAt: silentFrom } });
    const ends: Brief[] = [
      [3, 'EnrolmentPaused', {}],
      [3, 'ConsentWithdrawn', { scopes: ['reminders'] }],
      [3, 'EnrolmentEnded', { reason: 'moved' }],
    ];
    for (const end of ends) {
      const patient = silent({}, [end]);
      expect(decideReminderRound(patient, null, inactivity, silentFrom)?.change.changedAlerts).toEqual([]);
      expect(nextLook(patient, inactivity, onDay(3.5))).not.toBe(silentFrom);
    }
  });

  it('are sent again once the patient is active, and the alert closes', () => {
    const first = decideReminderRound(silent(), null, inactivity, silentFrom);
    const after = committed(silent(), first?.change ?? { patient: {} });
    const back = committed(
      after,
      decideEvent(after, happened('PatientActive', { kind: 'log-in' }, onDay(5)), null, inactivity, onDay(5)),
    );
    expect(back.reminderAt).toBe(onDay(5));
    const closed = decideReminderRound(back, null, inactivity, onDay(5));
    expect(closed?.change).toMatchObject({
      changedAlerts: [{ id: alertOf(after)?.id, status: 'closed' }],
      patient: { alerts: [], gaveUpAfter: enrolledAt },
    });
    expect(closed?.change.patient.reminderAt).toBe('2026-03-12T18:00:00.000Z');
  });

  it('of a second silence add to an alert that is still open', () => {
    const first = decideReminderRound(silent(), null, inactivity, silentFrom);
    const open = first?.change.patient.alerts ?? [];
    const again = silent({ alerts: open, gaveUpAfter: onDay(-3), reminderAt: onDay(4) });
    expect(nextLook(again, inactivity, onDay(4))).toBe(onDay(4));
    const second = decideReminderRound(again, null, inactivity, onDay(4.5));
    expect(second?.change.changedAlerts).toMatchObject([
      { id: open[0]?.id, status: 'open', evidence: [{ unanswered: 2 }, { unanswered: 2 }] },
    ]);
  });

  it('close their alert where the clinic sends no reminders any more', () => {
    const first = decideReminderRound(silent(), null, inactivity, silentFrom);
    const patient = { ...committed(silent(), first?.change ?? { patient: {} }), reminderAt: silentFrom };
    const { reminders: _none, ...programme } = inactivity.programme;
    const without = { ...exampleClinic, programme };
    expect(nextLook(patient, without, onDay(5))).toBe(onDay(5));
    expect(decideReminderRound(patient, null, without, onDay(5))?.change.changedAlerts).toMatchObject([
      { status: 'closed' },
    ]);
  });
});

describe('when a round has to look', () => {
  const plan = clinicWith({ kinds: [rule('welcome', 0, { validForDays: 2 }), rule('module-due')] });
  const lookAfter = (type: EventType, data: unknown, at = enrolledAt) => {
    const patient = storedAfter();
    return decideEvent(patient, happened(type, data, at), null, plan, at).patient.reminderAt;
  };

  it('is worked out anew at every event', () => {
    expect(lookAfter('PatientActive', { kind: 'log-in' }, onDay(0.1))).toBe(sixPm);
    expect(lookAfter('PreferencesChanged', { hour: '19:15' }, onDay(0.1))).toBe('2026-03-02T19:15:00.000Z');
    expect(lookAfter('ModuleStarted', { module: 'm1' }, onDay(0.1))).toBe(sixPm);
    expect(lookAfter('ContactChanged', { timeZone: 'America/New_York' }, onDay(0.1))).toBe('2026-03-02T23:00:00.000Z');
    expect(lookAfter('EnrolmentEnded', { reason: 'other' }, onDay(0.3))).toBe(onDay(0.3));
    const { reminders: _none, ...programme } = plan.programme;
    expect(nextLook(storedAfter(), { ...plan, programme }, onDay(0.1))).toBeNull();
  });

  it('a talk that is agreed is reminded of on the day before, one that is cancelled is not', () => {
    const talks = clinicWith({ kinds: [rule('live-session', -1)] });
    const agreed: Brief = [0, 'LiveSessionScheduled', { startsAt: onDay(5) }];
    expect(nextLook(storedAfter([agreed]), talks, onDay(1))).toBe('2026-03-06T18:00:00.000Z');
    expect(
      nextLook(storedAfter([agreed, [1, 'LiveSessionScheduled', { startsAt: null }]]), talks, onDay(1)),
    ).toBeNull();
  });
});

describe('a snapshot of older code', () => {
  it('has no reminders and no preferences, and the newest state stays as it is', () => {
    const {
      reminders: _r,
      reminderAt: _a,
      refusals: _c,
      gaveUpAfter: _g,
      ...old
    } = storedAfter([...active(1), completed(2, 'm1')]);
    const { preferences: _p, liveSession, ...state } = old.state;
    const { scheduledFor: _s, ...session } = liveSession;
    const stored = JSON.parse(JSON.stringify({ ...old, state: { ...state, liveSession: session } }));
    expect(restored(stored)).toMatchObject({
      state: stateOf([...enrolment('UTC'), ...active(1), completed(2, 'm1')]),
      reminders: [],
      reminderAt: null,
      refusals: [],
      gaveUpAfter: null,
    });
    expect(restored({}).state).toEqual(unknownState);
  });
});
