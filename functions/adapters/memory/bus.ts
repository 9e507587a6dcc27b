import type { Bus, BusEntry } from '../../ports/door.ts';
import { type Faults, withFaults } from './faults.ts';
import { frozen } from './frozen.ts';

/** A bus that keeps what was put on it. */
export class MemoryBus implements Bus {
  readonly #entries: BusEntry[] = [];
  readonly #faults: Faults;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
  }

  /** All that was put on it, in order. */
  entries(): readonly BusEntry[] {
    return this.#entries.slice();
  }

  put(entries: readonly BusEntry[]): Promise<void> {
    return withFaults(this.#faults, 'bus.put', () => {
      this.#entries.push(...entries.map((entry) => frozen(structuredClone(entry))));
    });
  }
}
