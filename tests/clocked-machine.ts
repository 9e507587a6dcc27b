/**
 * Runs a state machine of state-machines/ by a clock that a test moves: an emulator shortens no time-out and skips some of the
 * rules of the language. It knows the states that the workflow of an alert has, and refuses any other.
 */
import { readFileSync } from 'node:fs';
import jsonata from 'jsonata';
import { type Instant, later } from '../functions/domain/instant.ts';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: { readonly Payload: unknown };
  readonly TimeoutSeconds?: number;
  readonly Seconds?: number;
  readonly Retry?: readonly {
    readonly IntervalSeconds: number;
    readonly BackoffRate: number;
    readonly MaxDelaySeconds: number;
    readonly MaxAttempts: number;
  }[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Output: unknown;
    readonly Next: string;
  }[];
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Output?: unknown;
  readonly Next?: string;
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Execution {
  readonly name: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  /** The states entered, in order. */
  readonly entered: string[];
  state: string;
  input: unknown;
  /** When it goes on by itself; null: it can go on now. */
  until: Instant | null;
  token: string | null;
  tries: number;
}

export function definitionOf(name: string): Definition {
  return JSON.parse(readFileSync(new URL(`../state-machines/${name}.asl.json`, import.meta.url), 'utf8'));
}

export class ClockedMachine {
  readonly executions = new Map<string, Execution>();
  readonly #definition: Definition;
  readonly #invoke: (payload: unknown) => Promise<unknown>;
  readonly #now: () => Instant;
  #tokens = 0;

  constructor(definition: Definition, invoke: (payload: unknown) => Promise<unknown>, now: () => Instant) {
    this.#definition = definition;
    this.#invoke = invoke;
    this.#now = now;
  }

  /** Starts an execution; of no effect where there ever was one of this name. */
  start(name: string, input: unknown): void {
    if (this.executions.has(name)) return;
    const { StartAt } = this.#definition;
    const begun = { name, status: 'RUNNING', entered: [StartAt], state: StartAt, input } as const;
    this.executions.set(name, { ...begun, entered: [StartAt], until: null, token: null, tries: 0 });
  }

  /** Ends the wait that has this token, where it still waits. */
  wake(token: string): void {
    for (const execution of this.executions.values())
      if (execution.status === 'RUNNING' && execution.token === token) {
        execution.until = null;
        execution.token = 'woken';
      }
  }

  stop(name: string): void {
    const execution = this.executions.get(name);
    if (execution?.status === 'RUNNING') execution.status = 'ABORTED';
  }

  /** When the first execution goes on by itself; null: none does. */
  nextAt(): Instant | null {
    const times = [...this.executions.values()].flatMap(({ status, until }) =>
      status === 'RUNNING' ? (until ?? []) : [],
    );
    return times.toSorted()[0] ?? null;
  }

  /** Takes one step of the first execution that can go on now; false: none can. */
  async step(): Promise<boolean> {
    for (const execution of this.executions.values()) {
      const { status, until } = execution;
      if (status === 'RUNNING' && (until === null || until <= this.#now())) {
        await this.#run(execution);
        return true;
      }
    }
    return false;
  }

  async #run(execution: Execution): Promise<void> {
    const state = this.#definition.States[execution.state];
    if (state === undefined) throw new Error(`there is no state ${execution.state}`);
    switch (state.Type) {
      case 'Task':
        return state.Resource?.endsWith('.waitForTaskToken')
          ? this.#wait(execution, state)
          : this.#call(execution, state);
      case 'Choice': {
        for (const { Condition, Next } of state.Choices ?? [])
          if ((await this.#value(Condition, execution)) === true) return enter(execution, Next, execution.input);
        return enter(execution, state.Default, execution.input);
      }
      case 'Wait':
        if (execution.until !== null) return enter(execution, state.Next, execution.input);
        execution.until = later(this.#now(), (state.Seconds ?? 0) * 1000);
        return;
      case 'Succeed':
      case 'Fail':
        execution.status = state.Type === 'Fail' ? 'FAILED' : 'SUCCEEDED';
        return;
      default:
        throw new Error(`states of type ${state.Type} are not known here`);
    }
  }

  async #call(execution: Execution, state: State): Promise<void> {
    try {
      const result = { Payload: await this.#invoke(await this.#value(state.Arguments?.Payload, execution)) };
      return enter(execution, state.Next, await this.#value(state.Output, execution, result));
    } catch (error) {
      const retry = state.Retry?.[0];
      if (retry === undefined || execution.tries >= retry.MaxAttempts)
        return this.#caught(execution, state, nameOf(error));
      const seconds = Math.min(retry.IntervalSeconds * retry.BackoffRate ** execution.tries, retry.MaxDelaySeconds);
      execution.tries += 1;
      execution.until = later(this.#now(), seconds * 1000);
    }
  }

  async #wait(execution: Execution, state: State): Promise<void> {
    if (execution.token === 'woken') return enter(execution, state.Next, await this.#value(state.Output, execution));
    if (execution.token !== null) return this.#caught(execution, state, 'States.Timeout');
    this.#tokens += 1;
    execution.token = `token-${this.#tokens}`;
    execution.until = later(this.#now(), (state.TimeoutSeconds ?? 0) * 1000);
    try {
      await this.#invoke(await this.#value(state.Arguments?.Payload, execution));
    } catch (error) {
      return this.#caught(execution, state, nameOf(error));
    }
  }

  async #caught(execution: Execution, state: State, error: string): Promise<void> {
    const caught = state.Catch?.find(
      ({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'),
    );
    if (caught === undefined) execution.status = 'FAILED';
    else enter(execution, caught.Next, await this.#value(caught.Output, execution));
  }

  /** A field of a state with its expressions worked out. */
  async #value(field: unknown, { input, token }: Execution, result: unknown = null): Promise<unknown> {
    const states = { input, result, context: { Task: { Token: token } } };
    const work = async (value: unknown): Promise<unknown> => {
      const expression = typeof value === 'string' ? /^\{%(.*)%\}$/s.exec(value)?.[1] : undefined;
      if (expression !== undefined) return plain(await parsed(expression).evaluate({}, { states }));
      if (typeof value !== 'object' || value === null) return value;
      const worked = Object.entries(value).map(async ([key, one]) => [key, await work(one)] as const);
      return Object.fromEntries(await Promise.all(worked));
    };
    return work(field);
  }
}

const expressions = new Map<string, jsonata.Expression>();

/** Parsing takes longer than working out, and each expression comes again and again. */
function parsed(text: string): jsonata.Expression {
  const expression = expressions.get(text) ?? jsonata(text);
  expressions.set(text, expression);
  return expression;
}

function enter(execution: Execution, state: string | undefined, input: unknown): void {
  if (state === undefined) throw new Error(`${execution.state} leads nowhere`);
  execution.entered.push(state);
  Object.assign(execution, { state, input, until: null, token: null, tries: 0 });
}

/** As an execution hands it on: JSON. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
