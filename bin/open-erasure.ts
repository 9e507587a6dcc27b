import { userInfo } from 'node:os';
import { SNSClient } from '@aws-sdk/client-sns';
import { exportPorts, operatorPorts } from '../functions/adapters/compose.ts';
import { forgetPatientTopic } from '../functions/adapters/sns/patient-topic.ts';
import type { Clinic } from '../functions/domain/clinic.ts';
import type { PatientOrder } from '../functions/domain/legal-hold.ts';
import { type Deployment, functionEnvironment, Refused } from './deployment.ts';

const longestReason = 1000;

/**
 * Erasing and keeping patients on a deployment, with the rights of whoever calls.
 * @throws Refused where the deployment names no e-mail topics, so that an address could not be forgotten.
 */
export function openErasure(deployment: Deployment, clinic: Clinic) {
  const prefix = deployment.outputs['PatientTopicPrefix'];
  if (prefix === undefined)
    throw new Refused(`the stack Tandem-${deployment.stage}-Reminders names no topics: deploy it again`);
  const environment = functionEnvironment(deployment);
  const { patients, erasures, setAsides, pseudonyms, pause } = operatorPorts(environment, clinic);
  const { reviewIndex, records, journal, accessKeyId } = exportPorts(environment);
  const client = new SNSClient({});
  return {
    patients,
    erasures,
    setAsides,
    pseudonyms,
    pause,
    clinic,
    reviewIndex,
    journal,
    accessKeyId,
    records: records(false),
    forgetAddress: (id: string) => forgetPatientTopic({ client, prefix }, id),
  };
}

/**
 * What somebody orders about a patient.
 * @throws Refused where the reason is none.
 */
export async function orderOf(reason: string, accessKeyId: () => Promise<string>): Promise<PatientOrder> {
  return { who: userInfo().username, accessKeyId: await accessKeyId(), reason: reasonOf(reason) };
}

/** @throws Refused where the reason is none, or is too long for a record. */
export function reasonOf(reason: string): string {
  const text = reason.trim().toWellFormed();
  if (text === '' || text.length > longestReason)
    throw new Refused(`--reason: write in 1 to ${longestReason} characters why, and name no patient`);
  return text;
}
