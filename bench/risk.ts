import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { simulate } from '../bin/simulate/cohort.ts';
import { type ClinicalEvent, readEvent } from '../functions/domain/event.ts';
import { fold } from '../functions/domain/fold.ts';
import type { PatientState } from '../functions/domain/patient.ts';
import { assess } from '../functions/domain/risk.ts';
import { perSecond } from './measure.ts';
import type { Figure } from './run.ts';

const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
if ('faults' in loaded) throw new Error('clinic/ has faults: run npx tandem check');
const { clinic } = loaded;
/** In the middle of the programme for most of the cohort: every factor has something to say. */
const night = '2026-02-20T07:00:00.000Z';

/** 300 simulated patients as known on one night, read from JSON as a scan reads them. */
function cohort(): PatientState[] {
  const made = simulate({ patients: 300, weeks: 8, seed: 1, start: '2026-01-05T00:00:00.000Z' }, clinic);
  const events = Array.from(made, (event): ClinicalEvent => {
    const read = readEvent(event, '2027-01-01T00:00:00.000Z');
    if ('faults' in read)
      throw new Error('a simulated event is refused: run npx vitest run tests/unit/simulate.test.ts');
    return read.event;
  }).filter(({ occurredAt }) => occurredAt <= night);
  return [...Map.groupBy(events, ({ patient }) => patient).values()].map(
    (history) => JSON.parse(JSON.stringify(fold(history, clinic))) as PatientState,
  );
}

export async function run(): Promise<Figure[]> {
  const patients = cohort();
  const scored = patients.filter((state) => assess(state, clinic, night).notScored === null);
  let assessments = 0;
  for (const state of scored) assessments += assess(state, clinic, night).assessments.length;
  const value = await perSecond(() => {
    for (const state of scored) assess(state, clinic, night);
    return assessments;
  });
  return [
    {
      name: 'assessments of loaded patients',
      value,
      unit: 'per second and core',
      aim: 200_000,
      note: `${scored.length} simulated patients, ${assessments} assessments a round, each with its factors and next review`,
    },
  ];
}
