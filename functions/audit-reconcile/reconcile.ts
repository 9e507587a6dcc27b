import type { ChainId } from '../domain/audit-chain.ts';
import type { Instant } from '../domain/instant.ts';
import { type Discrepancy, type RecordOutline, reconcile } from '../domain/reconciliation.ts';
import type { ReviewIndex } from '../ports/nights.ts';
import type { Operators } from '../ports/operators.ts';
import type { Standings } from '../ports/standings.ts';
import type { StoredRecord, StoredRecords } from '../ports/stored-records.ts';

export interface ReconcilePorts {
  readonly standings: Standings;
  readonly records: StoredRecords;
  readonly reviewIndex: ReviewIndex;
}

export interface Reconciled {
  /** How many chains were compared. */
  readonly chains: number;
  readonly discrepancies: readonly Discrepancy[];
}

/** Chains looked at side by side: enough to keep the tables busy, few enough to hold. */
const together = 16;

/** A commit between the reading of the state and that of its records looks like a discrepancy; it is read again. */
const readings = 3;

/**
 * Compares every state with its audit records. A chain that has grown since `since` is followed from its first record; of the
 * others the end alone is looked at, so that a night costs what happened and not what was ever recorded.
 *
 * A chain whose state is gone as well is not seen here: the log of the seals names it, and `tandem audit verify` misses it.
 * Nor is that of an erased patient, who stands in no index any more and of whom nothing is committed.
 * @param since null: every chain is followed from its first record.
 */
export async function reconcileAll(ports: ReconcilePorts, since: Instant | null): Promise<Reconciled> {
  const discrepancies: Discrepancy[] = [];
  let chains = 0;
  const compare = async (some: readonly ChainId[]) => {
    const found = await Promise.all(some.map((chain) => reconcileChain(ports, chain, since)));
    discrepancies.push(...found.filter((one) => one !== null));
    chains += some.length;
  };

  await compare(ports.standings.system);
  for (const shard of ports.reviewIndex.shards) {
    let cursor: string | null = null;
    do {
      const page = await ports.reviewIndex.due(shard, null, cursor);
      for (let first = 0; first < page.due.length; first += together)
        await compare(page.due.slice(first, first + together).map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return { chains, discrepancies };
}

async function reconcileChain(
  { standings, records }: ReconcilePorts,
  chain: ChainId,
  since: Instant | null,
): Promise<Discrepancy | null> {
  for (let reading = 1; ; reading += 1) {
    const standing = await standings.of(chain);
    const newest = Math.max(1, standing.version);
    const end = await outlinesFrom(records, chain, newest);
    const hasGrown = since === null || end.some(({ recordedAt }) => recordedAt >= since);
    if (!hasGrown && reconcile(chain, standing, end, newest) === null) return null;
    const found = reconcile(chain, standing, await outlinesFrom(records, chain, 1), 1);
    if (found === null || reading === readings) return found;
  }
}

type Outline = RecordOutline & Pick<StoredRecord, 'recordedAt'>;

/** What is there of a chain from a number on. */
async function outlinesFrom(records: StoredRecords, chain: ChainId, first: number): Promise<Outline[]> {
  const outlines: Outline[] = [];
  for await (const { sequence, recordHash, head, recordedAt } of records.between(chain, first, Number.MAX_SAFE_INTEGER))
    outlines.push({ sequence, recordHash, head, recordedAt });
  return outlines;
}

/** How many are named in a message: the log has them all. */
const named = 10;

/** Tells the operators, who have to know whether the audit still says what happened. Opaque ids only. */
export async function reportDiscrepancies(
  operators: Operators,
  { chains, discrepancies }: Reconciled,
  stage: string,
): Promise<void> {
  if (discrepancies.length === 0) return;
  const lines = discrepancies
    .slice(0, named)
    .map(({ chain, sequence, kind }) => `${kind}: ${chain}, number ${sequence}`);
  const more = discrepancies.length > named ? [`and ${discrepancies.length - named} more, in the log`] : [];
  await operators.alert(
    [
      `${discrepancies.length} of ${chains} states do not agree with their audit records.`,
      '',
      ...lines,
      ...more,
      '',
      'What to do: docs/operations.md#records-unreconciled',
      `Stage: ${stage}`,
    ].join('\n'),
  );
}
