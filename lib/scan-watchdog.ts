import { Duration } from 'aws-cdk-lib';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { deadLetterQueue } from './encrypted-queue.ts';
import { mayPublish, mayQueryIndex, maySend, mayUseTable } from './grants.ts';
import { watchdogCron } from './night-times.ts';
import { invocationOf, Schedule } from './schedule.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface ScanWatchdogProps {
  /** Stage, log retention, time zone, the scan's time and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** Where it tells the clinic's operators. */
  readonly topic: ITopic;
  /** The stage's group of schedules for the scan. */
  readonly schedules: CfnScheduleGroup;
}

/** Checks every night's scan. It shares nothing with the scan that could keep both from running: it has its own function, role, schedule and queue. */
export class ScanWatchdog extends Construct {
  readonly workflow: WorkflowFunction;
  /** Calls of the watchdog that failed or could not be made. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { deployment, data, topic, schedules }: ScanWatchdogProps) {
    super(scope, id);
    const { keys, careTable } = data;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', keys.messages);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'scan-watchdog',
      description: 'Proves that the nightly scan has looked at everybody who was due',
      deployment,
      logKey: keys.operations,
      timeout: Duration.minutes(5),
      readsClinic: true,
      deadLetters: this.deadLetters,
      environment: { CARE_TABLE: careTable.table.tableName, OPERATIONS_TOPIC_ARN: topic.topicArn },
      mayDo: [
        ...mayUseTable('Care', careTable.table, keys.care, ['dynamodb:GetItem', 'dynamodb:Query']),
        mayQueryIndex('Due', careTable.table, dueIndex),
        ...mayPublish('Operators', topic, keys.operations),
        ...maySend('DeadLetters', this.deadLetters, keys.messages),
      ],
    });
    new Schedule(this, 'Morning', {
      description: 'Every morning the watchdog checks the risk scan of the night',
      cron: watchdogCron(deployment.nightlyScanAt),
      runsLocally: false,
      deployment,
      group: schedules,
      target: invocationOf(this.workflow.function),
      deadLetters: this.deadLetters,
      deadLettersKey: keys.messages,
    });
  }
}
