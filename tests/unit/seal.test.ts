import { describe, expect, it } from 'vitest';
import { MemoryChangedChains, MemorySealStore } from '../../functions/adapters/memory/seal-store.ts';
import { AuditVerification } from '../../functions/domain/audit-verify.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { checkpointText, readNote, readTrustedKeys, verifierKey } from '../../functions/domain/checkpoint.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import {
  ageOfOneBefore,
  type ChangedChain,
  chainEntry,
  checkpointOf,
  entryBytes,
  type LogHead,
  planSeal,
  readChainEntry,
  readEntries,
  sealPath,
  tickEntry,
  unfinishedPaths,
} from '../../functions/domain/seal.ts';
import { SealConflict } from '../../functions/ports/seal-store.ts';
import { type SealingPorts, sealPeriod } from '../../functions/seal-period.ts';
import { period, SealedHistory, start, terms, testKey, verifySignature } from '../sealed-history.ts';

const first = { start: instantAt(start), end: instantAt(start + period) };
const { since: _, ...log } = terms;
const nothing = { rows: [], entries: [] };
const changed = (chain: string, firstSeq = 1, lastSeq = 1): ChangedChain => ({
  chain,
  firstSeq,
  lastSeq,
  head: 'ab'.repeat(32),
});
const headOf = (plan: ReturnType<typeof planSeal>): LogHead => ({ note: `${plan.text}\n`, edge: plan.edge.hashes });

const refusal = (...args: Parameters<typeof planSeal>) => {
  return () => planSeal(...args);
};

describe('the plan of a seal', () => {
  it('has one canonical entry for each chain that grew, in the order of the chains', () => {
    const plan = planSeal(null, nothing, [changed('p-b', 1, 3), changed('p-a')], { ...log, period: first });
    expect(plan.changed.map(({ chain }) => chain)).toEqual(['p-a', 'p-b']);
    expect(plan.checkpoint).toMatchObject({ seal: 1, size: 2, chains: 2, records: 4, previous: null, period: first });
    expect(chainEntry(changed('p-a'))).toBe(`{"chain":"p-a","firstSeq":1,"head":"${'ab'.repeat(32)}","lastSeq":1}`);
    expect(chainEntry(changed('p-a'))).toBe(canonicalText(changed('p-a')));
    expect(plan.objects.map(({ path }) => path)).toEqual(['tile/0/000.p/2', 'tile/entries/000.p/2']);
  });

  it('takes the place of one whose age is known, but for the first, whose period begins with the log', () => {
    expect(ageOfOneBefore({ previous: null, period: first })).toBeNull();
    expect(ageOfOneBefore({ previous: 'ab'.repeat(32), period: first })).toBe(period / 1000);
  });

  it('has an entry for silence too', () => {
    const plan = planSeal(null, nothing, [], { ...log, period: first });
    expect(plan.checkpoint).toMatchObject({ size: 1, chains: 0, records: 0 });
    expect(readEntries(plan.objects[1]?.bytes ?? new Uint8Array())).toEqual([tickEntry(first)]);
  });

  it('is the same for the same arguments, byte for byte', () => {
    const plans = [1, 2].map(() => planSeal(null, nothing, [changed('p-a')], { ...log, period: first }));
    expect(plans[0]).toEqual(plans[1]);
  });

  it('signs a text of nearly the same size for 1, 100 and 100,000 chains (K04)', () => {
    const sizes = [1, 100, 100_000].map((count) => {
      const chains = Array.from({ length: count }, (_chain, i) => changed(`p-${i}`));
      return planSeal(null, nothing, chains, { ...log, period: first }).text.length;
    });
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(20);
    expect(Math.max(...sizes)).toBeLessThan(1024);
  });

  it('refuses arguments that contradict each other, rather than sign a history that does not hold', () => {
    const plan = planSeal(null, nothing, [changed('p-a')], { ...log, period: first });
    const head = headOf(plan);
    const rows = [[plan.checkpoint.root]];
    const next = { ...log, period: { start: first.end, end: instantAt(start + 2 * period) } };
    expect(refusal(head, { rows, entries: ['x'] }, [changed('p-b')], next)).not.toThrow();
    expect(refusal(head, nothing, [], next)).toThrow('the published tiles and the kept edge differ');
    expect(refusal({ ...head, edge: [] }, nothing, [], next)).toThrow('the published tiles and the kept edge differ');
    const other = 'cd'.repeat(32);
    expect(refusal({ ...head, edge: [other] }, { rows: [[other]], entries: [] }, [], next)).toThrow(
      'the kept edge does not lead',
    );
    expect(refusal(head, { rows, entries: [] }, [], { ...next, origin: 'another' })).toThrow('of another log');
    expect(refusal(head, { rows, entries: [] }, [], { ...log, period: first })).toThrow(
      'must begin where the last one ended',
    );
    const backwards = { start: first.end, end: first.start };
    expect(refusal(null, nothing, [], { ...log, period: backwards })).toThrow('the clock ran back');
    expect(refusal(null, nothing, [changed('p-a'), changed('p-a', 2, 2)], { ...log, period: first })).toThrow('twice');
    expect(refusal(null, nothing, [changed('p-a', 2, 1)], { ...log, period: first })).toThrow('no new record');
    expect(refusal(null, nothing, [changed('p-a', 0, 1)], { ...log, period: first })).toThrow('no new record');
    for (const note of ['nothing', 'nothing\n\n'])
      expect(refusal({ note, edge: [] }, nothing, [], next)).toThrow('the newest seal cannot be read');
  });
});

describe('what is published', () => {
  it('keeps entries with their length before them', () => {
    const entries = ['a', '\u00e9', 'x'.repeat(300)];
    expect([...entryBytes(['a'])]).toEqual([0, 1, 97]);
    expect(readEntries(entryBytes(entries))).toEqual(entries);
    expect(readChainEntry(chainEntry(changed('p-a')))).toEqual(changed('p-a'));
    expect(readChainEntry(tickEntry(first))).toBeNull();
  });

  it('is found by the size of the log', () => {
    expect(sealPath(1234)).toBe('seal/x001/234');
    expect(unfinishedPaths(0)).toEqual({ rows: [], entries: null });
    expect(unfinishedPaths(256)).toEqual({ rows: [null, 'tile/1/000.p/1'], entries: null });
    expect(unfinishedPaths(70_000)).toEqual({
      rows: ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1'],
      entries: 'tile/entries/273.p/112',
    });
  });
});

/** The ports, dying before or after the n-th call of any of them. */
function dyingAt(ports: SealingPorts, call: number, moment: 'before' | 'after'): SealingPorts {
  let calls = 0;
  const dying = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          calls += 1;
          if (calls === call && moment === 'before') throw new Error('died');
          const result: unknown = await method.apply(target, args);
          if (calls === call && moment === 'after') throw new Error('died');
          return result;
        };
      },
    });
  return { store: dying(ports.store), chains: dying(ports.chains), signers: ports.signers.map(dying) };
}

describe('sealing a period', () => {
  const key = testKey();
  const sound = (lines: readonly string[]) => {
    const verification = new AuditVerification({
      keys: readTrustedKeys(key.pem),
      verify: verifySignature,
      witness: null,
    });
    for (const line of lines) verification.line(line);
    return verification.end();
  };

  it('covers every record once, over many periods, full tiles and silence', async () => {
    const history = new SealedHistory(key.signer);
    for (let seal = 0; seal < 5; seal += 1) {
      for (let chain = 0; chain < 150 * (seal % 3); chain += 1) history.append(`p-${chain}`);
      await history.seal();
    }
    const { faults, counts } = sound(await history.lines());
    expect(faults).toEqual([]);
    expect(counts).toEqual({ lines: expect.any(Number), records: 600, chains: 300, entries: 602, seals: 5 });
  });

  it('makes no seal where no time has passed', async () => {
    const history = new SealedHistory(key.signer);
    await history.seal();
    const ports = { store: history.store, chains: history.changed, signers: history.signers };
    expect(await sealPeriod(ports, terms, instantAt(history.now))).toBeNull();
  });

  it.each(['before', 'after'] as const)('is repaired by the next run, whichever call it died %s', async (moment) => {
    let died = 0;
    for (let call = 1; ; call += 1) {
      const history = new SealedHistory(key.signer);
      for (const chain of ['p-a', 'p-b']) history.append(chain);
      await history.seal();
      history.append('p-a');
      history.append('p-c');
      const ports = { store: history.store, chains: history.changed, signers: history.signers };
      const run = sealPeriod(dyingAt(ports, call, moment), terms, instantAt(history.now + period));
      const outcome = await run.then(
        () => 'done',
        () => 'died',
      );
      history.append('p-b');
      history.now += period;
      await history.seal();
      const { faults, counts } = sound(await history.lines());
      expect(faults).toEqual([]);
      expect(counts).toMatchObject({ records: 5, chains: 3 });
      const stands = [...history.store.published.keys()].filter((path) => path.startsWith('seal/'));
      expect(stands).toHaveLength(counts.seals);
      if (outcome === 'done') break;
      died += 1;
    }
    expect(died).toBeGreaterThanOrEqual(12);
  });

  it('lets only one of two runs at once make the seal', async () => {
    const history = new SealedHistory(key.signer);
    history.append('p-a');
    const ports = { store: history.store, chains: history.changed, signers: history.signers };
    const runs = await Promise.allSettled([1, 2].map((i) => sealPeriod(ports, terms, instantAt(start + i * period))));
    expect(runs.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(runs.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(SealConflict) });
    history.now = start + 3 * period;
    await history.seal();
    expect(sound(await history.lines()).faults).toEqual([]);
  });

  it('stops where the newest seal is not the one that was published', async () => {
    for (const damage of [
      (s: MemorySealStore) => s.published.delete('seal/001'),
      (s: MemorySealStore) => s.published.set('seal/001', Buffer.from('x')),
    ]) {
      const history = new SealedHistory(key.signer);
      await history.seal();
      damage(history.store);
      await expect(history.seal()).rejects.toThrow('the newest seal is not the one that was published');
    }
  });

  it('stops where a tile of the newest seal is gone', async () => {
    const history = new SealedHistory(key.signer);
    await history.seal();
    history.store.published.delete('tile/0/000.p/1');
    await expect(history.seal()).rejects.toThrow('a tile of the newest seal is not published');
  });

  it('never publishes other bytes under a path that stands', async () => {
    const store = new MemorySealStore();
    await store.publish([{ path: 'a', bytes: Buffer.from('1') }]);
    await store.publish([{ path: 'a', bytes: Buffer.from('1') }]);
    await expect(store.publish([{ path: 'a', bytes: Buffer.from('2') }])).rejects.toThrow('a is published already');
  });

  it('marks as sealed what it sealed, and nothing it has never heard of', async () => {
    const chains = new MemoryChangedChains();
    await chains.sealed([changed('p-a')]);
    expect(await chains.changed()).toEqual([]);
  });

  it('hands over to a new key by a seal that the old key signed and the new one too', async () => {
    const next = testKey('ecdsa-p256');
    const history = new SealedHistory(key.signer);
    history.append('p-a');
    await history.seal();
    history.signers = [key.signer, next.signer];
    await history.seal({ nextKey: verifierKey(terms.origin, next.signer.key) });
    history.signers = [next.signer];
    history.append('p-a');
    await history.seal();
    const head = await history.store.head();
    expect(checkpointOf(head as LogHead)).toMatchObject({ seal: 3, nextKey: null });
    expect(readNote(head?.note ?? '')?.text).toBe(checkpointText(checkpointOf(head as LogHead)));
    expect(sound(await history.lines()).faults).toEqual([]);
  });
});
