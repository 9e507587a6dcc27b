import { readdirSync, readFileSync } from 'node:fs';
import aslValidator from 'asl-validator';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly TimeoutSeconds?: unknown;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly Comment?: string;
  readonly QueryLanguage?: string;
  readonly States: Readonly<Record<string, State>>;
}

const folder = new URL('../../state-machines/', import.meta.url);
const machines = readdirSync(folder)
  .filter((name) => name.endsWith('.asl.json'))
  .map((name) => ({ name, definition: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Machine }));

function statesOf({ States }: Machine): [string, State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state],
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(statesOf),
  ]);
}

/** Every text of a definition, with the name of the field it stands in. */
function textsOf(value: unknown, field = ''): { field: string; text: string }[] {
  if (typeof value === 'string') return [{ field, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, Array.isArray(value) ? field : key));
}

function expressionsOf(value: unknown): string[] {
  return textsOf(value).flatMap(({ text }) => /^\{%(.*)%\}$/s.exec(text)?.[1] ?? []);
}

/** Names that an expression reads or makes, below what Step Functions itself binds. */
function namesIn(expression: string): string[] {
  const names: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, value, lhs } = node as { type?: string; value?: unknown; lhs?: { value?: unknown }[][] };
    if (type === 'name') names.push(String(value));
    if (type === 'unary' && value === '{') names.push(...(lhs ?? []).map(([key]) => String(key?.value)));
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(jsonata(expression).ast());
  return names;
}

/** What Step Functions binds (`$states.input`…) and what a call of Lambda answers. */
const bound = [
  'states',
  'input',
  'result',
  'context',
  'errorOutput',
  'Map',
  'Item',
  'Value',
  'Index',
  'Payload',
  'Task',
  'Token',
];

/** Ids, times, counts, and yes or no: what an execution may carry, since its history can be read by whoever may see the console. */
const carried = [
  'step',
  'night',
  'until',
  'shard',
  'shards',
  'cursor',
  'done',
  'missed',
  'patients',
  'sent',
  'failed',
  'dropped',
  'cancelled',
  'busy',
  'unknown',
  'leftDue',
  'shardsLeft',
  'patient',
  'alert',
  'round',
  'ended',
  'wait',
  'dueAt',
  'token',
];

describe.each(machines)('$name', ({ definition }) => {
  const states = statesOf(definition);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');

  it('is valid Amazon States Language', () => {
    // The validator adds to what it is given. Its placeholders become ARNs at the deployment.
    const copy: object = JSON.parse(
      JSON.stringify(definition).replace(/\$\{\w+\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:any'),
    );
    const answer = aslValidator(copy);
    expect(answer.errorsText()).toBe('');
    expect(answer.isValid).toBe(true);
  });

  it('says in its Comment, and in that of each state, what a therapist could read', () => {
    expect(definition.Comment).toMatch(/^[A-Z].{20,}\.$/);
    for (const [name, { Comment }] of states)
      expect([name, Comment]).toEqual([name, expect.stringMatching(/^[A-Z].{10,}\.$/)]);
  });

  it.each(tasks)('"%s" tries again or says where a failure leads, and waits for a limited time', (_, task) => {
    expect([...(task.Retry ?? []), ...(task.Catch ?? [])].length).toBeGreaterThan(0);
    for (const { ErrorEquals } of [...(task.Retry ?? []), ...(task.Catch ?? [])]) expect(ErrorEquals).not.toEqual([]);
    // A number: an emulator takes no expression here.
    expect(Number.isInteger(task.TimeoutSeconds)).toBe(true);
  });

  it('P01: never waits for an answer without a time limit that leads on', () => {
    const waiting = tasks.filter(([, { Resource }]) => Resource?.endsWith('.waitForTaskToken'));
    for (const [name, { TimeoutSeconds, Catch }] of waiting) {
      expect([name, Number.isInteger(TimeoutSeconds)]).toEqual([name, true]);
      const handled = (Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(handled.some((error) => error === 'States.Timeout' || error === 'States.ALL')).toBe(true);
    }
  });

  it('has JSONata expressions only, and each can be read', () => {
    expect(definition.QueryLanguage).toBe('JSONata');
    for (const { field, text } of textsOf(definition)) {
      expect(field).not.toMatch(/(Path|\.\$)$/);
      // Half a text is never worked out: it would be taken as it stands.
      expect(text).not.toMatch(/^(?!\{%).*\{%|%\}(?!$)/s);
    }
    for (const expression of expressionsOf(definition)) expect(() => jsonata(expression)).not.toThrow();
  });

  it('carries ids, times and counts only', () => {
    for (const name of expressionsOf(definition).flatMap(namesIn)) expect([...bound, ...carried]).toContain(name);
    for (const [, state] of states) for (const key of namesOfFields(state)) expect(carried).toContain(key);
  });
});

/** The fields that a state gives to its function or hands on. */
function namesOfFields(state: State): string[] {
  const { Arguments, ItemSelector, Output, Catch } = state as State &
    Record<'Arguments' | 'ItemSelector' | 'Output', unknown>;
  const payload =
    typeof Arguments === 'object' && Arguments !== null && 'Payload' in Arguments ? Arguments.Payload : Arguments;
  return [
    payload,
    ItemSelector,
    Output,
    ...(Catch ?? []).map((one) => ('Output' in one ? one.Output : undefined)),
  ].flatMap((value) => (typeof value === 'object' && value !== null ? Object.keys(value) : []));
}

it('finds whatever an expression would carry', () => {
  expect(machines.length).toBeGreaterThan(0);
  expect(namesIn("$merge([$states.input.answers, {'email': 1}])")).toEqual(['input', 'answers', 'email']);
});
