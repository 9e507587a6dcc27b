import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconcileAll, reportDiscrepancies } from '../../functions/audit-reconcile/reconcile.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { sha256Hex } from '../../functions/domain/canonical.ts';
import { type Discrepancy, type RecordOutline, reconcile } from '../../functions/domain/reconciliation.ts';
import type { StoredRecord } from '../../functions/ports/stored-records.ts';

type Recorded = RecordOutline & Pick<StoredRecord, 'recordedAt'>;

/** A chain of so many records, one a day. */
function chainOf(chain: string, count: number): Recorded[] {
  const records: Recorded[] = [];
  let head = genesis(chain);
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const recordHash = sha256Hex(`${chain} ${sequence}`);
    head = chainHash(chain, sequence, head, recordHash);
    records.push({
      sequence,
      recordHash,
      head,
      recordedAt: `2026-03-${String(sequence).padStart(2, '0')}T09:00:00.000Z`,
    });
  }
  return records;
}

const standingOf = (chain: string, records: readonly Recorded[]) => ({
  version: records.length,
  head: records.at(-1)?.head ?? genesis(chain),
});

describe('a state and its audit records', () => {
  const records = chainOf('p-1', 5);
  const standing = standingOf('p-1', records);

  it('agree where every decision has its record', () => {
    expect(reconcile('p-1', standing, records, 1)).toBeNull();
    expect(reconcile('p-1', standing, records.slice(4), 5)).toBeNull();
    expect(reconcile('p-1', { version: 0, head: genesis('p-1') }, [], 1)).toBeNull();
  });

  it.each<[string, readonly Recorded[], Pick<Discrepancy, 'sequence' | 'kind'>]>([
    ['the first is missing', records.slice(1), { sequence: 1, kind: 'change-without-record' }],
    ['the third is missing', records.toSpliced(2, 1), { sequence: 3, kind: 'change-without-record' }],
    ['the newest is missing', records.slice(0, 4), { sequence: 5, kind: 'change-without-record' }],
    ['none is there', [], { sequence: 1, kind: 'change-without-record' }],
    ['one is there too many', chainOf('p-1', 6), { sequence: 6, kind: 'record-without-change' }],
    [
      'the second holds something else',
      records.map((one) => (one.sequence === 2 ? { ...one, recordHash: sha256Hex('other') } : one)),
      { sequence: 2, kind: 'other-history' },
    ],
    ['all of them are of another chain', chainOf('p-2', 5), { sequence: 1, kind: 'other-history' }],
  ])('disagree where %s', (_, changed, found) => {
    expect(reconcile('p-1', standing, changed, 1)).toEqual({ chain: 'p-1', ...found });
  });

  it('disagree at the end alone where only the end is read', () => {
    expect(reconcile('p-1', standing, [], 5)).toMatchObject({ sequence: 5, kind: 'change-without-record' });
    expect(reconcile('p-1', standing, chainOf('p-1', 6).slice(4), 5)).toMatchObject({
      sequence: 6,
      kind: 'record-without-change',
    });
    expect(reconcile('p-1', standing, chainOf('p-2', 5).slice(4), 5)).toMatchObject({
      sequence: 5,
      kind: 'other-history',
    });
  });
});

/** Ports over chains that a test may tamper with after the states were written. */
function portsOver(
  chains: Map<string, Recorded[]>,
  standings = new Map([...chains].map(([id, all]) => [id, standingOf(id, all)])),
) {
  let reads = 0;
  return {
    reads: () => reads,
    standings: {
      system: ['system-0'],
      of: async (chain: string) => standings.get(chain) ?? { version: 0, head: genesis(chain) },
    },
    records: {
      async *between(chain: string, first: number) {
        for (const one of chains.get(chain) ?? []) {
          if (one.sequence < first) continue;
          reads += 1;
          yield { ...one, chain, content: null };
        }
      },
    },
    reviewIndex: {
      shards: [0, 1],
      // Two pages, the first of them empty.
      due: async (shard: number, _until: string | null, cursor: string | null) =>
        cursor === null
          ? { due: [], cursor: 'next' }
          : {
              due: [...chains.keys()]
                .filter((id) => id.startsWith('p-') && Number(id.slice(2)) % 2 === shard)
                .map((id) => ({ id, reviewAt: null })),
              cursor: null,
            },
    },
  };
}

const clinicOf = (patients: number, records: number) =>
  new Map(
    ['system-0', ...Array.from({ length: patients }, (_, number) => `p-${number}`)].map((id) => [
      id,
      chainOf(id, records),
    ]),
  );

describe('the comparison of all states with their records (A18)', () => {
  it('finds nothing where nothing was changed, and has looked at everybody', async () => {
    expect(await reconcileAll(portsOver(clinicOf(40, 3)), null)).toEqual({ chains: 41, discrepancies: [] });
  });

  it('finds any one record removed, altered or put in, by chain and number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(19),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('removed', 'altered', 'put in'),
        async (patient, sequence, kind) => {
          const chains = clinicOf(20, 6);
          const ports = portsOver(chains);
          const id = `p-${patient}`;
          const records = chains.get(id) ?? [];
          if (kind === 'removed') chains.set(id, records.toSpliced(sequence - 1, 1));
          if (kind === 'altered')
            chains.set(
              id,
              records.map((one) => (one.sequence === sequence ? { ...one, recordHash: sha256Hex('x') } : one)),
            );
          if (kind === 'put in') chains.set(id, chainOf(id, 7));
          const { discrepancies } = await reconcileAll(ports, '2026-03-01T00:00:00.000Z');
          expect(discrepancies).toEqual([
            {
              chain: id,
              sequence: kind === 'put in' ? 7 : sequence,
              kind: { removed: 'change-without-record', altered: 'other-history', 'put in': 'record-without-change' }[
                kind
              ],
            },
          ]);
        },
      ),
      { numRuns: 100, seed: 8 },
    );
  });

  it('reads one record of whoever has not changed since the night before, and the chain of whoever has', async () => {
    const ports = portsOver(clinicOf(10, 20));
    await reconcileAll(ports, '2026-03-21T00:00:00.000Z');
    expect(ports.reads()).toBe(11);
    const grown = portsOver(clinicOf(10, 20));
    await reconcileAll(grown, '2026-03-20T00:00:00.000Z');
    expect(grown.reads()).toBe(11 * 21);
  });

  it('is not misled by a decision that is committed while it reads', async () => {
    const chains = clinicOf(1, 3);
    const before = new Map([...chains].map(([id, all]) => [id, standingOf(id, all)]));
    const ports = portsOver(chains, before);
    const { of } = ports.standings;
    let asked = 0;
    const standings = {
      ...ports.standings,
      of: async (chain: string) => {
        if (chain !== 'p-0') return of(chain);
        asked += 1;
        const standing = asked === 1 ? await of(chain) : standingOf(chain, chains.get(chain) ?? []);
        chains.set('p-0', chainOf('p-0', 4));
        return standing;
      },
    };
    expect((await reconcileAll({ ...ports, standings }, null)).discrepancies).toEqual([]);
    expect(asked).toBe(2);
  });
});

describe('what the operators are told', () => {
  const told: string[] = [];
  const operators = { alert: async (text: string) => void told.push(text) };
  const discrepancies = Array.from({ length: 12 }, (_, number) => ({
    chain: `p-${number}`,
    sequence: 3,
    kind: 'change-without-record' as const,
  }));

  it('is nothing where there is nothing', async () => {
    await reportDiscrepancies(operators, { chains: 9, discrepancies: [] }, 'example');
    expect(told).toEqual([]);
  });

  it('is how many, the first ten by opaque id, and where to read on', async () => {
    await reportDiscrepancies(operators, { chains: 20, discrepancies }, 'example');
    await reportDiscrepancies(operators, { chains: 20, discrepancies: discrepancies.slice(0, 1) }, 'example');
    expect(told[0]?.split('\n')).toEqual([
      '12 of 20 states do not agree with their audit records.',
      '',
      ...discrepancies.slice(0, 10).map(({ chain }) => `change-without-record: ${chain}, number 3`),
      'and 2 more, in the log',
      '',
      'What to do: docs/operations.md#records-unreconciled',
      'Stage: example',
    ]);
    expect(told[1]).not.toContain('more, in the log');
  });
});
