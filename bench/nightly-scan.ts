import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { genesis, sealRecord } from '../functions/domain/audit-chain.ts';
import type { Change } from '../functions/domain/decide.ts';
import type { Patient } from '../functions/domain/patient.ts';
import { review } from '../functions/domain/review.ts';
import type { Nights, ReviewIndex } from '../functions/ports/nights.ts';
import type { Patients } from '../functions/ports/patients.ts';
import { scanShard } from '../functions/risk-scan/scan.ts';
import type { Figure } from './run.ts';
import { dueLater, shareDue, tonight, typicalPatient } from './typical-patient.ts';

const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
if ('faults' in loaded) throw new Error('clinic/ has faults: run npx tandem check');
const { clinic } = loaded;

/** Many patients in a table that does what the real one does per commit: a canonical record, two hashes. */
function cohort(size: number) {
  const typical = typicalPatient(clinic);
  const standing = review(typical.state, [], clinic, tonight).standing;
  const table = new Map<string, Patient>();
  for (let index = 0; index < size; index += 1) {
    const id = `p-${index}`;
    const reviewAt = index % Math.round(1 / shareDue) === 0 ? tonight : dueLater;
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
async function night(size: number, everyone: boolean): Promise<{ seconds: number; looked: number }> {
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
  return { seconds, looked: commits() };
}

/** Of a function of 256 MB, what is left for the heap beside Node itself. */
const heapMegabytes = 128;

/** The same as one shard in a process of its own, whose heap cannot grow; it throws where that is too little. */
function inOwnProcess(part: 'scan' | 'close', size: number): { seconds: number; looked: number; megabytes: number } {
  const program = fileURLToPath(new URL('scan-memory.ts', import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [`--max-old-space-size=${heapMegabytes}`, program, part, String(size)], {
      encoding: 'utf8',
    }),
  );
}

function memoryFigures(): Figure[] {
  const sizes = [10_000, 100_000, 1_000_000];
  const note = (looked: number) => `${looked.toLocaleString('en-US')} looked at, heap bounded to ${heapMegabytes} MB`;
  const scans = sizes.map((size): Figure => {
    const { megabytes, looked } = inOwnProcess('scan', size);
    const name = `most memory, scan of ${size.toLocaleString('en-US')} as one shard`;
    return { name, value: megabytes, unit: 'MB', aim: 256, note: note(looked) };
  });
  const { megabytes, looked } = inOwnProcess('close', 1_000_000);
  const close = { name: 'most memory, closing the account of 1,000,000', value: megabytes, unit: 'MB', aim: 256 };
  return [...scans, { ...close, note: note(looked) }];
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
      note: 'the whole table in this process',
    },
    ...memoryFigures(),
  ];
}
