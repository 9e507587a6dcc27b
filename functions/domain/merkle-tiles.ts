import { append, type Edge, emptyEdge, type Hash, rootOf } from './merkle-log.ts';

/** How many hashes, or entries, one tile holds: C2SP tlog-tiles. */
export const tileWidth = 256;

export interface Tile {
  /** 0: leaf hashes; above: the roots of the full tiles one level below. */
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Hash[];
}

/** The unfinished tile of each level, which the next entries go on filling. */
export type TileRows = readonly (readonly Hash[])[];

/** Where a tile lies: "tile/0/x001/x234/067", ".p/<width>" behind it while it is not full. Level "entries" holds the entries themselves. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  return `tile/${level}/${indexPath(index)}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** A number in three-digit steps, all but the last with an x: 1234067 is "x001/x234/067". */
export function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  return path;
}

export function tileBytes(hashes: readonly Hash[]): Uint8Array {
  return Buffer.from(hashes.join(''), 'hex');
}

export function tileHashes(bytes: Uint8Array): Hash[] {
  return Buffer.from(bytes).toString('hex').match(/.{64}/g) ?? [];
}

/** How many hashes the unfinished tile of each level holds in a log of this size. */
export function rowWidths(size: number): number[] {
  const widths: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / tileWidth)) widths.push(rest % tileWidth);
  return widths;
}

/** The tiles that are new or wider once these leaves are in, each in its last width, and the rows that stay unfinished. */
export function growTiles(
  size: number,
  rows: TileRows,
  leaves: readonly Hash[],
): { readonly tiles: readonly Tile[]; readonly rows: TileRows } {
  const tiles: Tile[] = [];
  const grown: Hash[][] = rows.map((row) => [...row]);
  let arriving: readonly Hash[] = leaves;
  for (let level = 0; arriving.length > 0; level += 1) {
    const finished: Hash[] = [];
    let row = grown[level] ?? [];
    let index = Math.floor(size / tileWidth ** (level + 1));
    for (const hash of arriving) {
      row.push(hash);
      if (row.length < tileWidth) continue;
      tiles.push({ level, index, hashes: row });
      finished.push(rootOf(edgeOfRow(row)));
      row = [];
      index += 1;
    }
    if (row.length > 0) tiles.push({ level, index, hashes: row });
    grown[level] = row;
    arriving = finished;
  }
  return { tiles, rows: grown };
}

/** The right edge that these unfinished tiles amount to: one truth in two shapes, so that a sealer can compare them. */
export function edgeOfRows(size: number, rows: TileRows): Edge {
  return { size, hashes: rows.toReversed().flatMap((row) => edgeOfRow(row).hashes) };
}

function edgeOfRow(row: readonly Hash[]): Edge {
  return row.reduce((edge, hash) => append(edge, hash), emptyEdge);
}
