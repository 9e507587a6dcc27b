import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ChangedChain, LogHead } from '../../functions/domain/seal.ts';
import { type ChangedChains, SealConflict, type SealStore } from '../../functions/ports/seal-store.ts';

interface Ports {
  readonly store: SealStore;
  readonly chains: ChangedChains;
  /** Adds one record to the chain; its number and c[n]. */
  readonly grow: (chain: string) => Promise<{ readonly sequence: number; readonly head: string }>;
}

const bytes = (text: string) => Buffer.from(text, 'utf8');
const newHead = (): LogHead => ({ note: `note ${randomUUID()}`, edge: ['ab'.repeat(32), 'cd'.repeat(32)] });

export function sealContract(where: string, start: () => Promise<Ports>): void {
  describe(`the log ${where}`, async () => {
    const { store } = await start();

    it('has no newest seal at first, then the one that was swapped in', async () => {
      const { store: fresh } = await start();
      expect(await fresh.head()).toBeNull();
      const head = newHead();
      await fresh.swap(null, head);
      expect(await fresh.head()).toEqual(head);
      const next = newHead();
      await fresh.swap(head, next);
      expect(await fresh.head()).toEqual(next);
    });

    it('lets one of twenty win, and tells the others', async () => {
      const before = await store.head();
      const heads = Array.from({ length: 20 }, newHead);
      const results = await Promise.allSettled(heads.map((head) => store.swap(before, head)));
      const lost = results.filter((result) => result.status === 'rejected');
      expect(lost).toHaveLength(19);
      for (const { reason } of lost) expect(reason).toBeInstanceOf(SealConflict);
      expect(await store.head()).toEqual(heads[results.findIndex(({ status }) => status === 'fulfilled')]);
      await expect(store.swap(null, newHead())).rejects.toThrow(SealConflict);
    });

    it('keeps what is staged until it is discarded', async () => {
      const id = randomUUID();
      const changed: ChangedChain[] = [{ chain: 'p-1', firstSeq: 1, lastSeq: 2, head: 'ab'.repeat(32) }];
      const staged = { changed, objects: [{ path: 'tile/0/000.p/1', bytes: Buffer.from([0, 255, 10]) }] };
      expect(await store.staged(id)).toBeNull();
      await store.stage(id, { changed: [], objects: [] });
      await store.stage(id, staged);
      const read = await store.staged(id);
      expect(read?.changed).toEqual(changed);
      expect(read?.objects.map((one) => [one.path, [...one.bytes]])).toEqual([['tile/0/000.p/1', [0, 255, 10]]]);
      await store.discard(id);
      await store.discard(id);
      expect(await store.staged(id)).toBeNull();
    });

    it('publishes once and for all: the same bytes again do no harm, others are refused', async () => {
      const path = `tile/entries/${randomUUID()}`;
      expect(await store.read(path)).toBeNull();
      const many = Array.from({ length: 20 }, (_, n) => ({ path: `${path}/${n}`, bytes: bytes(String(n)) }));
      await store.publish([{ path, bytes: bytes('one') }, ...many]);
      await store.publish([{ path, bytes: bytes('one') }]);
      await expect(store.publish([{ path, bytes: bytes('two') }])).rejects.toThrow('published already');
      expect(Buffer.from((await store.read(path)) ?? []).toString()).toBe('one');
      expect(Buffer.from((await store.read(`${path}/19`)) ?? []).toString()).toBe('19');
    });
  });

  describe(`the chains that have grown ${where}`, async () => {
    const { chains, grow } = await start();
    const mine = async (chain: string) => (await chains.changed()).filter((one) => one.chain === chain);

    it('are told from the first record that no seal covers to the newest', async () => {
      const chain = `p-${randomUUID()}`;
      expect(await mine(chain)).toEqual([]);
      await grow(chain);
      const { head } = await grow(chain);
      const first = { chain, firstSeq: 1, lastSeq: 2, head };
      expect(await mine(chain)).toEqual([first]);

      await chains.sealed([first]);
      await chains.sealed([first]);
      expect(await mine(chain)).toEqual([]);

      const third = await grow(chain);
      expect(await mine(chain)).toEqual([{ chain, firstSeq: 3, lastSeq: 3, head: third.head }]);
    });

    it('lose nothing that was written between the reading and the marking', async () => {
      const chain = `p-${randomUUID()}`;
      await grow(chain);
      const read = await mine(chain);
      const { head } = await grow(chain);
      await chains.sealed(read);
      expect(await mine(chain)).toEqual([{ chain, firstSeq: 2, lastSeq: 2, head }]);
    });

    it('are not sealed backwards by a run that comes late', async () => {
      const chain = `p-${randomUUID()}`;
      await grow(chain);
      const early = await mine(chain);
      await grow(chain);
      await chains.sealed(await mine(chain));
      await chains.sealed(early);
      expect(await mine(chain)).toEqual([]);
    });
  });
}
