import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { systemChainOf } from '../../functions/adapters/set-aside-audit.ts';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { readAuditRecord } from '../../functions/domain/audit-record.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { type Patient, unknownPatient } from '../../functions/domain/patient.ts';
import type { TrialDraw } from '../../functions/domain/reminder.ts';
import { runningTrial, trialName } from '../../functions/domain/reminder-trial.ts';
import { PatientErased, type Patients } from '../../functions/ports/patients.ts';
import { clinicInForce, isTimeToWeigh, type TrialPorts, weighTrial } from '../../functions/reminder-round/trial.ts';
import { clinicWith, sentAt } from '../reminder-patients.ts';
import { onDay } from '../risk-patients.ts';

const trial = { on: true, probability: 0.5, seed: 'a seed for tests', leaveOut: [] };
const clinic = clinicWith({ trial });
const name = trialName(trial);

/** Patients with one draw each: so many of a hundred are active where it was sent, and where it was held back. */
function cohort(activeSent: number, activeHeld: number, size = 400, drawnBy = name) {
  const draw = (arm: TrialDraw['arm']): TrialDraw => ({ name: drawnBy, probability: 0.5, arm, at: onDay(7) });
  const known = new Map(
    Array.from({ length: size }, (_, index) => {
      const arm = index % 2 === 0 ? 'send' : 'hold';
      const active = Math.floor(index / 2) % 100 < (arm === 'send' ? activeSent : activeHeld);
      const event = {
        id: `ev-${index}`,
        type: 'PatientActive',
        occurredAt: onDay(8),
        patient: 'p',
        data: { kind: 'use' },
      };
      const id = `p-${index}`;
      const patient: Patient = {
        ...unknownPatient(id, genesis(id)),
        reminders: [sentAt(onDay(7), { trial: draw(arm) })],
      };
      return [id, { patient, history: active ? [event as ClinicalEvent] : [] }];
    }),
  );
  const store = memoryStore();
  const loads: string[] = [];
  const reviewIndex = {
    shards: [0, 1],
    due: (shard: number, _until: string | null, cursor: string | null) => {
      const all = [...known.keys()].filter((id) => Number(id.slice(2)) % 2 === shard);
      const from = Number(cursor ?? 0);
      const due = all.slice(from, from + 33).map((id) => ({ id, reviewAt: null }));
      return Promise.resolve({ due, cursor: from + 33 < all.length ? String(from + 33) : null });
    },
  };
  const patients: Patients = {
    seen: () => Promise.reject(new Error('not asked for')),
    commit: () => Promise.reject(new Error('a trial changes no patient')),
    load: async (id) => {
      loads.push(id);
      return known.get(id)?.patient ?? unknownPatient(id, genesis(id));
    },
    history: async (id) => known.get(id)?.history ?? [],
  };
  const ports: TrialPorts = { patients, reviewIndex, trialStops: store.trialStops, clinic, now: () => onDay(10) };
  return { ports, store, loads };
}

const always = () => true;

describe('a trial that is weighed', () => {
  it.each([
    ['benefit', 70, 40],
    ['harm', 40, 70],
  ])(
    'ends by itself where %s is clear, once, with one audit record of numbers only, and nothing is held back any more',
    async (verdict, sent, held) => {
      const { ports, store, loads } = cohort(sent, held);
      expect(await clinicInForce(ports)).toBe(clinic);
      expect(await weighTrial(ports, always)).toBe('stopped');
      expect(new Set(loads).size).toBe(400);
      expect(await store.trialStops.stopOf(name)).toEqual({ at: onDay(10), verdict });
      expect(runningTrial(await clinicInForce(ports))).toBeNull();
      expect(await weighTrial(ports, always)).toBe('no-trial');
      const records = store.auditRecords(systemChainOf(name)).map(({ bytes }) => readAuditRecord(bytes));
      expect(records).toMatchObject([
        {
          action: 'reminder.trial-stop',
          rules: clinic.hash,
          detail: { trial: name, patients: 400, sent: 200, sentActive: 2 * sent, held: 200, heldActive: 2 * held },
        },
      ]);
    },
  );

  it('goes on where nothing is clear, or too little has been seen', async () => {
    for (const one of [cohort(50, 50), cohort(90, 10, 30), cohort(90, 10, 400, 't-another')]) {
      expect(await weighTrial(one.ports, always)).toBe('goes-on');
      expect(await one.store.trialStops.stopOf(name)).toBeNull();
    }
  });

  it('concludes nothing where there was no time for everyone', async () => {
    const { ports, store } = cohort(90, 10);
    let left = 5;
    expect(await weighTrial(ports, () => left-- > 0)).toBe('unfinished');
    expect(await store.trialStops.stopOf(name)).toBeNull();
  });

  it('is not looked for where none runs', async () => {
    const { ports, loads } = cohort(90, 10);
    expect(await weighTrial({ ...ports, clinic: clinicWith({}) }, always)).toBe('no-trial');
    expect(loads).toEqual([]);
  });

  it('leaves out who was erased, and fails with any other error', async () => {
    const { ports } = cohort(70, 40);
    const failing = (error: Error) => ({
      ...ports,
      patients: {
        ...ports.patients,
        load: async (id: string) => {
          if (id === 'p-7') throw error;
          return ports.patients.load(id);
        },
      },
    });
    await expect(weighTrial(failing(new Error('busy')), always)).rejects.toThrow('busy');
    expect(await weighTrial(failing(new PatientErased('p-7', onDay(9))), always)).toBe('stopped');
  });
});

it('is weighed in one round of the day', () => {
  const rounds = Array.from({ length: 96 }, (_, quarter) => new Date(Date.UTC(2026, 2, 2, 0, 15 * quarter, 7)));
  expect(rounds.map((at) => at.toISOString()).filter(isTimeToWeigh)).toEqual(['2026-03-02T08:00:07.000Z']);
});
