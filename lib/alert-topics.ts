import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
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

const nameOf = (deployment: Deployment) => `${stageName(deployment)}-staff-`;

/** What the ARN of every person's topic begins with: known by name, also where the topics are in another stack. */
export function staffTopicPrefix(scope: Construct, deployment: Deployment): string {
  return Stack.of(scope).formatArn({
    service: 'sns',
    resource: nameOf(deployment),
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
}

/**
 * May write to the operators and to all staff, whose topics are under the same key, and see who has confirmed. By prefix: a policy is
 * too short for the names of a large clinic's staff.
 */
export function mayWriteToStaff(prefix: string, operators: ITopic, key: IKey): PolicyStatement[] {
  return [
    new PolicyStatement({ sid: 'Operators', actions: ['sns:Publish'], resources: [operators.topicArn] }),
    new PolicyStatement({
      sid: 'Staff',
      actions: ['sns:ListSubscriptionsByTopic', 'sns:Publish'],
      resources: [`${prefix}*`],
    }),
    new PolicyStatement({
      sid: 'StaffKey',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
    }),
  ];
}

/**
 * A topic for each person whom an alert can reach, so that nobody can see or cancel another's mail. They come and go with
 * escalation.yaml. Their subscriptions are made by `tandem staff`, which alone can have unsubscribing ask for a sign-in:
 * CloudFormation cannot, and a mail scanner follows every link.
 */
export class AlertTopics extends Construct {
  /** What the ARN of every topic begins with. */
  readonly prefix: string;

  constructor(scope: Construct, id: string, { deployment, key }: AlertTopicsProps) {
    super(scope, id);
    const { staff } = deployment;
    if (staff.length > mostStaff)
      throw new Error(`escalation.yaml lists ${staff.length} people: one stack holds ${mostStaff} of them`);
    this.prefix = staffTopicPrefix(this, deployment);
    for (const suffix of staff.map(staffTopicSuffix))
      new Topic(this, suffix, {
        topicName: `${nameOf(deployment)}${suffix}`,
        displayName: `Tandem ${deployment.stage}`,
        masterKey: key,
        enforceSSL: true,
      });
  }
}
