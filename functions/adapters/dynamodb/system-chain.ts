import { genesis } from '../../domain/audit-chain.ts';
import { mostAttempts, type Pause } from '../../load-decide-commit.ts';
import { Conflict } from '../../ports/patients.ts';
import type { CareTable } from './care-table.ts';
import { type Item, number, text } from './stored-item.ts';
import type { TransactionWriter, Writing } from './transaction.ts';

export interface SystemChainSettings {
  readonly care: CareTable;
  readonly writer: TransactionWriter;
  /** Between two tries when another writer of the same chain was first. */
  readonly pause: Pause;
}

/**
 * Load, decide, commit for what belongs to no patient. `decide` reads what it needs after the chain's head was read, so
 * that whatever changes meanwhile moves the head and is decided again; null: nothing to write, and the answer is false.
 */
export function systemChain({ care, writer, pause }: SystemChainSettings) {
  return async (owner: string, decide: () => Promise<Omit<Writing, 'chain'> | null>): Promise<boolean> => {
    for (let attempt = 1; ; attempt += 1) {
      const head = await care.item(owner, 'head');
      const writing = await decide();
      if (writing === null) return false;
      try {
        await writer.write({ ...writing, chain: chainPlace(owner, head) });
        return true;
      } catch (error) {
        if (!(error instanceof Conflict) || attempt === mostAttempts) throw error;
        await pause(attempt);
      }
    }
  };
}

/** Where a chain stands, by its owner's head item. */
export function chainPlace(owner: string, head: Item | undefined): Writing['chain'] {
  if (head === undefined) return { id: owner, version: 0, head: genesis(owner) };
  return { id: owner, version: number(head, 'version'), head: text(head, 'head') };
}
