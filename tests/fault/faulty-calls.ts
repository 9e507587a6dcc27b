/** Every call that a workflow makes to the outside, with faults at chosen ones. */
import type { Faults } from '../../functions/adapters/memory/faults.ts';
import { Conflict } from '../../functions/ports/patients.ts';
import { ChannelBusy } from '../../functions/ports/reminder-channels.ts';

/** What can go wrong with any call. */
export const faults = [
  /** The process is killed and nothing was asked. */
  'crash-before',
  /** The process is killed and what it asked was done. */
  'crash-after',
  'throttled',
  'timeout',
  'server-error',
  'reset',
  /** What was asked was done, and the process, which lives on, does not know. */
  'answer-lost',
] as const;
/** `conflict`: another writer was faster. Only a commit can lose like this. */
export type Fault = (typeof faults)[number] | 'conflict';

/** One way out of one workflow, such as "scanPorts patients.load". */
export type Call = `${string} ${string}.${string}`;

export interface Strike {
  readonly call: Call;
  readonly fault: Fault;
  /** It strikes when the call is made for this time, counted from 1. */
  readonly time: number;
}

export interface FaultPlan {
  readonly strikes: readonly Strike[];
  /** How many of a thousand other calls go wrong, whichever they are. */
  readonly perThousand: number;
  /** Numbers from 0 up to, but without, n. */
  readonly draw: (n: number) => number;
}

const injected = Symbol('injected');
const marked = <T extends Error>(error: T): T => Object.assign(error, { [injected]: true });

/** Whether an error was made here, and is no mistake of the product's. */
export function isInjected(error: unknown): boolean {
  return error instanceof Error && injected in error;
}

/** A record that cannot be read: no service's fault, so it is the same at every try. */
export function unreadableRecord(): Error {
  return marked(Object.assign(new Error('the record cannot be decrypted'), { name: 'JWEDecryptionFailed' }));
}

export class FaultyCalls {
  /** Every call that was made. */
  readonly made = new Set<Call>();
  readonly fired: { readonly call: Call; readonly fault: Fault }[] = [];
  readonly #plan: FaultPlan;
  readonly #times = new Map<Call, number>();
  /** What strikes once the call is done. */
  readonly #pending = new Map<Call, Fault[]>();
  #workflow: string | null = null;
  #isDead = false;
  #isCalm = false;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  /** From here on a new process works for this workflow; null: nobody does, and calls are the test's own. */
  begin(workflow: string | null): void {
    this.#workflow = workflow;
    this.#isDead = false;
    this.#pending.clear();
  }

  get workflow(): string | null {
    return this.#workflow;
  }

  async during<T>(workflow: string, work: () => Promise<T>): Promise<T> {
    const outer = this.#workflow;
    this.begin(workflow);
    try {
      return await work();
    } catch (error) {
      // What it had begun beside the call that failed ends with it.
      await new Promise((resolve) => setImmediate(resolve));
      throw error;
    } finally {
      this.begin(outer);
    }
  }

  /** No more faults. */
  calm(): void {
    this.#isCalm = true;
  }

  /** For the adapters in memory, all of which are ways out. */
  readonly hooks: Faults = {
    before: (operation) => this.#before(operation),
    after: (operation) => this.#after(operation),
  };

  /** The same for a port without an adapter that takes faults. */
  port<T extends object>(name: string, port: T): T {
    const through = (method: string, work: () => unknown) => async () => {
      this.#before(`${name}.${method}`);
      const result = await work();
      this.#after(`${name}.${method}`);
      return result;
    };
    return new Proxy(port, {
      get: (target, method) => {
        const member: unknown = Reflect.get(target, method, target);
        if (typeof member !== 'function' || typeof method !== 'string') return member;
        return (...given: unknown[]) => through(method, () => Reflect.apply(member, target, given))();
      },
    });
  }

  #before(operation: string): void {
    if (this.#workflow === null) return;
    if (this.#isDead) throw killed();
    const call: Call = `${this.#workflow} ${operation}` as Call;
    this.made.add(call);
    const time = (this.#times.get(call) ?? 0) + 1;
    this.#times.set(call, time);
    const fault = this.#isCalm ? null : this.#faultOf(call, operation, time);
    if (fault === null) return;
    if (fault === 'crash-after' || fault === 'answer-lost') {
      this.#pending.set(call, [...(this.#pending.get(call) ?? []), fault]);
      return;
    }
    this.fired.push({ call, fault });
    throw this.#errorOf(fault, operation);
  }

  #after(operation: string): void {
    if (this.#workflow === null) return;
    if (this.#isDead) throw killed();
    const call: Call = `${this.#workflow} ${operation}` as Call;
    const fault = this.#pending.get(call)?.shift();
    if (fault === undefined) return;
    this.fired.push({ call, fault });
    throw this.#errorOf(fault, operation);
  }

  #faultOf(call: Call, operation: string, time: number): Fault | null {
    const { strikes, perThousand, draw } = this.#plan;
    const planned = strikes.find((strike) => strike.call === call && strike.time === time);
    if (planned !== undefined) return planned.fault;
    if (draw(1000) >= perThousand) return null;
    return faultsOf(operation)[draw(faultsOf(operation).length)] ?? null;
  }

  #errorOf(fault: Fault, operation: string): Error {
    switch (fault) {
      case 'crash-before':
      case 'crash-after':
        this.#isDead = true;
        return killed();
      case 'throttled':
        // That nothing has left is what this port says of it.
        if (operation === 'reminderChannels.send') return marked(new ChannelBusy('throttled'));
        return serviceError('ThrottlingException', 'client');
      case 'server-error':
        return serviceError('InternalServerError', 'server');
      case 'reset':
        return marked(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
      case 'timeout':
      case 'answer-lost':
        return marked(Object.assign(new Error('no answer in time'), { name: 'TimeoutError' }));
      case 'conflict':
        return marked(new Conflict('another writer was faster'));
    }
  }
}

/** What can go wrong with this call. */
export function faultsOf(operation: string): readonly Fault[] {
  return operation.endsWith('patients.commit') ? [...faults, 'conflict'] : faults;
}

function serviceError(name: string, fault: 'client' | 'server'): Error {
  return marked(Object.assign(new Error(name), { name, $fault: fault }));
}

/** No call of a process that was killed gets through any more, not even one that would tidy up. */
function killed(): Error {
  return marked(Object.assign(new Error('killed'), { name: 'TimeoutError' }));
}
