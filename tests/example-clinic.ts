import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import type { Clinic } from '../functions/domain/clinic.ts';

/** The clinic folder that the project ships. */
export const clinicFolder = fileURLToPath(new URL('../clinic', import.meta.url));

const loaded = loadClinic(clinicFolder);
if ('faults' in loaded) throw new Error(`clinic/ has faults: ${JSON.stringify(loaded.faults)}`);

export const exampleClinic: Clinic = loaded.clinic;

/** More repetitions behind `npm run test:long`. */
export function runs(ordinary: number): number {
  return process.env['TANDEM_LONG'] === undefined ? ordinary : ordinary * 20;
}
