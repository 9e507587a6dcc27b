import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a drawing needs of a state; its Comment is a sentence that a therapist could read. */
interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string; readonly ErrorEquals: readonly string[] }[];
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = join(project, 'state-machines');
const ending = '.asl.json';

/** docs/workflows.md: each workflow of state-machines/ as a picture and in words. */
export function workflowDocument(): string {
  const parts = readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .toSorted()
    .map((file) => {
      const machine: Machine = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return workflowInWords(file.slice(0, -ending.length), machine);
    });
  return [
    '# The workflows',
    'Drawn from [state-machines/](../state-machines) by `npx node bin/workflow-diagrams.ts`; a test checks that they are current. The console of Step',
    'Functions shows the same pictures, with where an execution stands. What an event does has no workflow: it is one step, in',
    '[functions/event-intake](../functions/event-intake).\n',
    ...parts,
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

function workflowInWords(name: string, machine: Machine): string {
  const drawn = new Drawing();
  drawn.machine(machine);
  return `## ${name}

${machine.Comment ?? ''}

\`\`\`mermaid
flowchart TD
${drawn.lines.join('\n')}
\`\`\`

| State | What happens |
|---|---|
${statesOf(machine)
  .map(([state, { Comment = '' }]) => `| ${state} | ${Comment.replaceAll('|', '\\|')} |`)
  .join('\n')}
`;
}

/** Every state, those inside of a Map right after it. */
function statesOf({ States }: Machine): (readonly [name: string, state: State])[] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.ItemProcessor === undefined ? [] : statesOf(state.ItemProcessor)),
  ]);
}

/** The lines of one flowchart of Mermaid, which GitHub draws. */
class Drawing {
  readonly lines: string[] = [];
  #nodes = 0;

  machine({ StartAt, States }: Machine, indent = '  '): void {
    const ids = new Map(Object.keys(States).map((name) => [name, `s${++this.#nodes}`]));
    const idOf = (name: string): string => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`a state of ${folder} goes on to "${name}", which is not there`);
      return id;
    };
    const start = `start${this.#nodes}`;
    this.lines.push(`${indent}${start}((" ")) --> ${idOf(StartAt)}`);
    for (const [name, state] of Object.entries(States)) {
      const id = idOf(name);
      if (state.ItemProcessor === undefined) this.lines.push(`${indent}${id}${shaped(name, state)}`);
      else {
        this.lines.push(`${indent}subgraph ${id}["${name}"]`);
        this.machine(state.ItemProcessor, `${indent}  `);
        this.lines.push(`${indent}end`);
      }
    }
    for (const [name, state] of Object.entries(States))
      for (const [to, label] of waysFrom(state))
        this.lines.push(`${indent}${idOf(name)} -->${label === '' ? '' : `|${label}|`} ${idOf(to)}`);
  }
}

function shaped(name: string, { Type, End }: State): string {
  if (Type === 'Choice') return `{"${name}"}`;
  return Type === 'Succeed' || Type === 'Fail' || End === true ? `(["${name}"])` : `["${name}"]`;
}

function waysFrom({ Next, Default, Choices = [], Catch = [] }: State): (readonly [to: string, label: string])[] {
  return [
    ...(Next === undefined ? [] : [[Next, ''] as const]),
    ...Choices.map((choice) => [choice.Next, ''] as const),
    ...(Default === undefined ? [] : [[Default, 'otherwise'] as const]),
    ...Catch.map((caught) => [caught.Next, isTimeout(caught.ErrorEquals) ? 'no answer' : 'failed'] as const),
  ];
}

function isTimeout(errors: readonly string[]): boolean {
  return errors.every((error) => error === 'States.Timeout');
}

if (import.meta.main) writeFileSync(join(project, 'docs', 'workflows.md'), workflowDocument());
