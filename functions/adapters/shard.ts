import { sha256Hex } from '../domain/canonical.ts';

/** Partitions over which owners are spread: so that no writer waits for another's, and no reader reads one alone. */
export const shards: readonly number[] = Array.from({ length: 16 }, (_, shard) => shard);

/** An owner's partition, always the same. */
export function shardOf(id: string): number {
  return Number.parseInt(sha256Hex(id).slice(0, 1), 16);
}
