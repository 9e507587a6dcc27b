import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryAlertMail, MemoryOperators } from '../../functions/adapters/memory/alert-mail.ts';
import type { Operation } from '../../functions/adapters/memory/faults.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import type { Change } from '../../functions/domain/decide.ts';
import { fold } from '../../functions/domain/fold.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { decideHold } from '../../functions/domain/legal-hold.ts';
import type { Patient } from '../../functions/domain/patient.ts';
import { alertEarly } from '../../functions/event-intake/early-alert.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { exampleClinic as clinic, runs } from '../example-clinic.ts';
import { history, redelivered } from '../histories.ts';

const start = '2026-06-01T12:00:00.000Z';
const end = later(start, 10 * 60_000);
/** The queue's time between two deliveries of what failed. */
const visibility = 3 * 60_000;

const danger = {
  id: 'ev-danger',
  type: 'QuestionnaireSubmitted',
  occurredAt: '2026-05-31T09:00:00Z',
  patient: 'vendor-2',
  data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] },
};
const reference = '0190b2c4-0000-7000-8000-000000000001';

/** Every write of an audit record; notes without one still work, or do not. */
const audited: readonly Operation[] = ['patients.commit', 'setAsides.put', 'setAsides.remove'];

it('while the audit refuses writes for ten minutes nothing changes, everything waits, and only what is urgent goes out, once (A14)', async () => {
  const cases = history(10).chain((events) =>
    fc.tuple(fc.constant(events), redelivered(events), fc.boolean(), fc.nat({ max: 20 })),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([events, deliveries, notesToo, place]) => {
      let now = later(start, -60_000);
      const refuse = (operation: Operation) => {
        if (
          now >= start &&
          now < end &&
          (audited.includes(operation) || (notesToo && operation === 'earlyAlerts.keep'))
        )
          throw new Error('the table refuses writes');
      };
      const store = memoryStore({ before: refuse });
      const alertMail = new MemoryAlertMail();
      const soon = <T>(work: Promise<T>) => work;
      const staff = { alertMail, operators: new MemoryOperators(), soon, pause: () => Promise.resolve() };
      const ports = { ...store, ...staff, clinic };
      const bodies = deliveries.map((event) => bodyOf(event));
      bodies.splice(place % (bodies.length + 1), 0, bodyOf(danger, { id: reference }));
      const [one, two] = [await store.pseudonyms.patient('vendor-1'), await store.pseudonyms.patient('vendor-2')];

      const earlier = { ...danger, id: 'ev-before', patient: 'vendor-3' };
      await intake(ports, bodyOf(earlier), now);
      const three = await store.pseudonyms.patient('vendor-3');
      now = start;

      /** What stands there after each delivery during the outage. */
      const during: object[] = [];
      let waiting = bodies;
      while (waiting.length > 0) {
        const left: string[] = [];
        for (const body of waiting)
          await intake(ports, body, now).catch(async () => {
            await alertEarly(ports, body, now).catch(() => null);
            left.push(body);
          });
        if (now < end) {
          const hold = (patient: Patient) => Promise.resolve(heldFor(patient, now));
          during.push({
            left,
            held: await loadDecideCommit(store.patients, three, hold, ports.pause).then(
              () => 'held',
              ({ message }: Error) => message,
            ),
            hold: (await store.patients.load(three)).legalHold,
            records: [one, two, three].map((id) => store.auditRecords(id).length),
            alerts: (await store.patients.load(two)).alerts,
          });
        }
        now = later(now, visibility);
        waiting = left;
      }
      const nothing = { left: bodies, held: 'the table refuses writes', hold: null, records: [0, 0, 1], alerts: [] };
      // Four deliveries: the fifth, after which a message goes to the dead letters, is longer than this outage.
      expect(during).toEqual(Array.from({ length: 4 }, () => nothing));

      const recipients = alertMail.sent.filter(({ body }) => body.includes(reference)).map(({ to }) => to);
      expect(new Set(recipients)).toEqual(new Set(['s-1', 'l-1']));
      // Where it cannot be noted who was told, they are told at every delivery.
      expect(recipients).toHaveLength(notesToo ? 8 : 2);
      const { state } = await store.patients.load(one);
      expect(canonicalText(state)).toBe(canonicalText(fold(events, clinic)));
      expect(store.auditRecords(one)).toHaveLength(events.length);
      expect((await store.patients.load(two)).alerts).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
      const actions = store
        .auditRecords(two)
        .map(({ bytes }) => (JSON.parse(Buffer.from(bytes).toString('utf8')) as { action: string }).action);
      expect(actions).toEqual(notesToo ? ['event.record'] : ['event.record', 'alert.sent-early']);
    }),
    { seed: 14, numRuns: runs(100) },
  );
});

/** A change that a person orders. */
function heldFor(patient: Patient, now: Instant): Change {
  const order = { who: 'c-1', accessKeyId: 'AKIAEXAMPLE', reason: 'a court asks' };
  const decision = decideHold(patient, order, clinic, now);
  if ('refused' in decision) throw new Error(decision.refused);
  return decision.change;
}

function bodyOf({ type, ...detail }: { type: string }, more: object = {}): string {
  return JSON.stringify({ ...more, source: 'tandem.programme', 'detail-type': type, detail });
}
