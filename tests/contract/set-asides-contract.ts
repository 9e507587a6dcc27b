import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import type { SealedRecord } from '../../functions/domain/audit-chain.ts';
import type { SetAside, SetAsides } from '../../functions/ports/set-aside.ts';

export interface SetAsidesUnderTest {
  readonly setAsides: SetAsides;
  readonly auditRecords: (chain: string) => Promise<SealedRecord[]>;
}

const entry = (over: Partial<SetAside> = {}): SetAside => ({
  id: randomUUID(),
  at: '2026-03-01T12:00:00.000Z',
  reason: 'data.minutes: write a number',
  body: '{"detail-type":"PatientActive","detail":{"minutes":"twelve"}}',
  ...over,
});

/** What every adapter of the port SetAsides promises. */
export function setAsidesContract(adapter: string, start: () => Promise<SetAsidesUnderTest>): void {
  describe(`set-asides, ${adapter}`, () => {
    let setAsides: SetAsides;
    let auditRecords: SetAsidesUnderTest['auditRecords'];

    beforeAll(async () => {
      ({ setAsides, auditRecords } = await start());
    });
    beforeEach(async () => {
      for (const { id } of await setAsides.list()) await setAsides.remove(id, 'the next test starts');
    });

    it('lists what was put, as it came, oldest first', async () => {
      const [late, early, middle] = [
        entry({ at: '2026-03-03T00:00:00.000Z' }),
        entry({ at: '2026-03-01T00:00:00.000Z', body: 'not JSON: \u0000 "é" 𝒳 \ud800', reason: '\udfff…' }),
        entry({ at: '2026-03-02T00:00:00.000Z' }),
      ];
      for (const one of [late, early, middle]) await setAsides.put(one);
      expect(await setAsides.list()).toEqual([early, middle, late]);
    });

    it('keeps an entry once, with one record, however often it is put', async () => {
      const one = entry();
      await Promise.all([setAsides.put(one), setAsides.put(one), setAsides.put(one)]);
      await setAsides.put({ ...one, at: '2026-03-09T00:00:00.000Z' });
      expect(await setAsides.list()).toEqual([one]);
      expect(await recordsOf(one.id)).toMatchObject([
        { action: 'event.set-aside', outcome: 'refused', reason: one.reason, detail: { setAside: one.id } },
      ]);
    });

    it('takes one off the list once, and the record says why', async () => {
      const [gone, stays] = [entry(), entry()];
      await setAsides.put(gone);
      await setAsides.put(stays);
      expect(await setAsides.remove(gone.id, 'mended and sent again')).toBe(true);
      expect(await setAsides.remove(gone.id, 'mended and sent again')).toBe(false);
      expect(await setAsides.list()).toEqual([stays]);
      expect((await recordsOf(gone.id)).at(-1)).toMatchObject({
        action: 'event.set-aside.remove',
        reason: 'mended and sent again',
      });
      expect(await recordsOf(gone.id)).toHaveLength(2);
    });

    it('takes a message as large as a queue does, with a reason longer than a record can be', async () => {
      const large = entry({ body: 'x"'.repeat(512 * 1024), reason: 'field: is not known; '.repeat(2000) });
      await setAsides.put(large);
      expect(await setAsides.list()).toEqual([large]);
      expect(await setAsides.remove(large.id, 'too large to mend')).toBe(true);
      expect(await setAsides.list()).toEqual([]);
    });

    it('keeps every chain unbroken while many writers put at once', async () => {
      const entries = Array.from({ length: 20 }, () => entry());
      await Promise.all(entries.map((one) => setAsides.put(one)));
      expect(await setAsides.list()).toHaveLength(entries.length);
      for (const chain of systemChains) {
        const records = await auditRecords(chain);
        expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
      }
    });

    async function recordsOf(id: string): Promise<unknown[]> {
      const records = (await Promise.all(systemChains.map((chain) => auditRecords(chain)))).flat();
      return records
        .map(({ bytes }): { detail: { setAside?: string } } => JSON.parse(Buffer.from(bytes).toString()))
        .filter(({ detail }) => detail.setAside === id);
    }
  });
}
