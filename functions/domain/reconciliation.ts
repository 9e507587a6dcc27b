import { type ChainId, chainHash, genesis } from './audit-chain.ts';

/** What a state says of its chain: how many decisions were committed, and the chain's end after the last of them. */
export interface ChainStanding {
  readonly version: number;
  /** Hex. */
  readonly head: string;
}

/** What the audit table shows of one record without any right to read it. */
export interface RecordOutline {
  readonly sequence: number;
  /** Hex. */
  readonly recordHash: string;
  /** Hex. */
  readonly head: string;
}

/**
 * The first place at which a state and its records disagree.
 *
 *     change-without-record   the state counts a decision, and its record is not there
 *     record-without-change   a record is there of a decision that the state does not know
 *     other-history           a record is there that is not the one this state was written with
 */
export interface Discrepancy {
  readonly chain: ChainId;
  readonly sequence: number;
  readonly kind: 'change-without-record' | 'record-without-change' | 'other-history';
}

/**
 * Compares a state with the records of its chain.
 * @param records every record that is there from number `from` on, ascending. From 1 the whole chain is followed; from a later
 * number its end alone.
 * @returns null where every decision from there on has its record and every record its decision.
 */
export function reconcile(
  chain: ChainId,
  standing: ChainStanding,
  records: readonly RecordOutline[],
  from: number,
): Discrepancy | null {
  const found = (sequence: number, kind: Discrepancy['kind']): Discrepancy => ({ chain, sequence, kind });
  let expected = from;
  let previous = from === 1 ? genesis(chain) : null;
  for (const { sequence, recordHash, head } of records) {
    if (sequence > standing.version) return found(sequence, 'record-without-change');
    if (sequence !== expected) return found(expected, 'change-without-record');
    if (previous !== null && chainHash(chain, sequence, previous, recordHash) !== head)
      return found(sequence, 'other-history');
    [expected, previous] = [sequence + 1, head];
  }
  if (expected <= standing.version) return found(expected, 'change-without-record');
  return previous === standing.head ? null : found(standing.version, 'other-history');
}
