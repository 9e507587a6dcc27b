import fc from 'fast-check';
import type { ClinicalEvent, EventType } from '../functions/domain/event.ts';
import { instantAt } from '../functions/domain/instant.ts';

const start = Date.UTC(2026, 0, 5, 8);

/** A moment within twelve weeks; few enough that two events often share one. */
const instant = fc.integer({ min: 0, max: 12 * 7 * 24 }).map((hour) => instantAt(start + hour * 3_600_000));
const module = fc.constantFrom('m1', 'm2', 'm3', 'm4');
const minutes = fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined });
const scopes = fc.subarray(['scoring', 'reminders'] as const, { minLength: 1 });
const timeZone = fc.constantFrom(
  undefined,
  'America/New_York',
  'Europe/Stockholm',
  'Pacific/Kiritimati',
  'Australia/Lord_Howe',
);
const contact = fc.constantFrom(
  undefined,
  { preferred: 'none' as const },
  { preferred: 'sms' as const, sms: '+12025550123' },
);
const answers = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { freq: 12 }), { minLength: 9, maxLength: 9 });

/** FHIR responses share few ids, so that amendments and withdrawals meet what they amend. */
const fhir = fc
  .record({
    id: fc.constantFrom('r1', 'r2', 'r3'),
    status: fc.constantFrom('completed', 'amended', 'in-progress', 'entered-in-error'),
    answers,
  })
  .map(({ id, status, answers: values }) => ({
    resourceType: 'QuestionnaireResponse',
    id,
    status,
    item: phq9Codes.flatMap((code, index) =>
      values[index] === null
        ? []
        : [{ linkId: `/${code}`, answer: [{ valueCoding: { code: answerCodes[values[index] ?? 0] } }] }],
    ),
  }));

export const phq9Codes = [
  '44250-9',
  '44255-8',
  '44259-0',
  '44254-1',
  '44251-7',
  '44258-2',
  '44252-5',
  '44253-3',
  '44260-8',
];
export const answerCodes = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];

const channel = fc.constantFrom('sms', 'email');
const track = fc.constantFrom('self-guided' as const, 'therapist-supported' as const);

const dataOf: { readonly [T in EventType]: fc.Arbitrary<unknown> } = {
  PatientEnrolled: fc.record({
    programme: fc.constant('depression'),
    track,
    therapist: fc.constantFrom(null, 't-1', 't-2'),
    timeZone,
    contact,
  }),
  ConsentGiven: fc.record({ scopes }),
  ConsentWithdrawn: fc.record({ scopes }),
  PatientActive: fc.record({ kind: fc.constantFrom('log-in', 'use'), minutes }),
  ModuleStarted: fc.record({ module }),
  ModuleCompleted: fc.record({ module, minutes }),
  QuestionnaireSubmitted: fc.oneof(
    answers.map((values) => ({ measure: 'phq-9', answers: values })),
    fhir.map((resource) => ({ fhir: resource })),
  ),
  BarrierReported: fc.record({ barrier: fc.constantFrom('time', 'motivation', 'fit', 'contact', 'technology') }),
  MessageExchanged: fc.constantFrom({ from: 'patient', to: 'therapist' }, { from: 'therapist', to: 'patient' }),
  ContactChanged: fc.constantFrom(
    { timeZone: 'America/Denver' },
    { language: 'sv' },
    { contact: { preferred: 'none' } },
  ),
  PreferencesChanged: fc.constantFrom(
    { channels: ['email', 'sms'] },
    { channels: [] },
    { hour: '19:30' },
    { hour: null, pausedUntil: '2026-02-01T00:00:00.000Z' },
    { pausedUntil: null },
  ),
  ReminderOptedOut: fc.record({ channel }),
  ReminderOptedIn: fc.record({ channel }),
  TherapistAssigned: fc.record({ therapist: fc.constantFrom(null, 't-3') }),
  TrackChanged: fc.record({ track }),
  EnrolmentPaused: fc.constantFrom({}, { until: '2026-03-01T00:00:00.000Z' }),
  EnrolmentResumed: fc.constant({}),
  EnrolmentEnded: fc.record({ reason: fc.constantFrom('completed', 'dropped-out', 'deceased') }),
  LiveSessionRequested: fc.constant({}),
  LiveSessionScheduled: fc.record({ startsAt: fc.option(instant) }),
  LiveSessionHeld: fc.record({ minutes }),
};

const anyEvent = fc.oneof(
  ...(Object.keys(dataOf) as EventType[]).map((type) =>
    fc.record({ type: fc.constant(type), occurredAt: instant, data: dataOf[type] }),
  ),
);

/** Events of one patient with ids of their own, in no order: enrolment may come late, twice, or never. */
export function history(maxLength = 25): fc.Arbitrary<ClinicalEvent[]> {
  return fc
    .array(anyEvent, { maxLength })
    .map((events) =>
      events.map(
        (event, index) =>
          JSON.parse(JSON.stringify({ id: `ev-${index}`, patient: 'vendor-1', ...event })) as ClinicalEvent,
      ),
    );
}

/** The same events in another order, each at least once, some again. */
export function redelivered<T>(events: readonly T[]): fc.Arbitrary<T[]> {
  const copies = fc.array(fc.nat({ max: Math.max(0, events.length - 1) }), { maxLength: events.length });
  return copies.chain((again) => {
    const all = [...events, ...again.flatMap((index) => events.slice(index, index + 1))];
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  });
}
