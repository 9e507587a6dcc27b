import { sha256OfHex, sha256OfText } from './canonical.ts';

/** SHA-256, 64 lower-case hex digits. */
export type Hash = string;

/** The root of a log without entries: RFC 9162 2.1.1. */
export const emptyRoot: Hash = sha256OfText('');

/** H(0x00 entry). */
export function leafHash(entry: string): Hash {
  return sha256OfText(`\u0000${entry}`);
}

/** H(0x01 left right). The first byte keeps a node from ever passing for an entry. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return sha256OfHex(`01${left}${right}`);
}

/**
 * The right edge of a log: the roots of its perfect subtrees, the largest first, one for each 1 in the size written in binary.
 * It is all that appending and the root need.
 */
export interface Edge {
  readonly size: number;
  readonly hashes: readonly Hash[];
}

export const emptyEdge: Edge = { size: 0, hashes: [] };

/**
 * The edge after one more entry, or after a perfect subtree of 2^level entries of which only the root is known.
 * @throws RangeError where such a subtree cannot begin at this size.
 */
export function append(edge: Edge, hash: Hash, level = 0): Edge {
  const width = 2 ** level;
  if (edge.size % width !== 0) throw new RangeError(`no subtree of ${width} entries begins at entry ${edge.size}`);
  // Each 1 at the end of the size is a subtree as large as the one that is growing: they join, the smallest first.
  let joined = 0;
  for (let rest = edge.size / width; rest % 2 === 1; rest = (rest - 1) / 2) joined += 1;
  const kept = edge.hashes.length - joined;
  const last = edge.hashes.slice(kept).reduceRight((right, left) => nodeHash(left, right), hash);
  return { size: edge.size + width, hashes: [...edge.hashes.slice(0, kept), last] };
}

export function rootOf(edge: Edge): Hash {
  return edge.hashes.length === 0 ? emptyRoot : edge.hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** Whether an edge has as many hashes as its size asks for. Whether they are the right ones, only its root says. */
export function isEdge(edge: Edge): boolean {
  let ones = 0;
  for (let rest = edge.size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones === edge.hashes.length;
}

/** Reads the root of the perfect subtree over entries index * 2^level to (index + 1) * 2^level - 1. */
export type Nodes = (level: number, index: number) => Hash;

/** The nodes of a log whose leaf hashes are all at hand. @throws RangeError for a node beyond them. */
export function nodesOf(leaves: readonly Hash[]): Nodes {
  const rows = [leaves];
  for (let row = leaves; row.length > 1; ) {
    row = row.flatMap((left, i) => {
      const right = row[i + 1];
      return i % 2 === 0 && right !== undefined ? [nodeHash(left, right)] : [];
    });
    rows.push(row);
  }
  return (level, index) => {
    const hash = rows[level]?.[index];
    if (hash === undefined)
      throw new RangeError(`no subtree ${index} of 2^${level} entries in a log of ${leaves.length}`);
    return hash;
  };
}

/** The largest power of two below n, as RFC 9162 splits a range. n is at least 2. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The largest perfect subtrees that lie one after another from entry `start` up to, but without, entry `end`. */
export function subtreesOf(start: number, end: number): { readonly level: number; readonly index: number }[] {
  const subtrees: { level: number; index: number }[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The hash over entries start to end - 1, where start is a multiple of the range's largest power of two, as in every proof. */
function rangeHash(nodes: Nodes, start: number, end: number): Hash {
  return subtreesOf(start, end)
    .map(({ level, index }) => nodes(level, index))
    .reduceRight((right, left) => nodeHash(left, right));
}

/** The root of the log's first `size` entries. */
export function rootAt(nodes: Nodes, size: number): Hash {
  return size === 0 ? emptyRoot : rangeHash(nodes, 0, size);
}

/**
 * That entry `index` is in the log of `size` entries: RFC 9162 2.1.3.1.
 * @throws RangeError where it is not.
 */
export function inclusionProof(nodes: Nodes, index: number, size: number): Hash[] {
  if (index < 0 || index >= size) throw new RangeError(`entry ${index} is not in a log of ${size}`);
  const path = (start: number, end: number): Hash[] => {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...path(start, middle), rangeHash(nodes, middle, end)]
      : [...path(middle, end), rangeHash(nodes, start, middle)];
  };
  return path(0, size);
}

/**
 * That the log of `second` entries begins with all of the log of `first` entries: RFC 9162 2.1.4.1.
 * @throws RangeError unless 0 <= first <= second.
 */
export function consistencyProof(nodes: Nodes, first: number, second: number): Hash[] {
  if (first < 0 || first > second) throw new RangeError(`a log of ${first} is not the beginning of one of ${second}`);
  if (first === 0 || first === second) return [];
  const proof = (start: number, end: number, known: boolean): Hash[] => {
    if (end === first) return known ? [] : [rangeHash(nodes, start, end)];
    const middle = start + splitOf(end - start);
    return first <= middle
      ? [...proof(start, middle, known), rangeHash(nodes, middle, end)]
      : [...proof(middle, end, false), rangeHash(nodes, start, middle)];
  };
  return proof(0, second, true);
}

/** RFC 9162 2.1.3.2. False for a proof with a hash too few, too many, in another place, or of another size. */
export function isIncluded(
  leaf: Hash,
  index: number,
  log: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (index < 0 || index >= log.size) return false;
  let at = index;
  let last = log.size - 1;
  let hash = leaf;
  for (const other of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(other, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, other);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash === log.root;
}

/** RFC 9162 2.1.4.2: whether the second log begins with all of the first. False for any proof that is not exactly the right one. */
export function isConsistent(
  first: { readonly size: number; readonly root: Hash },
  second: { readonly size: number; readonly root: Hash },
  proof: readonly Hash[],
): boolean {
  if (first.size < 0 || first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && first.root === second.root;
  if (first.size === 0) return proof.length === 0 && first.root === emptyRoot;
  let at = first.size - 1;
  let last = second.size - 1;
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  // Where the first log is itself a perfect tree, its root is the place to start and is left out of the proof.
  const [start, ...rest] = at === 0 ? [first.root, ...proof] : proof;
  if (start === undefined) return false;
  let hashes = { first: start, second: start };
  for (const other of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hashes = { first: nodeHash(other, hashes.first), second: nodeHash(other, hashes.second) };
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else hashes = { ...hashes, second: nodeHash(hashes.second, other) };
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hashes.first === first.root && hashes.second === second.root;
}
