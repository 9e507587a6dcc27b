import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import { mayDecide, tableEnvironment } from './deciding.ts';
import { type Deployment, stageName } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayQueryIndex } from './grants.ts';
import { Schedule, startOf } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';
import { WorkflowMachine } from './workflow-machine.ts';

export interface ReminderRoundProps {
  /** Stage, log retention, time zone and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** The stage's group of schedules for reminders. */
  readonly schedules: CfnScheduleGroup;
}

/** Sends what patients are to be reminded of: schedule -> workflow -> reminder round, shard by shard -> SNS. */
export class ReminderRound extends Construct {
  readonly workflow: WorkflowFunction;
  readonly machine: WorkflowMachine;
  /** Starts that could not be made. */
  readonly deadLetters: Queue;
  /** What the ARN of every patient's topic begins with. It stands at the foot of their mail, so it does not say "patient". */
  readonly topicPrefix: string;

  constructor(scope: Construct, id: string, { deployment, data, schedules }: ReminderRoundProps) {
    super(scope, id);
    const { keys, careTable } = data;
    this.topicPrefix = Stack.of(this).formatArn({
      service: 'sns',
      resource: `${stageName(deployment)}-mail-`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'reminder-round',
      description: 'Sends the reminders that are due, each at most once',
      deployment,
      logKey: keys.operations,
      // A page ends half a minute before, and the workflow goes on with the next.
      timeout: Duration.minutes(5),
      memorySize: 1024,
      readsClinic: true,
      environment: {
        ...tableEnvironment(data),
        PATIENT_TOPIC_PREFIX: this.topicPrefix,
        PATIENT_TOPIC_KEY_ARN: keys.messages.keyArn,
      },
      mayDo: [
        ...mayDecide(data, ['dynamodb:GetItem', 'dynamodb:Query']),
        mayQueryIndex('Due', careTable.table, dueIndex),
        ...this.#maySendSms(),
        ...this.#mayMailPatients(keys.messages),
      ],
    });
    this.machine = new WorkflowMachine(this, 'Machine', {
      name: 'reminder-round',
      deployment,
      logKey: keys.operations,
      calls: { ReminderRoundFunctionArn: this.workflow.function },
    });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    new Schedule(this, 'EveryQuarterOfAnHour', {
      description: 'Every quarter of an hour the reminders that are due are sent',
      // A rate: of an hour that comes twice, EventBridge Scheduler would leave out the second.
      cron: 'rate(15 minutes)',
      runsLocally: false,
      deployment,
      group: schedules,
      target: startOf(this.machine.machine),
      deadLetters: this.deadLetters,
      deadLettersKey: keys.messages,
    });
  }

  /** May send to phone numbers, which are no resources and have no ARN, and to no topic. */
  #maySendSms(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'Sms',
        actions: ['sns:Publish'],
        notResources: [`arn:${Stack.of(this).partition}:sns:*:*:*`],
      }),
      new PolicyStatement({ sid: 'OptOuts', actions: ['sns:CheckIfPhoneNumberIsOptedOut'], resources: ['*'] }),
      // SNS hands SMS on to AWS End User Messaging in the name of its caller (AWS's own policy AmazonSNSFullAccess has these too).
      new PolicyStatement({
        sid: 'SmsBehindSns',
        actions: ['sms-voice:DescribeOptedOutNumbers', 'sms-voice:SendTextMessage'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:CalledViaLast': 'sns.amazonaws.com' } },
      }),
    ];
  }

  /** May make, use and delete the topics of this stage's patients, and no others. */
  #mayMailPatients(key: IKey): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'PatientTopics',
        actions: [
          'sns:CreateTopic',
          'sns:DeleteTopic',
          'sns:ListSubscriptionsByTopic',
          'sns:ListTagsForResource',
          'sns:Publish',
          'sns:Subscribe',
          'sns:TagResource',
        ],
        resources: [`${this.topicPrefix}*`],
      }),
      new PolicyStatement({
        sid: 'PatientTopicsKey',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
      }),
    ];
  }
}
