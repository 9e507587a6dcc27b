import { canonicalText, type Json, sha256Hex, sha256OfHex } from './canonical.ts';
import type { Instant } from './instant.ts';

/** "p-…" for a patient, "system-N" for what belongs to none. */
export type ChainId = string;

/** What a decision says about itself; the chain adds where and when it stands. See docs/audit.md for each field's meaning. */
export interface AuditEntry {
  /** What was done, such as "event.record". */
  readonly action: string;
  readonly agent: { readonly who: string; readonly role: string };
  /** From where it came: "bus", "scan", "command line". */
  readonly source: string;
  /** The part of the record concerned, such as "questionnaire"; null where it is the record as a whole. */
  readonly part: string | null;
  readonly outcome: 'success' | 'refused';
  /** Why it was done, or why it was refused, in words. */
  readonly reason: string;
  readonly changed: boolean;
  /** Clinic.hash: the rules in force. */
  readonly rules: string;
  readonly detail: { readonly [key: string]: Json };
}

export interface AuditRecord extends AuditEntry {
  readonly version: 1;
  readonly chain: ChainId;
  /** 1 for the first record of a chain, then without a gap. */
  readonly sequence: number;
  readonly recordedAt: Instant;
}

/** A record ready to be stored: `bytes` is kept verbatim (encrypted, with its salt); only the hashes are readable. */
export interface SealedRecord {
  readonly chain: ChainId;
  readonly sequence: number;
  readonly recordedAt: Instant;
  readonly bytes: Uint8Array;
  readonly salt: Uint8Array;
  readonly recordHash: string;
  /** c[sequence]. */
  readonly head: string;
}

/** The largest record, in bytes of its canonical text. */
export const largestRecordBytes = 8 * 1024;

const tag = (name: string) => `${name}\u0000`;

/** c[0] of a chain, hex: no record yet. */
export function genesis(chain: ChainId): string {
  return sha256Hex(tag('tandem.genesis.v1'), chain);
}

/** The commitment to a record's content: the salt keeps a short content from being guessed from its hash. */
export function recordHash(salt: Uint8Array, bytes: Uint8Array): string {
  return sha256Hex(tag('tandem.record.v1'), salt, bytes);
}

/** c[n] of one chain from n, c[n-1] and the recordHash of record n, all hashes in hex. */
export type Link = (sequence: number, previous: string, record: string) => string;

/** How a chain's records are linked. For whoever follows a chain: what is the same in all its links is written once. */
export function linkOf(chain: ChainId): Link {
  const prefix = Buffer.from(`${tag('tandem.chain.v1')}${chain}`).toString('hex');
  // One hex text: a verifier runs this a million times. n is written as 8 bytes, the highest first.
  return (sequence, previous, record) =>
    sha256OfHex(`${prefix}${sequence.toString(16).padStart(16, '0')}${previous}${record}`);
}

/** c[n] from c[n-1], hex. */
export function chainHash(chain: ChainId, sequence: number, previous: string, record: string): string {
  return linkOf(chain)(sequence, previous, record);
}

/**
 * The next record of a chain.
 * @param salt 16 random bytes, never used before.
 * @throws RangeError where the record is larger than 8 KiB: a record says what happened, not all it happened to.
 */
export function sealRecord(
  chain: { readonly id: ChainId; readonly version: number; readonly head: string },
  entry: AuditEntry,
  recordedAt: Instant,
  salt: Uint8Array,
): SealedRecord {
  const sequence = chain.version + 1;
  const record: AuditRecord = { ...entry, version: 1, chain: chain.id, sequence, recordedAt };
  const bytes = Buffer.from(canonicalText(record), 'utf8');
  if (bytes.length > largestRecordBytes) throw new RangeError(`an audit record of ${bytes.length} bytes is too large`);
  const hash = recordHash(salt, bytes);
  return {
    chain: chain.id,
    sequence,
    recordedAt,
    bytes,
    salt,
    recordHash: hash,
    head: chainHash(chain.id, sequence, chain.head, hash),
  };
}
