import { NotFoundException, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { PatientId } from '../../domain/patient.ts';
import { ChannelBusy, type ReminderDelivery, type ReminderMessage } from '../../ports/reminder-channels.ts';
import { addressState, askAddress, forgetPatientTopic, type PatientTopics, patientTopicArn } from './patient-topic.ts';
import { publishError } from './publish-answer.ts';

export interface ReminderEmailSettings {
  readonly topics: PatientTopics;
  /** For messages: it must never try twice by itself. */
  readonly publisher: SNSClient;
}

/**
 * Whether mail reaches the patient at this address: it was asked and confirmed.
 * @param ask whether to ask an address that nobody asked before. A changed address takes the place of the old one, whose
 *   subscriptions all go.
 */
export async function emailReaches(
  { topics }: Pick<ReminderEmailSettings, 'topics'>,
  patient: PatientId,
  email: string,
  ask: boolean,
): Promise<boolean> {
  const state = await addressState(topics, patient, email);
  if (state === 'another') await forgetPatientTopic(topics, patient);
  if (ask && (state === 'another' || state === 'never-asked')) await askAddress(topics, patient, email);
  return state === 'confirmed';
}

/**
 * Sends one e-mail to the patient's own topic, after one more look at who reads it: a topic without a confirmed address takes a
 * message and drops it, and an address that the patient has left must get none.
 * @throws ChannelBusy where SNS did not take it; any other error where nobody knows.
 */
export async function sendEmail(
  { topics, publisher }: ReminderEmailSettings,
  patient: PatientId,
  email: string,
  { subject, body }: ReminderMessage,
): Promise<ReminderDelivery> {
  const state = await addressState(topics, patient, email).catch((cause: unknown) => {
    throw new ChannelBusy('who reads this topic could not be seen, so nothing was sent', { cause });
  });
  if (state !== 'confirmed') return { outcome: 'refused', reason: 'no-subscription' };
  try {
    const TopicArn = patientTopicArn(topics.prefix, patient);
    await publisher.send(new PublishCommand({ TopicArn, Subject: subject, Message: body }));
    return { outcome: 'accepted' };
  } catch (error) {
    if (error instanceof NotFoundException) return { outcome: 'refused', reason: 'no-subscription' };
    throw publishError(error);
  }
}
