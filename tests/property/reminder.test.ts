import fc from 'fast-check';
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
import { clinic, course, days, expectInvariants, type Message, quarter, seasons, zones } from '../reminder-courses.ts';

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
