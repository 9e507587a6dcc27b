import { shardOf, shards } from '../shard.ts';

/** Partitions over which the notes of grown chains are spread, so that no commit waits for another's. */
export const unsealedShards = shards.map((shard) => `unsealed#${shard}`);

/** Where a chain's note stands that it has grown. */
export function unsealedShardOf(chain: string): string {
  return `unsealed#${shardOf(chain)}`;
}

/**
 * Where it stands how far a chain is sealed. Under a partition of its own: the sealer then needs no right to a patient's items.
 */
export function sealedKey(chain: string): { pk: { S: string }; sk: { S: string } } {
  return { pk: { S: `sealed#${chain}` }, sk: { S: chain } };
}
