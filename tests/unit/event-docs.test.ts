import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventJsonSchema, eventPage, exampleEvents } from '../../bin/event-docs.ts';
import { eventTypes, readEvent } from '../../functions/domain/event.ts';

const docs = new URL('../../docs/', import.meta.url);
const written = (name: string) => readFileSync(new URL(name, docs), 'utf8');
const now = '2026-03-03T00:00:00.000Z';

describe('the event reference', () => {
  it('docs/events.md is what the schemas say today (npx node bin/event-docs.ts writes it)', () => {
    expect(written('events.md')).toBe(eventPage());
  });

  it('docs/event.schema.json is what the schemas say today (npx node bin/event-docs.ts writes it)', () => {
    expect(written('event.schema.json')).toBe(eventJsonSchema());
  });

  it.each(eventTypes)('the examples of %s would be taken', (type) => {
    const events = exampleEvents(type);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      expect(event.type).toBe(type);
      expect(readEvent(JSON.parse(JSON.stringify(event)), now)).toHaveProperty('event');
      expect(written('events.md')).toContain(JSON.stringify(event));
    }
  });

  it('every field has a meaning', () => {
    const rows = eventPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows)
      expect(row).toMatch(/^\| `[a-zA-Z.]+` \| (\*\*required\*\*|optional) \| (?!undefined)\S.* \| \S.* \|$/);
  });

  it('the schema describes one event of each type, as its sender writes it', () => {
    const { $schema, oneOf } = JSON.parse(eventJsonSchema()) as {
      $schema: string;
      oneOf: { properties: { type: { const: string }; occurredAt: object }; additionalProperties: boolean }[];
    };
    expect($schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(oneOf.map(({ properties }) => properties.type.const)).toEqual(eventTypes);
    for (const { properties, additionalProperties } of oneOf) {
      expect(additionalProperties).toBe(false);
      expect(properties.occurredAt).toMatchObject({ type: 'string', format: 'date-time' });
    }
  });
});
