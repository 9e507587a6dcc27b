import { randomBytes } from 'node:crypto';
import { type AuditEntry, type ChainId, genesis, type SealedRecord, sealRecord } from '../../domain/audit-chain.ts';
import type { Instant } from '../../domain/instant.ts';
import { Conflict } from '../../ports/patients.ts';

const poolBytes = 4096;

/** Randomness drawn many records ahead: asking the system for 16 bytes takes longer than sealing a record. */
function pooledRandomBytes(): (length: number) => Uint8Array {
  let pool = new Uint8Array();
  return (length) => {
    if (pool.length < length) pool = randomBytes(poolBytes);
    const drawn = Uint8Array.from(pool.subarray(0, length));
    pool = pool.subarray(length);
    return drawn;
  };
}

/** The audit table's twin. Nothing is encrypted. */
export class MemoryAudit {
  readonly #chains = new Map<ChainId, SealedRecord[]>();
  readonly #randomBytes: (length: number) => Uint8Array;

  constructor(random: (length: number) => Uint8Array = pooledRandomBytes()) {
    this.#randomBytes = random;
  }

  /** The chain's records, first to last: copies, to be tampered with as a test likes. */
  auditRecords(chain: ChainId): SealedRecord[] {
    return structuredClone(this.#chains.get(chain) ?? []);
  }

  chains(): readonly ChainId[] {
    return [...this.#chains.keys()];
  }

  /** Where a chain stands now. */
  place(chain: ChainId): { readonly id: ChainId; readonly version: number; readonly head: string } {
    const newest = this.#chains.get(chain)?.at(-1);
    return { id: chain, version: newest?.sequence ?? 0, head: newest?.head ?? genesis(chain) };
  }

  /** @throws Conflict where the chain has grown since; nothing is written then, nor where the record is too large. */
  append(place: { id: ChainId; version: number; head: string }, entry: AuditEntry, at: Instant): SealedRecord {
    const records = this.#chains.get(place.id) ?? [];
    if (records.length !== place.version) throw new Conflict(`${place.id} has grown since version ${place.version}`);
    const record = sealRecord(place, entry, at, this.#randomBytes(16));
    records.push(record);
    this.#chains.set(place.id, records);
    return record;
  }
}
