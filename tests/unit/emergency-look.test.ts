import { beforeEach, describe, expect, it } from 'vitest';
import { emergencyLook } from '../../bin/emergency-look.ts';
import { MemoryAlertMail } from '../../functions/adapters/memory/alert-mail.ts';
import { type MemoryStore, memoryStore } from '../../functions/adapters/memory/store.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import { exampleClinic as clinic } from '../example-clinic.ts';

const now = '2026-03-02T10:00:00.000Z';
const look = { by: 'c-1', enteredBy: 'it', source: 'command line', reason: 'nobody else is there' };
let store: MemoryStore;
let alert: string;
let told: string[];
let mail: MemoryAlertMail;

beforeEach(async () => {
  store = memoryStore();
  told = [];
  mail = new MemoryAlertMail();
  const patient = await store.patients.load('p-1');
  const change = decideEvent(
    patient,
    {
      id: 'ev-1',
      type: 'QuestionnaireSubmitted',
      occurredAt: now,
      patient: 'vendor-Qvx',
      data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] },
    },
    null,
    clinic,
    now,
  );
  await store.patients.commit(patient, change);
  alert = change.changedAlerts[0]?.id ?? '';
});

const open = (change: Partial<typeof look> = {}, id = alert, tell = async (text: string) => void told.push(text)) =>
  emergencyLook(
    { ...store, clinic, pause: () => Promise.resolve(), operators: { alert: tell }, alertMail: mail },
    { ...look, ...change, alert: id },
    now,
  );
const records = () =>
  store.auditRecords('p-1').map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>);

describe('emergency access ("break glass")', () => {
  it('shows the alert to somebody who may not see it, records who and why, and tells operators and compliance at once', async () => {
    const { alert: shown, untold } = await open();
    expect([shown?.id, untold]).toEqual([alert, false]);
    expect(records().at(-1)).toMatchObject({
      action: 'access.emergency',
      agent: { who: 'c-1', role: 'compliance' },
      outcome: 'success',
      reason: 'nobody else is there',
      changed: false,
      detail: { alert, enteredBy: 'it' },
    });
    expect(told).toEqual([expect.stringContaining(`opened the alert ${alert}`)]);
    expect(mail.sent).toEqual([{ to: 'c-1', subject: 'Tandem: emergency access', body: told[0] }]);
    for (const secret of ['nobody else', 'vendor-Qvx', 'phq', 'p-1']) expect(told.join()).not.toContain(secret);
  });

  it('changes nothing of the patient', async () => {
    const before = await store.patients.load('p-1');
    await open();
    const after = await store.patients.load('p-1');
    expect({ ...after, version: 0, head: '' }).toEqual({ ...before, version: 0, head: '' });
  });

  it('is refused to whoever is not on the staff list, and that is recorded', async () => {
    await expect(open({ by: 'stranger' })).rejects.toThrow('for people on the staff list');
    expect(records().at(-1)).toMatchObject({
      action: 'access.emergency',
      agent: { who: 'stranger', role: 'not on the staff list' },
      outcome: 'refused',
    });
    expect([told, mail.sent]).toEqual([[], []]);
  });

  it('shows the alert even where the operators cannot be told, and says so', async () => {
    expect(await open({}, alert, () => Promise.reject(new Error('away')))).toMatchObject({
      alert: { id: alert },
      untold: true,
    });
  });

  it('says so, too, where the compliance officer has no address that SNS would write to', async () => {
    mail.unconfirmed.add('c-1');
    expect(await open()).toMatchObject({ alert: { id: alert }, untold: true });
    expect([told.length, mail.sent]).toEqual([1, []]);
  });

  it('asks for a reason, and for an alert that there was', async () => {
    await expect(open({ reason: ' ' })).rejects.toThrow('--emergency: write in 1 to 500 characters');
    await expect(open({ reason: 'x'.repeat(501) })).rejects.toThrow('--emergency');
    await expect(open({}, 'a-unknown')).rejects.toThrow('no alert of this id');
    expect(records()).toHaveLength(1);
  });
});
