import type { ChainId } from '../domain/audit-chain.ts';
import type { Instant } from '../domain/instant.ts';

/** A record as the audit table keeps it. */
export interface StoredRecord {
  readonly chain: ChainId;
  readonly sequence: number;
  readonly recordedAt: Instant;
  readonly recordHash: string;
  readonly head: string;
  /** JWE as JSON text; null where the caller did not ask for it. */
  readonly content: string | null;
}

/** The audit table, to be read from one end to the other. */
export interface StoredRecords {
  /** The records of a chain from one number to another, in order, whatever of them is there: what is missing is simply not given. */
  between(chain: ChainId, firstSeq: number, lastSeq: number): AsyncIterable<StoredRecord> | Iterable<StoredRecord>;
}
