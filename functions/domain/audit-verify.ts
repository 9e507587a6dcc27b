import {
  type BundleLine,
  type BundlePart,
  type BundleScope,
  bundleParts,
  checkHolds,
  everything,
  isWhole,
  lineHash,
  Manifest,
  type ManifestLine,
  partOf,
  type RecordLine,
  readLine,
  writeLine,
} from './audit-bundle.ts';
import { ChainVerification } from './audit-verify-chain.ts';
import { contentFault, type OpenedContent } from './audit-verify-content.ts';
import { type AuditFault, FaultLedger } from './audit-verify-fault.ts';
import { SealVerification, type TrustedBasis } from './audit-verify-seal.ts';
import { leafHash } from './merkle-log.ts';
import { chainEntry, tickEntry } from './seal.ts';

export interface AuditReport {
  readonly faults: readonly AuditFault[];
  readonly counts: {
    readonly lines: number;
    readonly records: number;
    readonly chains: number;
    readonly entries: number;
    readonly seals: number;
  };
  /** The newest seal: what a reader notes down to compare with next time. */
  readonly newest: { readonly seal: number; readonly end: string; readonly size: number; readonly root: string } | null;
  readonly checked: readonly string[];
  readonly notChecked: readonly string[];
}

/**
 * Reads an evidence bundle line by line and says what is wrong with it. Pure: needs no network, no file and no key but those given.
 * Memory: a few hundred bytes for each chain, nothing for a record.
 */
export class AuditVerification {
  readonly #faults = new FaultLedger();
  readonly #manifest = new Manifest();
  readonly #basis: TrustedBasis;
  #scope: BundleScope = everything;
  #chains: ChainVerification;
  #seals: SealVerification;
  #line = 0;
  #recognised = 0;
  #complete = false;
  #reached: BundlePart = 'header';
  #opened = 0;
  #erased = 0;
  #withoutContent = 0;

  /** @throws RangeError where the checkpoint to compare with is none. */
  constructor(basis: TrustedBasis) {
    this.#basis = basis;
    this.#chains = new ChainVerification(this.#faults, true);
    this.#seals = new SealVerification(this.#faults, true, basis);
  }

  /** Whether the file had a single line of a bundle so far: if not, it is something else. */
  get isBundle(): boolean {
    return this.#recognised > 0;
  }

  /** Takes the next line, without its newline. Returns it where it is a record, for whoever can open its content. */
  line(text: string): RecordLine | null {
    this.#line += 1;
    if (this.#complete) {
      this.#faults.ofLog('extra-bytes', this.#line, 'a line beyond the manifest', null);
      return null;
    }
    const hash = lineHash(text);
    const line = readLine(text);
    if (line === null || !checkHolds(text, hash)) {
      this.#manifest.add(this.#reached, text, hash);
      this.#chains.damaged(this.#line);
      return null;
    }
    this.#recognised += 1;
    this.#count(line, text, hash);
    this.#take(line);
    return line.kind === 'record' ? line : null;
  }

  /** Takes what stands after the last newline, or a line longer than any may be. */
  unterminated(): void {
    this.#line += 1;
    if (this.#complete) this.#faults.ofLog('extra-bytes', this.#line, 'bytes beyond the manifest', null);
    else this.#chains.damaged(this.#line);
  }

  /** Takes the decrypted content of the record just read; null where it does not open with its chain's key. */
  content(record: RecordLine, opened: OpenedContent | null): void {
    this.#opened += 1;
    const detail =
      opened === null ? 'the content does not open with the key of its chain' : contentFault(record, opened);
    if (detail !== null) this.#faults.ofChain('altered', record.chain, record.sequence, this.#line, detail);
  }

  /** Takes that nobody can open the content of the record just read: the keys of its chain were destroyed. */
  erased(): void {
    this.#erased += 1;
  }

  end(): AuditReport {
    const { chain, sequence } = this.#chains.awaited ?? { chain: null, sequence: null };
    this.#chains.close(this.#line);
    const { damagedLine } = this.#chains.period;
    if (damagedLine !== null)
      this.#faults.ofLog('altered', damagedLine, 'the line cannot be read or does not match its check');
    this.#chains.finish(this.#line, this.#complete);
    this.#seals.finish(this.#line);
    if (!this.#complete) {
      const where = chain === null ? '' : `, at record ${sequence} of chain ${chain}`;
      this.#faults.ofLog('tail-cut', this.#line, `the file ends without its manifest${where}`);
    }
    return this.#report();
  }

  #count(line: BundleLine, text: string, hash: string): void {
    if (this.#line === 1 && line.kind !== 'header') this.#faults.ofLog('missing', 1, 'the header', null);
    if (line.kind === 'manifest') return;
    const part = partOf(line);
    if (bundleParts.indexOf(part) < bundleParts.indexOf(this.#reached))
      this.#faults.ofLog('reordered', this.#line, 'the line stands behind the part that it belongs to', null);
    this.#reached = part;
    this.#manifest.add(this.#reached, text, hash);
  }

  #take(line: BundleLine): void {
    switch (line.kind) {
      case 'record':
        if (line.quoted === null) this.#withoutContent += 1;
        this.#chains.record(line, this.#line);
        break;
      case 'entry':
        this.#chains.entry(line, this.#line);
        this.#seals.entry(leafHash(chainEntry(line)));
        break;
      case 'tick':
        this.#chains.close(this.#line);
        this.#seals.entry(leafHash(tickEntry(line.period)));
        break;
      case 'withheld':
        this.#chains.close(this.#line);
        this.#seals.withheld(line.level, line.hash, this.#line);
        break;
      case 'seal': {
        this.#chains.close(this.#line);
        const sealed = this.#seals.seal(line, this.#chains.period, this.#line);
        if (sealed !== null) this.#chains.sealed(sealed.end, sealed.rootHolds);
        this.#faults.seal = this.#seals.next;
        break;
      }
      case 'chain-end':
        this.#chains.close(this.#line);
        this.#chains.end(line.chain, line.sequence, line.head, this.#line);
        break;
      case 'header':
        this.#begin(line.scope);
        break;
      default:
        this.#chains.close(this.#line);
        this.#finish(line);
    }
  }

  #begin(scope: BundleScope): void {
    if (this.#line !== 1) {
      this.#faults.ofLog('inserted', this.#line, 'a second header');
      return;
    }
    this.#scope = scope;
    this.#chains = new ChainVerification(this.#faults, isWhole(scope));
    this.#seals = new SealVerification(this.#faults, isWhole(scope), this.#basis);
  }

  #finish(manifest: ManifestLine): void {
    this.#complete = true;
    const counted: ManifestLine = { kind: 'manifest', parts: this.#manifest.parts() };
    // Where nothing else is wrong, something is that only the manifest knows of.
    if (
      this.#faults.seen === 0 &&
      this.#chains.period.damagedLine === null &&
      writeLine(counted) !== writeLine(manifest)
    )
      this.#faults.ofLog('altered', this.#line, 'the parts are not those that the manifest counts and hashes', null);
  }

  #report(): AuditReport {
    const newest = this.#seals.newest;
    const { records, chains } = this.#chains;
    const { entries, seals, witnessMet } = this.#seals;
    return {
      faults: this.#faults.all(),
      counts: { lines: this.#line, records, chains, entries, seals },
      newest: newest && { seal: newest.seal, end: newest.period.end, size: newest.size, root: newest.root },
      checked: [
        `${records} records in ${chains} chains: no number left out, each linked to the one before`,
        `${entries} log entries under ${seals} seals: each seal signed, numbered, linked, over exactly its entries`,
        ...(this.#opened > 0 ? [`the content of ${this.#opened} records: opened, and what its hash commits to`] : []),
        ...(witnessMet ? ['append-only: the checkpoint kept outside is one of these seals'] : []),
      ],
      notChecked: [...this.#limitsOfContent(records), ...this.#limitsOfLog(witnessMet)],
    };
  }

  #limitsOfContent(records: number): string[] {
    const closed = records - this.#opened - this.#erased;
    const erased =
      this.#erased === 0
        ? []
        : [
            `the content of ${this.#erased} records: erased, as the file of private keys says; their order and number are checked`,
          ];
    if (closed === 0) return erased;
    const absent = this.#withoutContent === 0 ? '' : ` (${this.#withoutContent} are not in the file)`;
    return [
      ...erased,
      `the content of ${closed} records: not decrypted${absent}; whether their encrypted text and their times are the original ones`,
    ];
  }

  #limitsOfLog(witnessMet: boolean): string[] {
    const newest = this.#seals.newest;
    const outside = isWhole(this.#scope)
      ? []
      : ['everything outside the scope that the header names, and whether the scope is as asked'];
    const appendOnly =
      'append-only NOT checked: no checkpoint kept elsewhere was compared, so a second history is not excluded';
    return [
      ...outside,
      ...(witnessMet ? [] : [appendOnly]),
      `anything after ${newest === null ? 'the beginning' : `seal ${newest.seal} of ${newest.period.end}`}`,
      'records that were never written: no chain can show them; the nightly reconciliation does',
    ];
  }
}
