import type * as z from 'zod';

/** One thing wrong with an event: where, and what to write instead. Never a value that somebody wrote. */
export interface Fault {
  /** Path to the field, such as "data.contact.sms"; empty for the event as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The most faults that are listed for one event. */
export const mostFaults = 20;

/** What is asked for where a value is of another kind, by zod's name of the kind. */
const kinds: { readonly [kind: string]: string } = {
  string: 'write a text in quotes',
  number: 'write a number',
  object: 'write an object in braces',
  array: 'write a list in square brackets',
};

/** Zod's issue in our words, for what no schema has words of its own for: a value of the wrong kind, missing, or not in a list. */
export function inOurWords(issue: z.core.$ZodRawIssue): string | undefined {
  const missing = issue.input === undefined ? 'is missing: ' : '';
  if (issue.code === 'invalid_type') return missing + kinds[issue.expected];
  if (issue.code === 'invalid_value') return `${missing}write one of ${issue.values.join(', ')}`;
  return undefined;
}

/** Zod's issues as faults. Of a union, those of the form that was meant, where that can be told. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], parents: readonly PropertyKey[] = []): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...parents, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => fault([...path, key], 'is not a known field: leave it out'));
    const meant = issue.code === 'invalid_union' ? formMeant(issue) : undefined;
    return meant === undefined ? [fault(path, issue.message)] : faultsOf(meant, path);
  });
}

/** The issues of the form of a union that knows the most of the fields written; undefined where two know equally many. */
function formMeant({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const [best, second] = errors
    .map((issues) => ({ issues, unknown: unknownFields(issues) }))
    .toSorted((a, b) => a.unknown - b.unknown);
  return best?.unknown === second?.unknown ? undefined : best?.issues;
}

function unknownFields(issues: readonly z.core.$ZodIssue[]): number {
  return issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []))
    .length;
}

export function fault(path: readonly PropertyKey[], message: string): Fault {
  return { path: path.map(shown).join('.'), message };
}

/** A field's name as it may be shown: what does not look like one may be a name, a number or a sentence in the wrong place. */
function shown(part: PropertyKey): string {
  const name = String(part);
  return /^(\d{1,6}|[A-Za-z_][A-Za-z0-9_-]{0,39})$/.test(name) ? name : '(unnamed)';
}

/** One fault a place, the first; twenty at most, the last of which says how many more there are. */
export function listed(faults: readonly Fault[]): readonly Fault[] {
  const byPath = new Map<string, Fault>();
  for (const one of faults) if (!byPath.has(one.path)) byPath.set(one.path, one);
  const distinct = [...byPath.values()];
  if (distinct.length <= mostFaults) return distinct;
  const more = distinct.length - (mostFaults - 1);
  return [...distinct.slice(0, mostFaults - 1), { path: '', message: `has ${more} more faults: mend these first` }];
}
