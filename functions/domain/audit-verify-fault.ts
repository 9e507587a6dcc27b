import type { ChainId } from './audit-chain.ts';
import { ownText } from './own-text.ts';

/** What can be wrong with an export, in the words of docs/audit.md. */
export type FaultKind =
  | 'altered'
  | 'missing'
  | 'inserted'
  | 'reordered'
  | 'tail-cut'
  | 'chain-dropped'
  | 'fork'
  | 'unknown-key'
  | 'forged-seal'
  | 'missing-seal'
  | 'extra-bytes'
  | 'time-runs-back';

export interface AuditFault {
  readonly kind: FaultKind;
  /** Null where the fault belongs to the log or to the file, or to a chain that nothing in the file names any more. */
  readonly chain: ChainId | null;
  /** The first record concerned. */
  readonly sequence: number | null;
  /** The seal concerned, or under which the fault lies. */
  readonly seal: number | null;
  /** The line of the file, from 1, at which it was seen. */
  readonly line: number;
  readonly detail: string;
}

/** A fault that later lines may still explain better: a record that seemed missing turns up in another place. */
export interface OpenFault {
  kind: FaultKind;
  readonly chain: ChainId;
  readonly sequence: number;
  readonly seal: number;
  readonly line: number;
  detail: string;
  /** The records are missing up to the end of what has been read of this chain. */
  atTail: boolean;
}

/** The first divergence of each chain, and the first of each kind in the log itself. */
export class FaultLedger {
  readonly #chains = new Map<ChainId, OpenFault>();
  readonly #log = new Map<FaultKind, AuditFault>();
  /** The seal that the lines being read will come under. */
  seal = 1;
  /** Every divergence seen, also those not named because an earlier one of the same chain is. */
  seen = 0;

  of(chain: ChainId): OpenFault | undefined {
    return this.#chains.get(chain);
  }

  ofChain(kind: FaultKind, chain: ChainId, sequence: number, line: number, detail: string): OpenFault {
    this.seen += 1;
    const first = this.#chains.get(chain);
    if (first !== undefined) return first;
    const own = ownText(chain);
    const fault: OpenFault = { kind, chain: own, sequence, seal: this.seal, line, detail, atTail: false };
    this.#chains.set(own, fault);
    return fault;
  }

  ofLog(kind: FaultKind, line: number, detail: string, seal: number | null = this.seal): void {
    this.seen += 1;
    if (!this.#log.has(kind)) this.#log.set(kind, { kind, chain: null, sequence: null, seal, line, detail });
  }

  /** A seal that was reported missing has turned up. */
  sealTurnedUp(seal: number): boolean {
    const missing = this.#log.get('missing-seal');
    if (missing?.seal !== seal) return false;
    this.#log.delete('missing-seal');
    this.#log.set('reordered', { ...missing, kind: 'reordered', detail: 'the seal stands in another place' });
    return true;
  }

  chains(): Iterable<OpenFault> {
    return this.#chains.values();
  }

  /** In the order of the file. */
  all(): AuditFault[] {
    const chains = [...this.#chains.values()].map(
      ({ kind, chain, sequence, seal, line, detail }): AuditFault => ({ kind, chain, sequence, seal, line, detail }),
    );
    return [...chains, ...this.#log.values()].toSorted((a, b) => a.line - b.line);
  }
}
