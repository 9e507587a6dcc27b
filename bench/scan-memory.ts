/**
 * One shard of a night's scan in a process of its own, for `bench/nightly-scan.ts`: prints what it took as JSON. The table is made
 * up while it is read and forgotten once it is written, so that what is measured is the scan. Start it with a bounded heap:
 *
 *     node --max-old-space-size=128 bench/scan-memory.ts scan|close PATIENTS
 */
import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { genesis, sealRecord } from '../functions/domain/audit-chain.ts';
import type { Change } from '../functions/domain/decide.ts';
import type { NightLine, NightRun } from '../functions/domain/night.ts';
import type { Patient } from '../functions/domain/patient.ts';
import type { Nights, ReviewIndex } from '../functions/ports/nights.ts';
import type { Patients } from '../functions/ports/patients.ts';
import { closeOpenNight, scanShard } from '../functions/risk-scan/scan.ts';
import { shareDue, tonight, typicalPatient } from './typical-patient.ts';

const [part, given = ''] = process.argv.slice(2);
const size = Number(given);
const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
if ('faults' in loaded) throw new Error('clinic/ has faults: run npx tandem check');
const { clinic } = loaded;

const due = Math.ceil(size * shareDue);
const idOf = (index: number) => `p-${index}`;
const night = tonight.slice(0, 10);
/** As many as the care table's index gives at once. */
const page = 100;
const stored = JSON.stringify(typicalPatient(clinic));
const salt = new Uint8Array(16);
let commits = 0;

const patients = {
  load: (id: string) =>
    Promise.resolve({ ...(JSON.parse(stored) as Patient), id, head: genesis(id), version: 1, reviewAt: tonight }),
  commit: (patient: Patient, change: Change) => {
    sealRecord(patient, change.audit, change.at, salt);
    commits += 1;
    return Promise.resolve();
  },
} as unknown as Patients;

/** Those due one page after the other, the cursor the number of the next; nobody is left when the account is closed. */
const reviewIndex: ReviewIndex = {
  shards: [0],
  due: (_shard, _until, cursor) => {
    const first = part === 'scan' ? Number(cursor ?? 0) : due;
    const last = Math.min(due, first + page);
    return Promise.resolve({
      due: Array.from({ length: last - first }, (_, index) => ({ id: idOf(first + index), reviewAt: tonight })),
      cursor: last < due ? String(last) : null,
    });
  },
};

const run: NightRun = { night, rules: clinic.hash, startedAt: tonight, until: tonight, finished: null };
/** The account of a night as the table holds it: one line for each patient looked at. */
const nights = {
  load: () => Promise.resolve(run),
  lines: () =>
    Promise.resolve(
      Array.from({ length: due }, (_, index): NightLine => {
        const therapist = `t-${index % 50}`;
        return { night, patient: idOf(index), outcome: 'assessed', changed: false, therapist, alerts: [] };
      }),
    ),
  close: () => Promise.resolve(),
} as unknown as Nights;

const ports = {
  patients,
  reviewIndex,
  nights,
  clinic,
  pause: () => Promise.resolve(),
  now: () => tonight,
  mayPass: () => true,
};
const before = performance.now();
if (part === 'scan') await scanShard(ports, { night, until: tonight, shard: 0, cursor: null }, () => true);
else await closeOpenNight(ports, night);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - before) / 1000,
    looked: part === 'scan' ? commits : due,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
