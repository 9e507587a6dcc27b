import { describe, expect, it } from 'vitest';
import { append, emptyEdge, leafHash, rootOf } from '../../functions/domain/merkle-log.ts';
import {
  edgeOfRows,
  growTiles,
  rowWidths,
  type TileRows,
  tileBytes,
  tileHashes,
  tilePath,
} from '../../functions/domain/merkle-tiles.ts';

const leaves = Array.from({ length: 70_000 }, (_, i) => leafHash(String(i)));

describe('tiles of 256', () => {
  it('lie where C2SP tlog-tiles says', () => {
    expect(tilePath(0, 1_234_067, 256)).toBe('tile/0/x001/x234/067');
    expect(tilePath(1, 17, 3)).toBe('tile/1/017.p/3');
    expect(tilePath('entries', 0, 255)).toBe('tile/entries/000.p/255');
  });

  it('of a log of 70,000 are those of the specification: 273 full and 112 wide, one full and 17 wide, one wide', () => {
    const { tiles, rows } = growTiles(0, [], leaves);
    const widths = (level: number) => tiles.filter((tile) => tile.level === level).map(({ hashes }) => hashes.length);
    expect(widths(0)).toEqual([...Array.from({ length: 273 }, () => 256), 112]);
    expect(widths(1)).toEqual([256, 17]);
    expect(widths(2)).toEqual([1]);
    expect(rows.map((row) => row.length)).toEqual(rowWidths(70_000));
    expect(rowWidths(256)).toEqual([0, 1]);
    expect(rowWidths(0)).toEqual([]);
  });

  it('grow the same in one step or in many, and lead to the root of the log', () => {
    let size = 0;
    let rows: TileRows = [];
    let edge = emptyEdge;
    const written = new Map<string, readonly string[]>();
    for (const step of [1, 254, 1, 1, 300, 65_000, 4_443]) {
      const arriving = leaves.slice(size, size + step);
      const grown = growTiles(size, rows, arriving);
      for (const { level, index, hashes } of grown.tiles)
        written.set(tilePath(level, index, hashes.length), [...hashes]);
      edge = arriving.reduce((log, leaf) => append(log, leaf), edge);
      rows = grown.rows;
      size += step;
      expect(rootOf(edgeOfRows(size, rows))).toBe(rootOf(edge));
    }
    for (const { level, index, hashes } of growTiles(0, [], leaves).tiles)
      expect(written.get(tilePath(level, index, hashes.length))).toEqual(hashes);
  });

  it('are 32 bytes a hash', () => {
    const hashes = leaves.slice(0, 3);
    expect(tileBytes(hashes)).toHaveLength(96);
    expect(tileHashes(tileBytes(hashes))).toEqual(hashes);
    expect(tileHashes(new Uint8Array())).toEqual([]);
  });
});
