import { Duration } from 'aws-cdk-lib';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type AlertTopics, mayWriteToStaff } from './alert-topics.ts';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import { mayDecide, tableEnvironment } from './deciding.ts';
import type { Deployment } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayQueryIndex, maySend } from './grants.ts';
import { morningListCron } from './night-times.ts';
import { invocationOf, Schedule } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface AlertSweepProps {
  /** Stage, log retention, time zone and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** Where it tells the clinic's operators. */
  readonly topic: ITopic;
  /** Where it writes to the staff. */
  readonly staff: AlertTopics;
  /** Where an e-mail leads. */
  readonly pageUrl: string;
  /** The stage's group of schedules for alerts. */
  readonly schedules: CfnScheduleGroup;
}

/**
 * Drives every alert that is due, whatever became of its workflow: schedule -> sweep -> SNS e-mail. An alert without a workflow
 * waits for five minutes at most.
 */
export class AlertSweep extends Construct {
  readonly workflow: WorkflowFunction;
  /** Calls that failed or could not be made. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, topic, staff, pageUrl, schedules }: AlertSweepProps) {
    super(scope, id);
    const { keys, careTable } = data;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'alert-sweep',
      description: 'Sends the alerts that are due, and asks the next person where nobody has answered',
      deployment,
      logKey: keys.operations,
      // Ends before the next one starts, and before a claim runs out.
      timeout: Duration.seconds(50),
      readsClinic: true,
      deadLetters: this.deadLetters,
      environment: {
        ...tableEnvironment(data),
        OPERATIONS_TOPIC_ARN: topic.topicArn,
        STAFF_TOPIC_PREFIX: staff.prefix,
        PAGE_URL: pageUrl,
      },
      mayDo: [
        ...mayDecide(data, ['dynamodb:GetItem', 'dynamodb:Query']),
        mayQueryIndex('Due', careTable.table, dueIndex),
        ...mayWriteToStaff(staff.prefix, topic, keys.operations),
        ...maySend('DeadLetters', this.deadLetters, keys.messages),
      ],
    });
    const every = (name: string, description: string, cron: string, step: string) =>
      new Schedule(this, name, {
        description,
        cron,
        runsLocally: false,
        deployment,
        group: schedules,
        target: { ...invocationOf(this.workflow.function), input: JSON.stringify({ step }) },
        deadLetters: this.deadLetters,
        deadLettersKey: keys.messages,
      });
    every('EveryFiveMinutes', 'Every five minutes the alerts that are due are sent', 'rate(5 minutes)', 'sweep');
    every(
      'Morning',
      'Every morning, and an hour later for what failed: the lists of what is not urgent',
      morningListCron(deployment.morningListAt),
      'morning-list',
    );
    every('Hourly', 'Every hour: which of the staff no e-mail reaches', 'cron(5 * * * ? *)', 'compare');
  }
}
