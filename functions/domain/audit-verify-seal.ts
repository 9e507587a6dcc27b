import type { SealLine } from './audit-bundle.ts';
import type { ChainId } from './audit-chain.ts';
import type { FaultLedger } from './audit-verify-fault.ts';
import {
  type Checkpoint,
  checkpointHash,
  checkpointText,
  readCheckpoint,
  readNote,
  readVerifierKey,
  type TrustedKey,
  type VerifySignature,
  voucherOf,
} from './checkpoint.ts';
import type { Instant } from './instant.ts';
import { append, type Edge, emptyEdge, type Hash, isEdge, rootOf } from './merkle-log.ts';

/** What the entries since the last seal amount to, as ChainVerification counts them. */
export interface CountedPeriod {
  readonly newChains: number;
  readonly records: number;
  /** A line that could not be read and may have been an entry or a seal. */
  readonly damagedLine: number | null;
  /** The first entry that stands behind one of a later chain. */
  readonly outOfOrder: { readonly chain: ChainId; readonly sequence: number; readonly line: number } | null;
}

export interface TrustedBasis {
  /** From the reader, never from the file. */
  readonly keys: readonly TrustedKey[];
  readonly verify: VerifySignature;
  /** A signed note kept outside; null where there is none. */
  readonly witness: string | null;
}

/**
 * Follows the log and its seals: each seal signed by a trusted key, numbered without a gap, naming the one before, and over exactly
 * the entries that stand before it in the file. A seal's edge, once it leads to the signed root, lets the next period be judged
 * on its own, so that one fault is not reported as a hundred.
 */
export class SealVerification {
  readonly #faults: FaultLedger;
  readonly #whole: boolean;
  readonly #verify: VerifySignature;
  readonly #witness: Checkpoint | null;
  #keys: readonly TrustedKey[];
  #edge: Edge = emptyEdge;
  #last: Checkpoint | null = null;
  #number = 1;
  /** The seal before could not be relied on, so that nothing can be compared with it. */
  #afterFault = false;
  /** The seals that the newest gap left out. */
  #gap = { from: 0, to: 0 };
  #seenFaults = 0;
  #entriesSinceSeal = 0;
  #witnessMet = false;
  seals = 0;
  entries = 0;

  /** @throws RangeError where the witness is no checkpoint. */
  constructor(faults: FaultLedger, whole: boolean, basis: TrustedBasis) {
    this.#faults = faults;
    this.#whole = whole;
    this.#keys = basis.keys;
    this.#verify = basis.verify;
    const note = readNote(basis.witness ?? '');
    this.#witness = note === null ? null : readCheckpoint(note.text);
    if (basis.witness !== null && this.#witness === null)
      throw new RangeError('the checkpoint to compare with cannot be read');
  }

  /** The newest seal that could be read. */
  get newest(): Checkpoint | null {
    return this.#last;
  }

  /** The number the next seal must bear. */
  get next(): number {
    return this.#number;
  }

  /** Whether the checkpoint kept outside was found again. */
  get witnessMet(): boolean {
    return this.#witnessMet;
  }

  entry(leaf: Hash): void {
    this.entries += 1;
    this.#entriesSinceSeal += 1;
    this.#edge = append(this.#edge, leaf);
  }

  withheld(level: number, hash: Hash, line: number): void {
    this.#entriesSinceSeal += 1;
    if (this.#whole) this.#faults.ofLog('missing', line, 'entries are held back from a bundle that claims to be whole');
    if (this.#edge.size % 2 ** level === 0) this.#edge = append(this.#edge, hash, level);
    else this.#faults.ofLog('altered', line, 'the entries held back cannot stand here');
  }

  /** @returns the end of the period, and whether the entries before are those signed; null where the seal tells neither. */
  seal(
    { note, edge }: SealLine,
    period: CountedPeriod,
    line: number,
  ): { readonly end: Instant; readonly rootHolds: boolean } | null {
    this.seals += 1;
    if (period.damagedLine !== null)
      this.#faults.ofLog(
        'altered',
        period.damagedLine,
        'the line cannot be read or does not match its check',
        this.#number,
      );
    const read = readNote(note);
    const checkpoint = read === null ? null : readCheckpoint(read.text);
    if (read === null || checkpoint === null)
      return this.#skip('forged-seal', line, 'the seal is not a signed checkpoint');
    const voucher = voucherOf(read.text, read.signatures, this.#keys, this.#verify);
    if (voucher === 'forged') return this.#skip('forged-seal', line, 'the signature under a trusted name is not good');
    if (voucher === 'unknown-key')
      this.#faults.ofLog('unknown-key', line, 'no trusted key signed the seal', checkpoint.seal);

    const place = this.#placeOf(checkpoint, line);
    if (place === 'elsewhere') return null;
    if (place === 'next') this.#checkLink(checkpoint, line);
    if (place === 'later') this.#leftOut(checkpoint.seal, period, line);
    const rootHolds = this.#checkRoot(checkpoint, edge, place, period, line);
    if (checkpoint.nextKey !== null && voucher === 'trusted')
      this.#rotate(checkpoint.nextKey, read, checkpoint.seal, line);
    if (checkpoint.seal === this.#witness?.seal) this.#compare(checkpoint, this.#witness, line);
    this.#last = checkpoint;
    this.#number = checkpoint.seal + 1;
    this.#afterFault = false;
    this.#seenFaults = this.#faults.seen;
    this.#entriesSinceSeal = 0;
    return { end: checkpoint.period.end, rootHolds };
  }

  /** After the last line. */
  finish(line: number): void {
    if (this.#entriesSinceSeal > 0)
      this.#faults.ofLog('missing-seal', line, 'no seal stands over the last entries', this.#number);
    const witness = this.#witness;
    if (witness !== null && witness.seal >= this.#number)
      this.#faults.ofLog(
        'tail-cut',
        line,
        `the log goes on to seal ${witness.seal}, which is kept outside`,
        this.#number,
      );
  }

  /** The seal is worth nothing, but stands where the next one belongs. */
  #skip(kind: 'forged-seal' | 'reordered', line: number, detail: string): null {
    this.#faults.ofLog(kind, line, detail, this.#number);
    this.#number += 1;
    this.#afterFault = true;
    return null;
  }

  /** Where a seal of this number stands in relation to the one that must come next. */
  #placeOf({ seal }: Checkpoint, line: number): 'next' | 'later' | 'back-in-order' | 'elsewhere' {
    if (seal === this.#number) return 'next';
    if (seal > this.#number) return 'later';
    // The seal that left this gap was itself out of place.
    if (seal > this.#gap.from && seal <= this.#gap.to) return 'back-in-order';
    if (seal === this.#gap.from && this.#faults.sealTurnedUp(seal))
      this.#skip('reordered', line, 'the seal belongs further up');
    else this.#faults.ofLog('inserted', line, 'the seal stands in the file a second time', seal);
    return 'elsewhere';
  }

  /** Seals between are not there. A bundle of some chains may leave them out: the tree binds what comes after to what came before. */
  #leftOut(seal: number, { damagedLine }: CountedPeriod, line: number): void {
    this.#gap = { from: this.#number, to: seal - 1 };
    if (this.#whole && damagedLine === null)
      this.#faults.ofLog('missing-seal', line, 'the seal is left out', this.#number);
  }

  #checkLink({ seal, previous, period, origin }: Checkpoint, line: number): void {
    const last = this.#last;
    if (this.#afterFault) return;
    if (
      previous !== (last === null ? null : checkpointHash(checkpointText(last))) ||
      origin !== (last?.origin ?? origin)
    )
      this.#faults.ofLog('fork', line, 'the seal follows another one than the one before it', seal);
    else if (period.end <= period.start || period.start !== (last?.period.end ?? period.start))
      this.#faults.ofLog(
        'time-runs-back',
        line,
        'the period does not begin where the one before ended, or ends before it',
        seal,
      );
  }

  /** Whether the entries lead to the signed root. Goes on from the seal's own edge, once that does. */
  #checkRoot(
    checkpoint: Checkpoint,
    hashes: readonly Hash[],
    place: string,
    period: CountedPeriod,
    line: number,
  ): boolean {
    const { size, root, seal } = checkpoint;
    const rootHolds = this.#edge.size === size && rootOf(this.#edge) === root;
    const missing = size - this.#edge.size;
    const isExplained = place === 'back-in-order' || this.#faults.seen > this.#seenFaults;
    const signed: Edge = { size, hashes };
    if (isEdge(signed) && rootOf(signed) === root) this.#edge = signed;
    else this.#faults.ofLog('altered', line, 'the edge does not lead to the root that was signed', seal);
    if (isExplained) return rootHolds;
    if (!rootHolds) this.#explain(checkpoint, missing, period, line);
    else if (place === 'next' && this.#whole) this.#checkTotals(checkpoint, period, line);
    return rootHolds;
  }

  /** Nothing else is wrong in this period, yet its entries are not those signed: names it as closely as the seal allows. */
  #explain(
    { seal, chains }: Checkpoint,
    missing: number,
    { newChains, outOfOrder }: CountedPeriod,
    line: number,
  ): void {
    const lost = chains - (this.#last?.chains ?? 0) > newChains ? 'chain-dropped' : 'missing';
    if (missing > 0) this.#faults.ofLog(lost, line, `${missing} of the entries under the seal are not there`, seal);
    else if (missing < 0) this.#faults.ofLog('inserted', line, `${-missing} entries more than were sealed`, seal);
    else if (outOfOrder === null)
      this.#faults.ofLog('altered', line, 'the entries are not those that were sealed', seal);
    else
      this.#faults.ofChain(
        'reordered',
        outOfOrder.chain,
        outOfOrder.sequence,
        outOfOrder.line,
        'the entry stands behind that of a later chain',
      );
  }

  #checkTotals({ seal, chains, records }: Checkpoint, period: CountedPeriod, line: number): void {
    const last = this.#last ?? { chains: 0, records: 0 };
    if (chains - last.chains !== period.newChains || records - last.records !== period.records)
      this.#faults.ofLog('altered', line, 'the totals of the seal are not those of its entries', seal);
  }

  /** The text, signed by the key in force, names the next key; the next key proves by its own signature that it exists. */
  #rotate(nextKey: string, { text, signatures }: Note, seal: number, line: number): void {
    const next = readVerifierKey(nextKey);
    if (next !== null && voucherOf(text, signatures, [next], this.#verify) === 'trusted') this.#keys = [next];
    else this.#faults.ofLog('forged-seal', line, 'the key that is to follow has not signed', seal);
  }

  #compare(checkpoint: Checkpoint, witness: Checkpoint, line: number): void {
    this.#witnessMet = true;
    if (checkpointText(checkpoint) !== checkpointText(witness))
      this.#faults.ofLog(
        'fork',
        line,
        'the seal differs from the one kept outside: there are two histories',
        checkpoint.seal,
      );
  }
}

type Note = NonNullable<ReturnType<typeof readNote>>;
