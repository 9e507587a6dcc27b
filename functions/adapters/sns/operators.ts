import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Operators } from '../../ports/operators.ts';

/** SNS encrypts no subject: a constant one, and so that mail programs can sort by it. */
const subject = 'Tandem: operations';

export function snsOperators(client: SNSClient, topicArn: string): Operators {
  return {
    async alert(text) {
      await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: text }));
    },
  };
}
