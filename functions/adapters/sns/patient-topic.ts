import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListTagsForResourceCommand,
  NotFoundException,
  paginateListSubscriptionsByTopic,
  ResourceNotFoundException,
  type SNSClient,
  SubscribeCommand,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import { sha256Hex } from '../../domain/canonical.ts';
import type { PatientId } from '../../domain/patient.ts';

/** Where patients' topics are, and how a new one is made. */
export interface PatientTopics {
  readonly client: SNSClient;
  /** What the ARN of every patient's topic begins with. */
  readonly prefix: string;
  /** Encrypts what a topic holds. */
  readonly keyArn: string;
  /** What mail programs show as the sender; undefined: what AWS writes there. */
  readonly senderName: string | undefined;
}

/**
 * What is known of an address on its patient's topic.
 *
 *     never asked ──► pending ──► confirmed ──► cancelled     the patient followed an unsubscribe link
 *                        └──────────────────────► cancelled   nobody confirmed within 48 hours, and AWS forgot it
 *     another            the patient's newest address is not the one that was asked
 *
 * Cancelled is final for an address: whoever left is not asked a second time.
 */
export type AddressState = 'never-asked' | 'pending' | 'confirmed' | 'cancelled' | 'another';

/** Says which address a topic has asked, so that a corrected address is asked and a cancelled one is not. */
const askedTag = 'tandem:asked';

/**
 * A patient's topic: nobody can see or cancel another's mail. Its name stands at the foot of every mail, so it says nothing of the
 * patient: neither what they are, nor the id that logs show.
 */
export function patientTopicArn(prefix: string, patient: PatientId): string {
  return `${prefix}${sha256Hex('tandem.patient-topic.v1\u0000', patient).slice(0, 32)}`;
}

export async function addressState(topics: PatientTopics, patient: PatientId, email: string): Promise<AddressState> {
  const { client, prefix } = topics;
  const TopicArn = patientTopicArn(prefix, patient);
  try {
    let found: AddressState | null = null;
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
      for (const { Protocol, Endpoint, SubscriptionArn } of Subscriptions) {
        if (Protocol !== 'email' || SubscriptionArn === 'Deleted') continue;
        if (Endpoint?.toLowerCase() !== email.toLowerCase()) return 'another';
        if (found !== 'confirmed') found = SubscriptionArn?.startsWith('arn:') === true ? 'confirmed' : 'pending';
      }
    }
    if (found !== null) return found;
    const { Tags = [] } = await client.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    const asked = Tags.find(({ Key }) => Key === askedTag)?.Value;
    return asked === undefined ? 'never-asked' : asked === nameOf(patient, email) ? 'cancelled' : 'another';
  } catch (error) {
    if (isNotFound(error)) return 'never-asked';
    throw error;
  }
}

/**
 * Sends AWS's mail to confirm the address, from a topic of the patient's own. Killed half-way, it can be called again: the tag
 * comes last, so that an address counts as asked only once it was.
 */
export async function askAddress(topics: PatientTopics, patient: PatientId, email: string): Promise<void> {
  const { client, prefix, keyArn, senderName } = topics;
  const TopicArn = patientTopicArn(prefix, patient);
  const { TopicArn: made } = await client.send(
    new CreateTopicCommand({
      Name: TopicArn.slice(TopicArn.lastIndexOf(':') + 1),
      Attributes: {
        KmsMasterKeyId: keyArn,
        Policy: onlyTls(TopicArn),
        ...(senderName === undefined ? {} : { DisplayName: senderName }),
      },
    }),
  );
  await client.send(new SubscribeCommand({ TopicArn: made, Protocol: 'email', Endpoint: email }));
  await client.send(
    new TagResourceCommand({ ResourceArn: made, Tags: [{ Key: askedTag, Value: nameOf(patient, email) }] }),
  );
}

/** Deletes the patient's topic with every subscription on it, pending ones too. Nothing happens where there is none. */
export async function forgetPatientTopic(
  { client, prefix }: Pick<PatientTopics, 'client' | 'prefix'>,
  patient: PatientId,
): Promise<void> {
  await client.send(new DeleteTopicCommand({ TopicArn: patientTopicArn(prefix, patient) }));
}

/** An address in a form that can be compared and not read. */
function nameOf(patient: PatientId, email: string): string {
  return sha256Hex('tandem.patient-address.v1\u0000', `${patient}\u0000${email.toLowerCase()}`).slice(0, 32);
}

/** As the policy of every topic of the stacks: nobody publishes in clear. IAM says who may at all. */
function onlyTls(topicArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topicArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}

/** SNS names it differently where it is asked for tags. */
function isNotFound(error: unknown): boolean {
  return error instanceof NotFoundException || error instanceof ResourceNotFoundException;
}
