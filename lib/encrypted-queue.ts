import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** How long something waits for a person, at most: the longest SQS allows. */
const waitsForPerson = Duration.days(14);

/** A queue under the clinic's own key that takes and gives messages over TLS only. */
export function encryptedQueue(scope: Construct, id: string, key: IKey, props: QueueProps = {}): Queue {
  return new Queue(scope, id, {
    ...props,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
  });
}

/** Where what could not be delivered or handled waits for a person. */
export function deadLetterQueue(scope: Construct, id: string, key: IKey): Queue {
  return encryptedQueue(scope, id, key, { retentionPeriod: waitsForPerson });
}
