import type { Instant } from '../../domain/instant.ts';
import type { SetAside, SetAsides } from '../../ports/set-aside.ts';
import { byAge, refusalRecord, removalRecord, systemChainOf } from '../set-aside-audit.ts';
import { MemoryAudit } from './audit.ts';
import { type Faults, withFaults } from './faults.ts';

export class MemorySetAsides implements SetAsides {
  readonly #entries = new Map<string, SetAside>();
  readonly #audit: MemoryAudit;
  readonly #rules: string;
  readonly #now: () => Instant;
  readonly #faults: Faults;

  constructor(settings: { rules: string; now: () => Instant; audit?: MemoryAudit; faults?: Faults }) {
    this.#audit = settings.audit ?? new MemoryAudit();
    this.#rules = settings.rules;
    this.#now = settings.now;
    this.#faults = settings.faults ?? {};
  }

  put(entry: SetAside): Promise<void> {
    return withFaults(this.#faults, 'setAsides.put', () => {
      const { id, at, reason, body } = entry;
      if (this.#entries.has(id)) return;
      this.#audit.append(this.#audit.place(systemChainOf(id)), refusalRecord(entry, this.#rules), at);
      this.#entries.set(id, Object.freeze({ id, at, reason, body }));
    });
  }

  list(): Promise<SetAside[]> {
    return withFaults(this.#faults, 'setAsides.list', () => [...this.#entries.values()].toSorted(byAge));
  }

  remove(id: string, why: string): Promise<boolean> {
    return withFaults(this.#faults, 'setAsides.remove', () => {
      if (!this.#entries.has(id)) return false;
      this.#audit.append(this.#audit.place(systemChainOf(id)), removalRecord(id, why, this.#rules), this.#now());
      return this.#entries.delete(id);
    });
  }
}
