import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdicts } from '../../bin/commands/events.ts';
import { exampleEvents } from '../../bin/event-docs.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { headers } from '../../functions/alert-api/answer.ts';
import { largestBodyBytes } from '../../functions/alert-api/request.ts';
import { respond } from '../../functions/alert-api/respond.ts';
import { eventTypes } from '../../functions/domain/event.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { clinic, Desk, noPause } from '../alert-desk.ts';
import { damagedText } from '../damaged-text.ts';
import { exampleClinic, runs } from '../example-clinic.ts';

const now = '2026-06-01T00:00:00.000Z';
/** Stands for what a patient or a vendor wrote, and must come back nowhere: longer than the name of a field that faults repeat. */
const marker = 'Zmarker7731'.repeat(4);
const deep = '['.repeat(100_000);
const pieces = [
  marker,
  `"${marker}"`,
  `"${marker}":`,
  `,"${marker}":1`,
  '"id":"ev-1",',
  '"patient":"someone-else",',
  '"answers":[3,3,3,3,3,3,3,3,3],',
  '"__proto__":{"x":1},',
  '"constructor":{"prototype":1},',
  '\ud800',
  '\\ud800',
  '\u0000',
  '1e999',
  '-0',
  deep,
  '{"a":'.repeat(50_000),
  '9'.repeat(400),
  'null',
  ' ',
  '\n',
  '}',
  '"',
  ',',
];

const events = eventTypes.flatMap((type) => exampleEvents(type));
const bodies = events.map(({ type, ...detail }) =>
  JSON.stringify({ source: 'tandem.programme', 'detail-type': type, detail }),
);

describe('the event intake, whatever text lies in its queue', () => {
  it('takes it or sets it aside, says why without a word of it, and never throws', async () => {
    let [recorded, setAside] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          { weight: 6, arbitrary: damagedText(bodies, pieces) },
          fc.constantFrom(...bodies),
          fc.string({ unit: 'binary' }),
        ),
        async (body) => {
          const store = memoryStore();
          const { outcome } = await intake({ ...store, clinic: exampleClinic, pause: noPause }, body, now);
          const kept = await store.setAsides.list();
          expect(kept).toHaveLength(outcome === 'set-aside' ? 1 : 0);
          if (outcome === 'recorded') recorded += 1;
          for (const one of kept) {
            setAside += 1;
            expect(one.body).toBe(body);
            expect(one.reason).not.toContain(marker);
            expect(one.reason.length).toBeLessThan(8_000);
          }
        },
      ),
      { seed: 51, numRuns: runs(1_500) },
    );
    expect(Math.min(recorded, setAside)).toBeGreaterThan(100);
  });

  it('reads a field that is written twice as it was written last, once and for all', async () => {
    const body = (answers: string) =>
      `{"source":"tandem.programme","detail-type":"QuestionnaireSubmitted","detail":{"id":"ev-1","patient":"vendor-1",` +
      `"occurredAt":"2026-03-02T09:00:00Z","data":{"measure":"phq-9",${answers}}}}`;
    const [low, high] = ['"answers":[0,0,0,0,0,0,0,0,0]', '"answers":[0,0,0,0,0,0,0,0,3]'];
    for (const [written, item9] of [
      [`${low},${high}`, 3],
      [`${high},${low}`, 0],
    ] as const) {
      const store = memoryStore();
      const ports = { ...store, clinic: exampleClinic, pause: noPause };
      expect(await intake(ports, body(written), now)).toMatchObject({ outcome: 'recorded' });
      expect(await intake(ports, body(item9 === 3 ? high : low), now)).toEqual({ outcome: 'duplicate' });
      const { alerts } = await store.patients.load(await store.pseudonyms.patient('vendor-1'));
      expect(alerts).toHaveLength(item9 === 3 ? 1 : 0);
    }
  });
});

describe('tandem events validate, whatever bytes a file holds', () => {
  it('has a verdict on every line, with no word of the line in it', async () => {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    const file = fc.oneof(
      fc
        .array(damagedText(lines, [...pieces, '\n', '\r\n', '\ufeff']), { maxLength: 4 })
        .map((texts) => Buffer.from(texts.join(''))),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(file, fc.integer({ min: 1, max: 64 }), async (bytes, chunk) => {
        const chunks = async function* () {
          const size = Math.max(chunk, Math.ceil(bytes.length / 50));
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        };
        let last = 0;
        for await (const { line, faults } of verdicts(chunks(), exampleClinic, now)) {
          expect(line).toBeGreaterThan(last);
          last = line;
          expect(faults.length).toBeLessThanOrEqual(20);
          expect(JSON.stringify(faults)).not.toContain(marker);
        }
        expect(last).toBeLessThanOrEqual(bytes.filter((byte) => byte === 10).length + 1);
      }),
      { seed: 52, numRuns: runs(500) },
    );
  });
});

describe('the care team’s API, whatever is asked of it', () => {
  const alertId = `a-${'0'.repeat(26)}`;
  const answers = [
    { version: 1 },
    { version: 1, until: '2026-03-02T12:00:00Z', reason: 'in-contact' },
    { version: 1, outcome: { code: 'not-reached', nextTry: '2026-03-02T12:00:00Z' } },
    { version: 1, outcome: { code: 'referred', disclosure: { recipient: 'a', what: 'b', purpose: 'c' } } },
    { version: 1, outcome: { code: 'no-action-needed', why: 'd' } },
  ].map((body) => JSON.stringify(body));
  const route = fc.oneof(
    fc.constantFrom('acknowledge', 'snooze', 'resolve').map((kind) => `POST /api/alerts/{id}/${kind}`),
    fc.constantFrom(
      'GET /api/alerts',
      'GET /api/alerts/{id}',
      'GET /api/me',
      '$default',
      '__proto__',
      'constructor',
      marker,
    ),
  );
  const request = fc.record({
    route,
    alertId: fc.oneof(
      { weight: 4, arbitrary: fc.constant(alertId) },
      fc.constantFrom(undefined, '', `a-${'f'.repeat(26)}`, marker, `${alertId}\n`, '../'.repeat(100), '__proto__'),
      fc.string(),
    ),
    contentType: fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      fc.constantFrom(undefined, 'application/json; charset=utf-8', 'text/plain', marker),
    ),
    body: fc.oneof(
      { weight: 3, arbitrary: damagedText(answers, [...pieces, 'x'.repeat(2 * largestBodyBytes)]) },
      fc.constantFrom(...answers, undefined, ''),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    ),
    isBase64Encoded: fc.boolean(),
    from: fc.constant('203.0.113.7'),
    signedIn: fc.constantFrom(
      { staff: 's-1', roles: ['supervisor'] },
      { staff: 't-7', roles: ['therapist'] },
      { staff: 'o-1', roles: ['operator'] },
      { staff: marker, roles: [marker, '__proto__'] },
      undefined,
    ),
  });

  it('is answered with a status, where and what to write, and no word of what came', async () => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const desk = new Desk();
        await desk.open(alertId, 'alert');
        const notes: unknown[] = [];
        const { status, body } = await respond(
          {
            ...desk.store,
            journal: { note: async (...note) => void notes.push(note) },
            clinic,
            signIn: { issuer: 'https://login.example.org', clientId: 'page', scope: 'openid' },
            pause: noPause,
            now: () => desk.now,
            newId: () => 'an-id',
            onFailure: (error) => {
              throw error;
            },
          },
          asked,
        );
        statuses.add(status);
        expect([200, 400, 401, 403, 404, 409, 410, 413]).toContain(status);
        const said = JSON.stringify(body);
        expect(said.length).toBeLessThan(20_000);
        const mayEcho = asked.signedIn?.staff === marker || status === 200;
        expect(mayEcho || !said.includes(marker)).toBe(true);
        // What a stranger sends as an id is not kept either.
        expect(JSON.stringify(notes).replaceAll(`"${marker}"`, '')).not.toContain(marker);
      }),
      { seed: 53, numRuns: runs(1_500) },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 413]));
    expect(headers['cache-control']).toBe('no-store');
  });
});
