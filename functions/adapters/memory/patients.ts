import { genesis, type SealedRecord } from '../../domain/audit-chain.ts';
import type { Change } from '../../domain/decide.ts';
import type { Erasure } from '../../domain/erasure.ts';
import type { ClinicalEvent } from '../../domain/event.ts';
import type { Instant } from '../../domain/instant.ts';
import type { NightLine } from '../../domain/night.ts';
import { type Patient, type PatientId, snapshotOf, unknownPatient } from '../../domain/patient.ts';
import { Conflict, PatientErased, type Patients, type Seen } from '../../ports/patients.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import { MemoryAudit } from './audit.ts';
import { type Faults, withFaults } from './faults.ts';
import { frozen } from './frozen.ts';

/** Patients in memory, for tests, benchmarks and dry runs: the same promises as the tables', without their encryption. */
export class MemoryPatients implements Patients {
  readonly #patients = new Map<PatientId, Patient>();
  /** As JSON text, which nobody can change. */
  readonly #events = new Map<PatientId, Map<string, string>>();
  readonly #lines: NightLine[] = [];
  /** Whose alert each id is, ended ones too. */
  readonly #alertOwners = new Map<string, PatientId>();
  /** Ids of events, whoever's they are. */
  readonly #used = new Set<string>();
  readonly #erased = new Map<PatientId, Instant>();
  readonly #audit: MemoryAudit;
  readonly #faults: Faults;

  constructor({ audit = new MemoryAudit(), faults = {} }: { audit?: MemoryAudit; faults?: Faults } = {}) {
    this.#audit = audit;
    this.#faults = faults;
  }

  /** Everyone known, by id. */
  patients(): readonly Patient[] {
    return [...this.#patients.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  ownerOfAlert(alertId: string): PatientId | null {
    return this.#alertOwners.get(alertId) ?? null;
  }

  /** Every night's lines, as the decisions wrote them. */
  lines(): readonly NightLine[] {
    return this.#lines;
  }

  auditRecords(chain: string): SealedRecord[] {
    return this.#audit.auditRecords(chain);
  }

  load(id: PatientId): Promise<Patient> {
    return withFaults(this.#faults, 'patients.load', () => {
      const erasedAt = this.#erased.get(id);
      if (erasedAt !== undefined) throw new PatientErased(id, erasedAt);
      return this.#patients.get(id) ?? frozen(unknownPatient(id, genesis(id)));
    });
  }

  history(id: PatientId): Promise<ClinicalEvent[]> {
    return withFaults(this.#faults, 'patients.history', () =>
      [...(this.#events.get(id)?.values() ?? [])].map((text): ClinicalEvent => JSON.parse(text)),
    );
  }

  seen(id: PatientId, eventId: string): Promise<Seen> {
    return withFaults(this.#faults, 'patients.seen', () => {
      if (!this.#used.has(eventId)) return { kind: 'never' };
      const text = this.#events.get(id)?.get(eventId);
      return text === undefined ? { kind: 'other-patient' } : { kind: 'same-patient', event: JSON.parse(text) };
    });
  }

  commit(patient: Patient, change: Change): Promise<void> {
    return withFaults(this.#faults, 'patients.commit', () => {
      const { id, version } = patient;
      const { event, foldedUnder } = change;
      if (event !== null && this.#used.has(event.id)) throw new Conflict(`the event's id has been used meanwhile`);
      const text = event === null ? null : JSON.stringify(event);
      // The last step that can fail: from here on all of it happens, or none of it has.
      const { head } = this.#audit.append(patient, change.audit, change.at);
      this.#patients.set(id, frozen({ ...snapshotOf(change.patient), id, version: version + 1, head, foldedUnder }));
      for (const alert of change.changedAlerts) this.#alertOwners.set(alert.id, id);
      if (change.night !== null) this.#lines.push(change.night);
      if (event === null || text === null) return;
      this.#used.add(event.id);
      const events = this.#events.get(id);
      if (events === undefined) this.#events.set(id, new Map([[event.id, text]]));
      else events.set(event.id, text);
    });
  }

  /** The whole patient at once; their events stay, for nobody to read, until they are cleared away. */
  erase(patient: Patient, { at, record, twin }: Erasure): void {
    this.#audit.append(patient, record, at);
    this.#audit.append(this.#audit.place(systemChainOf(patient.id)), twin, at);
    this.#patients.delete(patient.id);
    this.#erased.set(patient.id, at);
  }

  /** What is left of somebody erased; how many items that was. */
  clear(id: PatientId): number {
    if (!this.#erased.has(id)) throw new Error(`${id} is not erased: nothing of theirs is removed`);
    const events = [...(this.#events.get(id)?.keys() ?? [])];
    const alerts = [...this.#alertOwners].flatMap(([alert, owner]) => (owner === id ? [alert] : []));
    for (const event of events) this.#used.delete(event);
    for (const alert of alerts) this.#alertOwners.delete(alert);
    this.#events.delete(id);
    return events.length + alerts.length;
  }
}
