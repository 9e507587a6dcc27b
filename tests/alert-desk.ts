/** Alerts in memory, driven by runs and clocks that a test holds in its hand. */
import { MemoryAlertMail, MemoryOperators } from '../functions/adapters/memory/alert-mail.ts';
import type { Faults } from '../functions/adapters/memory/faults.ts';
import { type MemoryStore, memoryStore } from '../functions/adapters/memory/store.ts';
import { type SweepPorts, sweepAlerts } from '../functions/alert-sweep/sweep.ts';
import { type Alert, newAlert, raisedAlert } from '../functions/domain/alert.ts';
import type { AlertTrigger } from '../functions/domain/alert-lifecycle.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import { decideAlert } from '../functions/domain/decide-alert.ts';
import { later } from '../functions/domain/instant.ts';
import { loadDecideCommit } from '../functions/load-decide-commit.ts';
import { exampleClinic } from './example-clinic.ts';
import { planOf } from './example-escalation.ts';

export const clinic: Clinic = { ...exampleClinic, escalation: planOf() };
/** A Monday, in working hours. */
export const opened = '2026-03-02T10:00:00.000Z';
export const minutes = 60_000;
export const noPause = () => Promise.resolve();

/** One run after the other over the same store; the clock is moved by hand. */
export class Desk {
  readonly store: MemoryStore;
  readonly mail: MemoryAlertMail;
  readonly operators: MemoryOperators;
  now = opened;
  runs = 0;

  constructor(faults: Faults = {}) {
    this.store = memoryStore(faults);
    this.mail = new MemoryAlertMail(faults);
    this.operators = new MemoryOperators(faults);
  }

  get ports(): SweepPorts {
    return {
      ...this.store,
      alertMail: this.mail,
      operators: this.operators,
      clinic,
      pageUrl: 'https://care.example.org',
      pause: noPause,
      now: () => this.now,
      newHolder: () => {
        this.runs += 1;
        return `run-${this.runs}`;
      },
    };
  }

  async open(id: string, tier: Alert['tier'], patient = `p-${id}`): Promise<void> {
    await this.#commit(patient, id, () => newAlert({ id, cause: 'safety', tier, evidence: [] }, this.now));
  }

  /** The same cause again, more serious. */
  async raise(id: string, tier: Alert['tier'], patient = `p-${id}`): Promise<void> {
    await this.#commit(patient, id, (alert) => {
      if (alert === undefined) throw new Error('only what is open can be raised');
      return raisedAlert(alert, tier, [], this.now);
    });
  }

  async #commit(patient: string, id: string, change: (alert: Alert | undefined) => Alert): Promise<void> {
    const loaded = await this.store.patients.load(patient);
    const alert = change(loaded.alerts.find((one) => one.id === id));
    const alerts = [...loaded.alerts.filter((one) => one.id !== id), alert];
    const patientAfter = { ...loaded, state: { ...loaded.state, therapist: 't-7' }, alerts };
    // What the intake commits, without the event.
    const { change: look } = decideAlert(
      patientAfter,
      id,
      { kind: 'seen', by: 's-1', source: 'portal' },
      clinic,
      this.now,
    );
    if (look === null) throw new Error('a look is recorded');
    await this.store.patients.commit(loaded, { ...look, changedAlerts: [alert] });
  }

  sweep(goOn = () => true) {
    return sweepAlerts(this.ports, goOn);
  }

  wait(milliseconds: number): this {
    this.now = later(this.now, milliseconds);
    return this;
  }

  async tell(id: string, trigger: AlertTrigger, patient = `p-${id}`): Promise<void> {
    await loadDecideCommit(
      this.store.patients,
      patient,
      async (loaded) => decideAlert(loaded, id, trigger, clinic, this.now).change,
      noPause,
    );
  }

  async alert(id: string, patient = `p-${id}`): Promise<Alert | undefined> {
    return (await this.store.patients.load(patient)).alerts.find((one) => one.id === id);
  }

  get recipients(): string[] {
    return this.mail.sent.map(({ to }) => to);
  }
}

/** Everything fails from the call of this number on, until it is started again. */
export function crashing(at: number, when: 'before' | 'after') {
  let calls = 0;
  let on = false;
  const strike = (isBefore: boolean) => {
    if (!on) return;
    if (isBefore) calls += 1;
    // From then on the process is gone: no call of it gets through any more, not even one that would tidy up.
    if (when === 'before' ? calls >= at : calls > at || (!isBefore && calls === at)) throw new Error('killed');
  };
  return {
    faults: { before: () => strike(true), after: () => strike(false) },
    arm: () => {
      on = true;
    },
    restart: () => {
      on = false;
    },
    fired: () => calls >= at,
  };
}
