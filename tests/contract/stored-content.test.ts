import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateAliasCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/adapters/kms/envelope.ts';
import { KeysErased } from '../../functions/adapters/kms/keyring.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { Conflict } from '../../functions/ports/patients.ts';
import { exampleClinic } from '../example-clinic.ts';
import { activity, newPatient, now, questionnaire, recorded } from './changes.ts';
import {
  createKey,
  createTables,
  type EmulatedTables,
  emulatedDynamoDB,
  emulatedKMS,
  processOver,
  rawItems,
} from './emulated-tables.ts';

describe('what the tables hold', () => {
  let tables: EmulatedTables;
  let one: ReturnType<typeof processOver>;

  beforeAll(async () => {
    tables = await createTables();
    one = processOver(tables);
  });

  async function commit(process: typeof one, id: string, event: ClinicalEvent): Promise<void> {
    const loaded = await process.patients.load(id);
    await process.patients.commit(loaded, recorded(loaded, event));
  }

  it('can be read by another process, in whole', async () => {
    const id = newPatient();
    const event = questionnaire();
    await commit(one, id, event);
    const another = processOver(tables);
    expect(await another.patients.load(id)).toEqual(await one.patients.load(id));
    expect(await another.patients.history(id)).toEqual([event]);
    await commit(another, id, activity());
    expect(await one.patients.load(id)).toMatchObject({ version: 2 });
  });

  it('has the record once the writer has answered: whatever becomes of it then, none waits in its memory (A17)', async () => {
    const id = newPatient();
    const client = emulatedDynamoDB();
    await commit(processOver(tables, client), id, questionnaire());
    client.destroy();
    const [record, ...more] = await one.auditRecords(id);
    expect(JSON.parse(Buffer.from(record?.bytes ?? []).toString())).toMatchObject({
      action: 'event.record',
      chain: id,
    });
    expect(more).toEqual([]);
  });

  it('gives a history of more than a page in whole (P11)', async () => {
    const id = newPatient();
    const fhir = { resourceType: 'QuestionnaireResponse', note: 'x'.repeat(100_000) };
    const ids = Array.from({ length: 12 }, (_, index) => `${id}-${index}`);
    for (const event of ids) {
      const loaded = await one.patients.load(id);
      const change = recorded(loaded, activity(event));
      const large: ClinicalEvent = { ...activity(event), type: 'QuestionnaireSubmitted', data: { fhir } };
      await one.patients.commit(loaded, { ...change, event: large });
    }
    const history = await one.patients.history(id);
    expect(history.map((event) => event.id).toSorted()).toEqual(ids.toSorted());
  });

  it('refuses a state larger than an item can be, in words, and changes nothing', async () => {
    const id = newPatient();
    const loaded = await one.patients.load(id);
    const change = recorded(loaded, activity());
    const barriers = Array.from({ length: 10_000 }, () => ({ at: now, barrier: 'time' as const }));
    await expect(
      one.patients.commit(loaded, {
        ...change,
        patient: { ...change.patient, state: { ...change.patient.state, barriers } },
      }),
    ).rejects.toThrow(/"head" of p-\S+ takes \d+ bytes: an item holds at most 409600/);
    expect(await one.patients.load(id)).toMatchObject({ version: 0 });
  });

  it('does not open content that was moved to another item, another patient or another place of the chain', async () => {
    const [id, other] = [newPatient(), newPatient()];
    for (const event of [activity('moved-1'), activity('moved-2')]) await commit(one, id, event);
    await commit(one, other, activity('moved-3'));
    const [first, second, third] = (await Promise.all(
      ['moved-1', 'moved-2', 'moved-3'].map((event) => eventItem(event)),
    )) as [Item, Item, Item];
    await put(tables.careTable, { ...first, content: second['content'] as Item[string] });
    await expect(one.patients.history(id)).rejects.toBeInstanceOf(Unreadable);
    await put(tables.careTable, { ...third, content: second['content'] as Item[string] });
    await expect(one.patients.history(other)).rejects.toBeInstanceOf(Unreadable);
    const records = (await rawItems(tables.auditTable)).filter(({ chain }) => chain?.S === id);
    await put(tables.auditTable, { ...(records[0] as Item), content: records[1]?.['content'] as Item[string] });
    await expect(one.auditRecords(id)).rejects.toThrow(/audit record \d of p-\S+ does not open/);
  });

  it('says so where the keys were erased: nothing opens, the chain still verifies', async () => {
    const id = newPatient();
    await commit(one, id, questionnaire());
    await commit(one, id, activity());
    await emulatedDynamoDB().send(
      new DeleteItemCommand({ TableName: tables.careTable, Key: { pk: { S: id }, sk: { S: 'keys' } } }),
    );
    const fresh = processOver(tables);
    await expect(fresh.patients.load(id)).rejects.toBeInstanceOf(KeysErased);
    await expect(fresh.patients.history(id)).rejects.toThrow(/erased/);
    await expect(fresh.auditRecords(id)).rejects.toBeInstanceOf(KeysErased);
    let head = genesis(id);
    for (const record of await fresh.audit.stored(id)) {
      head = chainHash(id, record.sequence, head, record.recordHash);
      expect(record.head).toBe(head);
    }
  });

  it('goes on after the newest record was deleted by leaving a visible gap (A11)', async () => {
    const id = newPatient();
    for (let n = 0; n < 2; n += 1) await commit(one, id, activity());
    const stale = await one.patients.load(id);
    await commit(one, id, activity());
    await emulatedDynamoDB().send(
      new DeleteItemCommand({ TableName: tables.auditTable, Key: { chain: { S: id }, sequence: { N: '3' } } }),
    );
    // The number in the state is the authority, not the log: its place is not given away a second time.
    await expect(one.patients.commit(stale, recorded(stale, activity()))).rejects.toBeInstanceOf(Conflict);
    await commit(processOver(tables), id, activity());
    expect((await one.audit.stored(id)).map(({ sequence }) => sequence)).toEqual([1, 2, 4]);
  });

  it('reads on after an alias was moved to a new key (K01, K06)', async () => {
    const id = newPatient();
    const alias = `alias/${id}`;
    const kms = emulatedKMS();
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: tables.careKeyArn }));
    const byAlias = { ...tables, careKeyArn: alias };
    await commit(processOver(byAlias), id, questionnaire());
    await kms.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: await createKey() }));
    const after = processOver(byAlias);
    expect(await after.patients.load(id)).toMatchObject({ version: 1 });
    await commit(after, id, activity());
    expect(await after.patients.history(id)).toHaveLength(2);
  });

  it('does not pass a set-aside message off as whole where a part of it is gone', async () => {
    const damaged = await createTables();
    const { setAsides } = processOver(damaged);
    await setAsides.put({ id: 'e-large', at: now, reason: 'is too large', body: 'x'.repeat(600_000) });
    const part = (await rawItems(damaged.careTable)).find(({ sk }) => sk?.S === 'set-aside-part#e-large#2');
    await emulatedDynamoDB().send(
      new DeleteItemCommand({
        TableName: damaged.careTable,
        Key: { pk: part?.['pk'] as never, sk: part?.['sk'] as never },
      }),
    );
    await expect(setAsides.list()).rejects.toThrow('set-aside e-large lost a part');
  });

  it('keeps one open alert item for each alert, with nothing readable but its status and its place in the index', async () => {
    const id = newPatient();
    await commit(one, id, questionnaire());
    const items = (await rawItems(tables.careTable)).filter(({ pk }) => pk?.S === id);
    const alerts = items.filter(({ sk }) => sk?.S?.startsWith('alert#'));
    expect(alerts).toHaveLength(1);
    expect(Object.keys(alerts[0] ?? {}).toSorted()).toEqual([
      'content',
      'dataVersion',
      'dueAt',
      'dueKind',
      'pk',
      'sk',
      'status',
    ]);
    expect(items.map(({ sk }) => sk?.S?.replace(/#.*/, '') ?? '').toSorted()).toEqual([
      'alert',
      'event',
      'head',
      'keys',
    ]);
  });

  it('shows nothing that names or describes a patient outside the encrypted content', async () => {
    // Long enough that no ciphertext holds one by chance.
    const seeded = {
      vendorId: 'MRN-Qvx81',
      eventId: 'event-Qvx82',
      phone: '+12025550199',
      email: 'qvx83@example.org',
      therapist: 'Qvx84-Brobdingnag',
      programme: 'Qvx85-Brobdingnag',
      measure: 'Qvx86-Brobdingnag',
      note: 'Qvx87-Brobdingnag',
    };
    const id = await one.pseudonyms.patient(seeded.vendorId);
    const events: ClinicalEvent[] = [
      {
        id: seeded.eventId,
        type: 'PatientEnrolled',
        occurredAt: '2026-01-01T00:00:00.000Z',
        patient: seeded.vendorId,
        data: {
          programme: seeded.programme,
          track: 'therapist-supported',
          therapist: seeded.therapist,
          timeZone: 'Pacific/Kiritimati',
          contact: { preferred: 'sms', sms: seeded.phone, email: seeded.email },
        },
      },
      {
        id: `${seeded.eventId}-2`,
        type: 'QuestionnaireSubmitted',
        occurredAt: '2026-01-02T00:00:00.000Z',
        patient: seeded.vendorId,
        data: { measure: seeded.measure, answers: [3, 3, 3, 3, 3, 3, 3, 3, 3] },
      },
    ];
    for (const event of events) {
      const loaded = await one.patients.load(id);
      await one.patients.commit(loaded, decideEvent(loaded, event, null, exampleClinic, now));
    }
    await one.setAsides.put({ id: 'e-aside', at: now, reason: seeded.note, body: JSON.stringify(seeded) });

    const opened = JSON.stringify([
      await one.patients.load(id),
      await one.patients.history(id),
      await one.setAsides.list(),
      (await one.auditRecords(id)).map(({ bytes }) => Buffer.from(bytes).toString()),
    ]);
    const raw = [...(await rawItems(tables.careTable)), ...(await rawItems(tables.auditTable))];
    const readable = JSON.stringify(raw, (_, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    for (const marker of [...Object.values(seeded), 'Pacific/Kiritimati', 'therapist-supported']) {
      // The marker is there, or the search would prove nothing...
      expect(opened).toContain(marker);
      // ...and neither it nor a plain encoding of it is readable.
      expect(readable).not.toContain(marker);
      expect(readable).not.toContain(Buffer.from(marker).toString('base64url').slice(0, -1));
    }
  });

  type Item = Awaited<ReturnType<typeof rawItems>>[number];

  async function eventItem(eventId: string): Promise<Item> {
    const key = `event#${await one.pseudonyms.event(eventId)}`;
    const found = (await rawItems(tables.careTable)).find(({ sk }) => sk?.S === key);
    if (found === undefined) throw new Error('the test stored no such event');
    return found;
  }

  async function put(table: string, Item: Item): Promise<void> {
    await emulatedDynamoDB().send(new PutItemCommand({ TableName: table, Item }));
  }
});
