import type { EntryLine, RecordLine } from './audit-bundle.ts';
import { type ChainId, genesis, type Link, linkOf } from './audit-chain.ts';
import type { FaultLedger, OpenFault } from './audit-verify-fault.ts';
import type { CountedPeriod } from './audit-verify-seal.ts';
import { epochMilliseconds, type Instant, later } from './instant.ts';
import type { Hash } from './merkle-log.ts';
import { ownText } from './own-text.ts';

/**
 * How far time may seem to run back, in milliseconds: a writer that lost a conflict writes with the moment at which it began, and two
 * computers' clocks differ. Five minutes is more than any function of the system runs.
 */
export const clockTolerance = 5 * 60_000;

/** Where a chain stands after what has been read of it. */
interface Standing {
  sequence: number;
  head: Hash;
  /** The latest time any of its records bears; "" where none of it was in the file. */
  at: Instant;
  ended: boolean;
}

/** The records that follow one entry, while they are being read. */
interface Segment {
  readonly chain: ChainId;
  readonly link: Link;
  /** Null where records came without their entry. */
  readonly entry: EntryLine | null;
  /** The number the next record must bear. */
  next: number;
  /** c[next - 1] and c[next - 2], as computed here. */
  head: Hash;
  beforeHead: Hash | null;
  /** The latest time of the chain so far; "" before its first record. */
  at: Instant;
  /** Set at the first record that does not fit: from there on only the numbers are followed, up to the next sealed head. */
  lost: boolean;
  /** The number of the record that did not link: if another of that number does, the first was slipped in. */
  suspect: number | null;
  /** A line that could not be read stands where record `next` belongs. */
  damaged: boolean;
}

/**
 * Follows every chain through the file: numbers without a gap, each record linked to the one before, each segment ending at the
 * head that the log's entry names. Holds a few words for each chain and nothing for a record.
 */
export class ChainVerification {
  readonly #standings = new Map<ChainId, Standing>();
  readonly #faults: FaultLedger;
  readonly #whole: boolean;
  #open: Segment | null = null;
  /** A line that could not be read, where an entry or a seal may have stood. */
  #damagedLine: number | null = null;
  #lastChain: ChainId = '';
  #lastEnd: ChainId = '';
  #latest: { readonly at: Instant; readonly chain: ChainId; readonly sequence: number; readonly line: number } = {
    at: '',
    chain: '',
    sequence: 0,
    line: 0,
  };
  #newChains = 0;
  #sealedRecords = 0;
  #outOfOrder: CountedPeriod['outOfOrder'] = null;
  #rivals: { kind: string; detail: string }[] = [];
  records = 0;

  /** @param whole every chain begins at record 1 in this file. */
  constructor(faults: FaultLedger, whole: boolean) {
    this.#faults = faults;
    this.#whole = whole;
  }

  get chains(): number {
    return this.#standings.size;
  }

  /** What the entries since the last seal amount to. */
  get period(): CountedPeriod {
    return {
      newChains: this.#newChains,
      records: this.#sealedRecords,
      damagedLine: this.#damagedLine,
      outOfOrder: this.#outOfOrder,
    };
  }

  /** The record that must come next, where one must: so that a file that ends here can say what it lacks. */
  get awaited(): { readonly chain: ChainId; readonly sequence: number } | null {
    const open = this.#open;
    return open !== null && this.#isShort(open) ? { chain: open.chain, sequence: open.next } : null;
  }

  entry(entry: EntryLine, line: number): void {
    this.close(line);
    const { chain, firstSeq } = entry;
    const known = this.#standings.get(chain);
    const expected = (known?.sequence ?? 0) + 1;
    this.#checkOrder(chain, firstSeq, line);
    if (firstSeq === 1) this.#newChains += 1;
    this.#sealedRecords += entry.lastSeq - firstSeq + 1;
    let head = entry.previous;
    if (firstSeq < expected) this.#entryAgain(entry, line);
    else if (firstSeq === expected) {
      head = known?.head ?? genesis(chain);
      if (head !== entry.previous)
        this.#faults.ofChain('altered', chain, firstSeq, line, 'the head before it is not the one known');
    } else if (this.#whole || known !== undefined)
      this.#missing(chain, expected, line, 'no entry covers these records');
    this.#open = openSegment(chain, entry, firstSeq, head, known?.at ?? '');
  }

  record(record: RecordLine, line: number): void {
    this.records += 1;
    const open = this.#open;
    if (open?.chain === record.chain) this.#follow(open, record, line);
    else if (open !== null && this.#isShort(open)) this.#stray(record, line);
    else this.#withoutEntry(record, line);
  }

  /** A line that could not be read. */
  damaged(line: number): void {
    const open = this.#open;
    if (open === null || !this.#isShort(open)) {
      this.#damagedLine ??= line;
      return;
    }
    this.#faults.ofChain('altered', open.chain, open.next, line, 'the line cannot be read or does not match its check');
    open.damaged = true;
  }

  /** The entry's records are over. */
  close(line: number): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const { chain, entry } = open;
    if (entry === null) {
      this.#stand(open, open.next - 1, open.head);
      return;
    }
    if (this.#isShort(open)) this.#cutShort(open, entry, line);
    else if (!open.lost && !open.damaged && open.head !== entry.head)
      this.#faults.ofChain(
        'fork',
        chain,
        entry.lastSeq,
        line,
        'the records are linked, but to another head than the sealed one',
      );
    this.#stand(open, entry.lastSeq, entry.head);
  }

  /** @param rootHolds whether the entries since the last seal are those that were signed. */
  sealed(end: Instant, rootHolds: boolean): void {
    const { at, chain, sequence, line } = this.#latest;
    if (at > later(end, clockTolerance))
      this.#faults.ofChain('time-runs-back', chain, sequence, line, 'the record is later than the seal over it');
    // Two entries over the same records are two histories if both were signed, and a slipped-in line if not.
    if (!rootHolds)
      for (const rival of this.#rivals)
        Object.assign(rival, { kind: 'inserted', detail: 'the entry was never sealed' });
    this.#rivals = [];
    this.#latest = { at: '', chain: '', sequence: 0, line: 0 };
    this.#newChains = 0;
    this.#sealedRecords = 0;
    this.#lastChain = '';
    this.#outOfOrder = null;
    this.#damagedLine = null;
  }

  /** The end of a chain as the bundle states it. */
  end(chain: ChainId, sequence: number, head: Hash, line: number): void {
    const standing = this.#standings.get(chain);
    if (chain <= this.#lastEnd)
      this.#faults.ofChain('reordered', chain, sequence, line, 'the ends of the chains are out of order');
    this.#lastEnd = chain;
    if (standing === undefined) {
      this.#faults.ofChain('chain-dropped', chain, 1, line, 'nothing else of this chain is in the file');
      return;
    }
    standing.ended = true;
    if (sequence > standing.sequence)
      this.#faults.ofChain(
        'tail-cut',
        chain,
        standing.sequence + 1,
        line,
        'the chain goes on to a later record than the file',
      );
    else if (sequence < standing.sequence || head !== standing.head)
      this.#faults.ofChain('altered', chain, sequence, line, 'the chain does not end like this');
  }

  /**
   * After the last line: what seemed missing and never came.
   * @param complete whether the file has its end; of a file cut short nothing more is said of each chain.
   */
  finish(line: number, complete: boolean): void {
    for (const [chain, { ended, sequence }] of this.#standings)
      if (complete && !ended)
        this.#faults.ofChain('missing', chain, sequence, line, 'the line that states the end of the chain');
    for (const fault of this.#faults.chains()) {
      if (fault.kind !== 'missing' || !fault.atTail) continue;
      const dropped = this.#standings.get(fault.chain)?.at === '';
      fault.kind = dropped ? 'chain-dropped' : 'tail-cut';
      fault.detail = dropped ? 'no record of this chain is in the file' : 'the chain lacks its last records';
    }
  }

  #isShort({ entry, next }: Segment): boolean {
    return entry !== null && next <= entry.lastSeq;
  }

  /** Keeps where the chain stands, and nothing else of what was read. */
  #stand({ chain, at }: Segment, sequence: number, head: Hash): void {
    const standing = this.#standings.get(chain);
    const now = { sequence, head: ownText(head), at: ownText(at) };
    if (standing === undefined) this.#standings.set(ownText(chain), { ...now, ended: false });
    else Object.assign(standing, now);
  }

  /** Entries stand in the order of their chains; where a seal is left out the order begins anew, which only the root can tell. */
  #checkOrder(chain: ChainId, sequence: number, line: number): void {
    if (chain < this.#lastChain) {
      this.#outOfOrder ??= { chain, sequence, line };
      const fault = this.#faults.of(chain);
      if (fault?.kind === 'inserted') fault.kind = 'reordered';
    }
    this.#lastChain = chain;
  }

  /** An entry over records that an earlier one covers. */
  #entryAgain({ chain, firstSeq }: EntryLine, line: number): void {
    const fault = this.#faults.ofChain('fork', chain, firstSeq, line, 'two sealed entries cover the same records');
    if (fault.kind === 'missing' && fault.sequence === firstSeq) fault.kind = 'reordered';
    if (fault.line === line) this.#rivals.push(fault);
  }

  #missing(chain: ChainId, sequence: number, line: number, detail: string): OpenFault {
    const fault = this.#faults.ofChain('missing', chain, sequence, line, detail);
    // It came too early, and was taken for a record slipped in.
    if (fault.kind === 'inserted' && fault.sequence === sequence) fault.kind = 'reordered';
    return fault;
  }

  #stray({ chain, sequence }: RecordLine, line: number): void {
    const fault = this.#faults.ofChain('inserted', chain, sequence, line, 'the record does not belong here');
    if (fault.kind === 'missing' && fault.sequence === sequence) fault.kind = 'reordered';
  }

  /** Records that no entry announces: either their entry is gone, or they were slipped in. */
  #withoutEntry(record: RecordLine, line: number): void {
    const { chain, sequence } = record;
    const known = this.#standings.get(chain);
    if (sequence !== (known?.sequence ?? 0) + 1) {
      this.#stray(record, line);
      return;
    }
    this.close(line);
    if (this.#damagedLine === null) this.#missing(chain, sequence, line, 'the entry over these records');
    else
      this.#faults.ofChain(
        'altered',
        chain,
        sequence,
        this.#damagedLine,
        'the entry over these records cannot be read',
      );
    this.#damagedLine = null;
    const head = known?.head ?? genesis(chain);
    const open = openSegment(chain, null, sequence, head, known?.at ?? '');
    this.#open = open;
    this.#follow(open, record, line);
  }

  #follow(open: Segment, record: RecordLine, line: number): void {
    const { sequence, recordHash } = record;
    const { chain } = open;
    const fault = this.#faults.of(chain);
    if (fault !== undefined) fault.atTail = false;
    if (sequence !== open.next || open.lost || isBeyond(open, sequence)) {
      this.#outOfStep(open, record, line);
      return;
    }
    open.next += 1;
    if (open.link(sequence, open.head, recordHash) !== record.head) {
      this.#faults.ofChain('altered', chain, sequence, line, 'the record does not link to the one before');
      open.lost = true;
      open.suspect = sequence;
      return;
    }
    if (open.damaged) this.#wasSlippedIn(open);
    open.beforeHead = open.head;
    open.head = record.head;
    this.#keepTime(open, record, line);
  }

  /** A record came that fits where a damaged or unlinked one stood. */
  #wasSlippedIn(open: Segment): void {
    open.damaged = false;
    const fault = this.#faults.of(open.chain);
    if (fault?.kind !== 'altered') return;
    fault.kind = 'inserted';
    fault.detail = 'the line before the record of this number was slipped in';
  }

  #outOfStep(open: Segment, record: RecordLine, line: number): void {
    const { chain, sequence, recordHash, head } = record;
    const linksTo = (before: Hash | null) => before !== null && open.link(sequence, before, recordHash) === head;
    if (open.suspect === sequence && linksTo(open.head)) {
      this.#wasSlippedIn(open);
      Object.assign(open, { lost: false, suspect: null, next: sequence + 1, beforeHead: open.head, head });
      return;
    }
    if (isBeyond(open, sequence)) {
      const fault = this.#faults.ofChain('inserted', chain, sequence, line, 'the entry covers no such record');
      if (fault.sequence === open.suspect) fault.kind = 'inserted';
      return;
    }
    if (sequence >= open.next) {
      const replaced = open.damaged && sequence === open.next + 1;
      if (sequence > open.next && !replaced) this.#missing(chain, open.next, line, 'the number is left out');
      open.lost = true;
      open.damaged = false;
      open.next = sequence + 1;
      return;
    }
    const isTwin = !open.lost && sequence === open.next - 1 && head !== open.head && linksTo(open.beforeHead);
    if (isTwin) this.#faults.ofChain('fork', chain, sequence, line, 'two different records follow the same one');
    else this.#stray(record, line);
  }

  /** The segment ends before its last record. */
  #cutShort(open: Segment, { chain, lastSeq }: EntryLine, line: number): void {
    // The damaged line was the last record, and is reported.
    if (open.damaged && open.next === lastSeq) return;
    const fault = this.#faults.of(chain);
    if (fault !== undefined && fault.sequence === open.suspect) {
      fault.kind = 'missing';
      fault.detail = 'a record is left out and those behind it bear new numbers';
      return;
    }
    const missing = this.#missing(chain, open.next, line, 'the entry covers records that are not there');
    if (fault === undefined) missing.atTail = true;
  }

  #keepTime(open: Segment, { sequence, recordedAt }: RecordLine, line: number): void {
    const { chain, at } = open;
    if (recordedAt > this.#latest.at) this.#latest = { at: recordedAt, chain, sequence, line };
    if (recordedAt >= at) open.at = recordedAt;
    else if (epochMilliseconds(at) - epochMilliseconds(recordedAt) > clockTolerance)
      this.#faults.ofChain('time-runs-back', chain, sequence, line, 'the record is earlier than one before it');
  }
}

function openSegment(chain: ChainId, entry: EntryLine | null, next: number, head: Hash, at: Instant): Segment {
  const link = linkOf(chain);
  return { chain, link, entry, next, head, beforeHead: null, at, lost: false, suspect: null, damaged: false };
}

/** Whether the entry covers no such record. */
function isBeyond({ entry }: Segment, sequence: number): boolean {
  return entry !== null && sequence > entry.lastSeq;
}
