import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { exampleClinic as clinic, runs } from '../example-clinic.ts';
import { history, redelivered } from '../histories.ts';

const now = '2026-06-01T00:00:00.000Z';

describe('receiving events', () => {
  it('leaves the same state for any order and repetition, each event once, each with its record in an unbroken chain', async () => {
    const deliveries = history().chain((events) => fc.tuple(fc.constant(events), redelivered(events)));
    await fc.assert(
      fc.asyncProperty(deliveries, async ([events, delivered]) => {
        const store = memoryStore();
        const outcomes = [];
        for (const event of delivered) outcomes.push((await receive(store, event)).outcome);
        expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(events.length);
        await expectEverythingOnce(store, events);
      }),
      { seed: 4, numRuns: runs(1000) },
    );
  });

  it('loses nothing and breaks no chain whatever the interleaving of concurrent commits', async () => {
    const concurrent = fc.tuple(history(12), fc.infiniteStream(fc.nat()));
    await fc.assert(
      fc.asyncProperty(concurrent, async ([events, choices]) => {
        const waiting: (() => void)[] = [];
        const store = memoryStore({ before: () => new Promise((resolve) => waiting.push(resolve)) });
        let done = false;
        const all = Promise.all([...events, ...events].map((event) => receive(store, event))).finally(() => {
          done = true;
        });
        // Every call of a port waits here; whichever is chosen goes on, and runs until the next call.
        for (const choice of choices) {
          await new Promise((resolve) => setImmediate(resolve));
          if (done) break;
          waiting.splice(choice % waiting.length, 1)[0]?.();
        }
        const outcomes = (await all).map(({ outcome }) => outcome);
        expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(events.length);
        await expectEverythingOnce(store, events, waiting);
      }),
      { seed: 5, numRuns: runs(200) },
    );
  });
});

type Store = ReturnType<typeof memoryStore>;

function receive(store: Store, event: ClinicalEvent) {
  return receiveEvent({ ...store, clinic, pause: () => Promise.resolve() }, event, now);
}

async function expectEverythingOnce(store: Store, events: ClinicalEvent[], waiting: (() => void)[] = []) {
  const letThrough = <T>(answer: Promise<T>): Promise<T> => {
    for (const go of waiting.splice(0)) go();
    return answer;
  };
  const id = await letThrough(store.pseudonyms.patient('vendor-1'));
  const patient = await letThrough(store.patients.load(id));
  expect(canonicalText(patient.state)).toBe(canonicalText(fold(events, clinic)));
  expect(patient.version).toBe(events.length);
  const records = store.auditRecords(id);
  expect(records.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  const head = records.reduce(
    (previous, { sequence, recordHash }) => chainHash(id, sequence, previous, recordHash),
    genesis(id),
  );
  expect(patient.head).toBe(events.length === 0 ? genesis(id) : head);
}
