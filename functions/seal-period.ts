import { type Checkpoint, checkpointHash, checkpointText, keyHash, signedNote } from './domain/checkpoint.ts';
import type { Instant } from './domain/instant.ts';
import { tileHashes } from './domain/merkle-tiles.ts';
import {
  checkpointOf,
  type LogHead,
  planSeal,
  readEntries,
  sealPath,
  type Unfinished,
  unfinishedPaths,
} from './domain/seal.ts';
import type { ChangedChains, SealStore } from './ports/seal-store.ts';
import type { Signer } from './ports/signer.ts';

export interface SealingPorts {
  readonly store: SealStore;
  readonly chains: ChangedChains;
  /** The key in force; during a rotation also the one to come, whose verifier key is then terms.nextKey. */
  readonly signers: readonly Signer[];
}

export interface SealingTerms extends Pick<Checkpoint, 'origin' | 'rules' | 'zones' | 'nextKey'> {
  /** When the log begins: the start of the very first period. */
  readonly since: Instant;
}

/**
 * Seals everything up to `now`. First finishes what a run that died after its swap left undone, so that a crash between any two
 * calls costs nothing but time:
 *
 *   stage -> sign -> swap  |  publish -> mark as sealed -> discard
 *   a crash here leaves    |  a crash here: the seal stands, and the next run
 *   only scratch behind    |  finds its staged work and goes on from there
 *
 * @returns the new seal, or null where the period is empty of time (the clock has not moved on since the last).
 * @throws SealConflict where another run was faster; RangeError where what is kept contradicts what is published.
 */
export async function sealPeriod(ports: SealingPorts, terms: SealingTerms, now: Instant): Promise<Checkpoint | null> {
  const { store, chains, signers } = ports;
  const head = await store.head();
  if (head !== null) await finish(ports, head);

  const { since, ...log } = terms;
  const start = head === null ? since : checkpointOf(head).period.end;
  if (now <= start) return null;

  const unfinished = await readUnfinished(store, head);
  const plan = planSeal(head, unfinished, await chains.changed(), { ...log, period: { start, end: now } });
  await store.stage(checkpointHash(plan.text), { objects: plan.objects, changed: plan.changed });
  const signatures = await Promise.all(
    signers.map(async (signer) => ({
      name: log.origin,
      keyHash: keyHash(log.origin, signer.key),
      signature: await signer.sign(plan.text),
    })),
  );
  const next: LogHead = { note: signedNote(plan.text, signatures), edge: plan.edge.hashes };
  await store.swap(head, next);
  await finish(ports, next);
  return plan.checkpoint;
}

/** Publishes what the newest seal staged, if it has not been done; checks that it is what stands published, if it has. */
async function finish({ store, chains }: SealingPorts, head: LogHead): Promise<void> {
  const checkpoint = checkpointOf(head);
  const path = sealPath(checkpoint.seal);
  const id = checkpointHash(checkpointText(checkpoint));
  const staged = await store.staged(id);
  if (staged === null) {
    const published = await store.read(path);
    if (published === null || Buffer.from(published).toString('utf8') !== head.note)
      throw new RangeError('the newest seal is not the one that was published: stop and compare both');
    return;
  }
  // The note goes last: whoever sees it can rely on its tiles.
  await store.publish(staged.objects);
  await store.publish([{ path, bytes: Buffer.from(head.note, 'utf8') }]);
  await chains.sealed(staged.changed);
  await store.discard(id);
}

async function readUnfinished(store: SealStore, head: LogHead | null): Promise<Unfinished> {
  const paths = unfinishedPaths(head === null ? 0 : checkpointOf(head).size);
  const read = async (path: string | null) => {
    if (path === null) return new Uint8Array();
    const bytes = await store.read(path);
    if (bytes === null) throw new RangeError('a tile of the newest seal is not published');
    return bytes;
  };
  const rows = await Promise.all(paths.rows.map(async (path) => tileHashes(await read(path))));
  return { rows, entries: readEntries(await read(paths.entries)) };
}
