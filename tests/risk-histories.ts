import fc from 'fast-check';
import type { ClinicalEvent } from '../functions/domain/event.ts';
import { instantAt } from '../functions/domain/instant.ts';
import type { ReminderRecord } from '../functions/domain/reminder.ts';
import { exampleClinic } from './example-clinic.ts';
import { answersOf } from './risk-patients.ts';

const start = Date.UTC(2026, 0, 5, 8);

const within = fc.integer({ min: 0, max: 84 * 86_400_000 });
const measures = [
  { measure: 'phq-9', items: 9, lowest: 0, highest: 3 },
  { measure: 'gad-7', items: 7, lowest: 0, highest: 3 },
  { measure: 'eheals', items: 8, lowest: 1, highest: 5 },
] as const;
const questionnaire = fc
  .record({ of: fc.constantFrom(...measures), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ of: { measure, items, lowest, highest }, part }) => ({
    type: 'QuestionnaireSubmitted',
    data: {
      measure,
      answers: answersOf(Math.round(items * (lowest + part * (highest - lowest))), items, highest, lowest),
    },
  }));
const moduleDone = fc
  .record({
    module: fc.constantFrom(...exampleClinic.programme.modules.map(({ id }) => id)),
    minutes: fc.integer({ min: 0, max: 90 }),
  })
  .map((data) => ({ type: 'ModuleCompleted', data }));
const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ type: 'PatientActive', data: { kind: 'log-in' } }) },
  { weight: 4, arbitrary: questionnaire },
  { weight: 3, arbitrary: moduleDone },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('time', 'fit', 'contact')
      .map((barrier) => ({ type: 'BarrierReported', data: { barrier } })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { type: 'TrackChanged', data: { track: 'self-guided' } },
      { type: 'ContactChanged', data: { timeZone: 'Pacific/Kiritimati' } },
      { type: 'ContactChanged', data: { timeZone: 'Pacific/Honolulu' } },
      { type: 'EnrolmentPaused', data: { until: '2026-02-20T10:00:00.000Z' } },
      { type: 'EnrolmentResumed', data: {} },
    ),
  },
);

/** Reminders within the same weeks, ascending: due some hours before they were decided on, with every outcome. */
export const reminders: fc.Arbitrary<ReminderRecord[]> = fc
  .array(
    fc.record({
      after: within,
      late: fc.integer({ min: 0, max: 3 * 86_400_000 }),
      outcome: fc.constantFrom('claimed', 'sent', 'sent', 'sent', 'failed', 'unknown', 'dropped', 'waiting'),
    }),
    { minLength: 6, maxLength: 20 },
  )
  .map((made) =>
    made
      .toSorted((a, b) => a.after - b.after)
      .map(({ after, late, outcome }, index) => ({
        key: `reminder-${index}`,
        kind: 'module-due',
        subject: 'm1',
        dueAt: instantAt(start + after - late),
        at: instantAt(start + after),
        channel: 'sms',
        outcome,
        reason: null,
      })),
  );

/** Events of one patient who is enrolled with consent from the start, so that nearly every moment is scored. */
export function enrolledHistory(maxLength = 30): fc.Arbitrary<ClinicalEvent[]> {
  const zone = fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia');
  return fc.tuple(zone, fc.array(fc.tuple(within, event), { maxLength })).map(([timeZone, events]) =>
    [
      [
        0,
        { type: 'PatientEnrolled', data: { programme: 'depression', track: 'therapist-supported', timeZone } },
      ] as const,
      [0, { type: 'ConsentGiven', data: { scopes: ['scoring'] } }] as const,
      ...events,
    ].map(
      ([after, { type, data }], index) =>
        ({
          id: `ev-${index}`,
          type,
          occurredAt: instantAt(start + after),
          patient: 'vendor-1',
          data,
        }) as ClinicalEvent,
    ),
  );
}
