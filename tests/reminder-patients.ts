import { genesis } from '../functions/domain/audit-chain.ts';
import type { Clinic, Programme } from '../functions/domain/clinic.ts';
import { type Instant, later } from '../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../functions/domain/patient.ts';
import { type Reminded, type ReminderRecord, remindedOf } from '../functions/domain/reminder.ts';
import type { Reminders } from '../functions/domain/reminder-cadence.ts';
import { exampleClinic } from './example-clinic.ts';
import { type Brief, enrolledAt, stateOf } from './risk-patients.ts';

export const cadence: Reminders = exampleClinic.programme.reminders as Reminders;
type Rule = Reminders['kinds'][number];

export const allDay = { from: '09:00', to: '20:00' };

/** One rule of a cadence, valid on its own day only. */
export function rule(kind: Rule['kind'], offsetDays = 0, change: Partial<Rule> = {}): Rule {
  return { kind, offsetDays, window: allDay, validForDays: 1, ...change };
}

/** The example clinic with another cadence; rules that are not given are left out. */
export function clinicWith(change: Partial<Reminders>, programme: Partial<Programme> = {}): Clinic {
  const reminders = { ...cadence, ...change };
  return { ...exampleClinic, programme: { ...exampleClinic.programme, ...programme, reminders } };
}

/** Many reminders may go out, so that only what a test is about holds any back. */
export const generous = { caps: { perDay: 5, perWeek: 35 }, stopAfterUnanswered: 50 };

export function enrolment(timeZone?: string): Brief[] {
  const contact = { preferred: 'sms', sms: '+12025550123', email: 'p@example.org' };
  return [
    [0, 'PatientEnrolled', { programme: 'depression', track: 'therapist-supported', timeZone, contact }],
    [0, 'ConsentGiven', { scopes: ['reminders'] }],
  ];
}

/** A patient in UTC, enrolled on Monday 2026-03-02 at noon, who has agreed to reminders by SMS. */
export function patientAfter(
  briefs: readonly Brief[] = [],
  change: Partial<Omit<Reminded, 'preferences'>> & { preferences?: Partial<Reminded['preferences']> } = {},
): Reminded {
  const reminded = remindedOf(stateOf([...enrolment('UTC'), ...briefs]), [], []);
  return { ...reminded, ...change, preferences: { ...reminded.preferences, ...change.preferences } };
}

/** The same patient as stored, whom a round has to look at now. */
export function storedAfter(briefs: readonly Brief[] = [], change: Partial<Patient> = {}): Patient {
  const state = stateOf([...enrolment('UTC'), ...briefs]);
  const unknown = unknownPatient('p-1', genesis('p-1'));
  return { ...unknown, version: 1, state, foldedUnder: exampleClinic.hash, reminderAt: enrolledAt, ...change };
}

/** A reminder that went out at a moment; `hours` earlier or later than that another was due. */
export function sentAt(at: Instant, change: Partial<ReminderRecord> = {}): ReminderRecord {
  const record = { kind: 'module-due', subject: 'm1', channel: 'sms', outcome: 'sent', reason: null } as const;
  return { key: `made-up/${at}`, dueAt: at, at, ...record, ...change };
}

export const hoursAfter = (at: Instant, hours: number) => later(at, hours * 3_600_000);
