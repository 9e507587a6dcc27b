import * as z from 'zod';
import type { ChainId } from './audit-chain.ts';
import { canonicalText } from './canonical.ts';
import { type Checkpoint, checkpointHash, checkpointText, readCheckpoint, readNote } from './checkpoint.ts';
import { secondsBetween } from './instant.ts';
import { append, type Edge, type Hash, isEdge, leafHash, rootOf } from './merkle-log.ts';
import {
  edgeOfRows,
  growTiles,
  indexPath,
  rowWidths,
  type TileRows,
  tileBytes,
  tilePath,
  tileWidth,
} from './merkle-tiles.ts';

/** A chain that grew since the last seal: the new records' numbers, and c[lastSeq]. */
export interface ChangedChain {
  readonly chain: ChainId;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly head: Hash;
}

/** The newest seal as it is kept: its signed note and the log's right edge. */
export interface LogHead {
  readonly note: string;
  readonly edge: readonly Hash[];
}

/** Something to publish under a path, once and for all. */
export interface SealObject {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What the unfinished tiles hold: the leaf hashes and those above, and the entries themselves. */
export interface Unfinished {
  readonly rows: TileRows;
  readonly entries: readonly string[];
}

export interface SealPlan {
  readonly checkpoint: Checkpoint;
  /** checkpointText: what is to be signed. */
  readonly text: string;
  readonly edge: Edge;
  /** Sorted by chain. */
  readonly changed: readonly ChangedChain[];
  readonly objects: readonly SealObject[];
}

/** The log entry of a chain that changed. */
export function chainEntry({ chain, firstSeq, lastSeq, head }: ChangedChain): string {
  // What canonicalText gives, in a quarter of the time: a verifier writes as many as there are records.
  return `{"chain":${JSON.stringify(chain)},"firstSeq":${firstSeq},"head":"${head}","lastSeq":${lastSeq}}`;
}

const chainEntrySchema = z.strictObject({ chain: z.string(), firstSeq: z.int(), lastSeq: z.int(), head: z.string() });

/** Reads what chainEntry wrote; null for a tick. */
export function readChainEntry(text: string): ChangedChain | null {
  return chainEntrySchema.safeParse(JSON.parse(text)).data ?? null;
}

/** The log entry of a period in which nothing happened: silence is on record too. */
export function tickEntry(period: Checkpoint['period']): string {
  return canonicalText({ tick: period });
}

/** Where the signed note of a seal is published. */
export function sealPath(seal: number): string {
  return `seal/${indexPath(seal)}`;
}

/** The checkpoint inside a kept seal. @throws RangeError where it is not one. */
export function checkpointOf(head: LogHead): Checkpoint {
  const note = readNote(head.note);
  const checkpoint = note === null ? null : readCheckpoint(note.text);
  if (checkpoint === null) throw new RangeError('the newest seal cannot be read: restore it from the published ones');
  return checkpoint;
}

/** How old the seal before was when this one took its place, in seconds; null where there was none. */
export function ageOfOneBefore({ previous, period }: Pick<Checkpoint, 'previous' | 'period'>): number | null {
  return previous === null ? null : secondsBetween(period.start, period.end);
}

/** The published objects that hold the log's unfinished tiles: those of each level, then that of the entries. */
export function unfinishedPaths(size: number): {
  readonly rows: readonly (string | null)[];
  readonly entries: string | null;
} {
  const rows = rowWidths(size).map((width, level) =>
    width === 0 ? null : tilePath(level, Math.floor(size / tileWidth ** (level + 1)), width),
  );
  const width = size % tileWidth;
  return { rows, entries: width === 0 ? null : tilePath('entries', Math.floor(size / tileWidth), width) };
}

/** Entries as tlog-tiles keeps them: each with its length before it, two bytes, the higher first. */
export function entryBytes(entries: readonly string[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => {
      const bytes = Buffer.from(entry, 'utf8');
      return [Buffer.from([Math.floor(bytes.length / 256), bytes.length % 256]), bytes];
    }),
  );
}

/** Reads what entryBytes wrote. */
export function readEntries(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const entries: string[] = [];
  for (let at = 0; at < buffer.length; ) {
    const end = at + 2 + buffer.readUInt16BE(at);
    entries.push(buffer.toString('utf8', at + 2, end));
    at = end;
  }
  return entries;
}

/**
 * The next seal, up to its signature. The same arguments give the same plan, byte for byte.
 * @param last null for the very first seal.
 * @param period must begin where the last seal's ended, and end later.
 * @throws RangeError where the arguments contradict each other: a sealer stops rather than sign a history that does not hold.
 */
export function planSeal(
  last: LogHead | null,
  unfinished: Unfinished,
  changed: readonly ChangedChain[],
  terms: Pick<Checkpoint, 'origin' | 'period' | 'rules' | 'zones' | 'nextKey'>,
): SealPlan {
  const before = last === null ? null : checkpointOf(last);
  const size = before?.size ?? 0;
  const edge: Edge = { size, hashes: last?.edge ?? [] };
  requireSound(before, edge, unfinished, terms);

  const sorted = changed.toSorted((a, b) => (a.chain < b.chain ? -1 : 1));
  sorted.forEach((entry, i) => {
    if (entry.chain === sorted[i - 1]?.chain) throw new RangeError('a chain stands twice among the changed ones');
    if (entry.firstSeq < 1 || entry.firstSeq > entry.lastSeq) throw new RangeError('a changed chain has no new record');
  });
  const entries = sorted.length === 0 ? [tickEntry(terms.period)] : sorted.map(chainEntry);
  const leaves = entries.map(leafHash);
  const grown = leaves.reduce((log, leaf) => append(log, leaf), edge);
  const checkpoint: Checkpoint = {
    ...terms,
    size: grown.size,
    root: rootOf(grown),
    seal: (before?.seal ?? 0) + 1,
    chains: (before?.chains ?? 0) + sorted.filter(({ firstSeq }) => firstSeq === 1).length,
    records: sorted.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, before?.records ?? 0),
    previous: before === null ? null : checkpointHash(checkpointText(before)),
  };
  const { tiles } = growTiles(size, unfinished.rows, leaves);
  return {
    checkpoint,
    text: checkpointText(checkpoint),
    edge: grown,
    changed: sorted,
    objects: [
      ...tiles.map(({ level, index, hashes }) => ({
        path: tilePath(level, index, hashes.length),
        bytes: tileBytes(hashes),
      })),
      ...entryObjects(size, [...unfinished.entries, ...entries]),
    ],
  };
}

function requireSound(
  before: Checkpoint | null,
  edge: Edge,
  unfinished: Unfinished,
  { origin, period }: Pick<Checkpoint, 'origin' | 'period'>,
): void {
  const tiles = edgeOfRows(edge.size, unfinished.rows);
  if (!isEdge(edge) || rootOf(tiles) !== rootOf(edge))
    throw new RangeError('the published tiles and the kept edge differ');
  if (period.end <= period.start) throw new RangeError('a period must end after it begins: the clock ran back');
  if (before === null) return;
  if (rootOf(edge) !== before.root) throw new RangeError('the kept edge does not lead to the root of the newest seal');
  if (origin !== before.origin) throw new RangeError('the newest seal is of another log');
  if (period.start !== before.period.end) throw new RangeError('a period must begin where the last one ended');
}

function entryObjects(size: number, entries: readonly string[]): SealObject[] {
  const objects: SealObject[] = [];
  const first = Math.floor(size / tileWidth);
  for (let at = 0; at < entries.length; at += tileWidth) {
    const part = entries.slice(at, at + tileWidth);
    objects.push({ path: tilePath('entries', first + at / tileWidth, part.length), bytes: entryBytes(part) });
  }
  return objects;
}
