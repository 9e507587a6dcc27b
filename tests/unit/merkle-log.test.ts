import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  append,
  consistencyProof,
  type Edge,
  emptyEdge,
  emptyRoot,
  inclusionProof,
  isConsistent,
  isEdge,
  isIncluded,
  leafHash,
  nodeHash,
  nodesOf,
  rootAt,
  rootOf,
  subtreesOf,
} from '../../functions/domain/merkle-log.ts';

function sha(...parts: (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 9162 2.1.1, word for word and with another hash API: what the code is compared with. */
function definition(entries: readonly string[]): string {
  const mth = (list: readonly string[]): Buffer => {
    if (list.length === 0) return sha();
    if (list.length === 1) return sha(Buffer.from([0]), list[0] as string);
    let k = 1;
    while (k * 2 < list.length) k *= 2;
    return sha(Buffer.from([1]), mth(list.slice(0, k)), mth(list.slice(k)));
  };
  return mth(entries).toString('hex');
}

const entries = Array.from({ length: 40 }, (_, i) => `entry ${i}`);
const leaves = entries.map(leafHash);
const nodes = nodesOf(leaves);
const roots = Array.from({ length: 41 }, (_, size) => definition(entries.slice(0, size)));
const logOf = (size: number) => ({ size, root: roots[size] as string });

describe('the tree of RFC 9162', () => {
  it('has the root of the definition at every size, built entry by entry or read from its nodes', () => {
    let edge: Edge = emptyEdge;
    expect(rootOf(edge)).toBe(emptyRoot);
    expect(rootAt(nodes, 0)).toBe(emptyRoot);
    for (let size = 1; size <= 40; size += 1) {
      edge = append(edge, leaves[size - 1] as string);
      expect(isEdge(edge)).toBe(true);
      expect([rootOf(edge), rootAt(nodes, size)]).toEqual([logOf(size).root, logOf(size).root]);
    }
  });

  it('agrees with the roots that Certificate Transparency publishes for its test entries', () => {
    // Hashes of the byte string "" and of "", "00", … as in the test vectors of RFC 6962 implementations.
    expect(emptyRoot).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(leafHash('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(rootOf(['', '\u0000'].map(leafHash).reduce((edge, leaf) => append(edge, leaf), emptyEdge))).toBe(
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    );
  });

  it('never takes a node for an entry', () => {
    expect(leafHash(`${leaves[0]}${leaves[1]}`)).not.toBe(nodeHash(leaves[0] as string, leaves[1] as string));
  });

  it('takes in a perfect subtree of which only the root is known, where one can begin', () => {
    const subtree = rootOf(leaves.slice(8, 16).reduce((edge, leaf) => append(edge, leaf), emptyEdge));
    const eight = leaves.slice(0, 8).reduce((edge, leaf) => append(edge, leaf), emptyEdge);
    expect(rootOf(append(eight, subtree, 3))).toBe(logOf(16).root);
    expect(() => append(append(eight, leaves[8] as string), subtree, 3)).toThrow(
      new RangeError('no subtree of 8 entries begins at entry 9'),
    );
  });

  it('knows how many hashes an edge must have', () => {
    expect(isEdge({ size: 5, hashes: ['a'] })).toBe(false);
    expect(isEdge({ size: 5, hashes: ['a', 'b'] })).toBe(true);
  });

  it('covers any range of entries with the largest perfect subtrees', () => {
    expect(subtreesOf(3, 13)).toEqual([
      { level: 0, index: 3 },
      { level: 2, index: 1 },
      { level: 2, index: 2 },
      { level: 0, index: 12 },
    ]);
  });

  it('refuses to read a node it does not have', () => {
    expect(() => nodes(0, 40)).toThrow(RangeError);
    expect(() => nodes(9, 0)).toThrow(RangeError);
  });
});

describe('proofs', () => {
  it('hold for every entry of every size, and every two sizes', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1)
        expect(isIncluded(leaves[index] as string, index, logOf(size), inclusionProof(nodes, index, size))).toBe(true);
      for (let first = 0; first <= size; first += 1)
        expect(isConsistent(logOf(first), logOf(size), consistencyProof(nodes, first, size))).toBe(true);
    }
  });

  it('are asked for only where there is something to prove', () => {
    expect(() => inclusionProof(nodes, 5, 5)).toThrow(new RangeError('entry 5 is not in a log of 5'));
    expect(() => inclusionProof(nodes, -1, 5)).toThrow(RangeError);
    expect(() => consistencyProof(nodes, 6, 5)).toThrow(new RangeError('a log of 6 is not the beginning of one of 5'));
    expect(() => consistencyProof(nodes, -1, 5)).toThrow(RangeError);
  });

  it('of inclusion are refused with a hash too few, too many, swapped, changed, of another size or another entry (A08)', () => {
    for (let size = 2; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const leaf = leaves[index] as string;
        const proof = inclusionProof(nodes, index, size);
        const swapped = proof.length > 1 ? [[proof[1], proof[0], ...proof.slice(2)] as string[]] : [];
        const wrong = [proof.slice(1), proof.slice(0, -1), [...proof, leaf], [leaf, ...proof], [], ...swapped];
        for (const other of wrong) expect(isIncluded(leaf, index, logOf(size), other)).toBe(false);
        for (let at = 0; at < proof.length; at += 1)
          expect(isIncluded(leaf, index, logOf(size), proof.with(at, leafHash('x')))).toBe(false);
        expect(isIncluded(leaf, index, { size, root: logOf(size - 1).root }, proof)).toBe(false);
        expect(isIncluded(leaf, (index + 1) % size, logOf(size), proof)).toBe(false);
        expect(isIncluded(leafHash('x'), index, logOf(size), proof)).toBe(false);
      }
    }
    expect(isIncluded(leaves[0] as string, 1, logOf(1), [])).toBe(false);
    // A node passed off as the entry, and a tree larger than it says: every hash fits, only the size does not.
    expect(isIncluded(logOf(2).root, 0, logOf(2), [])).toBe(false);
    const [left, right] = [leaves[0] as string, leaves[1] as string];
    expect(isIncluded(right, 0, { size: 1, root: nodeHash(left, right) }, [left])).toBe(false);
    expect(isIncluded(leaves[0] as string, -1, logOf(1), [])).toBe(false);
  });

  it('of consistency are refused with a hash too few, too many, swapped, changed or of another size (A08)', () => {
    for (let second = 2; second <= 40; second += 1) {
      for (let first = 1; first < second; first += 1) {
        const proof = consistencyProof(nodes, first, second);
        const swapped = proof.length > 1 ? [[proof[1], proof[0], ...proof.slice(2)] as string[]] : [];
        const wrong = [
          proof.slice(1),
          proof.slice(0, -1),
          [...proof, emptyRoot],
          [emptyRoot, ...proof],
          [],
          ...swapped,
        ];
        for (const other of wrong) expect(isConsistent(logOf(first), logOf(second), other)).toBe(false);
        for (let at = 0; at < proof.length; at += 1)
          expect(isConsistent(logOf(first), logOf(second), proof.with(at, leafHash('x')))).toBe(false);
        expect(isConsistent({ size: first, root: leafHash('x') }, logOf(second), proof)).toBe(false);
        expect(isConsistent(logOf(first), { size: second, root: leafHash('x') }, proof)).toBe(false);
      }
    }
  });

  it('of consistency from nothing, or with itself, are empty and refused otherwise', () => {
    expect(isConsistent(logOf(0), logOf(5), [emptyRoot])).toBe(false);
    expect(isConsistent({ size: 0, root: leafHash('x') }, logOf(5), [])).toBe(false);
    expect(isConsistent(logOf(5), logOf(5), [emptyRoot])).toBe(false);
    expect(isConsistent(logOf(5), { size: 5, root: emptyRoot }, [])).toBe(false);
    expect(isConsistent(logOf(5), logOf(4), [])).toBe(false);
    expect(isConsistent({ size: -1, root: emptyRoot }, logOf(4), [])).toBe(false);
  });
});
