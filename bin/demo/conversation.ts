import { setTimeout as pause } from 'node:timers/promises';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import type { PatientId } from '../../functions/domain/patient.ts';
import { mailOf } from '../../functions/domain/staff-mail.ts';
import type { Mail } from '../../functions/ports/alert-mail.ts';
import { answerAlert } from '../alert-answers.ts';
import { subscribe } from '../commands/staff.ts';
import type { openDeployment } from '../open-deployment.ts';

/** What became of an urgent alert. */
export interface Conversation {
  /** Staff ids, in the order in which they were asked. */
  readonly asked: readonly string[];
  /** What each of them read. */
  readonly mail: Mail;
  readonly answeredBy: string;
  readonly answer: string;
}

const longestWaitMilliseconds = 60_000;

/**
 * Lets the deployed workflow tell whoever is next of the patient's urgent alert, and answers it as that person. On AWS the stream of
 * the table starts the workflow; on the emulator it is started here.
 */
export async function conversation(
  opened: Awaited<ReturnType<typeof openDeployment>>,
  patient: PatientId,
): Promise<Conversation> {
  const { deployment, clinic, patients } = opened;
  const { StaffTopicPrefix = '', TherapistAlertArn, ApiUrl = '' } = deployment.outputs;
  const sns = new SNSClient({});
  for (const { id } of clinic.escalation.staff) await subscribe(sns, StaffTopicPrefix, clinic, id);

  const urgent = async () => {
    const alert = (await patients.load(patient)).alerts.find(({ tier }) => tier === 'urgent');
    if (alert === undefined) throw new Error('the urgent alert of the story is not open');
    return alert;
  };
  const { id: alert } = await urgent();
  await new SFNClient({}).send(
    new StartExecutionCommand({
      stateMachineArn: TherapistAlertArn,
      name: alert,
      input: JSON.stringify({ patient, alert, round: 0 }),
    }),
  );
  const deadline = Date.now() + longestWaitMilliseconds;
  let told = await urgent();
  while (told.asked.length === 0 || told.outbox.some(({ by }) => by === 'email')) {
    if (Date.now() > deadline) throw new Error('nobody was told of the urgent alert: see .tandem/emulator.log');
    await pause(300);
    told = await urgent();
  }
  const [by = ''] = told.asked;
  const trigger = { kind: 'acknowledge', by, source: 'demo', version: told.version } as const;
  const { reason } = await answerAlert(opened, alert, trigger, new Date().toISOString());
  return {
    asked: told.asked,
    mail: mailOf(clinic, 'therapistAlert', { alertId: alert, pageUrl: ApiUrl }),
    answeredBy: by,
    answer: reason,
  };
}
