import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  append,
  consistencyProof,
  emptyEdge,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  nodesOf,
  rootAt,
  rootOf,
  subtreesOf,
} from '../../functions/domain/merkle-log.ts';

const tree = fc
  .array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 300 })
  .map((entries) => entries.map(leafHash));

describe('any log', () => {
  it('proves every entry, and nothing else in its place', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), (leaves, a, b) => {
        const nodes = nodesOf(leaves);
        const size = 1 + (a % leaves.length);
        const index = b % size;
        const log = { size, root: rootAt(nodes, size) };
        const proof = inclusionProof(nodes, index, size);
        expect(isIncluded(leaves[index] as string, index, log, proof)).toBe(true);
        expect(isIncluded(leafHash('\uffffanother'), index, log, proof)).toBe(false);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it('proves that it only grew', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), (leaves, a, b) => {
        const nodes = nodesOf(leaves);
        const second = 1 + (a % leaves.length);
        const first = b % (second + 1);
        const log = (size: number) => ({ size, root: rootAt(nodes, size) });
        expect(isConsistent(log(first), log(second), consistencyProof(nodes, first, second))).toBe(true);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it('has the same root whatever stretches of it are given as subtrees only', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), (leaves, a, b) => {
        const nodes = nodesOf(leaves);
        const [from, to] = [a % leaves.length, b % (leaves.length + 1)].toSorted((x, y) => x - y) as [number, number];
        const before = leaves.slice(0, from).reduce((edge, leaf) => append(edge, leaf), emptyEdge);
        const between = subtreesOf(from, to).reduce(
          (edge, { level, index }) => append(edge, nodes(level, index), level),
          before,
        );
        const after = leaves.slice(to).reduce((edge, leaf) => append(edge, leaf), between);
        expect(rootOf(after)).toBe(rootAt(nodes, leaves.length));
      }),
      { seed: 8, numRuns: 300 },
    );
  });
});
