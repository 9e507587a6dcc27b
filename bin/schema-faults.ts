import * as z from 'zod';
import { nearWord } from './near-word.ts';

export interface SchemaFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Description = z.core.JSONSchema.BaseSchema;

/** Checks a file's content and says in words what is wrong and what to write instead, for every fault at once. */
export function readWith<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { value: z.output<T> } | { faults: SchemaFault[] } {
  const parsed = schema.safeParse(value, { error: words });
  if (parsed.success) return { value: parsed.data };
  const description = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const unknown = parsed.error.issues.flatMap((issue) => unknownKeys(issue, value, description));
  // A misspelled key is missing under its right name, too: one fault says it.
  const meant = new Set(unknown.map((fault) => JSON.stringify(fault.meant)));
  const others = parsed.error.issues
    .filter(({ code, path }) => code !== 'unrecognized_keys' && !meant.has(JSON.stringify(path)))
    .map((issue) => faultOf(issue, value, description));
  return { faults: [...unknown.map(({ path, message }) => ({ path, message })), ...others] };
}

function unknownKeys(issue: z.core.$ZodIssue, value: unknown, root: Description) {
  if (issue.code !== 'unrecognized_keys') return [];
  const parent = plainPath(issue.path);
  const known = Object.keys(describedAt(root, parent)?.properties ?? {});
  const written = valueAt(value, parent);
  const free = known.filter((key) => !(isObject(written) && Object.hasOwn(written, key)));
  return issue.keys.map((key) => {
    const near = nearWord(key, free);
    const instead =
      near !== undefined
        ? `did you mean ${near}?`
        : `leave it out${known.length === 0 ? '' : ` (known here: ${known.join(', ')})`}`;
    return {
      path: [...parent, key],
      meant: near === undefined ? null : [...parent, near],
      message: `${key}: is not a known setting: ${instead}`,
    };
  });
}

function faultOf(issue: z.core.$ZodIssue, value: unknown, root: Description): SchemaFault {
  const path = plainPath(issue.path);
  const key = path.findLast((step) => typeof step === 'string');
  const subject = key === undefined ? '' : `${key}: `;
  const { description, type } = describedAt(root, path) ?? {};
  // To zod, text in the place of a whole number lacks a number: the schema knows better.
  const message = type === 'integer' && issue.message === typeWords['number'] ? typeWords['int'] : issue.message;
  const about = description === undefined ? '' : ` (${description})`;
  const found = valueAt(value, path);
  if (issue.code === 'custom') return { path, message: `${subject}${issue.message}` };
  if (found === undefined) return { path, message: `${subject}is missing: add it${about}` };
  if (found === null) return { path, message: `${subject}has no value: ${message}${about}` };
  if (issue.code === 'invalid_key')
    return { path, message: `${subject}${issue.issues[0]?.message ?? 'write another name'}` };
  return { path, message: `${subject}${message}` };
}

/** Our words where a schema has none of its own. They never repeat what was written. */
const words: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? `write a ${issue.expected}`;
    case 'invalid_value':
      return `write ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_small':
      return `write ${sizeWords(issue.origin, 'at least', Number(issue.minimum), issue.inclusive === false)}`;
    case 'too_big':
      return `write ${sizeWords(issue.origin, 'at most', Number(issue.maximum), issue.inclusive === false)}`;
    default:
      return 'does not have the form it needs: see the comment above the setting';
  }
};

const typeWords: { readonly [type: string]: string } = {
  string: 'write text, in quotes where it looks like a number',
  number: 'write a number such as 7, without quotes',
  int: 'write a whole number such as 7, without quotes',
  boolean: 'write true or false, without quotes',
  array: 'write a list, each entry on a line that starts with "- "',
  object: 'write its settings below it, indented, each as "name: value"',
  record: 'write entries below it, indented, each as "name: value"',
};

function sizeWords(origin: string, bound: 'at least' | 'at most', size: number, exclusive: boolean): string {
  if (origin === 'string') return `${bound} ${size} characters`;
  if (origin === 'array') return `${bound} ${size} entries`;
  if (exclusive) return bound === 'at least' ? `a number above ${size}` : `a number below ${size}`;
  return bound === 'at least' ? `${size} or more` : `${size} or less`;
}

function plainPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

/** What the schema says of the setting at a path. Lists have one kind of entry, and so have maps with free keys. */
function describedAt(root: Description, path: readonly (string | number)[]): Description | undefined {
  let here: Description | undefined = root;
  for (const step of path) {
    const next: unknown =
      typeof step === 'number' ? here?.items : (here?.properties?.[step] ?? here?.additionalProperties);
    here = isObject(next) ? next : undefined;
  }
  return here;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) here = isObject(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  return here;
}
