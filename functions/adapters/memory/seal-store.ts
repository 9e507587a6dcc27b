import type { ChangedChain, LogHead, SealObject } from '../../domain/seal.ts';
import { type ChangedChains, SealConflict, type SealStore, type StagedSeal } from '../../ports/seal-store.ts';

/** The log in memory: for tests, the demo and the bench. */
export class MemorySealStore implements SealStore {
  readonly published = new Map<string, Uint8Array>();
  readonly #staging = new Map<string, StagedSeal>();
  #head: LogHead | null = null;

  head(): Promise<LogHead | null> {
    return Promise.resolve(this.#head);
  }

  stage(id: string, staged: StagedSeal): Promise<void> {
    this.#staging.set(id, staged);
    return Promise.resolve();
  }

  staged(id: string): Promise<StagedSeal | null> {
    return Promise.resolve(this.#staging.get(id) ?? null);
  }

  async swap(expected: LogHead | null, next: LogHead): Promise<void> {
    if (this.#head?.note !== expected?.note) throw new SealConflict('another seal was made meanwhile');
    this.#head = next;
  }

  async publish(objects: readonly SealObject[]): Promise<void> {
    for (const { path, bytes } of objects) {
      const standing = this.published.get(path);
      if (standing !== undefined && Buffer.compare(standing, bytes) !== 0)
        throw new Error(`${path} is published already, with other bytes`);
      this.published.set(path, bytes);
    }
  }

  read(path: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.published.get(path) ?? null);
  }

  discard(id: string): Promise<void> {
    this.#staging.delete(id);
    return Promise.resolve();
  }
}

/** Chains that grow as a test tells them to. */
export class MemoryChangedChains implements ChangedChains {
  readonly #heads = new Map<string, { sequence: number; head: string; sealed: number }>();

  /** The chain now ends at this record. */
  grew(chain: string, sequence: number, head: string): void {
    this.#heads.set(chain, { sequence, head, sealed: this.#heads.get(chain)?.sealed ?? 0 });
  }

  changed(): Promise<ChangedChain[]> {
    const changed = [...this.#heads]
      .filter(([, { sequence, sealed }]) => sequence > sealed)
      .map(([chain, { sequence, head, sealed }]) => ({ chain, firstSeq: sealed + 1, lastSeq: sequence, head }));
    return Promise.resolve(changed);
  }

  sealed(chains: readonly ChangedChain[]): Promise<void> {
    for (const { chain, lastSeq } of chains) {
      const known = this.#heads.get(chain);
      if (known !== undefined) known.sealed = Math.max(known.sealed, lastSeq);
    }
    return Promise.resolve();
  }
}
