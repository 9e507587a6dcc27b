import { randomUUID } from 'node:crypto';
import { SetTopicAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { subscribe } from '../../bin/commands/staff.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import { exampleClinic } from '../example-clinic.ts';

const anybodySends = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
});

/** A queue that gets what these topics' subscribers get, since the emulator sends no e-mail. */
export async function inboxOf(topicArns: readonly string[]): Promise<string> {
  const sqs = new SQSClient({});
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: `inbox-${randomUUID()}`, Attributes: { Policy: anybodySends } }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  for (const TopicArn of topicArns)
    await new SNSClient({}).send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
    );
  return QueueUrl;
}

/** The same for these people, whose addresses it confirms. */
export async function inboxOfStaff(topicPrefix: string, staff: readonly string[]): Promise<string> {
  const sns = new SNSClient({});
  const topics = staff.map((id) => `${topicPrefix}${staffTopicSuffix(id)}`);
  for (const id of staff) await subscribe(sns, topicPrefix, exampleClinic, id);
  // The emulator speaks plain HTTP, which the topics' own policies refuse wherever roles are enforced.
  const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  for (const TopicArn of topics)
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  return inboxOf(topics);
}
