import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  NotFoundException,
  PublishCommand,
  ResourceNotFoundException,
  SNSClient,
  SubscribeCommand,
  type Subscription,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { forgetPatientTopic, patientTopicArn } from '../../functions/adapters/sns/patient-topic.ts';
import { emailReaches, sendEmail } from '../../functions/adapters/sns/reminder-email.ts';
import { ChannelBusy } from '../../functions/ports/reminder-channels.ts';

const patient = 'p-0123456789abcdef';
const address = 'p@example.org';
const prefix = 'arn:aws:sns:eu-north-1:000000000000:Tandem-local-mail-';
const topic = patientTopicArn(prefix, patient);
const client = new SNSClient({});
const sns = mockClient(client);
const topics = { client, prefix, keyArn: 'arn:aws:kms:eu-north-1:000000000000:key/1', senderName: undefined };
const mail = { topics, publisher: client };
const message = { subject: 'A message for you', body: 'Your next step is ready.' };
const metadata = { message: '', $metadata: { httpStatusCode: 404 } };

const subscription = (change: Partial<Subscription> = {}): Subscription => ({
  Protocol: 'email',
  Endpoint: address,
  SubscriptionArn: `${topic}:1`,
  ...change,
});
const pending = { SubscriptionArn: 'PendingConfirmation' };

/** What SNS knows of the patient's topic. */
function topicHas(Subscriptions: Subscription[], askedOf: string | null = address): void {
  sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions });
  sns.on(ListTagsForResourceCommand).callsFake(async () => {
    if (askedOf === null) return { Tags: [] };
    await askForTags(askedOf);
    return { Tags: [{ Key: 'other', Value: 'x' }, ...tags] };
  });
}
let tags: { Key?: string | undefined; Value?: string | undefined }[] = [];

/** The tag that asking this address leaves. */
async function askForTags(email: string): Promise<void> {
  const other = new SNSClient({});
  const apart = mockClient(other);
  apart.on(ListSubscriptionsByTopicCommand).rejects(new NotFoundException(metadata));
  apart.on(CreateTopicCommand).resolves({ TopicArn: topic });
  await emailReaches({ topics: { ...topics, client: other } }, patient, email, true);
  tags = apart.commandCalls(TagResourceCommand)[0]?.args[0].input.Tags ?? [];
}

/** The commands that changed something, in their order. */
function changes(): string[] {
  return sns
    .calls()
    .map(({ args }) => args[0].constructor.name)
    .filter((name) => !name.startsWith('List'));
}
const asking = ['CreateTopicCommand', 'SubscribeCommand', 'TagResourceCommand'];

beforeEach(() => {
  sns.reset();
  sns.on(CreateTopicCommand).resolves({ TopicArn: topic });
});

describe('the topic of a patient', () => {
  it('has a name that says nothing of them, not even their id or that they are a patient, and stays the same', () => {
    expect(topic).toMatch(/^arn:aws:sns:eu-north-1:000000000000:Tandem-local-mail-[0-9a-f]{32}$/);
    expect(topic).not.toContain(patient.slice(2));
    expect(patientTopicArn(prefix, 'p-0123456789abcdeg')).not.toBe(topic);
  });

  it('is made encrypted when first needed, refuses what does not come over TLS, and has the address asked once', async () => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(new NotFoundException(metadata));
    expect(await emailReaches(mail, patient, address, true)).toBe(false);
    expect(changes()).toEqual(asking);
    const { Name, Attributes } = sns.commandCalls(CreateTopicCommand)[0]?.args[0].input ?? {};
    expect(Name).toBe(topic.slice(topic.lastIndexOf(':') + 1));
    expect(Attributes).toEqual({ KmsMasterKeyId: topics.keyArn, Policy: expect.stringContaining(`"${topic}"`) });
    expect(JSON.parse(Attributes?.['Policy'] ?? '')).toMatchObject({
      Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
    expect(sns.commandCalls(SubscribeCommand)[0]?.args[0].input).toEqual({
      TopicArn: topic,
      Protocol: 'email',
      Endpoint: address,
    });
    expect(JSON.stringify(sns.commandCalls(TagResourceCommand)[0]?.args[0].input)).not.toContain('example');
  });

  it('shows the clinic’s sender name', async () => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(new NotFoundException(metadata));
    await emailReaches({ topics: { ...topics, senderName: 'Reminders' } }, patient, address, true);
    expect(sns.commandCalls(CreateTopicCommand)[0]?.args[0].input.Attributes).toMatchObject({
      DisplayName: 'Reminders',
    });
  });

  it('is not made for somebody who does not prefer e-mail', async () => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(new ResourceNotFoundException(metadata));
    expect(await emailReaches(mail, patient, address, false)).toBe(false);
    expect(changes()).toEqual([]);
  });

  it('goes with every subscription when the patient is forgotten', async () => {
    await forgetPatientTopic(topics, patient);
    expect(sns.commandCalls(DeleteTopicCommand)[0]?.args[0].input).toEqual({ TopicArn: topic });
  });
});

describe('an address', () => {
  it('is reached once it is confirmed, whatever its capitals and whatever waits beside it', async () => {
    topicHas([subscription(pending), subscription({ Endpoint: 'P@example.org' }), subscription(pending)]);
    expect(await emailReaches(mail, patient, address, true)).toBe(true);
    expect(changes()).toEqual([]);
  });

  it('that waits for its confirmation is not asked again', async () => {
    topicHas([subscription(pending), subscription({ Protocol: 'sqs', Endpoint: 'arn:aws:sqs' })]);
    expect(await emailReaches(mail, patient, address, true)).toBe(false);
    expect(changes()).toEqual([]);
  });

  it.each([
    ['is gone', []],
    ['is deleted', [subscription({ SubscriptionArn: 'Deleted' })]],
  ])('whose subscription %s is not reached, and whoever cancelled it is not asked again', async (_, subscriptions) => {
    topicHas(subscriptions);
    expect(await emailReaches(mail, patient, address, true)).toBe(false);
    expect(changes()).toEqual([]);
  });

  it('that was to be asked when the function was killed is asked now', async () => {
    topicHas([], null);
    expect(await emailReaches(mail, patient, address, true)).toBe(false);
    expect(changes()).toEqual(asking);
  });

  it.each([
    ['confirmed', [subscription({ Endpoint: 'old@example.org' })]],
    ['still waiting', [subscription({ Endpoint: 'old@example.org', ...pending })]],
    ['cancelled', []],
  ])('takes the place of an older one that is %s, which gets nothing any more', async (_, subscriptions) => {
    topicHas(subscriptions, 'old@example.org');
    expect(await emailReaches(mail, patient, address, true)).toBe(false);
    expect(changes()).toEqual(['DeleteTopicCommand', ...asking]);
  });

  it('that is no longer preferred goes without a new one being asked', async () => {
    topicHas([subscription({ Endpoint: 'old@example.org' })]);
    expect(await emailReaches(mail, patient, address, false)).toBe(false);
    expect(changes()).toEqual(['DeleteTopicCommand']);
  });

  it('is not judged where SNS cannot be asked', async () => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(new Error('busy'));
    await expect(emailReaches(mail, patient, address, true)).rejects.toThrow('busy');
  });
});

describe('an e-mail', () => {
  it('goes to the topic of its one reader, without attributes that a filter could compare', async () => {
    topicHas([subscription()]);
    sns.on(PublishCommand).resolves({});
    expect(await sendEmail(mail, patient, address, message)).toEqual({ outcome: 'accepted' });
    expect(sns.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toEqual([
      { TopicArn: topic, Subject: message.subject, Message: message.body },
    ]);
  });

  it('is refused, and not sent into the void, where nobody or somebody else would read it', async () => {
    for (const subscriptions of [[], [subscription(pending)], [subscription({ Endpoint: 'old@example.org' })]]) {
      topicHas(subscriptions);
      expect(await sendEmail(mail, patient, address, message)).toEqual({
        outcome: 'refused',
        reason: 'no-subscription',
      });
    }
    topicHas([subscription()]);
    sns.on(PublishCommand).rejects(new NotFoundException(metadata));
    expect(await sendEmail(mail, patient, address, message)).toMatchObject({ reason: 'no-subscription' });
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
  });

  it('was certainly not sent where its readers cannot be seen; where its own answer is lost, nobody knows', async () => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(new Error('late'));
    await expect(sendEmail(mail, patient, address, message)).rejects.toThrow(ChannelBusy);
    topicHas([subscription()]);
    sns.on(PublishCommand).rejects(Object.assign(new Error('lost'), { name: 'TimeoutError' }));
    await expect(sendEmail(mail, patient, address, message)).rejects.toThrow('lost');
  });
});
