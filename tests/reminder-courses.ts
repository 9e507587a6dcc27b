import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect } from 'vitest';
import { fromEpoch } from '../functions/domain/epoch.ts';
import type { ClinicalEvent } from '../functions/domain/event.ts';
import type { Instant } from '../functions/domain/instant.ts';
import type { ReminderRecord } from '../functions/domain/reminder.ts';
import { cadence, clinicWith, rule } from './reminder-patients.ts';

export const zones = [
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Havana',
  'America/Santiago',
  'Europe/London',
  'Europe/Stockholm',
  'Africa/Cairo',
  'Asia/Jerusalem',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
];
/** Five weeks from each of these hold every change of the clocks of 2026 in these zones. */
export const seasons = [Date.UTC(2026, 2, 6), Date.UTC(2026, 3, 3), Date.UTC(2026, 8, 4), Date.UTC(2026, 9, 2)];
export const days = 35;

export const quarter = 900_000;
const evening = { window: { from: '17:00', to: '22:30' }, validForDays: 2 };
/** Dense, so that caps, quiet hours and unanswered reminders all get in the way. */
export const clinic = clinicWith(
  {
    preferredHour: '18:00',
    caps: { perDay: 2, perWeek: 6 },
    stopAfterUnanswered: 5,
    holidays: ['2026-04-05', '2026-10-12'],
    kinds: [
      rule('welcome', 0, { validForDays: 3 }),
      rule('questionnaire-due', 0, evening),
      rule('module-due', -1),
      rule('module-due', 0, { validForDays: 2 }),
      rule('module-overdue', 1, evening),
      rule('module-overdue', 4, { window: { from: '07:00', to: '09:15' }, validForDays: 3 }),
      rule('inactivity', 2, evening),
      rule('inactivity', 4),
    ],
  },
  {
    modules: Array.from({ length: 8 }, (_, index) => ({
      id: `m${index + 1}`,
      title: 'Made up',
      dueDay: 3 * index + 2,
    })),
    measures: [
      { measure: 'phq-9', dueDays: [0, 2, 4, 6, 8, 10, 14, 18, 22, 26] },
      { measure: 'gad-7', dueDays: [0, 7, 14, 21, 28] },
    ],
  },
);

type Happening = Pick<ClinicalEvent, 'type' | 'data'>;
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'PatientActive', data: { kind: 'log-in' } }) },
  {
    weight: 4,
    arbitrary: fc
      .integer({ min: 1, max: 8 })
      .map((module) => ({ type: 'ModuleCompleted', data: { module: `m${module}` } })),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { type: 'QuestionnaireSubmitted', data: { measure: 'phq-9', answers: [1, 1, 1, 1, 1, 1, 1, 1, 0] } },
      { type: 'QuestionnaireSubmitted', data: { measure: 'gad-7', answers: [1, 1, 1, 1, 1, 1, 1] } },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { type: 'ConsentWithdrawn', data: { scopes: ['reminders'] } },
      { type: 'ConsentGiven', data: { scopes: ['reminders'] } },
      { type: 'EnrolmentPaused', data: {} },
      { type: 'EnrolmentPaused', data: { until: '2026-04-10T16:00:00.000Z' } },
      { type: 'EnrolmentResumed', data: {} },
      { type: 'EnrolmentEnded', data: { reason: 'other' } },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { type: 'ReminderOptedOut', data: { channel: 'sms' } },
      { type: 'ReminderOptedIn', data: { channel: 'sms' } },
      { type: 'ReminderOptedIn', data: { channel: 'sms' } },
      { type: 'PreferencesChanged', data: { hour: '19:30' } },
      { type: 'PreferencesChanged', data: { hour: null, pausedUntil: '2026-04-12T16:00:00.000Z' } },
      { type: 'PreferencesChanged', data: { pausedUntil: null } },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...zones).map((timeZone) => ({ type: 'ContactChanged', data: { timeZone } })),
  },
) as fc.Arbitrary<Happening>;

/** A patient's events; between `step`-th milliseconds nothing happens. */
export function course(zone: string, start: number, step: number): fc.Arbitrary<ClinicalEvent[]> {
  const contact = { preferred: 'sms', sms: '+12025550123' };
  const when = fc.integer({ min: 0, max: (days * 86_400_000) / step - 1 }).map((steps) => start + steps * step);
  const enrolled: Happening[] = [
    {
      type: 'PatientEnrolled',
      data: { programme: 'depression', track: 'self-guided', timeZone: zone, contact },
    } as Happening,
    { type: 'ConsentGiven', data: { scopes: ['reminders'] } },
  ];
  return fc.array(fc.tuple(when, happening), { minLength: 5, maxLength: 25 }).map((later) =>
    [...enrolled.map((one) => [start, one] as const), ...later.toSorted(([a], [b]) => a - b)].map(
      ([at, one], index) =>
        ({
          id: `ev-${String(index).padStart(2, '0')}`,
          patient: 'p',
          occurredAt: fromEpoch(at),
          ...one,
        }) as ClinicalEvent,
    ),
  );
}

/** A reminder that went out. */
export interface Message {
  readonly key: string;
  readonly at: Instant;
}

/** What the events say at a moment, read straight from them. */
function knownAt(events: readonly ClinicalEvent[], at: Instant) {
  let zone = '';
  let consent = false;
  let paused: Instant | boolean = false;
  let ended = false;
  let optedOut = false;
  let wishes: Instant | null = null;
  const completed = new Set<string>();
  for (const event of events) {
    if (event.occurredAt > at) break;
    if (event.type === 'PatientEnrolled') zone = event.data.timeZone ?? '';
    if (event.type === 'ContactChanged') zone = event.data.timeZone ?? '';
    if (event.type === 'ConsentGiven') consent = true;
    if (event.type === 'ConsentWithdrawn') consent = false;
    if (event.type === 'EnrolmentPaused') paused = event.data.until ?? true;
    if (event.type === 'EnrolmentResumed') paused = false;
    if (event.type === 'EnrolmentEnded') ended = true;
    if (event.type === 'ReminderOptedOut') optedOut = true;
    if (event.type === 'ReminderOptedIn') optedOut = false;
    if (event.type === 'PreferencesChanged' && event.data.pausedUntil !== undefined) wishes = event.data.pausedUntil;
    if (event.type === 'ModuleCompleted') completed.add(event.data.module);
  }
  const byEnrolment = paused === true || (paused !== false && at < paused);
  const byPreference = wishes !== null && at < wishes;
  return { zone, consent, paused: byEnrolment || byPreference, ended, optedOut, completed };
}

const there = (at: Instant, zone: string) => Temporal.Instant.from(at).toZonedDateTimeISO(zone);

/** No duplicate, none in quiet hours, none after completion, withdrawal, opt-out or pause, caps held. */
export function expectInvariants(
  events: readonly ClinicalEvent[],
  {
    messages,
    claimed,
    records,
  }: {
    readonly messages: readonly Message[];
    readonly claimed: readonly string[];
    readonly records: readonly ReminderRecord[];
  },
): void {
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  expect(new Set(records.map(({ key }) => key)).size).toBe(records.length);
  for (const { key, at } of messages) {
    expect(claimed).toContain(key);
    const { zone, consent, paused, ended, optedOut, completed } = knownAt(events, at);
    const local = there(at, zone);
    const clock = local.toPlainTime().toString({ smallestUnit: 'minute' });
    const { from, to } = cadence.quietHours;
    expect(clock >= to && clock < from, `${clock} is quiet`).toBe(true);
    expect(clinic.programme.reminders?.holidays).not.toContain(local.toPlainDate().toString());
    expect({ consent, paused, ended, optedOut }).toEqual({
      consent: true,
      paused: false,
      ended: false,
      optedOut: false,
    });
    const [, kind, , subject = ''] = key.split('/');
    expect(kind?.startsWith('module-') === true && completed.has(subject)).toBe(false);
    // Caps: on this date, and on the seven that end with it.
    const today = local.toPlainDate();
    const ago = messages
      .filter((other) => other.at <= at)
      .map((other) => there(other.at, zone).toPlainDate().until(today, { largestUnit: 'days' }).days);
    expect(ago.filter((day) => day === 0).length).toBeLessThanOrEqual(2);
    expect(ago.filter((day) => day < 7).length).toBeLessThanOrEqual(6);
  }
}
