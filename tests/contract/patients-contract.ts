import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainHash, genesis, recordHash, type SealedRecord } from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { jitteredPause, loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { Conflict, type Patients } from '../../functions/ports/patients.ts';
import { activity, newPatient, now, questionnaire, recorded, withoutEvent } from './changes.ts';

export interface PatientsUnderTest {
  readonly patients: Patients;
  /** The chain's records, opened, first to last. */
  readonly auditRecords: (chain: string) => Promise<SealedRecord[]>;
}

const writers = 20;
const pause = jitteredPause(Math.random, (milliseconds) => sleep(milliseconds));

/** What every adapter of the port Patients promises. */
export function patientsContract(adapter: string, start: () => Promise<PatientsUnderTest>): void {
  describe(`patients, ${adapter}`, () => {
    let patients: Patients;
    let auditRecords: PatientsUnderTest['auditRecords'];

    beforeAll(async () => {
      ({ patients, auditRecords } = await start());
    });

    it('knows nothing of a patient never heard of', async () => {
      const id = newPatient();
      const patient = await patients.load(id);
      expect(patient).toMatchObject({ id, version: 0, head: genesis(id), foldedUnder: null, alerts: [] });
      expect(await patients.history(id)).toEqual([]);
      expect(await patients.seen(id, randomUUID())).toEqual({ kind: 'never' });
    });

    it('gives back byte for byte what was committed, decision after decision', async () => {
      const id = newPatient();
      const [first, second] = [activity(), questionnaire()];
      const one = recorded(await patients.load(id), first);
      await patients.commit(await patients.load(id), one);
      const two = recorded(await patients.load(id), second);
      expect(two.changedAlerts).toHaveLength(1);
      await patients.commit(await patients.load(id), two);

      const loaded = await patients.load(id);
      expect(loaded.version).toBe(2);
      expect(loaded.foldedUnder).toBe(two.foldedUnder);
      expect(canonicalText(loaded.state)).toBe(canonicalText(two.patient.state));
      expect(canonicalText(loaded.alerts)).toBe(canonicalText(two.patient.alerts));
      expect((await patients.history(id)).map(canonicalText).toSorted()).toEqual(
        [first, second].map(canonicalText).toSorted(),
      );
      expect(await patients.seen(id, second.id)).toEqual({ kind: 'same-patient', event: second });
    });

    it('keeps a record for every decision, whose bytes are those that were hashed, each with a salt of its own (A10)', async () => {
      const id = newPatient();
      await patients.commit(await patients.load(id), recorded(await patients.load(id), activity()));
      await patients.commit(await patients.load(id), withoutEvent(await patients.load(id)));
      const records = await auditRecords(id);
      expect(records.map(({ sequence, recordedAt }) => [sequence, recordedAt])).toEqual([
        [1, now],
        [2, now],
      ]);
      for (const { salt, bytes, recordHash: stored } of records) expect(recordHash(salt, bytes)).toBe(stored);
      expect(new Set(records.map(({ salt }) => Buffer.from(salt).toString('hex'))).size).toBe(2);
      expect(records.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))).toMatchObject([
        { action: 'event.record', chain: id, sequence: 1 },
        { action: 'risk.assess', chain: id, sequence: 2, detail: { empty: [], none: {} } },
      ]);
      await expectUnbroken(id, 2);
    });

    it('lets one of twenty writers through who loaded the same version, and tells the others (A10)', async () => {
      const id = newPatient();
      const loaded = await patients.load(id);
      const outcomes = await Promise.allSettled(
        Array.from({ length: writers }, () => patients.commit(loaded, recorded(loaded, activity()))),
      );
      const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(losers).toHaveLength(writers - 1);
      for (const reason of losers) expect(reason).toBeInstanceOf(Conflict);
      await expectUnbroken(id, 1);
      expect(await patients.history(id)).toHaveLength(1);
    });

    it('lands all twenty in one unbroken chain when the losers load and decide again (A10)', async () => {
      const id = newPatient();
      const events = Array.from({ length: writers }, () => activity());
      await Promise.all(
        events.map((event) => loadDecideCommit(patients, id, async (patient) => recorded(patient, event), pause)),
      );
      await expectUnbroken(id, writers);
      const kept = await patients.history(id);
      expect(kept.map(({ id: event }) => event).toSorted()).toEqual(events.map(({ id: event }) => event).toSorted());
    });

    it('refuses an event id that another patient has used', async () => {
      const [first, second] = [newPatient(), newPatient()];
      const event = activity();
      await patients.commit(await patients.load(first), recorded(await patients.load(first), event));
      expect(await patients.seen(second, event.id)).toEqual({ kind: 'other-patient' });
      const loaded = await patients.load(second);
      await expect(patients.commit(loaded, recorded(loaded, event))).rejects.toBeInstanceOf(Conflict);
      expect(await patients.load(second)).toMatchObject({ version: 0 });
      expect(await auditRecords(second)).toEqual([]);
    });

    it('refuses an event id that the patient has used meanwhile', async () => {
      const id = newPatient();
      const event = activity();
      await patients.commit(await patients.load(id), recorded(await patients.load(id), event));
      const loaded = await patients.load(id);
      await expect(patients.commit(loaded, recorded(loaded, event))).rejects.toBeInstanceOf(Conflict);
      await expectUnbroken(id, 1);
    });

    it('keeps what it was given, whatever the caller does to it afterwards', async () => {
      const id = newPatient();
      const event = activity();
      const loaded = await patients.load(id);
      const change = recorded(loaded, event);
      await patients.commit(loaded, change);
      const before = canonicalText(await patients.load(id));
      for (const value of [event.data, change.patient.state.activity, (await patients.load(id)).state.activity]) {
        try {
          Object.assign(value, { last: 'tampered', kind: 'tampered' });
        } catch {
          // Frozen: just as good.
        }
      }
      expect(canonicalText(await patients.load(id))).toBe(before);
      expect(canonicalText(await patients.history(id))).not.toContain('tampered');
    });

    async function expectUnbroken(id: string, length: number): Promise<void> {
      const records = await auditRecords(id);
      expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length }, (_, index) => index + 1));
      let head = genesis(id);
      for (const record of records) {
        head = chainHash(id, record.sequence, head, record.recordHash);
        expect(record.head).toBe(head);
      }
      expect(await patients.load(id)).toMatchObject({ version: length, head });
    }
  });
}
