import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MemorySealStore } from '../../functions/adapters/memory/seal-store.ts';
import { everything } from '../../functions/domain/audit-bundle.ts';
import { AuditVerification } from '../../functions/domain/audit-verify.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { exportEvidence } from '../../functions/export-evidence.ts';
import { jitteredPause, loadDecideCommit } from '../../functions/load-decide-commit.ts';
import type { Patients } from '../../functions/ports/patients.ts';
import type { ChangedChains } from '../../functions/ports/seal-store.ts';
import type { StoredRecords } from '../../functions/ports/stored-records.ts';
import { sealPeriod } from '../../functions/seal-period.ts';
import { period, start as sealedFrom, terms, testKey, verifySignature } from '../sealed-history.ts';
import { activity, newPatient, recorded } from './changes.ts';

export interface WritersUnderTest {
  readonly patients: Patients;
  /** What a sealer and an export find of these chains, and of no others. */
  readonly written: (chains: readonly string[]) => { readonly changed: ChangedChains; readonly records: StoredRecords };
}

const pause = jitteredPause(Math.random, (milliseconds) => sleep(milliseconds));

/** What holds however many write at once: every change is there, once, and the verifier finds neither a gap nor a fork. */
export function parallelWritersContract(adapter: string, start: () => Promise<WritersUnderTest>): void {
  describe(`parallel writers, ${adapter}`, () => {
    it.each([
      { writers: 50, patients: 1 },
      { writers: 1000, patients: 200 },
    ])(
      '$writers at once on $patients: every change lands once, and the sealed export shows no gap and no fork',
      async ({ writers, patients: many }) => {
        const { patients, written } = await start();
        const ids = Array.from({ length: many }, newPatient);
        const works = Array.from({ length: writers }, (_, i) => ({ id: ids[i % many] as string, event: activity() }));
        await Promise.all(
          works.map(({ id, event }) =>
            loadDecideCommit(patients, id, async (patient) => recorded(patient, event), pause),
          ),
        );

        const sentTo = Map.groupBy(works, ({ id }) => id);
        for (const [id, sent] of sentTo) {
          expect((await patients.load(id)).version).toBe(writers / many);
          expect(idsOf(await patients.history(id))).toEqual(idsOf(sent.map(({ event }) => event)));
        }
        const { faults, counts } = await verdict(written(ids));
        expect(faults).toEqual([]);
        expect(counts).toMatchObject({ records: writers, chains: many, entries: many, seals: 1 });
      },
      300_000,
    );
  });
}

const idsOf = (events: readonly ClinicalEvent[]) => events.map(({ id }) => id).toSorted();

async function verdict({ changed, records }: ReturnType<WritersUnderTest['written']>) {
  const [key, store] = [testKey(), new MemorySealStore()];
  const at = instantAt(sealedFrom + period);
  await sealPeriod({ store, chains: changed, signers: [key.signer] }, terms, at);
  const keys = [{ ...key.signer.key, name: null }];
  const verification = new AuditVerification({ keys, verify: verifySignature, witness: null });
  const about = { scope: everything, exportedAt: at, keys: [] };
  for await (const line of exportEvidence({ store, records }, about)) verification.line(line.slice(0, -1));
  return verification.end();
}
