import { operatorPorts } from '../functions/adapters/compose.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import { formatFault, loadClinic } from './clinic-folder.ts';
import { type Deployment, findDeployment, functionEnvironment, Refused } from './deployment.ts';

/** The clinic's configuration, or the first of its faults as an error. */
export function clinicOf(folder: string): Clinic {
  const loaded = loadClinic(folder);
  if ('clinic' in loaded) return loaded.clinic;
  const first = loaded.faults[0];
  throw new Refused(`${first === undefined ? folder : formatFault(first)} (all faults: npx tandem check ${folder})`);
}

/** A deployment's tables, keys and bus, with the rights of whoever calls. */
export async function openDeployment(stage: string, clinicFolder: string, find = findDeployment) {
  const clinic = clinicOf(clinicFolder);
  const deployment: Deployment = await find(stage);
  return { deployment, ...operatorPorts(functionEnvironment(deployment), clinic) };
}
