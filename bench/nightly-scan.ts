import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { genesis, sealRecord } from '../functions/domain/audit-chain.ts';
import type { Change } from '../functions/domain/decide.ts';
import { decideEvent } from '../functions/domain/decide.ts';
import type { ClinicalEvent } from '../functions/domain/event.ts';
import { days, instantAt } from '../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../functions/domain/patient.ts';
import { review } from '../functions/domain/review.ts';
import type { Nights, ReviewIndex } from '../functions/ports/nights.ts';
import type { Patients } from '../functions/ports/patients.ts';
import { scanShard } from '../functions/risk-scan/scan.ts';
import type { Figure } from './run.ts';

const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
if ('faults' in loaded) throw new Error('clinic/ has faults: run npx tandem check');
const { clinic } = loaded;

const start = Date.UTC(2026, 0, 5, 9);
const tonight = instantAt(start + 20 * days);
const shareDue = 0.1;

/** Twenty days of one patient, with questionnaires: what every patient of the benchmark has behind them. */
function typicalPatient(): Patient {
  const at = (day: number) => instantAt(start + day * days);
  const events = [
    [
      0,
      'PatientEnrolled',
      { programme: clinic.programme.id, track: 'therapist-supported', timeZone: 'America/New_York' },
    ],
    [0, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }],
    [0, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [2, 2, 1, 2, 1, 2, 1, 1, 0] }],
    [6, 'ModuleCompleted', { module: 'm1', minutes: 40 }],
    [13, 'ModuleCompleted', { module: 'm2', minutes: 35 }],
    [14, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [1, 2, 1, 2, 1, 1, 1, 1, 0] }],
    [18, 'PatientActive', { kind: 'use', minutes: 10 }],
  ] as const;
  let patient = unknownPatient('p', genesis('p'));
  for (const [index, [day, type, data]] of events.entries()) {
    const event = { id: `e-${index}`, type, occurredAt: at(day), patient: 'vendor', data } as unknown as ClinicalEvent;
    const change = decideEvent(patient, event, null, clinic, at(day));
    patient = { ...patient, ...change.patient, version: patient.version + 1, foldedUnder: change.foldedUnder };
  }
  return patient;
}

/** Many patients in a table that does what the real one does per commit: a canonical record, two hashes. */
function cohort(size: number) {
  const typical = typicalPatient();
  const standing = review(typical.state, [], clinic, tonight).standing;
  const table = new Map<string, Patient>();
  for (let index = 0; index < size; index += 1) {
    const id = `p-${index}`;
    const reviewAt = index % Math.round(1 / shareDue) === 0 ? tonight : instantAt(start + 30 * days);
    table.set(id, { ...typical, id, head: genesis(id), version: 1, standing, reviewAt });
  }
  const salt = new Uint8Array(16);
  let commits = 0;
  const patients = {
    load: (id: string) => Promise.resolve(table.get(id) as Patient),
    commit: (patient: Patient, change: Change) => {
      const { sequence, head } = sealRecord(patient, change.audit, change.at, salt);
      table.set(patient.id, { ...patient, ...change.patient, version: sequence, head });
      commits += 1;
      return Promise.resolve();
    },
  } as unknown as Patients;
  const reviewIndex: ReviewIndex = {
    shards: [0],
    due: (_shard, until) => {
      const due: { id: string; reviewAt: string | null }[] = [];
      for (const { id, reviewAt } of table.values())
        if (until === null || (reviewAt !== null && reviewAt <= until)) due.push({ id, reviewAt });
      return Promise.resolve({ due, cursor: null });
    },
  };
  return { patients, reviewIndex, commits: () => commits };
}

/** One night over fresh patients: seconds, and how many were looked at. */
async function night(size: number, everyone: boolean): Promise<{ seconds: number; looked: number; megabytes: number }> {
  const { patients, reviewIndex, commits } = cohort(size);
  globalThis.gc?.();
  const before = performance.now();
  const ports = {
    patients,
    reviewIndex,
    clinic,
    nights: {} as Nights,
    pause: () => Promise.resolve(),
    now: () => tonight,
    mayPass: () => true,
  };
  await scanShard(
    ports,
    { night: tonight.slice(0, 10), until: everyone ? null : tonight, shard: 0, cursor: null },
    () => true,
  );
  const seconds = (performance.now() - before) / 1000;
  return { seconds, looked: commits(), megabytes: process.memoryUsage().rss / 2 ** 20 };
}

export async function run(): Promise<Figure[]> {
  await night(1000, true);
  const due = await night(100_000, false);
  const everyone = await night(100_000, true);
  const small = await night(10_000, false);
  const million = await night(1_000_000, false);
  return [
    {
      name: 'nightly scan of 100,000 patients, 10 % due',
      value: due.seconds,
      unit: 's',
      note: `${due.looked} looked at; tables in memory`,
    },
    { name: 'the same, looking at everyone', value: everyone.seconds, unit: 's', note: `${everyone.looked} looked at` },
    { name: 'everyone against due: patients looked at', value: everyone.looked / due.looked, unit: 'times', aim: 8 },
    { name: 'everyone against due: time', value: everyone.seconds / due.seconds, unit: 'times', aim: 8 },
    { name: 'nightly scan of 10,000, 10 % due', value: small.seconds, unit: 's' },
    {
      name: 'nightly scan of 1,000,000, 10 % due',
      value: million.seconds,
      unit: 's',
      note: `the whole table in this process: ${Math.round(million.megabytes)} MB`,
    },
  ];
}
