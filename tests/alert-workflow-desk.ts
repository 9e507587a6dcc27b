/** The workflow of alerts with all that belongs to it, in memory: stream, driver, state machine, steps and sweep. */
import { type Faults, withFaults } from '../functions/adapters/memory/faults.ts';
import { driveAlert } from '../functions/alert-driver/drive.ts';
import type { Step } from '../functions/alert-workflow/handler.ts';
import { tellWhoIsNext } from '../functions/alert-workflow/tell.ts';
import { waitForAnswer } from '../functions/alert-workflow/wait.ts';
import { type Instant, later } from '../functions/domain/instant.ts';
import type { AlertName } from '../functions/ports/alert-index.ts';
import type { AlertWorkflow } from '../functions/ports/alert-workflow.ts';
import { Desk, minutes, opened } from './alert-desk.ts';
import { ClockedMachine, definitionOf, type Execution } from './clocked-machine.ts';

const definition = definitionOf('therapist-alert');
/** As the mapping of the stream says. */
const triesOfRecord = 4;

export class WorkflowDesk extends Desk {
  readonly machine: ClockedMachine;
  /** Whether changes reach the driver; what happens meanwhile is lost. */
  streaming = true;
  /** Null: no sweep comes. */
  sweepsEvery: number | null = null;
  /** Called when a call of a function has failed, as the next one runs in a process of its own. */
  afterFailure: () => void = () => undefined;
  /** Called before each step's function. */
  beforeStep: (step: Step) => Promise<void> = () => Promise.resolve();
  readonly #faults: Faults;
  #seen = new Map<string, string>();
  #swept = opened;

  constructor(faults: Faults = {}) {
    super(faults);
    this.#faults = faults;
    this.machine = new ClockedMachine(
      definition,
      (payload) => this.#step(payload as Step),
      () => this.now,
    );
  }

  get workflow(): AlertWorkflow {
    return {
      start: ({ patient, alert }) =>
        withFaults(this.#faults, 'alertWorkflow.start', () => this.machine.start(alert, { patient, alert, round: 0 })),
      wake: (token) => withFaults(this.#faults, 'alertWorkflow.wake', () => this.machine.wake(token)),
    };
  }

  execution(alert: string): Execution | undefined {
    return this.machine.executions.get(alert);
  }

  async drive(name: AlertName) {
    return driveAlert({ ...this.store, alertWorkflow: this.workflow }, name);
  }

  /** Everything that happens by itself up to then, in the order of the clock. */
  async runUntil(then: Instant): Promise<void> {
    for (;;) {
      await this.#settle();
      const [next] = [this.machine.nextAt(), this.#nextSweep()].filter((time) => time !== null).toSorted();
      if (next === undefined || next > then) break;
      this.now = next;
      if (this.#nextSweep() === next) {
        this.#swept = next;
        await this.#sweepOnce();
      }
    }
    this.now = then;
  }

  runFor(milliseconds: number): Promise<void> {
    return this.runUntil(later(this.now, milliseconds));
  }

  /** What the stream would hold of its last day: every alert there ever was, once more. */
  async replay(): Promise<void> {
    for (const key of this.#seen.keys()) {
      const [patient = '', alert = ''] = key.split(' ');
      await this.drive({ patient, alert });
    }
  }

  #nextSweep(): Instant | null {
    return this.sweepsEvery === null ? null : later(this.#swept, this.sweepsEvery * minutes);
  }

  async #sweepOnce(): Promise<void> {
    const swept = await this.sweep().catch(() => null);
    if (swept === null || swept.failures.length > 0) this.afterFailure();
  }

  async #settle(): Promise<void> {
    do for (const name of this.#changes()) if (this.streaming) await this.#driven(name);
    while (await this.machine.step());
  }

  async #driven(name: AlertName): Promise<void> {
    for (let attempt = 1; attempt <= triesOfRecord; attempt += 1) {
      try {
        await this.drive(name);
        return;
      } catch {
        this.afterFailure();
      }
    }
  }

  /** Every alert that is not as it was at the last look. */
  #changes(): AlertName[] {
    const now = new Map<string, string>();
    for (const { id, alerts } of this.store.patients.patients())
      for (const alert of alerts) now.set(`${id} ${alert.id}`, JSON.stringify(alert));
    const changed = [...new Set([...now.keys(), ...this.#seen.keys()])].filter(
      (key) => (now.get(key) ?? 'ended') !== this.#seen.get(key),
    );
    for (const key of changed) this.#seen.set(key, now.get(key) ?? 'ended');
    return changed.map((key) => {
      const [patient = '', alert = ''] = key.split(' ');
      return { patient, alert };
    });
  }

  async #step(step: Step): Promise<unknown> {
    await this.beforeStep(step);
    const { patient, alert } = step;
    try {
      if (step.step === 'tell') return (await tellWhoIsNext(this.ports, { patient, alert })).told;
      const ports = { ...this.store, alertWorkflow: this.workflow, now: () => this.now };
      await waitForAnswer(ports, { patient, alert }, { token: step.token, dueAt: step.dueAt });
      return null;
    } catch (error) {
      this.afterFailure();
      throw error;
    }
  }
}
