import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { fromEpoch } from '../../functions/domain/epoch.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { apply } from '../../functions/domain/fold.ts';
import type { Instant } from '../../functions/domain/instant.ts';
import { type PatientState, unknownState } from '../../functions/domain/patient.ts';
import { type ReminderRecord, remindedOf } from '../../functions/domain/reminder.ts';
import { decideReminder } from '../../functions/domain/reminder-plan.ts';
import { decideRound } from '../../functions/domain/reminder-round.ts';
import { runs } from '../example-clinic.ts';
import { cadence, clinicWith, rule } from '../reminder-patients.ts';

const zones = [
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
const seasons = [Date.UTC(2026, 2, 6), Date.UTC(2026, 3, 3), Date.UTC(2026, 8, 4), Date.UTC(2026, 9, 2)];
const days = 35;

const quarter = 900_000;
const evening = { window: { from: '17:00', to: '22:30' }, validForDays: 2 };
/** Dense, so that caps, quiet hours and unanswered reminders all get in the way. */
const clinic = clinicWith(
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
    weight: 1,
    arbitrary: fc.constantFrom(...zones).map((timeZone) => ({ type: 'ContactChanged', data: { timeZone } })),
  },
) as fc.Arbitrary<Happening>;

/** A patient's events; between `step`-th milliseconds nothing happens. */
function course(zone: string, start: number, step: number): fc.Arbitrary<ClinicalEvent[]> {
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

/** How one round goes for this patient. Its execution starts some time after the quarter of an hour, and may be started twice. */
interface Execution {
  readonly after: number;
  readonly crash: 'none' | 'before-claim' | 'after-claim' | 'after-send';
  readonly twice: boolean;
  /** Does not take place. */
  readonly missed: boolean;
}
const smooth: Execution = { after: 0, crash: 'none', twice: false, missed: false };
const execution: fc.Arbitrary<Execution> = fc.record({
  after: fc.integer({ min: 0, max: 400_000 }),
  crash: fc.constantFrom('none', 'none', 'before-claim', 'after-claim', 'after-send'),
  twice: fc.boolean(),
  missed: fc.constant(false),
});

interface Message {
  readonly key: string;
  readonly at: Instant;
}

/** Rounds every quarter of an hour over one patient, with claims in a store whose versions guard against two executions. */
class Rounds {
  readonly messages: Message[] = [];
  readonly #events: readonly ClinicalEvent[];
  #state: PatientState = unknownState;
  #applied = 0;
  #records: readonly ReminderRecord[] = [];
  #nextAt: Instant | null = null;
  visits = 0;

  constructor(events: readonly ClinicalEvent[]) {
    this.#events = events;
  }

  get claimed(): string[] {
    return this.#records.filter(({ outcome }) => outcome !== 'dropped').map(({ key }) => key);
  }

  get records(): readonly ReminderRecord[] {
    return this.#records;
  }

  /** @param onlyDue whether a round passes over the patient where the due index does not name them. */
  run(start: number, executions: (round: number) => Execution, onlyDue = true): this {
    for (let round = 0; round < (days * 86_400_000) / quarter; round++) {
      const { after, crash, twice, missed } = executions(round);
      if (missed) continue;
      const now = start + round * quarter + after;
      this.#happen(now);
      if (onlyDue && (this.#nextAt === null || this.#nextAt > fromEpoch(now))) continue;
      this.visits++;
      this.#closeClaims();
      if (crash === 'before-claim') this.#attempt(now, crash);
      this.#attempt(now + (crash === 'before-claim' ? 300_000 : 0), crash === 'before-claim' ? 'none' : crash);
      // A second execution that loaded the same version: its commit fails, and it decides again.
      if (twice) this.#attempt(now + 301_000, 'none');
    }
    return this;
  }

  /** A claim without an outcome is never sent again. */
  #closeClaims(): void {
    this.#records = this.#records.map((one) => (one.outcome === 'claimed' ? { ...one, outcome: 'unknown' } : one));
  }

  #attempt(now: number, crash: Execution['crash']): void {
    const round = decideRound(remindedOf(this.#state, [], this.#records), clinic, fromEpoch(now));
    if (crash === 'before-claim') return;
    this.#records = [...this.#records, ...round.records];
    this.#nextAt = round.nextAt;
    if (round.send === null || crash === 'after-claim') return;
    const sentAt = now + 1000;
    this.#happen(sentAt);
    const { key } = round.send;
    const decision = decideReminder(remindedOf(this.#state, [], this.#records), key, clinic, fromEpoch(sentAt));
    if (decision.outcome === 'send') this.messages.push({ key, at: fromEpoch(sentAt) });
    if (crash === 'after-send') return;
    const outcome = decision.outcome === 'send' ? 'sent' : 'dropped';
    this.#records = this.#records.map((one) => (one.key === key ? { ...one, outcome } : one));
  }

  #happen(now: number): void {
    for (
      let next = this.#events[this.#applied];
      next && next.occurredAt <= fromEpoch(now);
      next = this.#events[this.#applied]
    ) {
      this.#state = apply(this.#state, next, clinic);
      this.#applied++;
      // After every event the next moment is worked out anew.
      this.#nextAt = fromEpoch(now);
    }
  }
}

/** What the events say at a moment, read straight from them. */
function knownAt(events: readonly ClinicalEvent[], at: Instant) {
  let zone = '';
  let consent = false;
  let paused: Instant | boolean = false;
  let ended = false;
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
    if (event.type === 'ModuleCompleted') completed.add(event.data.module);
  }
  return { zone, consent, paused: paused === true || (paused !== false && at < paused), ended, completed };
}

const there = (at: Instant, zone: string) => Temporal.Instant.from(at).toZonedDateTimeISO(zone);

function expectInvariants(events: readonly ClinicalEvent[], { messages, claimed, records }: Rounds): void {
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  expect(new Set(records.map(({ key }) => key)).size).toBe(records.length);
  for (const { key, at } of messages) {
    expect(claimed).toContain(key);
    const { zone, consent, paused, ended, completed } = knownAt(events, at);
    const local = there(at, zone);
    const clock = local.toPlainTime().toString({ smallestUnit: 'minute' });
    const { from, to } = cadence.quietHours;
    expect(clock >= to && clock < from, `${clock} is quiet`).toBe(true);
    expect(clinic.programme.reminders?.holidays).not.toContain(local.toPlainDate().toString());
    expect({ consent, paused, ended }).toEqual({ consent: true, paused: false, ended: false });
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

const script = fc.array(execution, { minLength: 50, maxLength: 50 });

describe('10,000 patient-days of rounds, over the changes of the clocks in 12 zones', () => {
  it.each(zones)(
    '%s: no duplicate, none in quiet hours, none after completion, withdrawal or pause, caps held, whatever crashes or is missed',
    (zone) => {
      let sent = 0;
      for (const [season, start] of seasons.entries())
        fc.assert(
          fc.property(course(zone, start, 60_000), script, fc.nat({ max: 3000 }), (events, executions, outage) => {
            const rounds = new Rounds(events).run(start, (round) => ({
              ...(executions[round % executions.length] ?? smooth),
              // A part of three hours in which no round takes place.
              missed: round >= outage && round < outage + 12,
            }));
            expectInvariants(events, rounds);
            sent += rounds.messages.length;
          }),
          { numRuns: runs(6), seed: 100 + season },
        );
      // 24 patients with 35 days each: 840 patient-days in each zone.
      expect(sent).toBeGreaterThan(50);
    },
  );

  it.each(zones)('%s: the same set is claimed, wherever rounds crash, run late or run twice', (zone) => {
    for (const [season, start] of seasons.entries())
      fc.assert(
        fc.property(course(zone, start, quarter), script, (events, executions) => {
          const plain = new Rounds(events).run(start, () => smooth);
          const rough = new Rounds(events).run(start, (round) => executions[round % executions.length] ?? smooth);
          expect(rough.claimed.toSorted()).toEqual(plain.claimed.toSorted());
          expectInvariants(events, rough);
          expect(plain.messages.map(({ key }) => key).toSorted()).toEqual(plain.claimed.toSorted());
        }),
        { numRuns: runs(3), seed: 200 + season },
      );
  });

  it('looking only at patients who are due sends what looking at everyone would send', () => {
    fc.assert(
      fc.property(course('America/New_York', seasons[0] ?? 0, quarter), (events) => {
        const start = seasons[0] ?? 0;
        const due = new Rounds(events).run(start, () => smooth);
        const all = new Rounds(events).run(start, () => smooth, false);
        expect(due.messages).toEqual(all.messages);
        expect(due.visits).toBeLessThan(all.visits / 10);
      }),
      { numRuns: runs(5), seed: 300 },
    );
  });
});
