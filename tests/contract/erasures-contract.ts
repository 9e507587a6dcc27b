import { beforeAll, describe, expect, it } from 'vitest';
import { systemChainOf } from '../../functions/adapters/set-aside-audit.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { decideErasure } from '../../functions/domain/erasure.ts';
import { decideHold } from '../../functions/domain/legal-hold.ts';
import type { Patient } from '../../functions/domain/patient.ts';
import type { AlertIndex } from '../../functions/ports/alert-index.ts';
import type { Erasures } from '../../functions/ports/erasures.ts';
import type { ReviewIndex } from '../../functions/ports/nights.ts';
import { Conflict, PatientErased } from '../../functions/ports/patients.ts';
import { order } from '../erasable-patients.ts';
import { exampleClinic } from '../example-clinic.ts';
import { activity, newPatient, now, questionnaire, recorded } from './changes.ts';
import type { PatientsUnderTest } from './patients-contract.ts';

export interface ErasuresUnderTest extends PatientsUnderTest {
  readonly erasures: Erasures;
  readonly reviewIndex: ReviewIndex;
  readonly alertIndex: AlertIndex;
}

/** As decided for somebody about whom nothing is open: the contract does not depend on what may be erased. */
export function erasureOf(patient: Patient) {
  const decision = decideErasure({ ...patient, alerts: [] }, { ...order, cause: 'request' }, exampleClinic, now);
  if ('refused' in decision) throw new Error(decision.refused);
  return decision.erasure;
}

/** What every adapter of the port Erasures promises. */
export function erasuresContract(adapter: string, start: () => Promise<ErasuresUnderTest>): void {
  describe(`erasures, ${adapter}`, () => {
    let ports: ErasuresUnderTest;

    beforeAll(async () => {
      ports = await start();
    });

    async function known(): Promise<Patient> {
      const id = newPatient();
      for (const event of [activity(), questionnaire()]) {
        const loaded = await ports.patients.load(id);
        await ports.patients.commit(loaded, recorded(loaded, event));
      }
      return ports.patients.load(id);
    }

    async function namedAnywhere(id: string): Promise<boolean> {
      const reviewed = await Promise.all(
        ports.reviewIndex.shards.map((shard) => ports.reviewIndex.due(shard, null, null)),
      );
      const alerts = await ports.alertIndex.due('urgent', null, null);
      return [
        ...reviewed.flatMap(({ due }) => due.map((one) => one.id)),
        ...alerts.places.map(({ patient }) => patient),
      ].includes(id);
    }

    it('keep a legal hold with the patient until it is released', async () => {
      const patient = await known();
      const decision = decideHold(patient, order, exampleClinic, now);
      if ('refused' in decision) throw new Error(decision.refused);
      await ports.patients.commit(patient, decision.change);
      expect((await ports.patients.load(patient.id)).legalHold).toEqual({ since: now, by: 'it', reason: order.reason });
    });

    it('are in force at once: no load, no index and no list of alerts has the patient any more', async () => {
      const patient = await known();
      expect(await namedAnywhere(patient.id)).toBe(true);
      await ports.erasures.erase(patient, erasureOf(patient));
      await expect(ports.patients.load(patient.id)).rejects.toMatchObject({ name: 'PatientErased', at: now });
      await expect(ports.patients.load(patient.id)).rejects.toBeInstanceOf(PatientErased);
      expect(await namedAnywhere(patient.id)).toBe(false);
      for (const { id: alert } of patient.alerts)
        expect(await ports.alertIndex.standing({ patient: patient.id, alert })).toBeNull();
    });

    it('write the twin of their record into a system chain, in which it can be read', async () => {
      const patient = await known();
      await ports.erasures.erase(patient, erasureOf(patient));
      const records = await ports.auditRecords(systemChainOf(patient.id));
      const twin = records
        .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))
        .filter(({ detail }) => detail.patient === patient.id);
      expect(twin).toMatchObject([{ action: 'patient.erase', reason: order.reason, detail: { sequence: 3 } }]);
      let head = genesis(systemChainOf(patient.id));
      for (const record of records) {
        head = chainHash(systemChainOf(patient.id), record.sequence, head, record.recordHash);
        expect(record.head).toBe(head);
      }
    });

    it('are lost to whoever committed first, and the other way round: nothing of the loser is written', async () => {
      const patient = await known();
      const change = recorded(patient, activity());
      await ports.patients.commit(patient, change);
      const before = (await ports.auditRecords(systemChainOf(patient.id))).length;
      await expect(ports.erasures.erase(patient, erasureOf(patient))).rejects.toBeInstanceOf(Conflict);
      expect(await ports.auditRecords(systemChainOf(patient.id))).toHaveLength(before);
      const newest = await ports.patients.load(patient.id);
      expect(newest.version).toBe(3);
      await ports.erasures.erase(newest, erasureOf(newest));
      await expect(ports.patients.commit(newest, recorded(newest, activity()))).rejects.toBeInstanceOf(Conflict);
      await expect(ports.erasures.erase(newest, erasureOf(newest))).rejects.toBeInstanceOf(Conflict);
    });

    it('are cleared away once, however often that is called, with the ids of their events', async () => {
      const id = newPatient();
      const events = Array.from({ length: 30 }, () => activity());
      for (const event of [...events, questionnaire()]) {
        const loaded = await ports.patients.load(id);
        await ports.patients.commit(loaded, recorded(loaded, event));
      }
      const patient = await ports.patients.load(id);
      await ports.erasures.erase(patient, erasureOf(patient));
      expect(await ports.erasures.clear(id)).toBeGreaterThan(30);
      expect(await ports.erasures.clear(id)).toBe(0);
      expect(await ports.patients.history(id)).toEqual([]);
      expect(await ports.patients.seen(newPatient(), events[0]?.id ?? '')).toEqual({ kind: 'never' });
      for (const { id: alert } of patient.alerts) expect(await ports.alertIndex.patientOf(alert)).toBeNull();
      await expect(ports.patients.load(id)).rejects.toBeInstanceOf(PatientErased);
    });

    it('clear nothing of anybody who is not erased', async () => {
      const patient = await known();
      await expect(ports.erasures.clear(patient.id)).rejects.toThrow('is not erased');
      await expect(ports.erasures.clear(newPatient())).rejects.toThrow('is not erased');
      expect(await ports.patients.history(patient.id)).toHaveLength(2);
    });
  });
}
