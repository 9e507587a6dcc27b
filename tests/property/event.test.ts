import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleEvents } from '../../bin/event-docs.ts';
import { type ClinicalEvent, eventTypes, type Fault, readEvent, sameEvent } from '../../functions/domain/event.ts';

const seed = 20_260_302;
const now = '2026-03-02T12:00:00.000Z';
const examples = eventTypes.flatMap((type) => exampleEvents(type));

/** What becomes of an input: an event, or faults. */
function outcomeOf(input: unknown): { event?: ClinicalEvent; faults: readonly Fault[] } {
  const read = readEvent(input, now);
  return 'event' in read ? { event: read.event, faults: [] } : read;
}

type Path = readonly (string | number)[];

/** Every place in a value, the value itself included. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => placesIn(part, [...path, name]))];
}

/** The value with something else at that place. */
function withAt(value: unknown, [name, ...rest]: Path, part: unknown): unknown {
  if (name === undefined) return part;
  // A change before this one may have put something else here.
  if (typeof value !== 'object' || value === null) return part;
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  return Object.assign(copy, { [name]: withAt((value as { [name: string]: unknown })[name], rest, part) });
}

/** An example of an event with one or two of its parts replaced. */
function damaged(part: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .constantFrom(...examples)
    .chain((event) =>
      fc
        .array(fc.tuple(fc.constantFrom(...placesIn(event)), part), { minLength: 1, maxLength: 2 })
        .map((changes) => changes.reduce((changed: unknown, [path, other]) => withAt(changed, path, other), event)),
    );
}

const nasty = fc.constantFrom<unknown>(
  '\ud800',
  '2016-12-31T23:59:60Z',
  Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
  -0,
  JSON.parse('{"__proto__":{"toString":1}}'),
  { toString: 1, valueOf: 1, length: -1 },
  { constructor: { prototype: 1 } },
  JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)),
  'x'.repeat(200_000),
);

/** A valid event with everything that may vary varied. */
const valid = fc
  .record({
    example: fc.constantFrom(...examples),
    id: fc
      .string({ minLength: 1, maxLength: 50, unit: 'grapheme' })
      .filter((text) => /^[\p{L}\p{N}].*[\p{L}\p{N}]$/u.test(text)),
    at: fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date(now), noInvalidDate: true }),
    extra: fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'),
      fc.jsonValue({ maxDepth: 5 }),
    ),
  })
  .map(({ example, id, at, extra }) => ({
    ...example,
    id,
    occurredAt: at.toISOString(),
    data: 'fhir' in example.data ? { fhir: { ...extra, ...example.data.fhir } } : example.data,
  }));

describe('reading an event', () => {
  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.object({
            withBigInt: true,
            withDate: true,
            withMap: true,
            withNullPrototype: true,
            withSparseArray: true,
          }),
          damaged(fc.oneof(fc.jsonValue(), nasty, fc.object())),
        ),
        (input) => {
          const { faults, event } = outcomeOf(input);
          expect(event === undefined).toBe(faults.length > 0);
        },
      ),
      { seed, numRuns: 5_000 },
    );
  });

  it('a valid event stays valid, and the same, through JSON and through reading again', () => {
    fc.assert(
      fc.property(valid, (input) => {
        const read = readEvent(input, now);
        if ('faults' in read) throw new Error(JSON.stringify(read.faults));
        const travelled = readEvent(JSON.parse(JSON.stringify(read.event)), now);
        expect(travelled).toEqual(JSON.parse(JSON.stringify(read)));
        expect('event' in travelled && sameEvent(travelled.event, read.event)).toBe(true);
        expect(readEvent(read.event, now)).toEqual(read);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it('what is taken can be read again with the same result, and what is refused is refused in our own words', () => {
    fc.assert(
      fc.property(damaged(fc.oneof(fc.jsonValue(), nasty)), (input) => {
        const { event, faults } = outcomeOf(input);
        expect(event === undefined ? undefined : outcomeOf(event).event).toEqual(event);
        for (const { path, message } of faults) {
          expect(path).toMatch(/^([A-Za-z0-9_-]{1,40}|\(unnamed\))?(\.([A-Za-z0-9_-]{1,40}|\(unnamed\)))*$/);
          expect(message).toMatch(/^(write|name|has|holds|is|lies) /);
        }
      }),
      { seed, numRuns: 5_000 },
    );
  });

  it('no fault repeats a value, wherever in the event it stands', () => {
    const marker = 'Zmarker7731';
    const marked = fc.constantFrom<unknown>(
      marker,
      `${marker}@example.org`,
      `${marker}\ud800`,
      `+1${marker}`,
      ` ${marker}`,
      [marker],
      { [marker.repeat(4)]: marker, 'a b': marker },
      { measure: marker, answers: [marker] },
      { preferred: marker, sms: marker, email: marker },
    );
    fc.assert(
      fc.property(damaged(marked), (input) => {
        expect(JSON.stringify(input)).toContain(marker);
        expect(JSON.stringify(outcomeOf(input).faults)).not.toContain(marker);
      }),
      { seed, numRuns: 5_000 },
    );
  });
});
