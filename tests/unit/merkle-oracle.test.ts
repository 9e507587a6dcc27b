import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  leafHash,
  nodesOf,
  rootAt,
} from '../../functions/domain/merkle-log.ts';
import { numbers } from '../sealed-history.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-merkle-'));
afterAll(() => rmSync(folder, { recursive: true }));
const program = join(folder, 'oracle');
const source = fileURLToPath(new URL('../oracles/merkle', import.meta.url));
const hasOracle = spawnSync('go', ['build', '-o', program, '.'], { cwd: source }).status === 0;

const trees = process.env['TANDEM_LONG'] === '1' ? 10_000 : 300;

interface Answer {
  Root: string;
  RootOne: string;
  Inclusion: boolean;
  Consistency: boolean;
  InclusionProof: string[];
  ConsistencyProof: string[];
}

/** A proof as it is, or damaged in one of the ways that must not pass. */
function perhapsDamaged(proof: readonly string[], draw: (n: number) => number): string[] {
  const swapped = proof.length > 1 ? [proof[1] as string, proof[0] as string, ...proof.slice(2)] : [...proof];
  const ways = [proof, proof, proof.slice(1), proof.slice(0, -1), [...proof, leafHash('more')], swapped];
  return [...(ways[draw(ways.length)] as readonly string[])];
}

describe.skipIf(!hasOracle)('transparency-dev/merkle (skipped where Go or its module cannot be had)', () => {
  it('agrees on roots, proofs, and which proofs hold, for random trees', () => {
    const draw = numbers(41);
    const asked = Array.from({ length: trees }, (_, tree) => {
      const Leaves = Array.from(
        { length: 1 + draw(tree % 10 === 0 ? 600 : 40) },
        (_leaf, i) => `${tree} ${i} ${draw(1000)}`,
      );
      const Size = 1 + draw(Leaves.length);
      const [First, Index] = [draw(Size + 1), draw(Size)];
      const nodes = nodesOf(Leaves.map(leafHash));
      const [Root, RootOne] = [rootAt(nodes, Size), rootAt(nodes, First)];
      const Inclusion = perhapsDamaged(inclusionProof(nodes, Index, Size), draw);
      const Consistency = perhapsDamaged(consistencyProof(nodes, First, Size), draw);
      return { nodes, request: { Leaves, Size, First, Index, Inclusion, Consistency, Root, RootOne } };
    });
    const input = asked.map(({ request }) => `${JSON.stringify(request)}\n`).join('');
    const { stdout } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    expect(answers).toHaveLength(trees);
    const counts = { held: 0, refused: 0 };
    asked.forEach(({ nodes, request }, i) => {
      const { Leaves, Size, First, Index, Inclusion, Consistency, Root, RootOne } = request;
      const log = { size: Size, root: Root };
      const ours: Answer = {
        Root,
        RootOne,
        Inclusion: isIncluded(leafHash(Leaves[Index] as string), Index, log, Inclusion),
        Consistency: isConsistent({ size: First, root: RootOne }, log, Consistency),
        InclusionProof: inclusionProof(nodes, Index, Size),
        ConsistencyProof: consistencyProof(nodes, First, Size),
      };
      expect(answers[i]).toEqual(ours);
      counts[ours.Inclusion ? 'held' : 'refused'] += 1;
    });
    expect(Math.min(counts.held, counts.refused)).toBeGreaterThan(trees / 5);
  });
});
