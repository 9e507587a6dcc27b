import {
  type BundleScope,
  BundleWriter,
  bundleReadme,
  type EntryLine,
  type HeaderLine,
  isWhole,
  type RecordLine,
  type WithheldLine,
} from './domain/audit-bundle.ts';
import { type ChainId, genesis } from './domain/audit-chain.ts';
import { type Checkpoint, readCheckpoint, readNote } from './domain/checkpoint.ts';
import { append, emptyEdge, type Hash, leafHash, nodeHash } from './domain/merkle-log.ts';
import { tilePath, tileWidth } from './domain/merkle-tiles.ts';
import { checkpointOf, readChainEntry, readEntries, sealPath } from './domain/seal.ts';
import type { SealStore } from './ports/seal-store.ts';
import type { StoredRecord, StoredRecords } from './ports/stored-records.ts';

export interface EvidencePorts {
  readonly store: SealStore;
  readonly records: StoredRecords;
}

/**
 * The evidence bundle of docs/audit.md, line by line, each with its newline, in the order in which the log was sealed. What the
 * scope leaves out stands in it as the hashes of whole subtrees. Memory: a few words for each chain.
 * @throws RangeError where there is no seal yet, or a published object is missing.
 */
export async function* exportEvidence(
  { store, records }: EvidencePorts,
  { scope, exportedAt, keys }: Pick<HeaderLine, 'scope' | 'exportedAt' | 'keys'>,
): AsyncGenerator<string> {
  const head = await store.head();
  if (head === null) throw new RangeError('nothing is sealed yet: wait for the first seal');
  const newest = checkpointOf(head);
  const writer = new BundleWriter();
  yield writer.line({ kind: 'header', origin: newest.origin, exportedAt, scope, keys, readme: bundleReadme });

  const heads = new Map<ChainId, Hash>();
  const ends = new Map<ChainId, { readonly sequence: number; readonly head: Hash }>();
  const entries = entriesOf(store, newest.size);
  const withheld = new WithheldRun();
  let log = emptyEdge;
  for (let seal = 1; seal <= newest.seal; seal += 1) {
    const note = Buffer.from(await published(store, sealPath(seal))).toString('utf8');
    const checkpoint = checkpointIn(note);
    let isShown = seal === newest.seal || isWhole(scope);
    while (log.size < checkpoint.size) {
      const text = await next(entries);
      const entry = readChainEntry(text);
      const leaf = leafHash(text);
      if (isInScope(scope, checkpoint, entry?.chain ?? null)) {
        isShown = true;
        for (const line of withheld.take()) yield writer.line(line);
        if (entry === null) yield writer.line({ kind: 'tick', period: checkpoint.period });
        else {
          const previous = heads.get(entry.chain) ?? genesis(entry.chain);
          yield* blockOf(writer, records, { kind: 'entry', ...entry, previous });
          ends.set(entry.chain, { sequence: entry.lastSeq, head: entry.head });
        }
      } else withheld.add(leaf, log.size);
      if (entry !== null) heads.set(entry.chain, entry.head);
      log = append(log, leaf);
    }
    if (!isShown) continue;
    for (const line of withheld.take()) yield writer.line(line);
    yield writer.line({ kind: 'seal', note, edge: log.hashes });
  }
  for (const [chain, end] of [...ends].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    yield writer.line({ kind: 'chain-end', chain, ...end });
  yield writer.last();
}

/** An entry and the records it covers. */
async function* blockOf(writer: BundleWriter, records: StoredRecords, entry: EntryLine): AsyncGenerator<string> {
  yield writer.line(entry);
  for await (const record of records.between(entry.chain, entry.firstSeq, entry.lastSeq))
    yield writer.line(recordLine(record));
}

function recordLine({ chain, sequence, recordedAt, recordHash, head, content }: StoredRecord): RecordLine {
  const quoted = content === null ? null : JSON.stringify(content);
  return { kind: 'record', chain, sequence, recordedAt, recordHash, head, quoted };
}

function isInScope({ chains, from, to }: BundleScope, { period }: Checkpoint, chain: ChainId | null): boolean {
  const isTimely = (from === null || period.end > from) && (to === null || period.end <= to);
  return isTimely && (chains === 'all' || (chain !== null && chains.includes(chain)));
}

/** Entries left out one after another, joined into the largest perfect subtrees that they fill. */
class WithheldRun {
  #subtrees: { level: number; index: number; hash: Hash }[] = [];

  add(leaf: Hash, index: number): void {
    let joined = { level: 0, index, hash: leaf };
    for (
      let left = this.#subtrees.at(-1);
      left?.level === joined.level && joined.index % 2 === 1;
      left = this.#subtrees.at(-1)
    ) {
      this.#subtrees.pop();
      joined = { level: joined.level + 1, index: (joined.index - 1) / 2, hash: nodeHash(left.hash, joined.hash) };
    }
    this.#subtrees.push(joined);
  }

  take(): WithheldLine[] {
    const lines = this.#subtrees.map(({ level, hash }): WithheldLine => ({ kind: 'withheld', level, hash }));
    this.#subtrees = [];
    return lines;
  }
}

async function* entriesOf(store: SealStore, size: number): AsyncGenerator<string> {
  for (let index = 0; index * tileWidth < size; index += 1) {
    const width = Math.min(tileWidth, size - index * tileWidth);
    yield* readEntries(await published(store, tilePath('entries', index, width)));
  }
}

async function next(entries: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await entries.next();
  if (done === true) throw new RangeError('the published entries are fewer than the newest seal covers');
  return value;
}

async function published(store: SealStore, path: string): Promise<Uint8Array> {
  const bytes = await store.read(path);
  if (bytes === null) throw new RangeError(`${path} is not published`);
  return bytes;
}

function checkpointIn(note: string): Checkpoint {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '');
  if (checkpoint === null) throw new RangeError('a published seal cannot be read');
  return checkpoint;
}
