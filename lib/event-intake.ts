import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { mayWriteToStaff, staffTopicPrefix } from './alert-topics.ts';
import type { DataStack } from './data-stack.ts';
import { mayDecide, tableEnvironment } from './deciding.ts';
import type { Deployment } from './deployment.ts';
import { mayConsume } from './grants.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface EventIntakeProps {
  /** Stage, log retention and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** What it takes events from. */
  readonly events: Queue;
  /** Where it tells the clinic's operators. */
  readonly topic: ITopic;
}

/** What one batch may take. A message stays out of sight for six times as long, as Lambda asks for. */
const timeout = Duration.seconds(30);
/** No wait for a batch to fill: an urgent answer should not stand about. */
const batchingWindow = Duration.seconds(0);
export const visibilityTimeout = Duration.seconds(6 * timeout.toSeconds() + batchingWindow.toSeconds());

/** Batches at once. It keeps a backlog from taking all of the account's concurrency, and conflicts over one patient few. */
const mostConcurrent = 10;

/** Takes events from the queue into the tables. */
export class EventIntake extends Construct {
  readonly workflow: WorkflowFunction;

  constructor(scope: Construct, id: string, { deployment, data, events, topic }: EventIntakeProps) {
    super(scope, id);
    const { keys } = data;
    const staff = staffTopicPrefix(this, deployment);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'event-intake',
      description: 'Takes events of the programme into the records of patients',
      deployment,
      logKey: keys.operations,
      timeout,
      memorySize: 1024,
      readsClinic: true,
      environment: {
        ...tableEnvironment(data),
        IDENTITY_KEY_ARN: keys.identity.keyArn,
        OPERATIONS_TOPIC_ARN: topic.topicArn,
        STAFF_TOPIC_PREFIX: staff,
      },
      mayDo: [
        ...mayConsume('Events', events, keys.messages),
        ...mayDecide(data, ['dynamodb:GetItem', 'dynamodb:Query']),
        new PolicyStatement({ sid: 'Pseudonyms', actions: ['kms:GenerateMac'], resources: [keys.identity.keyArn] }),
        ...mayWriteToStaff(staff, topic, keys.operations),
      ],
    });
    this.workflow.function.addEventSource(
      new SqsEventSource(events, {
        batchSize: 10,
        maxBatchingWindow: batchingWindow,
        maxConcurrency: mostConcurrent,
        reportBatchItemFailures: true,
      }),
    );
  }
}
