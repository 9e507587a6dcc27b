import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryReminderChannels } from '../../functions/adapters/memory/reminder-channels.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { fromEpoch } from '../../functions/domain/epoch.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { apply } from '../../functions/domain/fold.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { type PatientState, unknownState } from '../../functions/domain/patient.ts';
import { type ReminderRecord, remindedOf } from '../../functions/domain/reminder.ts';
import { decideRound } from '../../functions/domain/reminder-round.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { type ReminderRoundPorts, remindShard } from '../../functions/reminder-round/round.ts';
import { runs } from '../example-clinic.ts';
import { clinic, course, days, expectInvariants, type Message, quarter, seasons, zones } from '../reminder-courses.ts';

const noPause = () => Promise.resolve();

/** How the executions of a quarter of an hour go. */
interface Rounds {
  /** How many calls of ports go well before the next crash, and whether it strikes before or after its call; in turn. */
  readonly crashes: readonly (readonly [number, boolean])[];
  /** Whether two executions run at once. */
  readonly twice: (round: number) => boolean;
  /** Does not take place. */
  readonly missed: (round: number) => boolean;
  /** Whether shards are gone through from the last to the first. */
  readonly backwards: boolean;
}
const smooth: Rounds = { crashes: [], twice: () => false, missed: () => false, backwards: false };

/** Patients of a clinic over five weeks: their events reach the real intake, the real round runs every quarter of an hour. */
async function play(courses: readonly ClinicalEvent[][], start: number, rounds: Rounds) {
  const waiting = rounds.crashes.map(([calls, before]) => ({ calls, before }));
  let isRound = false;
  let crashed = 0;
  const strike = (isBefore: boolean) => {
    const next = waiting[0];
    if (!isRound || next === undefined || next.before !== isBefore) return;
    next.calls -= 1;
    if (next.calls > 0) return;
    waiting.shift();
    crashed += 1;
    throw new Error('killed');
  };
  const faults = { before: () => strike(true), after: () => strike(false) };
  const store = memoryStore(faults);
  const channels = new MemoryReminderChannels(faults);
  const events = courses
    .flatMap((one, patient) =>
      one.map((event) => ({ ...event, id: `${patient}-${event.id}`, patient: `vendor-${patient}` })),
    )
    .toSorted((a, b) => (a.occurredAt === b.occurredAt ? 0 : a.occurredAt < b.occurredAt ? -1 : 1));
  let told = 0;
  const happen = async (now: Instant) => {
    isRound = false;
    for (let next = events[told]; next !== undefined && next.occurredAt <= now; next = events[told]) {
      told += 1;
      await receiveEvent({ ...store, clinic, pause: noPause }, next, next.occurredAt);
    }
    isRound = true;
  };

  const messages = new Map<string, Message[]>();
  let clock = start;
  const now = () => fromEpoch(clock);
  const ports: ReminderRoundPorts = {
    ...store,
    reminderChannels: {
      reachable: channels.reachable.bind(channels),
      send: (id, ...message) => {
        // At the send there is one claim, and it is this reminder's.
        const claims = reminders(id).filter(({ outcome }) => outcome === 'claimed');
        expect(claims).toHaveLength(1);
        const sent = claims.map(({ key }) => ({ key, at: now() }));
        // What throws before the call has not left; a crash after it has.
        const before = channels.sent.length;
        return channels.send(id, ...message).finally(() => {
          if (channels.sent.length > before) messages.set(id, [...(messages.get(id) ?? []), ...sent]);
        });
      },
    },
    clinic,
    pause: noPause,
    now,
    // Between claim and send things happen.
    pace: async () => {
      clock += 1000;
      await happen(now());
    },
    mayPass: () => true,
  };
  const reminders = (id: string): readonly ReminderRecord[] =>
    store.patients.patients().find((one) => one.id === id)?.reminders ?? [];
  const known = () => store.patients.patients();

  for (let round = 0; round < (days * 86_400_000) / quarter; round += 1) {
    clock = start + round * quarter;
    await happen(now());
    if (rounds.missed(round)) continue;
    const until = now();
    // The index names nobody else: without anybody due, an execution ends after its first look.
    const isDue = () => known().some(({ reminderAt }) => reminderAt !== null && reminderAt <= until);
    const shards = rounds.backwards ? ports.reminderIndex.shards.toReversed() : ports.reminderIndex.shards;
    const execution = async () => {
      for (const shard of shards) await remindShard(ports, { shard, until, cursor: null }, () => true);
    };
    // The workflow tries an execution again that has failed.
    for (let attempt = 1; attempt <= 4 && isDue(); attempt += 1) {
      const executions = rounds.twice(round) ? [execution(), execution()] : [execution()];
      const results = await Promise.allSettled(executions);
      if (results.every(({ status }) => status === 'fulfilled')) break;
    }
    isRound = false;
  }
  return {
    crashed,
    /** In the order of the courses. */
    patients: await Promise.all(
      courses.map(async (one, index) => {
        const id = await store.pseudonyms.patient(`vendor-${index}`);
        const records = reminders(id);
        const claimed = records.filter(({ outcome }) => outcome !== 'dropped').map(({ key }) => key);
        return { events: one, messages: messages.get(id) ?? [], records, claimed, ...chainOf(id) };
      }),
    ),
  };

  function chainOf(id: string) {
    const records = store.auditRecords(id);
    const end = records.reduce((head, one) => chainHash(id, one.sequence, head, one.recordHash), genesis(id));
    return { unbroken: known().find((one) => one.id === id)?.head === end };
  }
}

const crashes = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()), { minLength: 1, maxLength: 40 });

/** The keys that the plan alone claims, asked about the patient every quarter of an hour. */
function claimedByLookingAlways(events: readonly ClinicalEvent[], start: number): string[] {
  let state: PatientState = unknownState;
  let records: readonly ReminderRecord[] = [];
  let told = 0;
  for (let clock = start; clock < start + days * 86_400_000; clock += quarter) {
    const now = fromEpoch(clock);
    for (let next = events[told]; next !== undefined && next.occurredAt <= now; next = events[told]) {
      state = apply(state, next, clinic);
      told += 1;
    }
    const decided = decideRound(remindedOf(state, [], records), clinic, now).records;
    records = [
      ...records,
      ...decided.map((one) => (one.outcome === 'claimed' ? { ...one, outcome: 'sent' as const } : one)),
    ];
  }
  return records.filter(({ outcome }) => outcome === 'sent').map(({ key }) => key);
}

describe('the round that really sends, over the changes of the clocks in 12 zones', () => {
  it.each(zones)(
    '%s: each reminder once at most, whatever is killed, missed or run twice; none in quiet hours, after completion, withdrawal, opt-out or pause',
    async (zone) => {
      let [sent, killed, unknown] = [0, 0, 0];
      for (const [season, start] of seasons.entries())
        await fc.assert(
          fc.asyncProperty(
            fc.array(course(zone, start, 60_000), { minLength: 3, maxLength: 3 }),
            crashes,
            fc.nat({ max: 3000 }),
            async (courses, plan, outage) => {
              const played = await play(courses, start, {
                crashes: plan,
                twice: (round) => round % 3 === 0,
                // For three hours no round takes place.
                missed: (round) => round >= outage && round < outage + 12,
                backwards: false,
              });
              killed += played.crashed;
              for (const { events, unbroken, ...patient } of played.patients) {
                expectInvariants(events, patient);
                expect(unbroken).toBe(true);
                sent += patient.messages.length;
                unknown += patient.records.filter(({ outcome }) => outcome === 'unknown').length;
                for (const { key } of patient.messages)
                  expect(['sent', 'unknown', 'claimed']).toContain(
                    patient.records.find((one) => one.key === key)?.outcome,
                  );
              }
            },
          ),
          { numRuns: runs(2), seed: 400 + season },
        );
      // 24 patients with 35 days each: 840 patient-days in each zone.
      expect(sent).toBeGreaterThan(50);
      expect(killed).toBeGreaterThan(10);
      expect(unknown).toBeGreaterThan(0);
    },
  );

  it('the same set is claimed as by looking at everyone every time, whatever the order of the shards, wherever executions are killed or run twice', async () => {
    const [start = 0] = seasons;
    let killed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(
          course('America/New_York', start, quarter),
          course('Europe/Stockholm', start, quarter),
          course('Australia/Lord_Howe', start, quarter),
        ),
        crashes,
        async (courses, plan) => {
          const plain = await play(courses, start, smooth);
          const rough = await play(courses, start, {
            crashes: plan,
            twice: (round) => round % 2 === 0,
            missed: () => false,
            backwards: true,
          });
          killed += rough.crashed;
          expect(plain.patients.map(({ claimed }) => claimed.toSorted())).toEqual(
            courses.map((events) => claimedByLookingAlways(events, start).toSorted()),
          );
          const sets = ({ patients }: typeof plain) => patients.map(({ claimed }) => claimed.toSorted());
          expect(sets(rough)).toEqual(sets(plain));
          for (const { messages, claimed } of plain.patients)
            expect(messages.map(({ key }) => key).toSorted()).toEqual(claimed.toSorted());
        },
      ),
      { numRuns: runs(6), seed: 500 },
    );
    expect(killed).toBeGreaterThan(30);
  });

  it('T20: whatever the patient says between claim and send holds: that reminder is not sent, and its record says why', async () => {
    const [, start = 0] = seasons;
    const stops = fc.constantFrom(
      ['ConsentWithdrawn', { scopes: ['reminders'] }, 'no-consent'] as const,
      ['EnrolmentEnded', { reason: 'deceased' }, 'ended'] as const,
      ['EnrolmentPaused', {}, 'paused'] as const,
      ['PreferencesChanged', { pausedUntil: '2030-01-01T00:00:00.000Z' }, 'paused'] as const,
      ['PreferencesChanged', { channels: [] }, 'opted-out'] as const,
      ['ReminderOptedOut', { channel: 'sms' }, 'opted-out'] as const,
    );
    let stopped = 0;
    await fc.assert(
      fc.asyncProperty(course('America/Santiago', start, quarter), stops, fc.nat(), async (events, stop, choice) => {
        const { messages = [] } = (await play([events], start, smooth)).patients[0] ?? {};
        const message = messages[choice % Math.max(1, messages.length)];
        if (message === undefined) return;
        const [type, data, reason] = stop;
        const event = { id: 'stop', patient: 'p', type, occurredAt: later(message.at, -500), data } as ClinicalEvent;
        const place = events.findIndex(({ occurredAt }) => occurredAt > event.occurredAt);
        const told = place === -1 ? [...events, event] : events.toSpliced(place, 0, event);
        const [patient] = (await play([told], start, smooth)).patients;
        expect(patient?.messages.map(({ key }) => key)).not.toContain(message.key);
        expect(patient?.records.find(({ key }) => key === message.key)).toMatchObject({ outcome: 'dropped', reason });
        stopped += 1;
      }),
      { numRuns: runs(15), seed: 600 },
    );
    expect(stopped).toBeGreaterThan(10);
  });
});
