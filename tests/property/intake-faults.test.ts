import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { exampleClinic as clinic, runs } from '../example-clinic.ts';
import { history, redelivered } from '../histories.ts';

const now = '2026-06-01T00:00:00.000Z';
const bodyOf = ({ type, ...detail }: { type: string }) =>
  JSON.stringify({ source: 'tandem.programme', 'detail-type': type, detail });

/** A message that is refused, and whose answer to item 9 must not wait for that. */
const refused = {
  id: 'ev-refused',
  type: 'QuestionnaireSubmitted',
  occurredAt: '2026-02-01T09:00:00Z',
  patient: 'vendor-2',
  data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3], remark: 'not a field' },
};

it('a crash before or after any call loses nothing, doubles nothing and breaks no chain, once the queue has delivered again', async () => {
  // Each number is how many calls go well before the next crash; then whether it strikes before or after the call.
  const crashes = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()), { minLength: 1, maxLength: 8 });
  const cases = fc.tuple(
    history(10).chain((events) => fc.tuple(fc.constant(events), redelivered(events))),
    crashes,
  );
  let fired = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ([[events, deliveries], plan]) => {
      const waiting = plan.map(([calls, before]) => ({ calls, before }));
      const strike = (isBefore: boolean) => {
        const next = waiting[0];
        if (next === undefined || next.before !== isBefore) return;
        next.calls -= 1;
        if (next.calls > 0) return;
        waiting.shift();
        fired += 1;
        throw new Error('killed');
      };
      const store = memoryStore({ before: () => strike(true), after: () => strike(false) });
      const ports = { ...store, clinic, pause: () => Promise.resolve() };
      const queue = [...deliveries.map(bodyOf), bodyOf(refused)];
      for (let body = queue.shift(); body !== undefined; body = queue.shift()) {
        const message = body;
        await intake(ports, message, now).catch(() => queue.push(message));
      }
      waiting.length = 0;
      await expectEverythingOnce(store, events);
      const alerted = await store.patients.load(await store.pseudonyms.patient('vendor-2'));
      expect(alerted.alerts).toMatchObject([{ cause: 'safety', tier: 'urgent', evidence: [{ answer: 3 }] }]);
      expect(await store.setAsides.list()).toHaveLength(1);
    }),
    { seed: 9, numRuns: runs(300) },
  );
  expect(fired).toBeGreaterThan(300);
});

async function expectEverythingOnce(store: ReturnType<typeof memoryStore>, events: ClinicalEvent[]) {
  const id = await store.pseudonyms.patient('vendor-1');
  const { state, version, head } = await store.patients.load(id);
  expect(canonicalText(state)).toBe(canonicalText(fold(events, clinic)));
  expect(version).toBe(events.length);
  const records = store.auditRecords(id);
  expect(records).toHaveLength(events.length);
  expect(
    records.reduce((previous, { sequence, recordHash }) => chainHash(id, sequence, previous, recordHash), genesis(id)),
  ).toBe(head);
}
