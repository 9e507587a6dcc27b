import type { ChainId } from '../domain/audit-chain.ts';
import type { ChainStanding } from '../domain/reconciliation.ts';

/** Where the states say that their chains stand. Strongly consistent. */
export interface Standings {
  /** Version 0 where there is no state. */
  of(chain: ChainId): Promise<ChainStanding>;
  /** The chains of what belongs to no patient. */
  readonly system: readonly ChainId[];
}
