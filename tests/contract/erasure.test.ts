import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { KeysErased } from '../../functions/adapters/kms/keyring.ts';
import { systemChainOf } from '../../functions/adapters/set-aside-audit.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { type ErasurePorts, erasePatient } from '../../functions/erase-patient.ts';
import { jitteredPause, loadDecideCommit, type Pause } from '../../functions/load-decide-commit.ts';
import { Conflict, PatientErased } from '../../functions/ports/patients.ts';
import { order } from '../erasable-patients.ts';
import { exampleClinic } from '../example-clinic.ts';
import { activity, newPatient, now, questionnaire, recorded, withoutEvent } from './changes.ts';
import { createTables, type EmulatedTables, emulatedDynamoDB, processOver, rawItems } from './emulated-tables.ts';
import { erasureOf } from './erasures-contract.ts';
import { clientThatLosesAnAnswer } from './lossy-client.ts';

describe('what an erasure leaves in the tables', () => {
  let tables: EmulatedTables;
  let one: ReturnType<typeof processOver>;

  beforeAll(async () => {
    tables = await createTables();
    one = processOver(tables);
  });

  async function known(process = one): Promise<string> {
    const id = newPatient();
    for (const event of [activity(), questionnaire()]) {
      const loaded = await process.patients.load(id);
      await process.patients.commit(loaded, recorded(loaded, event));
    }
    return id;
  }

  async function unbroken(id: string): Promise<number> {
    let head = genesis(id);
    const records = await one.audit.stored(id);
    for (const record of records) {
      head = chainHash(id, record.sequence, head, record.recordHash);
      expect(record.head).toBe(head);
    }
    return records.length;
  }

  const portsOf = (process: typeof one, pause: Pause): ErasurePorts => ({
    ...process,
    // What was answered is not what this is about.
    patients: { load: async (patient) => ({ ...(await process.patients.load(patient)), alerts: [] }) },
    forgetAddress: () => Promise.resolve(),
    clinic: exampleClinic,
    pause,
  });

  const careItems = async (id: string) =>
    (await rawItems(tables.careTable)).filter(({ pk, patient }) => pk?.S === id || patient?.S === id);

  it('is the end of their chain and when it ended; the chain verifies, and nobody can open a record', async () => {
    const id = await known();
    // Another process has the keys in memory, as a function that runs would.
    const running = processOver(tables);
    await running.patients.load(id);
    const patient = await one.patients.load(id);
    await one.erasures.erase(patient, erasureOf(patient));
    for (const process of [one, running, processOver(tables)]) {
      await expect(process.patients.load(id)).rejects.toBeInstanceOf(PatientErased);
      await expect(process.auditRecords(id)).rejects.toBeInstanceOf(KeysErased);
    }
    await expect(processOver(tables).patients.history(id)).rejects.toBeInstanceOf(KeysErased);
    expect(await one.erasures.clear(id)).toBeGreaterThan(3);
    const left = await careItems(id);
    expect(left.map((item) => Object.keys(item).toSorted())).toEqual([
      ['dataVersion', 'erasedAt', 'head', 'pk', 'sk', 'version'],
    ]);
    expect(await unbroken(id)).toBe(3);
  });

  it('happens once where the answer to the transaction was lost', async () => {
    const id = await known();
    const lossy = processOver(
      tables,
      clientThatLosesAnAnswer(async (request) => request.forgetToken()),
    );
    const patient = await lossy.patients.load(id);
    await lossy.erasures.erase(patient, erasureOf(patient));
    expect(await unbroken(id)).toBe(3);
    const twins = (await one.auditRecords(systemChainOf(id)))
      .map(({ bytes }) => Buffer.from(bytes).toString())
      .filter((text) => text.includes(id));
    expect(twins).toHaveLength(1);
  });

  it('is the newest record whatever others write meanwhile: two erase, eight write, one erasure, no gap', async () => {
    const id = await known();
    const pause = jitteredPause(Math.random, (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)));
    const ports = portsOf(one, pause);
    const write = () =>
      loadDecideCommit(one.patients, id, async (patient) => withoutEvent(patient), pause).catch((error: unknown) => {
        if (!(error instanceof PatientErased)) throw error;
      });
    const erase = () => erasePatient(ports, id, { ...order, cause: 'request' }, now);
    await Promise.all([write(), write(), write(), write(), erase(), erase(), write(), write(), write(), write()]);
    const records = await unbroken(id);
    expect(records).toBeGreaterThan(2);
    const twins = (await one.auditRecords(systemChainOf(id)))
      .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))
      .filter(({ detail }) => detail.patient === id);
    expect(twins).toMatchObject([{ detail: { sequence: records } }]);
  });

  it('is done again in a care table restored from before it: the old head, and the same command (docs/operations.md)', async () => {
    const id = await known();
    const backup = await careItems(id);
    const erase = () =>
      erasePatient(
        portsOf(processOver(tables), () => Promise.resolve()),
        id,
        { ...order, cause: 'request' },
        now,
      );
    await erase();
    const [oldHead] = await careItems(id);
    const put = (Item: typeof oldHead) =>
      emulatedDynamoDB().send(new PutItemCommand({ TableName: tables.careTable, Item }));
    for (const item of backup) await put(item);
    expect(await processOver(tables).patients.history(id)).toHaveLength(2);
    // The audit has the erasure: one more at the same number would be another history.
    await expect(erase()).rejects.toBeInstanceOf(Conflict);

    await put(oldHead);
    expect(await erase()).toMatchObject({ at: now });
    await expect(processOver(tables).patients.load(id)).rejects.toBeInstanceOf(PatientErased);
    expect(await careItems(id)).toEqual([oldHead]);
    expect(await unbroken(id)).toBe(3);
  });

  it('keeps no token of a workflow and finds none, so that no stream stops at somebody who is gone', async () => {
    const id = await known();
    const name = { patient: id, alert: 'a-1' };
    await one.alertTokens.keep(name, { token: 'secret', dueAt: now }, new Date().toISOString());
    const patient = await one.patients.load(id);
    await one.erasures.erase(patient, erasureOf(patient));
    const fresh = processOver(tables);
    expect(await fresh.alertTokens.newest(name)).toBeNull();
    await fresh.alertTokens.keep({ ...name, alert: 'a-2' }, { token: 'secret', dueAt: now }, now);
    expect((await careItems(id)).map(({ sk }) => sk?.S)).not.toContain('wait#a-2');
  });
});
