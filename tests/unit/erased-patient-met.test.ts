import { describe, expect, it } from 'vitest';
import { MemoryReminderChannels } from '../../functions/adapters/memory/reminder-channels.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { failed } from '../../functions/alert-api/answer.ts';
import { listAlerts } from '../../functions/alert-api/list-alerts.ts';
import { answerAlert, showAlert } from '../../functions/alert-api/one-alert.ts';
import { tellWhoIsNext } from '../../functions/alert-workflow/tell.ts';
import type { AuditEntry } from '../../functions/domain/audit-chain.ts';
import { personOf } from '../../functions/domain/staff-access.ts';
import { PatientErased } from '../../functions/ports/patients.ts';
import { remindShard } from '../../functions/reminder-round/round.ts';
import { openNight, scanShard } from '../../functions/risk-scan/scan.ts';
import { clinic, Desk, noPause } from '../alert-desk.ts';
import { exampleClinic } from '../example-clinic.ts';

// What runs while a patient is erased: an index that named them a moment ago, a workflow that waits, an answer on its way.

const now = '2026-03-08T07:00:00.000Z';
const erased = (id: string) => Promise.reject(new PatientErased(id, now));

/** An alert whose patient is erased from the load of this number on. */
async function deskWhereErasedAt(load: number): Promise<Desk> {
  const desk = new Desk();
  await desk.open('a-1', 'urgent');
  const { patients } = desk.store;
  const asBefore = patients.load.bind(patients);
  let loads = 0;
  patients.load = (id) => {
    loads += 1;
    return loads >= load ? erased(id) : asBefore(id);
  };
  return desk;
}

describe('a patient who was erased in the middle of it', () => {
  it.each([1, 2, 3, 4])(
    'ends a sweep of their alerts quietly, erased at its load number %i: nothing fails',
    async (load) => {
      const desk = await deskWhereErasedAt(load);
      const swept = await desk.sweep();
      expect(swept.failures).toEqual([]);
      expect(swept.alerts).toBe(1);
      expect(await desk.store.alertClaims.take('a-1', 'the next', desk.now, desk.now)).toBe(true);
    },
  );

  it('does not stop the sweep of the others', async () => {
    const desk = new Desk();
    await desk.open('a-1', 'urgent');
    await desk.open('a-2', 'urgent');
    const { patients } = desk.store;
    const asBefore = patients.load.bind(patients);
    patients.load = (id) => (id === 'p-a-1' ? erased(id) : asBefore(id));
    expect(await desk.sweep()).toMatchObject({ alerts: 2, failures: [] });
    expect(desk.mail.sent.length).toBeGreaterThan(0);
  });

  it('ends the workflow of their alert', async () => {
    const desk = await deskWhereErasedAt(1);
    const alertIndex = { standing: async () => null };
    const { told, dispatched } = await tellWhoIsNext({ ...desk.ports, alertIndex }, { patient: 'p-a-1', alert: 'a-1' });
    expect(told).toEqual({ patient: 'p-a-1', alert: 'a-1', ended: true });
    expect(dispatched.failures).toEqual([]);
  });

  it('is neither assessed nor set aside nor missed by the scan', async () => {
    const store = memoryStore();
    store.patients.load = erased;
    const reviewIndex = { shards: [0], due: async () => ({ due: [{ id: 'p-1', reviewAt: now }], cursor: null }) };
    const ports = {
      ...store,
      reviewIndex,
      clinic: exampleClinic,
      pause: noPause,
      now: () => now,
      mayPass: () => false,
    };
    const { night, until } = await openNight(ports);
    await scanShard(ports, { night, until, shard: 0, cursor: null }, () => true);
    expect(await store.nights.lines(night)).toEqual([]);
  });

  it('is no failure of a round of reminders', async () => {
    const store = memoryStore();
    store.patients.load = erased;
    const reminderChannels = new MemoryReminderChannels();
    const ports = {
      ...store,
      reminderIndex: { shards: [0], due: async () => ({ due: [{ id: 'p-1', reminderAt: now }], cursor: null }) },
      reminderChannels,
      clinic: exampleClinic,
      pause: noPause,
      pace: noPause,
      now: () => now,
      mayPass: () => false,
    };
    const part = await remindShard(ports, { shard: 0, until: now, cursor: null }, () => true);
    expect(part).toMatchObject({ done: true, failures: [], counts: { patients: 0, sent: 0 } });
    expect(reminderChannels.sent).toEqual([]);
  });

  it('has no alert for the care team: not in the list, not to show and not to answer, and who tried is recorded', async () => {
    const desk = await deskWhereErasedAt(1);
    const alertId = `a-${'0'.repeat(26)}`;
    const notes: AuditEntry[] = [];
    const failures: unknown[] = [];
    const ports = {
      ...desk.ports,
      alertIndex: { ...desk.store.alertIndex, patientOf: async () => 'p-a-1' },
      journal: {
        note: async (_id: string, entry: AuditEntry) => {
          notes.push(entry);
        },
      },
      signIn: { issuer: 'https://login.example.org', clientId: 'page', scope: 'openid' },
      newId: () => 'an-id',
      onFailure: (error: unknown) => failures.push(error),
    };
    const person = personOf('s-1', ['supervisor'], clinic.escalation);
    expect((await listAlerts(ports, person, '203.0.113.7')).body).toEqual({ alerts: [], unreadable: 0 });
    expect(failures).toEqual([]);
    notes.length = 0;
    const request = {
      route: '',
      alertId,
      contentType: 'application/json',
      body: '{"version":1}',
      isBase64Encoded: false,
      from: '203.0.113.7',
      signedIn: undefined,
    };
    expect(await showAlert(ports, person, request)).toEqual(failed('unknown'));
    expect(await answerAlert(ports, person, request, 'acknowledge')).toEqual(failed('unknown'));
    expect(notes).toMatchObject([
      { action: 'alert.view', outcome: 'refused', agent: { who: 's-1' } },
      { action: 'alert.acknowledge', outcome: 'refused', agent: { who: 's-1' } },
    ]);
  });

  it('hides no other fault: what is no erasure still fails', async () => {
    const desk = new Desk();
    await desk.open('a-1', 'urgent');
    desk.store.patients.load = () => Promise.reject(new Error('damage'));
    expect((await desk.sweep()).failures).toMatchObject([{ message: 'damage' }]);
    const person = personOf('s-1', ['supervisor'], clinic.escalation);
    const ports = {
      ...desk.ports,
      alertIndex: { ...desk.store.alertIndex, patientOf: async () => 'p-a-1' },
      journal: { note: async () => {} },
      signIn: { issuer: '', clientId: '', scope: '' },
      newId: () => 'an-id',
      onFailure: () => {},
    };
    const request = {
      route: '',
      alertId: `a-${'0'.repeat(26)}`,
      contentType: undefined,
      body: undefined,
      isBase64Encoded: false,
      from: '',
      signedIn: undefined,
    };
    await expect(showAlert(ports, person, request)).rejects.toThrow('damage');
  });
});
