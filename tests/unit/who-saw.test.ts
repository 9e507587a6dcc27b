import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../functions/domain/audit-chain.ts';
import { dateInWords, momentInWords } from '../../functions/domain/local-words.ts';
import { concerns, whoSaw, whoSawText } from '../../functions/domain/who-saw.ts';
import { auditActions } from '../audit-actions.ts';
import { auditRecord, referral } from '../audit-records.ts';
import { readingGrade } from '../reading-grade.ts';

const timeZone = 'America/New_York';
const textOf = (...records: readonly AuditRecord[]) => whoSawText(whoSaw(records), timeZone);
const by = (who: string, role: string) => ({ agent: { who, role } });
const system = by('tandem', 'system');

describe('who saw or changed a record', () => {
  it('names each person with role and staff id, what they did, when by the clinic’s clock, and why', () => {
    const text = textOf(
      auditRecord({ recordedAt: '2026-03-03T14:05:00.000Z' }),
      auditRecord(),
      { ...referral, recordedAt: '2026-03-03T21:00:00.000Z', sequence: 3 },
      auditRecord({ ...by('s-1', 'supervisor, clinical-lead'), action: 'alert.acknowledge', changed: true }),
    );
    expect(text.split('\n')).toEqual([
      'Who saw or changed your record',
      `Times are what the clock at your clinic shows (${timeZone}). Each person has a short name that the clinic knows.`,
      '',
      't-7 (therapist)',
      '  Looked at an alert about you.',
      '    Why: to see if you need help.',
      '    When: Mar 2, 2026, 10:00 AM EST; Mar 3, 2026, 9:05 AM EST.',
      '  Told someone else about you: County Crisis Team, 1 Main St. They were told: the last answers.',
      '    Why: a welfare check.',
      '    When: Mar 3, 2026, 4:00 PM EST.',
      '',
      's-1 (supervisor, head of treatment)',
      '  Took on an alert about you.',
      '    Why: to take care of it.',
      '    When: Mar 2, 2026, 10:00 AM EST.',
    ]);
  });

  it('sums up what programs did, and says so where no person was there', () => {
    const text = textOf(
      auditRecord({ ...by('programme', 'vendor'), action: 'event.record' }),
      auditRecord({ ...by('programme', 'vendor'), action: 'event.record', recordedAt: '2026-04-01T12:00:00.000Z' }),
      auditRecord({ ...system, action: 'risk.assess' }),
      auditRecord({ ...system, action: 'alert.notify' }),
      auditRecord({ ...system, action: 'alert.sent' }),
      auditRecord({ ...system, action: 'reminder.send' }),
      auditRecord({ ...system, action: 'state.mend' }),
    );
    expect(text.split('\n').slice(2)).toEqual([
      '',
      'No person has looked at it or changed it.',
      '',
      'Done by a computer. No person looked at your record for this.',
      '  Your program told us what you did in it: 2 times, from Mar 2, 2026 to Apr 1, 2026.',
      '  A computer checked how you are doing: once, on Mar 2, 2026.',
      '  A computer sent word to your care team, or got it ready: 2 times, on Mar 2, 2026.',
      '  A computer sent you a note, or found that it was not time for one: once, on Mar 2, 2026.',
      '  A computer did other work (state.mend): once, on Mar 2, 2026.',
    ]);
  });

  it('tells what was refused, late, urgent or unknown as what it was', () => {
    const deedOf = (change: Partial<AuditRecord>) => whoSaw([auditRecord(change)]).people[0]?.deeds[0];
    expect(deedOf({ outcome: 'refused', reason: 'not on the list of this alert' })).toMatchObject({
      did: 'Was not let in, or could not do this: Looked at an alert about you',
      why: 'the log says "not on the list of this alert"',
    });
    expect(deedOf({ action: 'alert.answer' })?.why).toBe('someone else had taken care of it by then');
    expect(deedOf({ action: 'alert.acknowledge' })?.why).toBe('someone else had taken care of it by then');
    expect(deedOf({ action: 'access.emergency', reason: 'in danger' })).toMatchObject({
      did: 'Looked at your record because it could not wait',
      why: 'the log says "in danger"',
    });
    expect(deedOf({ action: 'audit.fhir' })?.did).toBe('Took a copy of the log about you');
    expect(deedOf({ action: 'audit.export' })?.did).toBe('Took a copy of the log about you');
    expect(deedOf({ action: 'state.view' })?.did).toBe('Looked at your record');
    expect(deedOf({ action: 'state.mend' })?.did).toBe('Used your record (state.mend)');
    expect(deedOf({ action: 'state.mend', changed: true })?.did).toBe('Changed your record (state.mend)');
  });

  it('says what became of an alert that was closed', () => {
    const why = (outcome: AuditRecord['detail'][string]) =>
      whoSaw([auditRecord({ action: 'alert.resolve', changed: true, detail: { outcome } })]).people[0]?.deeds[0]?.why;
    expect(why({ code: 'reached' })).toBe('they spoke with you');
    expect(why({ code: 'referred', disclosure: null })).toBe('they sent you to someone else who can help');
    expect(why({ code: 'of-tomorrow' })).toBe('it was taken care of');
    expect(why(null)).toBe('it was taken care of');
  });

  it('counts every record once, whatever its action', () => {
    const records = [...auditActions(), 'never.heard-of'].flatMap((action) =>
      ['therapist', 'system'].map((role) => auditRecord({ action, agent: { who: 'x', role } })),
    );
    const { people, automatic } = whoSaw(records);
    const told = [...people.flatMap(({ deeds }) => deeds), ...automatic].flatMap(({ times }) => times);
    expect(told).toHaveLength(records.length);
  });

  it('is told at sixth-grade level', () => {
    const ours = [
      auditRecord(),
      ...['alert.acknowledge', 'alert.snooze', 'alert.resolve', 'alert.answer', 'alert.list', 'audit.who-saw'].map(
        (action) => auditRecord({ action, changed: true }),
      ),
      ...['reached', 'not-reached', 'plan-adapted', 'live-session-booked', 'known-and-planned', 'no-action-needed'].map(
        (code) => auditRecord({ action: 'alert.resolve', detail: { outcome: { code } } }),
      ),
      ...['patient.hold', 'patient.release', 'patient.erase'].map((action) => auditRecord({ action, changed: true })),
      auditRecord({ action: 'audit.disclosures' }),
      auditRecord({ ...system, action: 'event.record' }),
      auditRecord({ ...system, action: 'risk.assess' }),
      auditRecord({ ...system, action: 'alert.sent' }),
      auditRecord({ ...system, action: 'reminder.send' }),
    ];
    expect(readingGrade(textOf(...ours))).toBeLessThanOrEqual(6);
  });
});

describe('a record of the system’s chains', () => {
  const exported = (detail: AuditRecord['detail']) =>
    auditRecord({ chain: 'system-3', action: 'audit.export', detail });

  it('concerns the patient whom it names alone: they were erased, and cannot have it in their own chain', () => {
    const erased = auditRecord({ chain: 'system-3', action: 'patient.erase', detail: { patient: 'p-a' } });
    expect([concerns(erased, 'p-a'), concerns(erased, 'p-b')]).toEqual([true, false]);
  });

  it('concerns a patient where a copy that can be read holds them', () => {
    expect(concerns(exported({ chains: 'all', keys: true }), 'p-a')).toBe(true);
    expect(concerns(exported({ chains: ['p-b', 'p-a'], keys: true }), 'p-a')).toBe(true);
    expect(concerns(exported({ chains: ['p-b'], keys: true }), 'p-a')).toBe(false);
    expect(concerns(exported({ chains: 'all', keys: false }), 'p-a')).toBe(false);
    expect(concerns(auditRecord({ action: 'scan.open', detail: { chains: 'all', keys: true } }), 'p-a')).toBe(false);
  });

  it('concerns a patient where a list named them', () => {
    const list = auditRecord({ action: 'alert.list', detail: { alerts: [{ alert: 'a-1', patient: 'p-a' }] } });
    expect([concerns(list, 'p-a'), concerns(list, 'p-b')]).toEqual([true, false]);
  });
});

describe('a moment in words', () => {
  it('is by the clinic’s calendar and clock, on either side of noon and of a change of the clocks', () => {
    expect(momentInWords('2026-03-08T05:30:00.000Z', timeZone)).toBe('Mar 8, 2026, 12:30 AM EST');
    expect(momentInWords('2026-03-08T07:30:00.000Z', timeZone)).toBe('Mar 8, 2026, 3:30 AM EDT');
    expect(momentInWords('2026-07-01T16:05:00.000Z', timeZone)).toBe('Jul 1, 2026, 12:05 PM EDT');
    expect(dateInWords('2026-01-01T03:00:00.000Z', timeZone)).toBe('Dec 31, 2025');
  });
});
