import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleEvents } from '../../bin/event-docs.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { eventTypes } from '../../functions/domain/event.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import type { BusEntry } from '../../functions/ports/door.ts';
import { answerVendor } from '../../functions/vendor-door/door.ts';
import { exampleClinic, runs } from '../example-clinic.ts';

const seed = 20_260_307;
const now = '2026-03-03T00:00:00.000Z';
const marker = 'Zmarker7731';

const valid = eventTypes.flatMap((type) =>
  exampleEvents(type).map(({ id, occurredAt, patient, data }) => ({
    specversion: '1.0',
    id,
    source: 'tandem.programme',
    type,
    subject: patient,
    time: occurredAt,
    data,
  })),
);

/** What a vendor may get wrong anywhere, some of it with a value that must come back nowhere. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    marker,
    `${marker}\ud800`,
    [marker],
    { [marker.repeat(4)]: marker, 'a b': marker },
    { measure: marker, answers: [marker] },
    Number.MAX_VALUE,
    JSON.parse('{"__proto__":{"toString":1}}'),
    JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`),
  ),
);
const attribute = fc.oneof(
  fc.constantFrom(
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'datacontenttype',
    'data',
    'data_base64',
    'patient',
    'occurredAt',
    'traceparent',
    'cloudEvent',
    '__proto__',
    'constructor',
    `${marker} 1`,
  ),
  fc.string(),
);

/** A valid CloudEvent with some attributes replaced, added or taken away. */
const damaged = fc
  .record({
    event: fc.constantFrom(...valid),
    changes: fc.array(fc.tuple(attribute, fc.option(anything, { nil: undefined })), { maxLength: 3 }),
  })
  .map(({ event, changes }) => Object.fromEntries([...Object.entries(event), ...changes]));

const body = fc.oneof(
  damaged.map((event) => JSON.stringify(event)),
  fc.array(fc.oneof(damaged, anything), { maxLength: 5 }).map((events) => JSON.stringify(events)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(`{"id":${marker}}`, marker, '\ufeff{}', ''),
);
const contentType = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('application/cloudevents+json', 'application/cloudevents-batch+json') },
  fc.constantFrom('application/json', `text/${marker}`, `application/cloudevents+json; charset=${marker}`, ''),
  fc.string(),
);
const headers = fc
  .record({ type: contentType, more: fc.dictionary(fc.string(), fc.constantFrom(marker, '', 'gzip'), { maxKeys: 2 }) })
  .map(({ type, more }) => ({ ...more, 'content-type': type }));

async function answered(request: { headers: Record<string, string>; body: string | Uint8Array }) {
  const entries: BusEntry[] = [];
  const bus = {
    put: (more: readonly BusEntry[]) => {
      entries.push(...more);
      return Promise.resolve();
    },
  };
  const bytes = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  const answer = await answerVendor({ bus, clinic: exampleClinic }, { headers: request.headers, body: bytes }, now);
  return { answer, entries };
}

describe('whatever comes to the door', () => {
  it('is answered: taken, or refused with where and what to write, and never with a value that came', async () => {
    await fc.assert(
      fc.asyncProperty(headers, fc.oneof(body, fc.uint8Array()), async (requestHeaders, requestBody) => {
        const { answer } = await answered({ headers: requestHeaders, body: requestBody });
        expect([202, 400, 413, 415]).toContain(answer.status);
        const refusals = 'results' in answer.body ? answer.body.results : [answer.body];
        for (const refusal of refusals) {
          if ('status' in refusal && refusal.status === 'accepted') continue;
          expect(JSON.stringify(refusal)).not.toContain(marker);
          for (const { path, message } of 'faults' in refusal ? refusal.faults : []) {
            expect(path).toMatch(/^([A-Za-z0-9_-]{1,40}|\(unnamed\))?(\.([A-Za-z0-9_-]{1,40}|\(unnamed\)))*$/);
            expect(message).toMatch(/^(write|name|has|holds|is|lies) /);
          }
        }
      }),
      { seed, numRuns: runs(2_000) },
    );
  });

  it('is counted: every event of a list is accepted, set aside or turned away, and has its own answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(damaged, anything), { maxLength: 8 }), async (events) => {
        const many = { 'content-type': 'application/cloudevents-batch+json' };
        const { answer, entries } = await answered({ headers: many, body: JSON.stringify(events) });
        expect(answer.accepted + answer.setAside + answer.turnedAway).toBe(events.length);
        expect(entries).toHaveLength(answer.accepted + answer.setAside);
        expect('results' in answer.body && answer.body.results).toHaveLength(events.length);
      }),
      { seed, numRuns: runs(1_000) },
    );
  });

  it('is judged by the intake in the same way: accepted is recorded, refused is set aside', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (event) => {
        const one = { 'content-type': 'application/cloudevents+json' };
        const { answer, entries } = await answered({ headers: one, body: JSON.stringify(event) });
        const ports = { ...memoryStore(), clinic: exampleClinic, pause: () => Promise.resolve() };
        for (const { source, detailType, detail } of entries) {
          expect(source).toBe('tandem.programme');
          expect(detailType.length).toBeLessThan(128);
          const message = JSON.stringify({ source, 'detail-type': detailType, detail });
          const { outcome } = await intake(ports, message, now);
          expect(outcome).toBe(answer.status === 202 ? 'recorded' : 'set-aside');
        }
      }),
      { seed, numRuns: runs(1_000) },
    );
  });
});
