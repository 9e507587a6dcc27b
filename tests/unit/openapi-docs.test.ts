import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asCloudEvent, exampleEvents } from '../../bin/event-docs.ts';
import { exampleAnswers, openApiDocument } from '../../bin/openapi-docs.ts';
import { cloudEventSchemas, readCloudEvent } from '../../functions/domain/cloud-event.ts';
import { refusalSchema, resultsSchema } from '../../functions/domain/door-answer.ts';
import { eventTypes } from '../../functions/domain/event.ts';
import { formOf } from '../../functions/domain/event-batch.ts';
import { exampleClinic } from '../example-clinic.ts';

interface Content {
  readonly [mediaType: string]: { readonly schema: { readonly $ref: string } };
}
interface Description {
  readonly openapi: string;
  readonly paths: {
    readonly '/events': {
      readonly post: {
        readonly security: readonly Readonly<Record<string, readonly string[]>>[];
        readonly requestBody: { readonly content: Content };
        readonly responses: { readonly [status: string]: { readonly description: string; readonly content: Content } };
      };
    };
  };
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, { readonly flows: object }>>;
    readonly schemas: Readonly<
      Record<string, { readonly examples?: readonly unknown[]; readonly required?: string[] }>
    >;
  };
}

const document = JSON.parse(openApiDocument()) as Description;
const { post } = document.paths['/events'];
const { schemas } = document.components;
const now = '2026-03-03T00:00:00.000Z';

/** Every value of a field of that name, anywhere. */
function allOf(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [...(key === name ? [part] : []), ...allOf(part, name)]);
}

describe("the description of the vendor's door", () => {
  it('docs/openapi.json is what the schemas say today (npx node bin/openapi-docs.ts writes it)', () => {
    expect(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).toBe(openApiDocument());
  });

  it('is OpenAPI 3.1, with every reference leading somewhere and every schema referred to', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    const references = new Set(allOf(document, '$ref'));
    expect(references).toEqual(new Set(Object.keys(schemas).map((name) => `#/components/schemas/${name}`)));
    for (const target of allOf(document, 'mapping').flatMap((mapping) => Object.values(mapping as object)))
      expect(references).toContain(target);
    expect(allOf(schemas, '$schema')).toEqual([]);
  });

  it('asks for a token whose scope it explains', () => {
    for (const requirement of post.security)
      for (const [scheme, scopes] of Object.entries(requirement)) {
        const { flows } = document.components.securitySchemes[scheme] ?? { flows: {} };
        const explained = allOf(flows, 'scopes').flatMap((all) => Object.keys(all as object));
        expect(explained).toEqual(expect.arrayContaining([...scopes]));
        expect(scopes).toEqual(['events/write']);
      }
  });

  it('names the content types that the door takes', () => {
    expect(Object.keys(post.requestBody.content).map(formOf)).toEqual(['one', 'many']);
  });

  it('has a schema for every type of event, whose examples the door takes', () => {
    for (const type of eventTypes) {
      const { examples = [], required } = schemas[type] ?? {};
      expect(required).toEqual(['specversion', 'id', 'source', 'type', 'subject', 'time', 'data']);
      expect(examples).toEqual(exampleEvents(type).map(asCloudEvent));
      for (const example of examples) {
        expect(cloudEventSchemas[type].safeParse(example)).toMatchObject({ success: true });
        expect(readCloudEvent(example, exampleClinic, now)).toMatchObject({ outcome: 'accepted' });
      }
    }
  });

  it('shows answers of the form that the door gives', () => {
    const { results, ...refusals } = exampleAnswers;
    expect(resultsSchema.parse(results)).toEqual(results);
    for (const refusal of Object.values(refusals)) expect(refusalSchema.parse(refusal)).toEqual(refusal);
  });

  it('says of every answer what it means', () => {
    expect(Object.keys(post.responses)).toEqual(['202', '400', '401', '403', '413', '415', '429', '500', '503']);
    for (const { description, content } of Object.values(post.responses)) {
      expect(description.length).toBeGreaterThan(10);
      expect(Object.keys(content)).toEqual(['application/json']);
    }
  });
});
