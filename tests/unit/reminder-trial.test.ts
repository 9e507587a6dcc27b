import { describe, expect, it } from 'vitest';
import type { Alert } from '../../functions/domain/alert.ts';
import {
  decideReminderOutcome,
  decideReminderRecheck,
  decideReminderRound,
} from '../../functions/domain/decide-reminder.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import type { Patient } from '../../functions/domain/patient.ts';
import { type ReminderRecord, remindedPatient } from '../../functions/domain/reminder.ts';
import { dryRun } from '../../functions/domain/reminder-dry-run.ts';
import { nextReminder } from '../../functions/domain/reminder-plan.ts';
import { decideRound } from '../../functions/domain/reminder-round.ts';
import {
  runningTrial,
  type TrialSettings,
  trialBy,
  trialFor,
  trialName,
  trialSchema,
  withoutTrial,
} from '../../functions/domain/reminder-trial.ts';
import { exampleClinic } from '../example-clinic.ts';
import { clinicWith, enrolment, generous, rule, storedAfter } from '../reminder-patients.ts';
import { type Brief, completed, onDay } from '../risk-patients.ts';

const settings: TrialSettings = { on: true, probability: 0.5, seed: 'a seed for tests', leaveOut: ['welcome'] };
const kinds = [rule('welcome', 0, { validForDays: 2 }), rule('module-due', 0, { validForDays: 2 })];
const clinicTrying = (change: Partial<TrialSettings> = {}) =>
  clinicWith({ ...generous, kinds, trial: { ...settings, ...change } });
const clinic = clinicTrying();
const mondaySixPm = '2026-03-09T18:00:00.000Z';

/** The first id whose reminder of module 1 is drawn so. */
function idDrawn(arm: 'send' | 'hold', trial: TrialSettings = settings): string {
  const ids = Array.from({ length: 50 }, (_, index) => `p-${index}`);
  return ids.find((id) => trialBy(trial, id).armOf('2026-03-02/module-due/0/m1') === arm) ?? '';
}

/** A patient of whom module 1 is due, and nothing else. */
function dueAt(id: string, change: Partial<Patient> = {}): Patient {
  const welcomed: ReminderRecord = {
    key: '2026-03-02/welcome/0/',
    kind: 'welcome',
    subject: '',
    dueAt: onDay(0.25),
    at: onDay(0.25),
    channel: 'sms',
    outcome: 'sent',
    reason: null,
  };
  return storedAfter([], { id, reminderAt: mondaySixPm, reminders: [welcomed], ...change });
}

function roundOf(patient: Patient, over = clinic, now: Instant = mondaySixPm) {
  const decision = decideReminderRound(patient, null, over, now);
  if (decision === null) throw new Error('nothing was decided');
  return decision;
}

const committed = (patient: Patient, { change }: { change: { patient: Partial<Patient> } }): Patient => ({
  ...patient,
  ...change.patient,
  version: patient.version + 1,
});

describe('the setting', () => {
  const faultsOf = (change: object) =>
    trialSchema
      .safeParse({ ...settings, ...change })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('is off in the example clinic, which sends what it would without it', () => {
    expect(exampleClinic.programme.reminders?.trial).toMatchObject({ on: false, probability: 0.5, seed: '' });
    expect(trialFor(exampleClinic, 'p-1')).toBeNull();
    expect(runningTrial(exampleClinic)).toBeNull();
    expect(runningTrial(clinicWith({ trial: undefined }))).toBeNull();
  });

  it('is refused with a seed that can be guessed, a probability that tells nothing, and a kind left out twice', () => {
    expect(faultsOf({})).toBeUndefined();
    expect(faultsOf({ seed: '', on: false })).toBeUndefined();
    expect(faultsOf({ seed: 'short' })).toEqual([
      'seed: write at least 16 characters that nobody can guess: openssl rand -hex 16',
    ]);
    expect(faultsOf({ probability: 0.05 })).toEqual([
      'probability: write 0.1 to 0.9: nearer to 0 or 1, nothing can be told',
    ]);
    expect(faultsOf({ leaveOut: ['welcome', 'welcome'] })).toEqual(['leaveOut: names a kind twice: keep one']);
  });

  it('is another trial where anything changes that a draw follows from, and the same where nothing does', () => {
    const name = trialName(settings);
    expect(name).toMatch(/^t-[0-9a-f]{12}$/);
    expect(runningTrial(clinic)).toBe(name);
    const names = [{ seed: 'another seed for tests' }, { probability: 0.6 }, { leaveOut: [] }].map((change) =>
      trialName({ ...settings, ...change }),
    );
    expect(new Set([name, ...names]).size).toBe(4);
    const both = trialName({ ...settings, leaveOut: ['welcome', 'live-session'] });
    expect(trialName({ ...settings, leaveOut: ['live-session', 'welcome'] })).toBe(both);
  });
});

describe('a draw', () => {
  it('is the same whoever draws, and as often "send" as the clinic says', () => {
    const drawn = Array.from({ length: 20_000 }, (_, index) =>
      trialBy({ ...settings, probability: 0.7 }, `p-${index % 500}`).armOf(`key-${Math.floor(index / 500)}`),
    );
    const sent = drawn.filter((arm) => arm === 'send').length;
    expect(sent / drawn.length).toBeGreaterThan(0.69);
    expect(sent / drawn.length).toBeLessThan(0.71);
    const [one, same, other] = [settings, settings, { ...settings, seed: 'another seed for tests' }].map((from) =>
      Array.from({ length: 50 }, (_, index) => trialBy(from, 'p-1').armOf(`key-${index}`)),
    );
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  it('to hold drops the reminder with its reason, before anything is sent, and says so in the audit', () => {
    const patient = dueAt(idDrawn('hold'));
    const { change, send } = roundOf(patient);
    expect(send).toBeNull();
    const trial = { name: trialName(settings), probability: 0.5, arm: 'hold', at: mondaySixPm };
    expect(change.reminders).toMatchObject([
      { kind: 'module-due', outcome: 'dropped', reason: 'trial', channel: null, trial },
    ]);
    const { at: _, ...inAudit } = trial;
    expect(change.audit.detail['reminders']).toMatchObject([{ outcome: 'dropped', reason: 'trial', trial: inAudit }]);
  });

  it('to send claims it with the draw, which stays with the record whatever becomes of it', () => {
    const patient = dueAt(idDrawn('send'));
    const decision = roundOf(patient);
    const trial = { name: trialName(settings), probability: 0.5, arm: 'send', at: mondaySixPm };
    expect(decision.change.reminders).toMatchObject([{ outcome: 'claimed', channel: 'sms', reason: null, trial }]);
    const claimed = committed(patient, decision);
    const key = decision.send?.key ?? '';
    const became = (outcome: Parameters<typeof decideReminderOutcome>[2]) =>
      decideReminderOutcome(claimed, key, outcome, clinic, later(mondaySixPm, 1000))?.reminders;
    expect(became({ outcome: 'sent', channel: 'sms' })).toMatchObject([{ outcome: 'sent', trial }]);
    expect(became({ outcome: 'failed', channel: 'sms', reason: 'opted-out' })).toMatchObject([
      { outcome: 'failed', trial },
    ]);
    const ended = { ...claimed, state: storedAfter([[6, 'EnrolmentEnded', { reason: 'dropped-out' }]]).state };
    const recheck = decideReminderRecheck(ended, key, clinic, later(mondaySixPm, 1000));
    expect(recheck).toMatchObject({
      verdict: 'cancel',
      change: { reminders: [{ outcome: 'dropped', reason: 'ended', trial }] },
    });
    const lost = roundOf({ ...claimed, reminderAt: mondaySixPm }, clinic, later(mondaySixPm, 400_000));
    expect(lost.change.reminders).toMatchObject([{ outcome: 'unknown', trial }]);
  });

  it('stays drawn where the channel was busy, also when the trial has ended or the patient has acted meanwhile', () => {
    const patient = dueAt(idDrawn('send'));
    const decision = roundOf(patient);
    const waits = decideReminderOutcome(
      committed(patient, decision),
      decision.send?.key ?? '',
      { outcome: 'waiting' },
      clinic,
      later(mondaySixPm, 1000),
    );
    const waiting = { ...committed(patient, decision), ...waits?.patient };
    const trial = { name: trialName(settings), arm: 'send', at: mondaySixPm };
    const now = later(mondaySixPm, 900_000);
    expect(waiting.reminderAt).not.toBeNull();
    expect(roundOf(waiting, clinic, now).change.reminders).toMatchObject([{ outcome: 'claimed', at: now, trial }]);
    expect(roundOf(waiting, withoutTrial(clinic), now).change.reminders).toMatchObject([{ outcome: 'claimed', trial }]);
    const done = { ...waiting, state: storedAfter([completed(7.1, 'm1')]).state };
    expect(roundOf(done, clinic, now).change.reminders).toMatchObject([
      { outcome: 'dropped', reason: 'completed', trial },
    ]);
  });

  it('is made of nothing that would not be sent now, of no kind left out, and of no text with the crisis line', () => {
    const holds = { ...settings, probability: 0.1, seed: 'holds nearly everything back' };
    const trying = clinicTrying(holds);
    const id = idDrawn('hold', holds);
    const recordsOf = (patient: Patient, over = trying) => roundOf(patient, over).change.reminders;
    expect(recordsOf(dueAt(id))).toMatchObject([{ reason: 'trial' }]);
    expect(recordsOf(dueAt(id), clinicTrying({ ...holds, leaveOut: ['module-due'] }))).toMatchObject([
      { outcome: 'claimed' },
    ]);
    expect(recordsOf(dueAt(id), clinicTrying({ ...holds, on: false }))).toMatchObject([{ outcome: 'claimed' }]);
    const alerts = [{ cause: 'safety' } as Alert];
    expect(recordsOf(dueAt(id, { alerts }))).toMatchObject([{ outcome: 'claimed' }]);
    expect(recordsOf(dueAt(id, { alerts }))[0]).not.toHaveProperty('trial');
    const done = recordsOf(dueAt(id, { state: storedAfter([completed(6, 'm1')]).state }));
    expect(done).toMatchObject([{ outcome: 'dropped', reason: 'completed' }]);
    expect(done[0]).not.toHaveProperty('trial');
  });

  it('to hold leaves room for another reminder: it counts against no cap, and for no silence', () => {
    const capped = clinicWith({
      kinds: [rule('module-due'), rule('module-due', -1)],
      caps: { perDay: 1, perWeek: 1 },
      stopAfterUnanswered: 1,
      trial: { ...settings, probability: 0.1, seed: 'holds nearly everything back', leaveOut: [] },
    });
    const trialOf = (id: string) =>
      trialBy({ ...settings, probability: 0.1, seed: 'holds nearly everything back', leaveOut: [] }, id);
    const id =
      Array.from({ length: 200 }, (_, index) => `p-${index}`).find(
        (one) =>
          trialOf(one).armOf('2026-03-02/module-due/-1/m1') === 'hold' &&
          trialOf(one).armOf('2026-03-02/module-due/0/m1') === 'send',
      ) ?? '';
    const sunday = later(mondaySixPm, -86_400_000);
    const patient = storedAfter([], { id, reminderAt: sunday });
    const held = committed(patient, roundOf(patient, capped, sunday));
    expect(held.reminders).toMatchObject([{ reason: 'trial' }]);
    expect(held.reminderAt).toBe(mondaySixPm);
    expect(roundOf(held, capped).change.reminders).toMatchObject([{ outcome: 'claimed', trial: { arm: 'send' } }]);
  });

  it('changes neither when the next reminder is due nor anything else before it is drawn', () => {
    const patient = remindedPatient(dueAt(idDrawn('hold')));
    expect(nextReminder(patient, clinic, mondaySixPm)).toEqual(
      nextReminder(patient, withoutTrial(clinic), mondaySixPm),
    );
    expect(decideRound(patient, clinic, mondaySixPm).send).not.toBeNull();
  });
});

it('a clinic whose trial has ended sends as its plan says, and one without a trial stays as it is', () => {
  expect(runningTrial(withoutTrial(clinic))).toBeNull();
  expect(withoutTrial(clinic).hash).toBe(clinic.hash);
  const without = clinicWith({ trial: undefined });
  expect(withoutTrial(without)).toBe(without);
});

describe('a dry run', () => {
  const eventsOf = (patient: string, briefs: readonly Brief[]) =>
    briefs.map(
      ([day, type, data = {}], index) =>
        ({ id: `${patient}-${index}`, type, occurredAt: onDay(day), patient, data }) as ClinicalEvent,
    );
  const run = (patient: string) => {
    const going = dryRun(eventsOf(patient, enrolment('UTC')), clinic, onDay(60));
    const lines = [];
    let step = going.next();
    while (!step.done) {
      lines.push(step.value);
      step = going.next();
    }
    return { lines, records: step.value };
  };

  it('shows what the trial holds back with that reason, and leaves the records of both', () => {
    const { lines, records } = run('vendor-1');
    const heldLines = lines.filter((line) => 'heldBack' in line && line.heldBack === 'trial');
    const held = records.filter(({ reason }) => reason === 'trial');
    const sent = records.filter(({ trial }) => trial?.arm === 'send');
    expect(held.length).toBeGreaterThan(0);
    expect(sent.length).toBeGreaterThan(0);
    expect(heldLines).toHaveLength(held.length);
    expect(heldLines[0]).toMatchObject({ until: null, template: 'module-due' });
    expect(heldLines[0]?.why).toContain("drawn to be held back by the clinic's own trial: dropped");
    expect(lines.filter((line) => 'channel' in line)).toHaveLength(sent.length + 1);
    expect(run('vendor-1')).toEqual({ lines, records });
  });
});
