/** A JSON object nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object; false for a list, null and every plain value. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list. A lone value counts as a list of one, because senders forget the brackets; absent is empty. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** The objects among `listOf(value)`. */
export function objectsOf(value: unknown): JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** A string without surrounding blanks, or null for an empty one and for anything else. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The codings in a Coding, a CodeableConcept, or a list of either. */
export function codingsOf(value: unknown): JsonObject[] {
  return objectsOf(value).flatMap((entry) => ('coding' in entry ? objectsOf(entry['coding']) : [entry]));
}

const LOINC = 'loinc.org';
/** OID under which HL7 registers LOINC. */
const LOINC_OID = 'urn:oid:2.16.840.1.113883.6.1';

function canonicalSystem(system: string): string {
  const bare = system.trim().toLowerCase();
  return bare === LOINC_OID ? LOINC : bare.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** Whether two code system addresses mean the same system: http or https, a final slash, LOINC's address or OID. */
export function isSameSystem(a: string, b: string): boolean {
  return canonicalSystem(a) === canonicalSystem(b);
}

/** Values visited in one resource. Nothing a 256 kB event can hold comes near it, so nothing of one is left unseen. */
export const MAX_VISITED = 200_000;

/**
 * Every object inside a JSON value, itself included, in no promised order. Loops instead of recursing, so depth cannot
 * overflow the stack. `isWhole` is false where the walk stopped at `limit` values.
 */
export function allObjects(value: unknown, limit: number = MAX_VISITED): { objects: JsonObject[]; isWhole: boolean } {
  const objects: JsonObject[] = [];
  const waiting: unknown[] = [value];
  for (let visited = 0; waiting.length > 0; visited += 1) {
    if (visited === limit) return { objects, isWhole: false };
    const next = waiting.pop();
    if (isJsonObject(next)) objects.push(next);
    if (typeof next === 'object' && next !== null) for (const child of Object.values(next)) waiting.push(child);
  }
  return { objects, isWhole: true };
}
