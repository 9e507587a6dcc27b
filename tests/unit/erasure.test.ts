import { describe, expect, it } from 'vitest';
import { noteOn } from '../../bin/open-audit.ts';
import type { Operation } from '../../functions/adapters/memory/faults.ts';
import { systemChainOf } from '../../functions/adapters/set-aside-audit.ts';
import { type Alert, newAlert } from '../../functions/domain/alert.ts';
import { chainHash, genesis } from '../../functions/domain/audit-chain.ts';
import { readAuditRecord } from '../../functions/domain/audit-record.ts';
import { decideErasure, objectionTo } from '../../functions/domain/erasure.ts';
import { decideHold } from '../../functions/domain/legal-hold.ts';
import type { Enrolment, Patient } from '../../functions/domain/patient.ts';
import { erasePatient } from '../../functions/erase-patient.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { Conflict, PatientErased } from '../../functions/ports/patients.ts';
import { noPause, order, portsOf, systemRecordsAbout, type World, worldOf } from '../erasable-patients.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-05-01T09:00:00.000Z';
const later = '2026-05-02T09:00:00.000Z';
const vendor = 'vendor-Struldbrug';
const onRequest = { ...order, cause: 'request' as const };

const idIn = ({ store }: World, patient = vendor) => store.pseudonyms.patient(patient);
const erase = async (world: World, at = now) => erasePatient(portsOf(world), await idIn(world), onRequest, at);

async function patientLeft(): Promise<Patient> {
  const world = await worldOf([vendor]);
  return world.store.patients.load(await idIn(world));
}

const alertOf = (change: Partial<Alert>): Alert => ({
  ...newAlert({ id: 'a-1', cause: 'dropout', tier: 'list', evidence: [] }, now),
  ...change,
});

describe('what stands against erasing somebody', () => {
  it('is nothing once they have left and no urgent or safety alert is open', async () => {
    const left = await patientLeft();
    expect(left.state.enrolment?.status).toBe('ended');
    expect(objectionTo(left)).toBeNull();
    expect(objectionTo({ ...left, alerts: [alertOf({ tier: 'alert' })] })).toBeNull();
    expect(objectionTo({ ...left, state: { ...left.state, enrolment: null } })).toBeNull();
  });

  it.each<[string, (left: Patient) => Partial<Patient>, string]>([
    ['that nobody is known by this id', () => ({ version: 0 }), 'no patient of this id'],
    [
      'a legal hold',
      () => ({ legalHold: { since: now, by: 'it', reason: 'a subpoena' } }),
      'npx tandem patients release',
    ],
    ['an urgent alert', () => ({ alerts: [alertOf({ tier: 'urgent' })] }), 'npx tandem alerts list'],
    [
      'a safety alert of any tier',
      () => ({ alerts: [alertOf({}), alertOf({ cause: 'safety' })] }),
      'npx tandem alerts list',
    ],
    ...(['active', 'paused'] as const).map((status): [string, (left: Patient) => Partial<Patient>, string] => [
      `an enrolment that is ${status}`,
      ({ state }) => ({ state: { ...state, enrolment: { ...(state.enrolment as Enrolment), status } } }),
      'EnrolmentEnded',
    ]),
  ])('is %s, with what to do and without the words of any person', async (_, change, said) => {
    const left = await patientLeft();
    const patient = { ...left, ...change(left) };
    const decision = decideErasure(patient, onRequest, exampleClinic, now);
    expect(decision).toEqual({ refused: expect.stringContaining(said) });
    expect(JSON.stringify(decision)).not.toContain('subpoena');
  });
});

describe('erasing a patient', () => {
  it('is the last record of their chain, and stands in a system chain too, where it can be read for good', async () => {
    const world = await worldOf([vendor]);
    const id = await idIn(world);
    expect(await erase(world)).toMatchObject({ at: now, cleared: 3, setAsides: 0 });
    const records = world.store.auditRecords(id);
    expect(records).toHaveLength(4);
    let head = genesis(id);
    for (const { sequence, recordHash, head: stored } of records) {
      head = chainHash(id, sequence, head, recordHash);
      expect(stored).toBe(head);
    }
    expect(systemRecordsAbout(world, id)).toMatchObject([
      {
        action: 'patient.erase',
        agent: { who: 'it', role: 'clinic' },
        recordedAt: now,
        reason: order.reason,
        detail: { patient: id, sequence: 4, cause: 'request', accessKeyId: order.accessKeyId },
      },
    ]);
    expect(world.forgotten).toEqual([id]);
  });

  it('leaves the others as they are, and nothing of the patient', async () => {
    const world = await worldOf([vendor, 'another']);
    const id = await idIn(world);
    const other = await world.store.patients.load(await idIn(world, 'another'));
    await erase(world);
    await expect(world.store.patients.load(id)).rejects.toThrow(`${id} was erased at ${now}`);
    expect(await world.store.patients.history(id)).toEqual([]);
    expect(world.store.patients.patients()).toEqual([other]);
    expect((await world.store.reviewIndex.due(0, null, null)).due.map((due) => due.id)).toEqual([other.id]);
  });

  it('is refused under a legal hold that was ordered in between, and changes nothing then', async () => {
    const held: { world: World | null } = { world: null };
    const hold = async (operation: Operation) => {
      const { world } = held;
      if (operation !== 'erasures.erase' || world === null) return;
      held.world = null;
      await loadDecideCommit(
        world.store.patients,
        await idIn(world),
        async (patient) => {
          const decision = decideHold(patient, order, exampleClinic, now);
          return 'change' in decision ? decision.change : null;
        },
        noPause,
      );
    };
    const world = await worldOf([vendor], 3, { before: hold });
    held.world = world;
    expect(await erase(world)).toEqual({ refused: expect.stringContaining('a legal hold stands') });
    expect(await world.store.patients.history(await idIn(world))).toHaveLength(3);
    expect(world.forgotten).toEqual([]);
  });

  it('gives up where every attempt is lost to another writer', async () => {
    const world = await worldOf([vendor]);
    const ports = portsOf(world);
    const erasures = { ...ports.erasures, erase: () => Promise.reject(new Conflict()) };
    await expect(erasePatient({ ...ports, erasures }, await idIn(world), onRequest, now)).rejects.toBeInstanceOf(
      Conflict,
    );
  });

  it('killed before or after any call, it is finished by the next run and recorded once', async () => {
    const calls: Operation[] = [];
    const counted = await worldOf([vendor], 3, { before: (operation) => void calls.push(operation) });
    await counted.store.setAsides.put({ id: 'm-1', at: now, reason: 'x', body: bodyOf(vendor) });
    calls.length = 0;
    await erase(counted);
    expect(calls).toContain('erasures.clear');
    for (let at = 1; at <= calls.length; at += 1)
      for (const when of ['before', 'after'] as const) {
        const kill = { after: 0, when };
        const strike = (place: 'before' | 'after') => {
          if (kill.after === 0 || kill.when !== place) return;
          kill.after -= 1;
          if (kill.after === 0) throw new Error('killed');
        };
        const world = await worldOf([vendor], 3, { before: () => strike('before'), after: () => strike('after') });
        await world.store.setAsides.put({ id: 'm-1', at: now, reason: 'x', body: bodyOf(vendor) });
        kill.after = at;
        await expect(erase(world)).rejects.toThrow('killed');
        kill.after = 0;
        await erase(world, later);
        const id = await idIn(world);
        expect(systemRecordsAbout(world, id).filter(({ action }) => action === 'patient.erase')).toHaveLength(1);
        expect(world.store.auditRecords(id)).toHaveLength(4);
        expect(await world.store.patients.history(id)).toEqual([]);
        expect(await world.store.setAsides.list()).toEqual([]);
        expect(world.forgotten).toContain(id);
      }
  });

  it('takes the messages about them off the list of those set aside, and no other', async () => {
    const world = await worldOf([vendor]);
    const bodies = [bodyOf(vendor), bodyOf('another'), 'not JSON', '{"detail":{"patient":7}}', bodyOf('')];
    for (const [index, body] of bodies.entries())
      await world.store.setAsides.put({ id: `m-${index}`, at: now, reason: 'x', body });
    expect(await erase(world)).toMatchObject({ setAsides: 1 });
    expect((await world.store.setAsides.list()).map(({ id }) => id)).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
  });

  it('counts no message that somebody else took off the list meanwhile', async () => {
    const world = await worldOf([vendor]);
    await world.store.setAsides.put({ id: 'm-1', at: now, reason: 'x', body: bodyOf(vendor) });
    const ports = portsOf(world);
    const setAsides = { list: () => world.store.setAsides.list(), remove: async () => false };
    expect(await erasePatient({ ...ports, setAsides }, await idIn(world), onRequest, now)).toMatchObject({
      setAsides: 0,
    });
  });

  it('clears nothing of somebody who is not erased', async () => {
    const world = await worldOf([vendor]);
    await expect(world.store.erasures.clear(await idIn(world))).rejects.toThrow('is not erased');
  });
});

describe('after an erasure', () => {
  it('an event of the patient is set aside with the reason, whatever its type, and makes nobody known again', async () => {
    const world = await worldOf([vendor]);
    await erase(world);
    const ports = { ...world.store, clinic: exampleClinic, pause: noPause };
    const data = { programme: 'depression', track: 'self-guided' };
    expect(await intake(ports, bodyOf(vendor, 'PatientEnrolled', data), later)).toMatchObject({
      outcome: 'set-aside',
      alerts: 0,
    });
    const [waiting] = await world.store.setAsides.list();
    expect(waiting?.reason).toMatch(/^patient: was erased: [^;]+event-of-an-erased-patient\)$/);
    expect(world.store.patients.patients()).toEqual([]);
    // Erasing them again takes that message away, too.
    expect(await erase(world, later)).toMatchObject({ at: now, cleared: 0, setAsides: 1 });
  });

  it('an answer that means danger says so in the reason, since no alert can be opened, and a harmless one does not', async () => {
    const world = await worldOf([vendor]);
    await erase(world);
    const ports = { ...world.store, clinic: exampleClinic, pause: noPause };
    const answers = (item9: number) => ({ measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, item9] });
    await intake(ports, bodyOf(vendor, 'QuestionnaireSubmitted', answers(3), 'ev-3'), later);
    await intake(ports, bodyOf(vendor, 'QuestionnaireSubmitted', answers(0), 'ev-0'), later);
    const reasons = (await world.store.setAsides.list()).map(({ body, reason }) => [
      body.includes('ev-3') ? 'danger' : 'harmless',
      reason,
    ]);
    expect(Object.fromEntries(reasons)).toEqual({
      harmless: expect.not.stringContaining('safety item'),
      danger: expect.stringContaining('asks for a person, at once'),
    });
  });

  it('who asks the audit about the patient stands in a system chain, which names them', async () => {
    const world = await worldOf([vendor]);
    const id = await idIn(world);
    await erase(world);
    const entry = {
      action: 'audit.who-saw',
      agent: { who: 'it', role: 'clinic' },
      source: 'command line',
      part: 'audit',
      outcome: 'success',
      reason: 'who saw or changed what',
      changed: false,
      detail: { accessKeyId: 'AKIAEXAMPLE' },
    } as const;
    const noted: unknown[] = [];
    const journal = {
      note: async (...args: unknown[]) => {
        noted.push(args);
      },
    };
    const ports = { ...portsOf(world), patients: world.store.patients, journal };
    await noteOn(ports, id, entry, later);
    expect(noted).toEqual([
      [id, { ...entry, rules: exampleClinic.hash, detail: { accessKeyId: 'AKIAEXAMPLE', patient: id } }, later],
    ]);
    await expect(noteOn(ports, await idIn(world, 'nobody'), entry, later)).rejects.toThrow('no patient of this id');
  });

  it('a writer who had loaded the patient before loses, and learns why at the next load', async () => {
    const world = await worldOf([vendor]);
    const id = await idIn(world);
    const stale = await world.store.patients.load(id);
    const hold = decideHold(stale, order, exampleClinic, now);
    await erase(world);
    if ('refused' in hold) throw new Error(hold.refused);
    await expect(world.store.patients.commit(stale, hold.change)).rejects.toBeInstanceOf(Conflict);
    await expect(world.store.patients.load(id)).rejects.toBeInstanceOf(PatientErased);
  });

  it('only who, when and why is left to be read of them', async () => {
    const world = await worldOf([vendor]);
    const id = await idIn(world);
    await erase(world);
    const readable = world.store
      .auditRecords(systemChainOf(id))
      .map(({ bytes }) => JSON.stringify(readAuditRecord(bytes)));
    expect(readable.join('\n')).not.toContain(vendor);
  });
});

function bodyOf(patient: string, type = 'PatientActive', data: object = { kind: 'use' }, id = 'ev-9'): string {
  const detail = { id, occurredAt: '2026-04-01T09:00:00Z', patient, data };
  return JSON.stringify({ source: 'tandem.programme', 'detail-type': type, detail });
}
