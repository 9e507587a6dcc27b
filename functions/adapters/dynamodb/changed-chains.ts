import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ChangedChain } from '../../domain/seal.ts';
import type { ChangedChains } from '../../ports/seal-store.ts';
import type { CareTable } from './care-table.ts';
import { type Item, number, text } from './stored-item.ts';
import { markSealed } from './transaction.ts';
import { sealedKey, unsealedShardOf, unsealedShards } from './unsealed.ts';

/** Keys in one BatchGetItem. */
const keysTogether = 100;
const markedTogether = 25;

/**
 * Each commit leaves a note that its chain has grown, in its own transaction: what a seal must cover is a read of the notes, and
 * the notes go when it has.
 */
export function dynamoChangedChains(
  client: DynamoDBClient,
  table: string,
  care: Pick<CareTable, 'itemsUnder'>,
): ChangedChains {
  async function sealedUpTo(chains: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (let first = 0; first < chains.length; first += keysTogether) {
      let Keys = chains.slice(first, first + keysTogether).map(sealedKey);
      // What the service had no time for comes back as unprocessed and is asked for again.
      while (Keys.length > 0) {
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
        );
        for (const item of Responses?.[table] ?? []) found.set(text(item, 'sk'), number(item, 'lastSeq'));
        Keys = (UnprocessedKeys?.[table]?.Keys ?? []).map((key) => sealedKey(text(key, 'sk')));
      }
    }
    return found;
  }

  return {
    async changed() {
      const notes = (await Promise.all(unsealedShards.map((shard) => care.itemsUnder(shard, '')))).flat();
      const sealed = await sealedUpTo(notes.map((note) => text(note, 'sk')));
      return notes.flatMap((note) => changedChain(note, sealed.get(text(note, 'sk')) ?? 0));
    },
    async sealed(chains) {
      for (let first = 0; first < chains.length; first += markedTogether)
        await Promise.all(
          chains
            .slice(first, first + markedTogether)
            .map((chain) => markSealed(client, table, unsealedShardOf(chain.chain), chain)),
        );
    },
  };
}

/** None where a run marked the chain and died before it removed the note. */
function changedChain(note: Item, sealed: number): ChangedChain[] {
  const lastSeq = number(note, 'lastSeq');
  if (lastSeq <= sealed) return [];
  return [{ chain: text(note, 'sk'), firstSeq: sealed + 1, lastSeq, head: text(note, 'head') }];
}
