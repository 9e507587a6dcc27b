import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { staffTopicSuffix } from '../functions/adapters/sns/staff-topic.ts';
import { type Deployment, stageName } from './deployment.ts';

export interface AlertTopicsProps {
  /** Stage and staff. */
  readonly deployment: Deployment;
  /** Encrypts the topics. */
  readonly key: IKey;
}

/** Each person takes two resources, and a stack of CloudFormation holds 500. */
const mostStaff = 200;

/**
 * A topic for each person whom an alert can reach, so that nobody can see or cancel another's mail. They come and go with
 * escalation.yaml. Their subscriptions are made by `tandem staff`, which alone can have unsubscribing ask for a sign-in:
 * CloudFormation cannot, and a mail scanner follows every link.
 */
export class AlertTopics extends Construct {
  /** What the ARN of every topic begins with. */
  readonly prefix: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { deployment, key }: AlertTopicsProps) {
    super(scope, id);
    const { staff } = deployment;
    if (staff.length > mostStaff)
      throw new Error(`escalation.yaml lists ${staff.length} people: one stack holds ${mostStaff} of them`);
    const name = `${stageName(deployment)}-staff-`;
    this.#key = key;
    this.prefix = Stack.of(this).formatArn({
      service: 'sns',
      resource: name,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    for (const suffix of staff.map(staffTopicSuffix))
      new Topic(this, suffix, {
        topicName: `${name}${suffix}`,
        displayName: `Tandem ${deployment.stage}`,
        masterKey: key,
        enforceSSL: true,
      });
  }

  /** May write to everybody, and see who has confirmed. By prefix: a policy is too short for the names of a large clinic's staff. */
  mayWrite(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'Staff',
        actions: ['sns:ListSubscriptionsByTopic', 'sns:Publish'],
        resources: [`${this.prefix}*`],
      }),
      new PolicyStatement({
        sid: 'StaffKey',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [this.#key.keyArn],
      }),
    ];
  }
}
